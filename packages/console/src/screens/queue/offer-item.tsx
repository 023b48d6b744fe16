import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { Reply } from '../../api.ts'
import { AcceptDialog } from '../../decisions/accept-dialog.tsx'
import type { Pending } from '../../decisions/pending.ts'
import { RefuseDialog } from '../../decisions/refuse-dialog.tsx'
import { counted } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { SeverityBadge } from '../../ui/severity.tsx'
import type { Severity } from '@onus/core/finding.ts'
import css from './queue.module.css'

type Offer = Reply<'listOffers'>['items'][number]

/** Everything that one namespace of a source offers to a team: accepted or refused as one. */
export function OfferItem({ offer, pending }: { offer: Offer; pending: Pending }): ReactElement {
  const [open, setOpen] = useState<'accept' | 'refuse' | null>(null)
  const { team, source, namespace, identities, missing, sample } = offer
  const chosen = { source: source.id, namespace }
  const about = `${counted(identities, 'identity', 'identities')} in ${namespace ?? source.name}`
  const isPending = pending.decision !== null
  const decided = (decision: Parameters<Pending['decide']>[0]): void => {
    setOpen(null)
    pending.decide(decision)
  }
  return (
    <>
      <div className={css['body']}>
        <h2>
          Does <FoundText>{team.name}</FoundText> answer for{' '}
          <Link to="/identities" search={{ team: team.id, source: source.id, ...(namespace === null ? {} : { namespace }) }}>
            {about}
          </Link>
          ?
        </h2>
        <p className="soft">
          {offer.suggestedBy.length > 0 ? (
            <>
              <FoundText>{offer.suggestedBy.map(({ name }) => name).join(', ')}</FoundText> refused and named your team.
            </>
          ) : (
            <>
              <FoundText>{source.name}</FoundText> names your team.
            </>
          )}{' '}
          {offer.isProduction === true && 'In production. '}
          {missingWords(missing, identities)}
        </p>
        <p className="small faint">
          {sample.map(({ id, name }, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <Link to="/identities/$id" params={{ id }}>
                <FoundText>{name}</FoundText>
              </Link>
            </span>
          ))}
          {identities > sample.length && ` and ${identities - sample.length} more`}
        </p>
      </div>
      <div className={css['side']}>
        {offer.worst !== null && <SeverityBadge severity={offer.worst as Severity} />}
        <div className="row">
          <Button size="compact-sm" disabled={isPending} onClick={() => setOpen('accept')}>
            Accept …
          </Button>
          <Button size="compact-sm" variant="default" disabled={isPending} onClick={() => setOpen('refuse')}>
            Not ours …
          </Button>
        </div>
      </div>
      {open === 'accept' && (
        <AcceptDialog
          team={team}
          chosen={chosen}
          about={about}
          missing={{ why: missing.why > 0, function: missing.function > 0, revocation: missing.revocation > 0 }}
          onClose={() => setOpen(null)}
          onDecided={decided}
        />
      )}
      {open === 'refuse' && <RefuseDialog team={team} chosen={chosen} about={about} count={identities} onClose={() => setOpen(null)} onDecided={decided} />}
    </>
  )
}

function missingWords(missing: Offer['missing'], all: number): string {
  const words = [
    ['why it exists', missing.why],
    ['the business function', missing.function],
    ['how it is revoked', missing.revocation],
  ] as const
  const lacking = words.filter(([, count]) => count > 0)
  if (lacking.length === 0) return 'All four questions are answered.'
  return `Missing: ${lacking.map(([word, count]) => (count === all ? word : `${word} (${count})`)).join(', ')}.`
}
