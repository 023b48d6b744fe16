import { Button, Modal, Select, TextInput, Textarea } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { read, write } from '../api.ts'
import type { Reply } from '../api.ts'
import { Note, ProblemNote, SkeletonLines } from '../ui/answer.tsx'
import { counted } from '../ui/count.ts'
import { FoundText, Sentence } from '../ui/found-text.tsx'
import type { Chosen, Decision } from './pending.ts'
import css from './decisions.module.css'

type Named = { id: string; name: string }
type Props = {
  team: Named
  chosen: Chosen
  /** What it is about, in words: `290 identities in parcels`. */
  about: string
  /** Answers that at least one of them lacks: asked for. */
  missing: { why: boolean; function: boolean; revocation: boolean }
  onClose(): void
  onDecided(decision: Decision): void
}

/** The team's yes with its answers. What would happen is asked of the server, by the same plan that is then applied. */
export function AcceptDialog({ team, chosen, about, missing, onClose, onDecided }: Props): ReactElement {
  const [form, setForm] = useState({ purpose: '', function: '', sponsor: null as string | null, revocation: '' })
  const preview = useMutation(write('acceptIdentities'))
  const answers = {
    purpose: form.purpose.trim() || null,
    function: form.function.trim() ? { name: form.function.trim() } : null,
    sponsor: form.sponsor,
    revocation: form.revocation.trim() || null,
  }
  const isComplete = (!missing.why || answers.purpose) && (!missing.function || answers.function) && (!missing.revocation || answers.revocation)
  const { mutate } = preview
  // What is missing is asked of the server only when the form could be right.
  useEffect(() => {
    if (!isComplete) return
    const timer = setTimeout(() => mutate({ body: { team: team.id, chosen, answers, isDryRun: true } }), 300)
    return () => clearTimeout(timer)
  }, [team.id, JSON.stringify(chosen), JSON.stringify(answers), isComplete, mutate])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!preview.data?.decided) return
    onDecided({ kind: 'accept', team, about, count: preview.data.decided, ask: { team: team.id, chosen, answers } })
  }
  const set = (field: 'purpose' | 'function' | 'revocation') => (event: { currentTarget: { value: string } }): void =>
    setForm({ ...form, [field]: event.currentTarget.value })
  const optional = (isAsked: boolean): string => (isAsked ? '' : ' (else as the sources say)')
  return (
    <Modal opened onClose={onClose} closeButtonProps={{ 'aria-label': 'Close' }} title={<>Answer for {about}</>} size="lg">
      <form onSubmit={submit} className="stack">
        <p className="soft">
          <FoundText>{team.name}</FoundText> then decides about changes of scope, is told when something is wrong, and is
          asked again in a year.
        </p>
        <Textarea label={`Why does it exist?${optional(missing.why)}`} placeholder="Posts invoices to the ledger every night" required={missing.why} minLength={3} maxLength={500} autosize minRows={2} value={form.purpose} onChange={set('purpose')} />
        <FunctionInput label={`Which business function depends on it?${optional(missing.function)}`} isRequired={missing.function} value={form.function} onChange={set('function')} />
        <Textarea label={`How is it revoked?${optional(missing.revocation)}`} placeholder="Delete the client in the provider's console" required={missing.revocation} minLength={3} maxLength={500} autosize minRows={2} value={form.revocation} onChange={set('revocation')} />
        <SponsorInput value={form.sponsor} onChange={(sponsor) => setForm({ ...form, sponsor })} />
        <Preview outcome={preview.data} isAsking={preview.isPending} isComplete={Boolean(isComplete)} />
        {preview.error && <ProblemNote error={preview.error} />}
        <div className={css['buttons']}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!preview.data?.decided || preview.isPending || !isComplete}>
            Accept{preview.data?.decided ? ` ${preview.data.decided.toLocaleString('en')}` : ''}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

/** A renewal that says nothing new. */
export const NO_ANSWERS = { purpose: null, function: null, sponsor: null, revocation: null }

function FunctionInput(props: { label: string; isRequired: boolean; value: string; onChange(event: { currentTarget: { value: string } }): void }): ReactElement {
  return <TextInput label={props.label} placeholder="Monthly invoicing" required={props.isRequired} minLength={3} maxLength={100} value={props.value} onChange={props.onChange} />
}

function SponsorInput({ value, onChange }: { value: string | null; onChange(id: string | null): void }): ReactElement {
  const [asked, setAsked] = useState('')
  const people = useQuery(read('listPeople', { query: { limit: 50, ...(asked === '' ? {} : { q: asked }) } }))
  const options = (people.data?.items ?? []).map((person) => ({ value: person.id, label: person.displayName }))
  return (
    <Select
      label="Who vouches for it? (optional)"
      description="A sponsor, another than you: asked for in production and with regulated data"
      placeholder="Nobody yet"
      data={options}
      value={value}
      onChange={onChange}
      searchable
      clearable
      onSearchChange={setAsked}
      nothingFoundMessage="Nobody of that name is here"
    />
  )
}

/** What would happen, and what would be left out and why. */
export function Preview({ outcome, isAsking, isComplete }: { outcome: Reply<'acceptIdentities'> | undefined; isAsking: boolean; isComplete: boolean }): ReactElement | null {
  if (!isComplete) return <Note tone="plain">Fill in what is marked: no source says it.</Note>
  if (outcome === undefined) return isAsking ? <SkeletonLines lines={1} /> : null
  const codes = [...new Set(outcome.left.map(({ code }) => code))]
  return (
    <div aria-live="polite" className={css['preview']} aria-busy={isAsking}>
      <p>
        <strong>{counted(outcome.decided, 'identity', 'identities')}</strong> will be accepted
        {outcome.renewed > 0 && `, ${outcome.renewed} of them again`}
        {outcome.refused > 0 && <>; {counted(outcome.refused, 'is', 'are')} left out:</>}
      </p>
      {codes.map((code) => {
        const same = outcome.left.filter((each) => each.code === code)
        return (
          <p key={code} className="small soft">
            <FoundText>{same.map(({ name }) => name).slice(0, 3).join(', ')}</FoundText>
            {same.length > 3 && ` and ${same.length - 3} more`}: <Sentence>{same[0]?.reason ?? ''}</Sentence>
          </p>
        )
      })}
    </div>
  )
}
