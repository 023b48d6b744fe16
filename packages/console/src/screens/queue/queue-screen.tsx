import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply, RowOf } from '../../api.ts'
import { PendingBar } from '../../decisions/pending-bar.tsx'
import { usePending } from '../../decisions/pending.ts'
import type { Pending } from '../../decisions/pending.ts'
import { Answered, Empty, ProblemNote, SkeletonLines } from '../../ui/answer.tsx'
import { counted } from '../../ui/count.ts'
import { Screen } from '../../ui/screen.tsx'
import { ChangeItem } from './change-item.tsx'
import { OfferItem } from './offer-item.tsx'
import { OrphanItem, RenewalItem } from './dated-items.tsx'
import css from './queue.module.css'

type Queue = Reply<'queue'>
type Change = RowOf<'listChanges'>

/** What needs a decision of the person who looks, soonest harm first, and nothing else. */
export function QueueScreen(): ReactElement {
  const queue = useQuery(read('queue'))
  const waiting = useQuery(read('listChanges', { query: { awaiting: 'me' } }))
  const changes = waiting.data?.items ?? []
  const session = useQuery(read('session'))
  const pending = usePending(() => {})
  return (
    <Screen
      title="My queue"
      heading={queue.data && waiting.data ? headline(queue.data.items.length + waiting.data.total) : 'My queue'}
      lead={queue.data && <Held queue={queue.data} session={session.data} />}
    >
      {waiting.error !== null && <ProblemNote error={waiting.error} onRetry={() => void waiting.refetch()} isRetrying={waiting.isFetching} />}
      <Answered question={queue} waiting={<SkeletonLines lines={8} height={40} />}>
        {(data) =>
          data.items.length + changes.length > 0 ? <Items queue={data} changes={changes} pending={pending} /> : waiting.data ? <NothingToDo queue={data} session={session.data} /> : null
        }
      </Answered>
      <PendingBar pending={pending} />
    </Screen>
  )
}

function headline(needs: number): string {
  return needs === 0 ? 'Nothing needs you' : `${counted(needs, 'decision needs', 'decisions need')} you`
}

function Held({ queue, session }: { queue: Queue; session: Reply<'session'> | undefined }): ReactElement {
  const teams = session?.teams ?? []
  if (teams.length === 0) return <>You belong to no team, so you answer for nothing.</>
  return (
    <>
      {teams.map(({ name }) => name).join(', ')} {teams.length === 1 ? 'answers' : 'answer'} for{' '}
      <Link className={css['underlined']} to="/identities" search={{ state: 'accountable', ...(teams.length === 1 && teams[0] ? { team: teams[0].id } : {}) }}>
        {counted(queue.accountable, 'identity', 'identities')}
      </Link>{' '}
      in {counted(queue.functions, 'business function')}.
    </>
  )
}

function NothingToDo({ queue, session }: { queue: Queue; session: Reply<'session'> | undefined }): ReactElement {
  if (session && session.teams.length === 0)
    return (
      <Empty title="Nothing needs you.">
        Decisions are for the teams that answer. What the whole estate needs is on the{' '}
        <Link className={css['underlined']} to="/">
          overview
        </Link>
        .
      </Empty>
    )
  return (
    <Empty title={queue.next === null ? 'Nothing needs you.' : `Nothing needs you until ${queue.next.slice(0, 10)}.`}>
      {queue.next === null
        ? 'When a source or another team names yours, it is asked here.'
        : 'Then the first of your acceptances is asked for again.'}
    </Empty>
  )
}

type Item = Queue['items'][number] | { kind: 'change'; at: string; change: Change }

/** Soonest harm first: what ends undecided, runs out or is suspended on a day, then what has no day. */
function inOrder(queue: Queue, changes: readonly Change[]): Item[] {
  const items: Item[] = [...queue.items, ...changes.map((change) => ({ kind: 'change' as const, at: change.expiresAt, change }))]
  return items.toSorted((a, b) => Date.parse(a.at ?? NEVER) - Date.parse(b.at ?? NEVER))
}
const NEVER = '9999-12-31T00:00:00.000Z'

function Items({ queue, changes, pending }: { queue: Queue; changes: readonly Change[]; pending: Pending }): ReactElement {
  return (
    <ul className={css['items']}>
      {inOrder(queue, changes).map((item) => (
        <li key={keyOf(item)} className={css['item']}>
          {item.kind === 'change' && <ChangeItem change={item.change} />}
          {item.kind === 'offer' && <OfferItem offer={item.offer} pending={pending} />}
          {item.kind === 'renewal' && <RenewalItem item={item} pending={pending} />}
          {item.kind === 'orphan' && <OrphanItem item={item} />}
        </li>
      ))}
    </ul>
  )
}

function keyOf(item: Item): string {
  switch (item.kind) {
    case 'change':
      return `change ${item.change.id}`
    case 'offer':
      return `offer ${item.offer.team.id} ${item.offer.source.id} ${item.offer.namespace ?? ''}`
    case 'renewal':
      return `renewal ${item.team.id}`
    case 'orphan':
      return `orphan ${item.identity.id}`
  }
}
