import { TextInput, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useTold } from './content-form.tsx'
import type { FormProps } from './content-form.tsx'
import { DayField, IdentityField, PersonField, TeamField, dayFromNow, endOf, isDay } from './fields.tsx'

/** A year, as an acceptance has. */
const OFFERED = 365

export function OwnershipForm({ search, initial, onContent }: FormProps<'ownership'>): ReactElement {
  const [identities, setIdentities] = useState<string[]>(initial?.identities ?? (search.identity === undefined ? [] : [search.identity]))
  const [team, setTeam] = useState<string | null>(initial?.team ?? null)
  const [sponsor, setSponsor] = useState<string | null>(initial?.answers.sponsor ?? null)
  const known = initial?.answers
  const [form, setForm] = useState({
    purpose: known?.purpose ?? '',
    function: known?.function && 'name' in known.function ? known.function.name : '',
    revocation: known?.revocation ?? '',
    until: initial?.until.slice(0, 10) ?? dayFromNow(OFFERED),
  })
  const set = (part: Partial<typeof form>): void => setForm({ ...form, ...part })
  const name = form.function.trim()
  const kept = known?.function && 'id' in known.function ? known.function : null
  const answers = {
    purpose: form.purpose.trim() || null,
    function: name === '' ? kept : { name },
    sponsor,
    revocation: form.revocation.trim() || null,
  }
  const isFilled = identities.length > 0 && team !== null && isDay(form.until) && (name === '' || name.length >= 3)
  useTold(isFilled ? { kind: 'ownership', identities, team, until: endOf(form.until), answers } : null, onContent)
  const [first = null, ...others] = identities
  return (
    <>
      <IdentityField
        label="Identity"
        {...(others.length > 0 ? { description: `and ${others.length} more` } : {})}
        value={first}
        onChange={(id) => setIdentities(id === null ? others : [id, ...others.filter((other) => other !== id)])}
      />
      <TeamField label="The team that is to answer" value={team} onChange={setTeam} />
      <DayField label="Until" description="Then it is asked again" most={400} value={form.until} onChange={(until) => set({ until })} />
      <p className="small soft">What is left empty stays as it was said before.</p>
      <Textarea label="Why does it exist?" maxLength={500} autosize minRows={1} value={form.purpose} onChange={(event) => set({ purpose: event.currentTarget.value })} />
      <TextInput label="Which business function depends on it?" maxLength={100} value={form.function} onChange={(event) => set({ function: event.currentTarget.value })} />
      <Textarea label="How is it revoked?" maxLength={500} autosize minRows={1} value={form.revocation} onChange={(event) => set({ revocation: event.currentTarget.value })} />
      <PersonField label="Who vouches for it?" isRequired={false} value={sponsor} onChange={setSponsor} />
    </>
  )
}
