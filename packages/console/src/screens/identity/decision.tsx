import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import { AcceptDialog } from '../../decisions/accept-dialog.tsx'
import { PendingBar } from '../../decisions/pending-bar.tsx'
import { usePending } from '../../decisions/pending.ts'
import { RefuseDialog } from '../../decisions/refuse-dialog.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { legible } from '../../ui/legible.ts'
import { Day } from '../../ui/moment.tsx'
import type { Detail } from './identity-screen.tsx'
import css from './identity.module.css'

type Named = { id: string; name: string }

/** What teams decided about it, and what the one who looks may decide. */
export function Decided({ detail }: { detail: Detail }): ReactElement {
  const { decision } = detail.identity
  const acceptance = decision?.acceptance ?? null
  const at = useQuery(read('accountability', { params: { id: detail.identity.id } }))
  const nameOf = (person: string): string => at.data?.people[person] ?? 'somebody'
  return (
    <div className={css['disagreement']} data-calm="true">
      {acceptance === null ? (
        <p>No team has accepted it. What is below are claims: what sources say.</p>
      ) : (
        <p>
          <strong>
            <FoundText>{acceptance.team.name}</FoundText> accepted it
          </strong>{' '}
          <Day at={acceptance.acceptedAt} /> (<FoundText>{nameOf(acceptance.acceptedBy)}</FoundText>), until{' '}
          <Day at={acceptance.until} />.{acceptance.ended !== null && <span className="red"> {END_WORDS[acceptance.ended]}</span>}
        </p>
      )}
      {decision?.refusals.map((refusal) => (
        <p key={refusal.team.id}>
          <FoundText>{refusal.team.name}</FoundText> refused <Day at={refusal.at} />
          {refusal.suggested && (
            <>
              {' '}
              and named <FoundText>{refusal.suggested.name}</FoundText>
            </>
          )}
          .
        </p>
      ))}
      {detail.vanishedAt === null && <Actions detail={detail} />}
    </div>
  )
}

const END_WORDS: Record<string, string> = {
  renewed: '',
  'handed-over': 'It was handed over.',
  'ran-out': 'It ran out: nobody answers.',
  'team-dissolved': 'The team was dissolved: nobody answers.',
  'team-without-member': 'The team has no member any more: nobody answers.',
}

/** One pair of buttons for each team of the person; where the team may not, the reason stands beside. */
function Actions({ detail }: { detail: Detail }): ReactElement | null {
  const session = useQuery(read('session'))
  const pending = usePending(() => {})
  const [open, setOpen] = useState<{ what: 'accept' | 'refuse'; team: Named } | null>(null)
  const { identity } = detail
  const holder = identity.decision?.acceptance?.endedAt === null ? identity.decision.acceptance.team : null
  const teams = session.data?.teams ?? []
  const missing = {
    why: identity.questions.why.answer === null,
    function: identity.questions.function.answer === null,
    revocation: identity.questions.revocation.answer === null,
  }
  const props = { chosen: { identities: [identity.id] }, about: legible(identity.name), onClose: () => setOpen(null) }
  const decided = (decision: Parameters<typeof pending.decide>[0]): void => {
    setOpen(null)
    pending.decide(decision)
  }
  if (session.data && teams.length === 0)
    return <p className="small faint">A member of a team accepts it for the team. You belong to none.</p>
  return (
    <>
      {teams.map((team) => {
        const isOther = holder !== null && holder.id !== team.id
        return (
          <div key={team.id} className="row">
            <Button size="compact-sm" variant={holder ? 'default' : 'filled'} disabled={isOther || pending.decision !== null} onClick={() => setOpen({ what: 'accept', team })}>
              {holder?.id === team.id ? 'Accept again' : 'Accept'} for {legible(team.name)} …
            </Button>
            {holder === null && (
              <Button size="compact-sm" variant="default" disabled={pending.decision !== null} onClick={() => setOpen({ what: 'refuse', team })}>
                Not ours …
              </Button>
            )}
            {isOther && (
              <span className="small faint">
                <FoundText>{holder.name}</FoundText> answers for it until it hands it over.
              </span>
            )}
          </div>
        )
      })}
      {open?.what === 'accept' && <AcceptDialog {...props} team={open.team} missing={missing} onDecided={decided} />}
      {open?.what === 'refuse' && <RefuseDialog {...props} team={open.team} count={1} onDecided={decided} />}
      <PendingBar pending={pending} />
    </>
  )
}
