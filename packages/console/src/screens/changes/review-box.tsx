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
  const isOpen = change.state === 'open'
  const error = Object.values(does).find((each) => each.error !== null)?.error ?? null
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
      <Buttons change={change} digest={seen.digest} isEdited={isEdited} seat={seat} text={words.trim()} does={does} whyId={whyId} />
      <ul id={whyId} className={css['whyNot']}>
        {isOpen && whyNot(change, isEdited).map((reason) => <li key={reason}>{reason}</li>)}
      </ul>
    </div>
  )
}

type ButtonsProps = { change: Change; digest: string; isEdited: boolean; seat: string | undefined; text: string; does: ReturnType<typeof useDecisions>; whyId: string }

function Buttons({ change, digest, isEdited, seat, text, does, whyId }: ButtonsProps): ReactElement {
  const isBusy = Object.values(does).some(({ isPending }) => isPending)
  /** What was refused before is not of the next press. */
  const anew = (run: () => void) => (): void => {
    Object.values(does).forEach((each) => each.reset())
    run()
  }
  const params = { id: change.id }
  const isOpen = change.state === 'open'
  const isSaid = text.length >= 3
  const reason = isSaid ? { reason: text } : {}
  const mayNot = seat === undefined || isEdited || isBusy
  const props = { size: 'sm', 'aria-describedby': whyId } as const
  return (
    <div className="row">
      {isOpen && (
        <>
          <Button {...props} disabled={mayNot || change.blocked.length > 0} loading={does.approve.isPending} onClick={anew(() => seat !== undefined && does.approve.mutate({ params, body: { digest, seat, ...reason } }))}>
            {seat === undefined ? 'Approve' : `Approve for ${seatName(change, seat)}`}
          </Button>
          <Button {...props} variant="default" disabled={mayNot || !isSaid} loading={does.reject.isPending} onClick={anew(() => seat !== undefined && does.reject.mutate({ params, body: { digest, seat, reason: text } }))}>
            Reject
          </Button>
        </>
      )}
      <Button size="sm" variant="default" disabled={text === '' || isBusy} loading={does.comment.isPending} onClick={anew(() => does.comment.mutate({ params, body: { text } }))}>
        Comment
      </Button>
      {isOpen && (
        <>
          <EditButton change={change} whyId={whyId} />
          <Button {...props} variant="subtle" disabled={!change.may.withdraw.isAllowed || isBusy} loading={does.withdraw.isPending} onClick={anew(() => does.withdraw.mutate({ params, body: reason }))}>
            Withdraw
          </Button>
        </>
      )}
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
