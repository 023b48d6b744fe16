import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useTold } from './content-form.tsx'
import type { FormProps } from './content-form.tsx'
import { HolderField } from './fields.tsx'

const POWERS = [
  { value: 'operate', label: 'operate: sources, issuers, gateways' },
  { value: 'guard', label: 'guard: guardrails and exceptions' },
  { value: 'audit', label: 'audit: read everything, and nothing else' },
] as const
type Power = (typeof POWERS)[number]['value']

export function PowerForm({ initial, onContent }: FormProps<'power'>): ReactElement {
  const holder = initial?.holder
  const [power, setPower] = useState<Power>(initial?.power ?? 'guard')
  const [verb, setVerb] = useState(initial?.verb ?? 'give')
  const [isTeam, setTeam] = useState(holder === undefined || 'team' in holder)
  const [id, setId] = useState<string | null>(holder === undefined ? null : 'team' in holder ? holder.team : holder.person)
  useTold(id === null ? null : { kind: 'power', power, verb, holder: isTeam ? { team: id } : { person: id } }, onContent)
  return (
    <>
      <NativeSelect label="Power" value={power} data={[...POWERS]} onChange={(event) => setPower(POWERS.find(({ value }) => value === event.currentTarget.value)?.value ?? 'guard')} />
      <NativeSelect label="What happens" value={verb} data={[{ value: 'give', label: 'is given' }, { value: 'end', label: 'ends' }]} onChange={(event) => setVerb(event.currentTarget.value === 'end' ? 'end' : 'give')} />
      <HolderField
        isTeam={isTeam}
        id={id}
        onChange={(toTeam, chosen) => {
          setTeam(toTeam)
          setId(chosen)
        }}
      />
    </>
  )
}
