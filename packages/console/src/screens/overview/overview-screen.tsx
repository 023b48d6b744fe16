import { useQuery } from '@tanstack/react-query'
import { Navigate, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { AsOfControl, AsOfNote } from '../as-of.tsx'
import { instantOf } from '../as-of-search.ts'
import { Answered, SkeletonLines } from '../../ui/answer.tsx'
import { counted, share } from '../../ui/count.ts'
import { Screen } from '../../ui/screen.tsx'
import { totalOf } from '../../ui/state-bar.tsx'
import { Accountable } from './accountable.tsx'
import { Coverage, NotJudged } from './coverage.tsx'
import { Needs } from './needs.tsx'
import css from './overview.module.css'

type Overview = Reply<'overview'>

/** What needs someone, worst first; how much of the estate is accountable; what could not be judged or read. */
export function OverviewScreen(): ReactElement {
  const { asOf } = useSearch({ from: '/shell/' })
  const overview = useQuery(read('overview', { query: instantOf(asOf) }))
  const isEmpty = overview.data?.sources === 0 && asOf === undefined
  if (isEmpty && !overview.isFetching) return <Navigate to="/add" replace />
  // An import may have just ended: what was known before it would send its first reader away again.
  const known = isEmpty ? undefined : overview.data
  return (
    <Screen
      title="Overview"
      heading={known ? <Headline overview={known} /> : 'Overview'}
      lead={known && <Coverage overview={known} />}
      actions={<AsOfControl from="/" asOf={asOf} />}
    >
      {asOf !== undefined && <AsOfNote asOf={asOf} />}
      <Answered question={{ ...overview, data: known }} waiting={<Waiting />}>
        {(data) => (
          <div className={css['columns']}>
            <div className={css['side']}>
              <Needs overview={data} asOf={asOf} />
              <NotJudged overview={data} />
            </div>
            <Accountable overview={data} asOf={asOf} />
          </div>
        )}
      </Answered>
    </Screen>
  )
}

/** The one sentence a newcomer came for. */
function Headline({ overview }: { overview: Overview }): ReactElement {
  const all = totalOf(overview.byState)
  const answered = overview.byState.accountable + overview.byState.claimed
  const without = all - answered
  if (all === 0) return <>No machine identities were found</>
  if (without === 0) return <>Each of {counted(all, 'machine identity', 'machine identities')} has a team that answers or is named</>
  return (
    <>
      {without.toLocaleString('en')} of {counted(all, 'machine identity', 'machine identities')} ({share(without, all)}) have no
      single team named to answer
    </>
  )
}

function Waiting(): ReactElement {
  return (
    <div className={css['columns']}>
      <SkeletonLines lines={12} height={28} />
      <SkeletonLines lines={10} height={20} />
    </div>
  )
}
