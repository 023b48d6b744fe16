import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { AsOfNote } from '../as-of.tsx'
import { instantOf } from '../as-of-search.ts'
import { Answered, Note, SkeletonLines } from '../../ui/answer.tsx'
import { CopyText, PlaceText } from '../../ui/evidence.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { legible } from '../../ui/legible.ts'
import { Moment } from '../../ui/moment.tsx'
import { exactly } from '../../ui/time-words.ts'
import { Screen } from '../../ui/screen.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { KIND_WORDS } from '../../ui/words.ts'
import { AccountabilitySection } from './accountability.tsx'
import { ChangesSection } from './changes.tsx'
import { Chain } from './chain.tsx'
import { CredentialsSection } from './credentials.tsx'
import { FindingsSection } from './findings.tsx'
import { AccessSection, TagsSection, UsesSection } from './facts.tsx'
import { Questions } from './questions.tsx'
import { TimelineSection } from './timeline.tsx'
import css from './identity.module.css'

export type Detail = Reply<'identity'>

/** One identity: the four questions first, then the picture, then everything behind them. */
export function IdentityScreen(): ReactElement {
  const { id } = useParams({ from: '/shell/identities/$id' })
  const { asOf } = useSearch({ from: '/shell/identities/$id' })
  const detail = useQuery(read('identity', { params: { id }, query: instantOf(asOf) }))
  const name = detail.data?.identity.name
  return (
    <Screen
      key={id}
      title={name === undefined ? 'Identity' : legible(name)}
      heading={name === undefined ? 'Identity' : <FoundText>{name}</FoundText>}
      lead={detail.data && <Facts detail={detail.data} />}
    >
      {asOf !== undefined && <AsOfNote asOf={asOf} />}
      <Answered question={detail} waiting={<SkeletonLines lines={14} height={22} />}>
        {(data) => <Sections detail={data} />}
      </Answered>
    </Screen>
  )
}

function Facts({ detail }: { detail: Detail }): ReactElement {
  const { identity, sourceId, sourcePath } = detail
  return (
    <div className={css['facts']}>
      <StateBadge state={identity.accountability.state} />
      <span>{KIND_WORDS[identity.kind]}</span>
      {identity.environment === null ? <span className="red">environment not known</span> : <FoundText>{identity.environment}</FoundText>}
      {identity.namespace !== null && (
        <Link to="/identities" search={{ namespace: identity.namespace }}>
          <FoundText>{identity.namespace}</FoundText>
        </Link>
      )}
      {identity.isThirdParty && <span>run by a third party</span>}
      {identity.isSuspended === true && <span>suspended at its source</span>}
      <PlaceText place={identity.source} />
      <span className={css['ref']}>
        <FoundText mono>{identity.source.ref}</FoundText>
        <CopyText text={identity.source.ref} what="the native reference" />
      </span>
      <span className="faint">
        from{' '}
        <Link to="/sources/$id" params={{ id: sourceId }}>
          <FoundText>{sourcePath}</FoundText>
        </Link>
        , seen <Moment at={detail.lastSeenAt} />
      </span>
    </div>
  )
}

function Sections({ detail }: { detail: Detail }): ReactElement {
  const { identity, vanishedAt, alsoSeenIn } = detail
  return (
    <>
      {vanishedAt !== null && (
        <Note tone="warn">
          <span>
            <strong>Vanished.</strong> A complete read of its source on {exactly(vanishedAt)} did not show it any more. What
            you see is its last known state; whether its credentials still work is not known.
          </span>
        </Note>
      )}
      {!identity.source.isDefined && (
        <Note tone="warn">Only mentioned: no file that was read defines it. Its definition may lie in another source.</Note>
      )}
      {alsoSeenIn !== undefined && alsoSeenIn.length > 0 && (
        <Note tone="plain">
          <span>
            Also reported by{' '}
            {alsoSeenIn.map((other) => (
              <Link key={other.sourceId} to="/sources/$id" params={{ id: other.sourceId }}>
                <FoundText>{other.sourcePath}</FoundText>
              </Link>
            ))}
            . The first source holds this record.
          </span>
        </Note>
      )}
      <Questions questions={identity.questions} />
      <Chain detail={detail} />
      <AccountabilitySection detail={detail} />
      <ChangesSection detail={detail} />
      <FindingsSection detail={detail} />
      <CredentialsSection credentials={identity.credentials} />
      <AccessSection identity={identity} />
      <UsesSection identity={identity} />
      <TagsSection tags={identity.tags} />
      <TimelineSection id={identity.id} />
    </>
  )
}
