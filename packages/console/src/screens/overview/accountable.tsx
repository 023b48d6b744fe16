import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import type { AccountabilityState } from '@onus/core/identity.ts'
import type { Reply } from '../../api.ts'
import { count, share } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { StateBar, totalOf } from '../../ui/state-bar.tsx'
import { StateMark } from '../../ui/state-badge.tsx'
import { STATE_ORDER, STATE_WORDS } from '../../ui/words.ts'
import css from './overview.module.css'

type Overview = Reply<'overview'>
type Counts = Record<AccountabilityState, number>
type Props = { overview: Overview; asOf: string | undefined }

/** How much of the estate somebody answers for: as a whole, by environment, by team. Bars below each other share a scale. */
export function Accountable({ overview, asOf }: Props): ReactElement {
  const past = asOf === undefined ? {} : { asOf }
  return (
    <section aria-labelledby="accountable" className={css['accountable']}>
      <h2 id="accountable">Who answers</h2>
      <StateBar counts={overview.byState} full={totalOf(overview.byState)} tall />
      <Legend counts={overview.byState} asOf={asOf} />
      <BarTable
        title="Environment"
        rows={overview.byEnvironment.map(({ environment, byState }) => ({
          key: environment ?? '',
          counts: byState,
          name: (
            <Link to="/identities" search={{ environment: environment ?? 'none', ...past }}>
              {environment === null ? 'not known' : <FoundText>{environment}</FoundText>}
            </Link>
          ),
        }))}
      />
      <BarTable
        title="Team"
        more={overview.byTeam.length >= MOST_TEAMS ? <Link to="/teams">all teams</Link> : null}
        rows={overview.byTeam.map(({ team, byState, findings }) => ({
          key: team?.id ?? '',
          counts: byState,
          findings,
          name: team ? (
            <Link to="/teams/$id" params={{ id: team.id }}>
              <FoundText>{team.name}</FoundText>
            </Link>
          ) : (
            <Link to="/identities" search={{ team: 'none', ...past }}>
              no team
            </Link>
          ),
        }))}
      />
    </section>
  )
}

/** The overview names at most this many teams. */
const MOST_TEAMS = 20

function Legend({ counts, asOf }: { counts: Counts; asOf: string | undefined }): ReactElement {
  const all = totalOf(counts)
  return (
    <ul className={css['legend']}>
      {STATE_ORDER.map((state) => (
        <li key={state}>
          <StateMark state={state} />
          <Link to="/identities" search={{ state, ...(asOf === undefined ? {} : { asOf }) }} title={STATE_WORDS[state].meaning}>
            {STATE_WORDS[state].word}
          </Link>
          <span className="num">{count(counts[state])}</span>
          <span className="num faint">{share(counts[state], all)}</span>
        </li>
      ))}
    </ul>
  )
}

type BarRow = { key: string; name: ReactNode; counts: Counts; findings?: number }

function BarTable({ title, rows, more = null }: { title: string; rows: BarRow[]; more?: ReactNode }): ReactElement | null {
  if (rows.length === 0) return null
  const full = Math.max(...rows.map((row) => totalOf(row.counts)))
  const hasFindings = rows.some((row) => row.findings !== undefined)
  return (
    <div>
      <table className={css['bars']}>
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col" className={css['barHead']}>
              <span className="visually-hidden">States</span>
            </th>
            <th scope="col" className="num">
              Identities
            </th>
            <th scope="col" className={css['percent']} title="exactly one team is named or has accepted">
              One team
            </th>
            {hasFindings && (
              <th scope="col" className="num">
                Findings
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <td className={css['barName']}>{row.name}</td>
              <td className={css['barCell']}>
                <StateBar counts={row.counts} full={full} />
              </td>
              <td className="num">{count(totalOf(row.counts))}</td>
              <td className={css['percent']}>{share(row.counts.accountable + row.counts.claimed, totalOf(row.counts))}</td>
              {hasFindings && <td className="num">{count(row.findings ?? 0)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {more !== null && <p className="small">{more}</p>}
    </div>
  )
}
