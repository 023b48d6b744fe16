import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Reply } from '../../api.ts'
import { NO_ANSWERS } from '../../decisions/accept-dialog.tsx'
import type { Pending } from '../../decisions/pending.ts'
import { counted } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { Day } from '../../ui/moment.tsx'
import css from './queue.module.css'

type Item<K> = Extract<Reply<'queue'>['items'][number], { kind: K }>

/** Acceptances that end soon, as one: what was said stands, unless it is said anew on the identity's page. */
export function RenewalItem({ item, pending }: { item: Item<'renewal'>; pending: Pending }): ReactElement {
  const { team, identities, count } = item
  const about = counted(count, 'identity', 'identities')
  return (
    <>
      <div className={css['body']}>
        <h2>
          Does <FoundText>{team.name}</FoundText> still answer for {about}?
        </h2>
        <p className="soft">
          The first acceptance ends <Day at={item.at} />; then nobody answers. What the team said of them stays as it is.
        </p>
        <p className="small faint">
          {identities.slice(0, 5).map(({ id, name }, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <Link to="/identities/$id" params={{ id }}>
                <FoundText>{name}</FoundText>
              </Link>
            </span>
          ))}
          {count > 5 && ` and ${count - 5} more`}
        </p>
      </div>
      <div className={css['side']}>
        <Button
          size="compact-sm"
          disabled={pending.decision !== null}
          onClick={() =>
            pending.decide({
              kind: 'accept',
              team,
              about: counted(identities.length, 'identity', 'identities'),
              count: identities.length,
              ask: { team: team.id, chosen: { identities: identities.map(({ id }) => id) }, answers: NO_ANSWERS },
            })
          }
        >
          Still ours{count > identities.length ? ` (first ${identities.length})` : ''}
        </Button>
      </div>
    </>
  )
}

/** Left without a team: somebody takes over, or it is suspended. */
export function OrphanItem({ item }: { item: Item<'orphan'> }): ReactElement {
  return (
    <>
      <div className={css['body']}>
        <h2>
          Who takes over{' '}
          <Link to="/identities/$id" params={{ id: item.identity.id }}>
            <FoundText>{item.identity.name}</FoundText>
          </Link>
          ?
        </h2>
        <p className="soft">
          <FoundText>{item.was.name}</FoundText> answered for it until {item.why}.{' '}
          {item.isSuspendDue ? (
            <strong className="red">Nobody took over in time: it is to be suspended, or given a team.</strong>
          ) : (
            <>
              By <Day at={item.at} /> a team has accepted it, or it is to be suspended.
            </>
          )}
        </p>
        <Breaks dependents={item.dependents} />
      </div>
    </>
  )
}

/** What is known to need it. What no source reads is not in here, and that is said. */
function Breaks({ dependents: { function: needed, uses, count } }: Pick<Item<'orphan'>, 'dependents'>): ReactElement {
  if (needed === null && count === 0) return <p className="small faint">Nothing that was read needs it; what was not read may.</p>
  return (
    <p className="small faint">
      Would break without it:{' '}
      {needed !== null && (
        <>
          <FoundText>{needed.name}</FoundText>
          {needed.criticality !== null && ` (${needed.criticality})`}
          {count > 0 && ', '}
        </>
      )}
      {uses.slice(0, 4).map(({ kind, name }, index) => (
        <span key={`${kind} ${name}`}>
          {index > 0 && ', '}
          {kind} <FoundText>{name}</FoundText>
        </span>
      ))}
      {count > 4 && ` and ${count - 4} more`}
    </p>
  )
}
