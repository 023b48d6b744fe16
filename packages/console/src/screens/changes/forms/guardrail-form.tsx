import { NativeSelect, TextInput, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { RuleId, STAGES } from '@onus/core/change/content.ts'
import { read } from '../../../api.ts'
import { STAGE_WORDS } from '../../../changes/stage-words.ts'
import { useTold } from './content-form.tsx'
import type { FormProps } from './content-form.tsx'
import { DayField, dayFromNow, endOf, isDay } from './fields.tsx'
import { Simulation } from '../../guardrails/simulation.tsx'
import css from '../changes.module.css'

export function GuardrailForm({ search, initial, onContent }: FormProps<'guardrail'>): ReactElement {
  const [id, setId] = useState(initial?.id ?? search.guardrail ?? search.starter ?? '')
  const [text, setText] = useState(initial?.text ?? '')
  const [stage, setStage] = useState<(typeof STAGES)[number]>(initial?.stage ?? 'warn')
  const [grace, setGrace] = useState(initial?.graceUntil?.slice(0, 10) ?? '')
  const navigate = useNavigate()
  /** In the address, so that the result is there after a reload. */
  const onJob = (job: string): void => void navigate({ to: '.', search: (old: object) => ({ ...old, job }), replace: true })
  const begun = useBeginning(search, initial !== null)
  useEffect(() => {
    if (begun === null) return
    setText(begun.text)
    setStage(begun.stage)
  }, [begun?.text, begun?.stage])
  const graceUntil = stage === 'enforce' && isDay(grace) ? endOf(grace) : null
  const isRetired = initial?.text === null && text === ''
  const isFilled = RuleId.safeParse(id).success && (text.trim() !== '' || isRetired)
  useTold(isFilled ? { kind: 'guardrail', id, text: isRetired ? null : text, stage, graceUntil } : null, onContent)
  const isKnown = initial !== null || search.guardrail !== undefined
  return (
    <>
      <TextInput label="Id" description="Small letters with hyphens; it stays for ever" required maxLength={64} value={id} readOnly={isKnown} onChange={(event) => setId(event.currentTarget.value)} />
      <Textarea
        label="Text"
        description="One Cedar `forbid` with @id, @title, @found and @allowed"
        required={!isRetired}
        maxLength={8_000}
        autosize
        minRows={10}
        maxRows={24}
        spellCheck={false}
        classNames={{ input: css['code'] ?? '' }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <NativeSelect label="Stage" description={STAGE_WORDS[stage].meaning} value={stage} data={STAGES.map((value) => ({ value, label: STAGE_WORDS[value].word }))} onChange={(event) => setStage(STAGES.find((each) => each === event.currentTarget.value) ?? 'warn')} />
      <Simulation id={id} text={text} job={search.job} onJob={onJob} />
      {stage === 'enforce' && <DayField label="Only warns until" description={`Empty: it refuses at once. ${dayFromNow(30)} leaves a month to get in order`} isRequired={false} value={grace} onChange={setGrace} />}
    </>
  )
}

/** What a new text begins with: the guardrail that stands, or a starter. */
function useBeginning({ guardrail, starter }: { guardrail?: string | undefined; starter?: string | undefined }, isEdit: boolean): { text: string; stage: (typeof STAGES)[number] } | null {
  const current = useQuery({ ...read('guardrail', { params: { id: guardrail ?? '' } }), enabled: !isEdit && guardrail !== undefined })
  const starters = useQuery({ ...read('listStarterGuardrails'), enabled: !isEdit && starter !== undefined })
  const known = current.data?.current
  if (known) return { text: known.text, stage: known.stage }
  const found = starters.data?.items.find(({ id }) => id === starter)
  return found ? { text: found.text, stage: 'warn' } : null
}
