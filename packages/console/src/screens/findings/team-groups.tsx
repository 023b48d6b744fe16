import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { readPages } from '../../api.ts'
import type { RowOf } from '../../api.ts'
import { Answered, Empty, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { VirtualTable } from '../../ui/virtual-table.tsx'
import type { Column } from '../../ui/virtual-table.tsx'
import { SEVERITY_ORDER, capital } from '../../ui/words.ts'

type TeamRow = RowOf<'listTeams'>

/** Whose queue how many findings are in. Findings that belong to no team come first: nobody else will look at them. */
export function TeamGroups(): ReactElement {
  const teams = useInfiniteQuery(readPages('listTeams', { query: { limit: 500 } }))
  return (
    <>
      <p>
        <Link to="/findings/list" search={{ team: 'none' }}>
          Findings in nobody’s queue
        </Link>
      </p>
      <Answered question={teams} waiting={<SkeletonLines lines={12} height={20} />}>
        {() => (
          <VirtualTable
            label="Teams and their findings"
            columns={COLUMNS}
            pages={teams}
            rowId={(team) => team.id}
            rowHeight={{ wide: 38, narrow: 64 }}
            empty={<Empty title="No team is known, so no finding has a queue." />}
          />
        )}
      </Answered>
    </>
  )
}

const COLUMNS: Column<TeamRow>[] = [
  { id: 'name', header: 'Team', width: 'minmax(12rem, 2fr)', narrow: 'main', cell: (team) => <Link to="/teams/$id" params={{ id: team.id }}><FoundText>{team.name}</FoundText></Link> },
  { id: 'all', header: 'Findings', width: '6rem', isNumber: true, narrow: 'side', cell: (team) => count(SEVERITY_ORDER.reduce((sum, severity) => sum + team.findings[severity], 0)) },
  ...SEVERITY_ORDER.map((severity): Column<TeamRow> => ({
    id: severity,
    header: capital(severity),
    width: '6rem',
    isNumber: true,
    narrow: 'meta',
    cell: (team) =>
      team.findings[severity] === 0 ? (
        <span className="faint">–</span>
      ) : (
        <Link to="/findings/list" search={{ team: team.id, severity }} style={{ color: `var(--onus-${severity})` }}>
          <SeverityMark severity={severity} /> {count(team.findings[severity])}
          <span className="visually-hidden"> {severity}</span>
        </Link>
      ),
  })),
  { id: 'identities', header: 'Identities', width: '6rem', isNumber: true, narrow: 'gone', cell: (team) => count(team.identities) },
]
