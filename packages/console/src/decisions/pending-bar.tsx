import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { ProblemNote } from '../ui/answer.tsx'
import { FoundText } from '../ui/found-text.tsx'
import type { Pending } from './pending.ts'
import css from './decisions.module.css'

/** What was decided and is about to be sent, with the way back; or why the server refused it. */
export function PendingBar({ pending }: { pending: Pending }): ReactElement | null {
  const { decision, error, isSending, secondsLeft } = pending
  if (!decision) return null
  if (error)
    return (
      <div className={css['bar']}>
        <ProblemNote error={error} />
        <Button size="compact-sm" variant="default" onClick={pending.dismiss}>
          Close
        </Button>
      </div>
    )
  return (
    <div className={css['bar']} role="status">
      <p>
        <strong>{decision.kind === 'accept' ? 'Accepted' : 'Refused'}</strong>: {decision.about}, for{' '}
        <FoundText>{decision.team.name}</FoundText>. {isSending ? 'Sending …' : 'Not sent yet.'}
      </p>
      {!isSending && (
        <div className="row">
          <Button size="compact-sm" variant="default" onClick={pending.undo}>
            Undo <span aria-hidden="true">&nbsp;({secondsLeft})</span>
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={pending.sendNow}>
            Send now
          </Button>
        </div>
      )}
    </div>
  )
}
