import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { RowOf } from '../../api.ts'
import { Empty } from '../../ui/answer.tsx'
import { PlaceText } from '../../ui/evidence.tsx'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { SeverityBadge } from '../../ui/severity.tsx'
import { VirtualTable } from '../../ui/virtual-table.tsx'
import type { Column, Pages } from '../../ui/virtual-table.tsx'

type FindingRow = RowOf<'listFindings'>
type Props = { list: Pages<FindingRow>; showsRule: boolean; isFiltered: boolean }

export function FindingTable({ list, showsRule, isFiltered }: Props): ReactElement {
  return (
    <VirtualTable
      label="Findings"
      columns={COLUMNS.filter((column) => column.id !== 'rule' || showsRule)}
      pages={list}
      rowId={(finding) => finding.id}
      rowHeight={{ wide: 38, narrow: 70 }}
      empty={
        <Empty title={isFiltered ? 'No finding matches these filters.' : 'No findings.'}>
          {isFiltered ? 'Clear a filter above.' : 'See the overview for what could not be judged.'}
        </Empty>
      }
    />
  )
}

const COLUMNS: Column<FindingRow>[] = [
  { id: 'subject', header: 'Subject', width: 'minmax(11rem, 1.3fr)', narrow: 'main', cell: (finding) => <Subject finding={finding} /> },
  { id: 'severity', header: 'Severity', width: '6rem', narrow: 'side', cell: (finding) => <SeverityBadge severity={finding.severity} /> },
  { id: 'rule', header: 'Finding', width: 'minmax(10rem, 1.2fr)', narrow: 'meta', cell: (finding) => <Rule finding={finding} /> },
  { id: 'detail', header: 'What was found', width: 'minmax(14rem, 2.4fr)', narrow: 'meta', cell: (finding) => <span className="soft" title={finding.detail}><Sentence>{finding.detail}</Sentence></span> },
  { id: 'team', header: 'Team', width: 'minmax(8rem, 0.9fr)', narrow: 'meta', cell: (finding) => (finding.teamName === null ? <span className="faint">nobody</span> : <FoundText>{finding.teamName}</FoundText>) },
  { id: 'environment', header: 'Environment', width: '7rem', narrow: 'gone', fromEm: 80, cell: (finding) => (finding.environment === null ? <span className="faint">not known</span> : <FoundText>{finding.environment}</FoundText>) },
  { id: 'evidence', header: 'Evidence', width: 'minmax(10rem, 1.2fr)', narrow: 'gone', cell: (finding) => <Evidence finding={finding} /> },
]

/** The identity it is about, or the scope or team, which have no page of their own to lead to. */
function Subject({ finding }: { finding: FindingRow }): ReactElement {
  if (finding.identity !== null) {
    return (
      <Link to="/identities/$id" params={{ id: finding.identity }} preload={false}>
        <FoundText>{finding.identityName ?? finding.identity}</FoundText>
      </Link>
    )
  }
  if (finding.subject.kind === 'team') {
    return (
      <Link to="/teams/$id" params={{ id: finding.subject.id }}>
        <FoundText>{finding.teamName ?? finding.subject.id}</FoundText>
      </Link>
    )
  }
  return (
    <>
      <FoundText>{finding.namespace ?? finding.subject.id}</FoundText>{' '}
      <span className="faint small">{finding.subject.kind.replaceAll('-', ' ')}</span>
    </>
  )
}

/** A finding that an exception covers goes on being one; until when it is excused is said. */
function Rule({ finding }: { finding: FindingRow }): ReactElement {
  return (
    <>
      <FoundText>{finding.title}</FoundText>
      {finding.exception !== null && <span className="faint small"> excepted until {finding.exception.endsAt.slice(0, 10)}</span>}
    </>
  )
}

function Evidence({ finding }: { finding: FindingRow }): ReactElement {
  const place = finding.evidence[0]
  return place ? <PlaceText place={place} /> : <span className="faint">–</span>
}
