import type { ReactElement } from 'react'
import { Link } from '@tanstack/react-router'
import type { IdentityRow } from '@onus/core/contract/routes.ts'
import { Empty } from '../../ui/answer.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import { SeverityCounts } from '../../ui/severity.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { VirtualTable } from '../../ui/virtual-table.tsx'
import type { Column, Pages, Sorting } from '../../ui/virtual-table.tsx'
import { KIND_WORDS } from '../../ui/words.ts'

type Props = { list: Pages<IdentityRow>; sorting?: Sorting; asOf?: string | undefined; isFiltered: boolean }

/** Identities as rows; used wherever identities are listed. */
export function IdentityTable({ list, sorting, asOf, isFiltered }: Props): ReactElement {
  return (
    <VirtualTable
      label="Identities"
      columns={columns(asOf)}
      pages={list}
      rowId={(row) => row.id}
      rowHeight={{ wide: 38, narrow: 70 }}
      isGone={(row) => row.vanishedAt !== null}
      {...(sorting ? { sorting } : {})}
      empty={
        isFiltered ? (
          <Empty title="No identity matches these filters.">Take one away above, or look among the vanished.</Empty>
        ) : (
          <Empty title="No machine identities yet.">
            <Link to="/add">Add a source</Link>
          </Empty>
        )
      }
    />
  )
}

function columns(asOf: string | undefined): Column<IdentityRow>[] {
  return [
    { id: 'name', header: 'Name', width: 'minmax(11rem, 2.4fr)', isSortable: true, narrow: 'main', cell: (row) => <NameCell row={row} asOf={asOf} /> },
    { id: 'state', header: 'Answers', width: '6.75rem', isSortable: true, narrow: 'side', cell: (row) => <StateBadge state={row.state} /> },
    { id: 'team', header: 'Team', width: 'minmax(7.5rem, 1.3fr)', isSortable: true, narrow: 'meta', cell: (row) => <TeamCell row={row} /> },
    { id: 'namespace', header: 'Namespace', width: 'minmax(7.5rem, 1.2fr)', isSortable: true, narrow: 'meta', cell: (row) => (row.namespace === null ? <span className="faint">–</span> : <FoundText>{row.namespace}</FoundText>) },
    { id: 'environment', header: 'Environment', width: '6.75rem', narrow: 'gone', cell: (row) => (row.environment === null ? <span className="faint">not known</span> : <FoundText>{row.environment}</FoundText>) },
    { id: 'kind', header: 'Kind', width: '7.25rem', narrow: 'gone', fromEm: 76, cell: (row) => <span className="soft">{KIND_WORDS[row.kind]}</span> },
    { id: 'rotated', header: 'Oldest rotation', width: '7rem', isSortable: true, narrow: 'gone', fromEm: 84, cell: (row) => <RotationCell row={row} /> },
    { id: 'findings', header: 'Findings', width: '10rem', isSortable: true, narrow: 'meta', cell: (row) => <SeverityCounts counts={row.findings} /> },
    { id: 'firstSeen', header: 'First seen', width: '7rem', isSortable: true, narrow: 'gone', fromEm: 102, cell: (row) => <Moment at={row.firstSeenAt} /> },
  ]
}

function NameCell({ row, asOf }: { row: IdentityRow; asOf: string | undefined }): ReactElement {
  return (
    <>
      <Link to="/identities/$id" params={{ id: row.id }} search={asOf === undefined ? {} : { asOf }} preload={false}>
        <FoundText>{row.name}</FoundText>
      </Link>
      {row.vanishedAt !== null && (
        <span className="small">
          {' '}
          vanished <Moment at={row.vanishedAt} />
        </span>
      )}
    </>
  )
}

function TeamCell({ row }: { row: IdentityRow }): ReactElement {
  if (row.team === null) return <span className="faint">no team</span>
  return <FoundText>{row.team.name}</FoundText>
}

function RotationCell({ row }: { row: IdentityRow }): ReactElement {
  if (row.credentials === 0) return <span className="faint">no credential</span>
  if (row.oldestRotationAt === null) return <span className="faint">not known</span>
  return <Moment at={row.oldestRotationAt} />
}
