import { Select, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { EXCEPTION_DAYS } from '@onus/core/change/content.ts'
import { read } from '../../../api.ts'
import { legible } from '../../../ui/legible.ts'
import { useTold } from './content-form.tsx'
import type { FormProps } from './content-form.tsx'
import { DayField, IdentityField, dayFromNow, endOf, isDay } from './fields.tsx'

/** Days that are offered: long enough to mend it, short enough to be asked again. */
const OFFERED = 60

export function ExceptionForm({ search, initial, onContent }: FormProps<'exception'>): ReactElement {
  const [identity, setIdentity] = useState<string | null>(initial?.identity ?? search.identity ?? null)
  const [rule, setRule] = useState<string | null>(initial?.rule ?? search.rule ?? null)
  const [control, setControl] = useState(initial?.control ?? '')
  const [until, setUntil] = useState(initial?.until.slice(0, 10) ?? dayFromNow(OFFERED))
  const said = control.trim()
  const isFilled = identity !== null && rule !== null && said.length >= 3 && isDay(until)
  useTold(isFilled ? { kind: 'exception', rule, identity, control: said, until: endOf(until) } : null, onContent)
  const renewed = useRenewed(search)
  useEffect(() => {
    if (renewed !== undefined) setControl(renewed)
  }, [renewed])
  const rules = useQuery(read('listRules', { query: {} }))
  const guardrails = useQuery(read('listGuardrails'))
  const groups = [
    { group: 'Guardrails', items: (guardrails.data?.items ?? []).map(({ id, title }) => ({ value: id, label: legible(title) })) },
    { group: 'Rules', items: (rules.data?.items ?? []).map(({ id, title }) => ({ value: id, label: legible(title) })) },
  ]
  const isKnown = rule === null || groups.some(({ items }) => items.some(({ value }) => value === rule))
  // Two versions of a guardrail may stand at once, under one name.
  const data = groups.map(({ group, items }) => ({ group, items: items.filter(({ value }, at) => items.findIndex((each) => each.value === value) === at) }))
  return (
    <>
      <IdentityField label="Identity" value={identity} onChange={setIdentity} />
      <Select label="Excused from" data={isKnown ? data : [...data, { group: 'Other', items: [{ value: rule, label: rule }] }]} value={rule} onChange={setRule} searchable clearable required placeholder="A guardrail or a rule" nothingFoundMessage="No rule of that name is here" />
      <Textarea label="What is done instead?" description="Until it ends" placeholder="The key is read by the pipeline alone, and its use is watched" required minLength={3} maxLength={1_000} autosize minRows={2} value={control} onChange={(event) => setControl(event.currentTarget.value)} />
      <DayField label="Until" description={`It lapses by itself; at most ${EXCEPTION_DAYS} days from now`} most={EXCEPTION_DAYS - 1} value={until} onChange={setUntil} />
    </>
  )
}

/** What is done instead under the exception that is renewed, to begin with. */
function useRenewed({ from, identity, rule }: FormProps<'exception'>['search']): string | undefined {
  const enabled = from !== undefined && identity !== undefined && rule !== undefined
  const known = useQuery({ ...read('listExceptions', { query: { state: 'all', ...(enabled ? { identity, rule } : {}) } }), enabled })
  return known.data?.items.find(({ id }) => id === from)?.control
}
