/** The form of one change beside what it would do. The preview is asked of the server, by the plan that is then kept. */
import { Button, NativeSelect, Switch, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import type { ChangeContent, ChangeKind } from '@onus/core/change/content.ts'
import { CHANGE_DAYS } from '@onus/core/change/state.ts'
import { read, write } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { Diff } from '../../changes/diff.tsx'
import { Seats } from '../../changes/seats.tsx'
import { Verdicts } from '../../changes/verdicts.tsx'
import type { Change } from '../../changes/words.ts'
import { queryClient } from '../../query-client.ts'
import { Note, ProblemNote, SkeletonLines } from '../../ui/answer.tsx'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { ContentForm } from './forms/content-form.tsx'
import type { NewChangeSearch } from './search.ts'
import css from './changes.module.css'

type Props = { kind: ChangeKind; search: NewChangeSearch; edits?: Change; onDone(change: Change): void }
/** The kinds that guardrails look at. */
export const GUARDED: ReadonlySet<ChangeKind> = new Set(['scope', 'credential', 'ownership'])
/** Waits until the typing pauses. */
const PAUSE_MS = 300

function usePreview(content: ChangeContent | null, isEmergency: boolean) {
  const preview = useMutation(write('previewChange'))
  const { mutate, reset } = preview
  const asked = JSON.stringify([content, isEmergency])
  useEffect(() => {
    if (content === null) return reset()
    const timer = setTimeout(() => mutate({ body: { content, isEmergency } }), PAUSE_MS)
    return () => clearTimeout(timer)
    // The text of the content stands for it.
  }, [asked, mutate, reset])
  const isOfNow = preview.variables !== undefined && JSON.stringify([preview.variables.body.content, preview.variables.body.isEmergency]) === asked
  return { ...preview, isOfNow: isOfNow && !preview.isPending }
}

export function ChangeEditor({ kind, search, edits, onDone }: Props): ReactElement {
  const [content, setContent] = useState<ChangeContent | null>(edits?.content ?? null)
  const [reason, setReason] = useState(edits?.reason ?? '')
  const [days, setDays] = useState<number>(CHANGE_DAYS.default)
  const [isEmergency, setEmergency] = useState(edits?.isEmergency ?? false)
  const preview = usePreview(content, isEmergency)
  const settings = {
    onSuccess: (change: Change) => {
      queryClient.setQueryData(read('change', { params: { id: change.id } }).queryKey, change)
      void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'change' })
      onDone(change)
    },
  }
  const propose = useMutation({ ...write('proposeChange'), ...settings })
  const edit = useMutation({ ...write('editChange'), ...settings })
  const onContent = useCallback((next: ChangeContent | null) => setContent(next), [])
  const isReady = content !== null && reason.trim().length >= 3 && preview.isOfNow && preview.data !== undefined
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!isReady) return
    if (edits) edit.mutate({ params: { id: edits.id }, body: { digest: edits.digest, content, reason: reason.trim() } })
    else propose.mutate({ body: { content, reason: reason.trim(), expiresInDays: days, isEmergency } })
  }
  const error = propose.error ?? edit.error
  return (
    <div className={css['form']}>
      <form onSubmit={submit} className={css['fields']}>
        <ContentForm kind={kind} search={search} initial={edits?.content ?? null} onContent={onContent} />
        <Textarea label="Why?" description="Kept in the ledger" required minLength={3} maxLength={2_000} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        {!edits && (
          <NativeSelect
            label="To be decided within"
            value={String(days)}
            data={[3, 7, 14, 30, CHANGE_DAYS.most].map((value) => ({ value: String(value), label: `${value} days` }))}
            onChange={(event) => setDays(Number(event.currentTarget.value))}
          />
        )}
        {!edits && (kind === 'scope' || kind === 'credential') && (
          <Switch
            label="Break the glass"
            description="An emergency: security approves in place of owner and sponsor; what is given ends within a day"
            checked={isEmergency}
            onChange={(event) => setEmergency(event.currentTarget.checked)}
          />
        )}
        {error !== null && <ProblemNote error={error} />}
        <div>
          <Button type="submit" disabled={!isReady} loading={propose.isPending || edit.isPending}>
            {edits ? 'Save the edit' : 'Propose'}
          </Button>
        </div>
      </form>
      <PreviewPart preview={preview} isComplete={content !== null} isGuarded={GUARDED.has(kind)} />
    </div>
  )
}

type PreviewProps = { preview: { data: Reply<'previewChange'> | undefined; error: Error | null; isOfNow: boolean }; isComplete: boolean; isGuarded: boolean }

function PreviewPart({ preview, isComplete, isGuarded }: PreviewProps): ReactElement {
  const { data, error, isOfNow } = preview
  return (
    <section aria-label="What it would do" aria-live="polite" aria-busy={isComplete && error === null && !isOfNow} className={css['preview']}>
      <h2>What it would do</h2>
      {isComplete && data !== undefined && !isOfNow && <p className="small soft">Of what was written before; being asked again …</p>}
      {!isComplete && <p className="soft">Fill in what is marked; what it would do and who would decide is shown here.</p>}
      {isComplete && error !== null && <ProblemNote error={error} />}
      {isComplete && error === null && data === undefined && <SkeletonLines lines={5} />}
      {isComplete && error === null && data !== undefined && <Previewed data={data} isGuarded={isGuarded} />}
    </section>
  )
}

function Previewed({ data, isGuarded }: { data: Reply<'previewChange'>; isGuarded: boolean }): ReactElement {
  return (
    <>
      <p>
        <strong>
          <FoundText>{data.summary}</FoundText>
        </strong>
      </p>
      <Diff lines={data.diff} />
      {isGuarded && (
        <>
          <h3>Guardrails</h3>
          <Verdicts verdicts={data.verdicts} />
        </>
      )}
      {data.blocked.length > 0 && (
        <Note tone="warn">
          It can be proposed and discussed, but as it is no approval applies it: <Sentence>{data.blocked[0]?.reason ?? ''}</Sentence>
        </Note>
      )}
      <h3>Who would have to approve</h3>
      <Seats seats={data.seats} />
    </>
  )
}
