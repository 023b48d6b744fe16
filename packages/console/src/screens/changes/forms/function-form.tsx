import { Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { DATA_CLASSES, REGULATED } from '@onus/core/change/content.ts'
import type { ContentOf } from '@onus/core/change/content.ts'
import css from '../changes.module.css'
import { useTold } from './content-form.tsx'
import type { FormProps } from './content-form.tsx'
import { PersonField, TeamField } from './fields.tsx'

type Content = ContentOf<'function'>
const CRITICALITIES = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Content['criticality'][]

/** A new business function, or one whose change is edited. */
export function FunctionForm({ initial, onContent }: FormProps<'function'>): ReactElement {
  const [name, setName] = useState(initial?.name ?? '')
  const [team, setTeam] = useState<string | null>(initial?.team ?? null)
  const [sponsor, setSponsor] = useState<string | null>(initial?.sponsor ?? null)
  const [dataClasses, setDataClasses] = useState<Content['dataClasses']>(initial?.dataClasses ?? [])
  const [criticality, setCriticality] = useState<Content['criticality']>(initial?.criticality ?? 'medium')
  const isFilled = name.trim().length >= 3 && team !== null && sponsor !== null
  useTold(isFilled ? { kind: 'function', id: initial?.id ?? null, name: name.trim(), team, sponsor, dataClasses, criticality } : null, onContent)
  const toggle = (value: Content['dataClasses'][number]): void => setDataClasses(dataClasses.includes(value) ? dataClasses.filter((each) => each !== value) : [...dataClasses, value])
  return (
    <>
      <TextInput label="Name" placeholder="Monthly invoicing" required minLength={3} maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TeamField label="The team that owns it" value={team} onChange={setTeam} />
      <PersonField label="Who vouches for it?" value={sponsor} onChange={setSponsor} />
      <fieldset className={css['held']}>
        <legend className="small">Data that it handles</legend>
        {DATA_CLASSES.map((value) => (
          <Checkbox key={value} size="sm" checked={dataClasses.includes(value)} onChange={() => toggle(value)} label={REGULATED.has(value) ? `${value} (regulated)` : value} />
        ))}
      </fieldset>
      <NativeSelect label="How critical is it?" value={criticality} data={[...CRITICALITIES]} onChange={(event) => setCriticality(CRITICALITIES.find((each) => each === event.currentTarget.value) ?? 'medium')} />
    </>
  )
}
