import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { PendingBar } from '../../decisions/pending-bar.tsx'
import { usePending } from '../../decisions/pending.ts'
import type { Pending } from '../../decisions/pending.ts'
import { Answered, Empty, SkeletonLines } from '../../ui/answer.tsx'
import { counted } from '../../ui/count.ts'
import { Screen } from '../../ui/screen.tsx'
import { OfferItem } from './offer-item.tsx'
import { OrphanItem, RenewalItem } from './dated-items.tsx'
import css from './queue.module.css'

type Queue = Reply<'queue'>

/** What needs a decision of the person who looks, soonest harm first, and nothing else. */
export function QueueScreen(): ReactElement {
  const queue = useQuery(read('queue'))
  const session = useQuery(read('session'))
  const pending = usePending(() => {})
  return (
    <Screen
      title="My queue"
      heading={queue.data ? headline(queue.data) : 'My queue'}
      lead={queue.data && <Held queue={queue.data} session={session.data} />}
    >
      <Answered question={queue} waiting={<SkeletonLines lines={8} height={40} />}>
        {(data) =>
          data.items.length === 0 ? <NothingToDo queue={data} session={session.data} /> : <Items queue={data} pending={pending} />
        }
      </Answered>
      <PendingBar pending={pending} />
    </Screen>
  )
}

function headline({ items }: Queue): string {
  return items.length === 0 ? 'Nothing needs you' : `${counted(items.length, 'decision needs', 'decisions need')} you`
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

function Items({ queue, pending }: { queue: Queue; pending: Pending }): ReactElement {
  return (
    <ul className={css['items']}>
      {queue.items.map((item) => (
        <li key={keyOf(item)} className={css['item']}>
          {item.kind === 'offer' && <OfferItem offer={item.offer} pending={pending} />}
          {item.kind === 'renewal' && <RenewalItem item={item} pending={pending} />}
          {item.kind === 'orphan' && <OrphanItem item={item} />}
        </li>
      ))}
    </ul>
  )
}

function keyOf(item: Queue['items'][number]): string {
  switch (item.kind) {
    case 'offer':
      return `offer ${item.offer.team.id} ${item.offer.source.id} ${item.offer.namespace ?? ''}`
    case 'renewal':
      return `renewal ${item.team.id}`
    case 'orphan':
      return `orphan ${item.identity.id}`
  }
}
