/** Deciding and discussing: what one may do, and of what one may not, why and who could. */
import { Button, NativeSelect, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import type { ReactElement } from 'react'
import { read, write } from '../../api.ts'
import { CHANGE_STATE_WORDS, whoSits } from '../../changes/words.ts'
import type { Change } from '../../changes/words.ts'
import { queryClient } from '../../query-client.ts'
import { ProblemNote } from '../../ui/answer.tsx'
import { legible } from '../../ui/legible.ts'
import css from './changes.module.css'

type Props = { change: Change; seen: Change; isEdited: boolean }

/** The answer of every write is the change as it then is. */
function keep(change: Change): void {
  queryClient.setQueryData(read('change', { params: { id: change.id } }).queryKey, change)
  void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'change' })
}

function useDecisions(change: Change, onDone: () => void) {
  const onSuccess = (next: Change): void => {
    onDone()
    keep(next)
    if (next.state !== change.state) notifications.show({ message: `${CHANGE_STATE_WORDS[next.state].word}: ${legible(next.summary)}` })
  }
  // Refused because something moved: what is there now is read at once, and said.
  const onError = (): void => void queryClient.invalidateQueries({ queryKey: ['change'] })
  const settings = { onSuccess, onError }
  return {
    approve: useMutation({ ...write('approveChange'), ...settings }),
    reject: useMutation({ ...write('rejectChange'), ...settings }),
    withdraw: useMutation({ ...write('withdrawChange'), ...settings }),
    comment: useMutation({ ...write('commentOnChange'), ...settings }),
  }
}

export function ReviewBox({ change, seen, isEdited }: Props): ReactElement {
  const [words, setWords] = useState('')
  const mine = change.may.approve.filter(({ isAllowed }) => isAllowed)
  const [chosen, setChosen] = useState<string | null>(null)
  const seat = mine.find((each) => each.seat === chosen)?.seat ?? mine[0]?.seat
  const does = useDecisions(change, () => setWords(''))
  const whyId = useId()
  const text = words.trim()
  const isBusy = Object.values(does).some(({ isPending }) => isPending)
  const error = Object.values(does).find((each) => each.error !== null)?.error ?? null
  const reset = (): void => Object.values(does).forEach((each) => each.reset())
  const params = { id: change.id }
  const reason = text.length < 3 ? {} : { reason: text }
  const isOpen = change.state === 'open'
  const denials = isOpen ? whyNot(change, isEdited) : []
  const decide = (what: 'approve' | 'reject'): void => {
    reset()
    if (seat === undefined) return
    if (what === 'approve') does.approve.mutate({ params, body: { digest: seen.digest, seat, ...reason } })
    else does.reject.mutate({ params, body: { digest: seen.digest, seat, reason: text } })
  }
  const comment = (): void => {
    reset()
    does.comment.mutate({ params, body: { text } })
  }
  const withdraw = (): void => {
    reset()
    does.withdraw.mutate({ params, body: reason })
  }
  return (
    <div className={css['box']}>
      <Textarea
        label={isOpen ? 'Say something' : 'Add a remark'}
        description={isOpen && seat !== undefined ? 'Needed to reject; kept in the ledger' : 'Kept in the ledger'}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={12}
        maxLength={2_000}
      />
      {isOpen && mine.length > 1 && (
        <NativeSelect
          label="You decide as"
          size="xs"
          value={seat ?? ''}
          data={mine.map((each) => ({ value: each.seat, label: seatName(change, each.seat) }))}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
      )}
      {error !== null && <ProblemNote error={error} />}
      <div className="row">
        {isOpen && (
          <>
            <Button size="sm" disabled={seat === undefined || isEdited || change.blocked.length > 0 || isBusy} loading={does.approve.isPending} aria-describedby={whyId} onClick={() => decide('approve')}>
              {seat === undefined ? 'Approve' : `Approve for ${seatName(change, seat)}`}
            </Button>
            <Button size="sm" variant="default" disabled={seat === undefined || isEdited || text.length < 3 || isBusy} loading={does.reject.isPending} aria-describedby={whyId} onClick={() => decide('reject')}>
              Reject
            </Button>
          </>
        )}
        <Button size="sm" variant="default" disabled={text === '' || isBusy} loading={does.comment.isPending} onClick={comment}>
          Comment
        </Button>
        {isOpen && (
          <>
            <EditButton change={change} whyId={whyId} />
            <Button size="sm" variant="subtle" disabled={!change.may.withdraw.isAllowed || isBusy} loading={does.withdraw.isPending} aria-describedby={whyId} onClick={withdraw}>
              Withdraw
            </Button>
          </>
        )}
      </div>
      <ul id={whyId} className={css['whyNot']}>
        {denials.map((denial) => (
          <li key={denial}>{denial}</li>
        ))}
      </ul>
    </div>
  )
}

function EditButton({ change, whyId }: { change: Change; whyId: string }): ReactElement {
  if (!change.may.edit.isAllowed)
    return (
      <Button size="sm" variant="subtle" disabled aria-describedby={whyId}>
        Edit
      </Button>
    )
  return (
    <Button size="sm" variant="subtle" renderRoot={(props) => <Link to="/changes/$id/edit" params={{ id: change.id }} {...props} />}>
      Edit
    </Button>
  )
}

function seatName(change: Change, id: string): string {
  const seat = change.seats.find((each) => each.id === id)
  return seat ? legible(whoSits(seat)).replace('Security', 'security') : id
}

/** Why a button cannot be pressed, one sentence each. */
function whyNot(change: Change, isEdited: boolean): string[] {
  const { approve, edit, withdraw } = change.may
  const reasons: string[] = []
  if (isEdited) reasons.push('Approve, reject: read first what the edit changed.')
  else if (change.blocked.length > 0) reasons.push('Approve: as it is, no approval applies it.')
  if (approve.length > 0 && approve.every(({ isAllowed }) => !isAllowed)) {
    const free = approve.filter(({ rule }) => rule !== 'already-decided')
    const rules = free.length > 0 ? free : approve
    const [first] = rules
    const who = [...new Set(rules.flatMap((each) => (each.who === null ? [] : [each.who])))]
    if (first?.rule === 'already-decided') reasons.push('Approve, reject: every seat that you could take is filled.')
    else reasons.push(`Approve, reject: not you; ${who.join(', or ')} could (${[...new Set(rules.map(({ rule }) => rule))].join(', ')}).`)
  }
  const own = [['Edit', edit] as const, ['Withdraw', withdraw] as const].filter(([, verdict]) => !verdict.isAllowed)
  if (own.length > 0) reasons.push(`${own.map(([word]) => word).join(', ')}: ${own[0]?.[1].who ?? 'nobody'} could (${own[0]?.[1].rule}).`)
  return reasons
}
