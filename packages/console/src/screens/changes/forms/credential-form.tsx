import { NativeSelect, TextInput, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { CREDENTIAL_KINDS, isStatic } from '@onus/core/identity.ts'
import type { CredentialKind } from '@onus/core/identity.ts'
import { useTold } from './content-form.tsx'
import type { FormProps } from './content-form.tsx'
import { DayField, IdentityField, dayFromNow, endOf, isDay } from './fields.tsx'

export function CredentialForm({ search, initial, onContent }: FormProps<'credential'>): ReactElement {
  const [identity, setIdentity] = useState<string | null>(initial?.identity ?? search.identity ?? null)
  const known = initial?.credential
  const [form, setForm] = useState({
    kind: (known?.kind ?? 'federated') as CredentialKind,
    name: known?.name ?? '',
    purpose: known?.purpose ?? '',
    revocation: known?.revocation ?? '',
    until: known?.expiresAt?.slice(0, 10) ?? dayFromNow(90),
  })
  const set = (part: Partial<typeof form>): void => setForm({ ...form, ...part })
  const isStored = isStatic(form.kind)
  const [name, purpose, revocation] = [form.name.trim(), form.purpose.trim(), form.revocation.trim()]
  const isFilled = identity !== null && name !== '' && purpose.length >= 3 && revocation.length >= 3 && (!isStored || isDay(form.until))
  useTold(isFilled ? { kind: 'credential', identity, credential: { kind: form.kind, name, purpose, revocation, expiresAt: isStored ? endOf(form.until) : null } } : null, onContent)
  return (
    <>
      <IdentityField label="Identity" value={identity} onChange={setIdentity} />
      <NativeSelect
        label="Kind"
        description={isStored ? 'Stored, so it must be rotated and can leak' : 'Made anew for each use: nothing is stored'}
        value={form.kind}
        data={CREDENTIAL_KINDS.map((value) => ({ value, label: value.replaceAll('-', ' ') }))}
        onChange={(event) => set({ kind: CREDENTIAL_KINDS.find((kind) => kind === event.currentTarget.value) ?? 'federated' })}
      />
      <TextInput label="Name" placeholder="invoice-run-key" required maxLength={300} value={form.name} onChange={(event) => set({ name: event.currentTarget.value })} />
      <Textarea label="What for?" required minLength={3} maxLength={1_000} autosize minRows={2} value={form.purpose} onChange={(event) => set({ purpose: event.currentTarget.value })} />
      <Textarea label="How is it revoked?" required minLength={3} maxLength={1_000} autosize minRows={2} value={form.revocation} onChange={(event) => set({ revocation: event.currentTarget.value })} />
      {isStored && <DayField label="Until" value={form.until} onChange={(until) => set({ until })} />}
    </>
  )
}
