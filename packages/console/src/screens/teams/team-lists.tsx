import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { readPages } from '../../api.ts'
import type { RowOf } from '../../api.ts'
import { Answered, Empty, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { PlaceText } from '../../ui/evidence.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { VirtualTable } from '../../ui/virtual-table.tsx'
import type { Column } from '../../ui/virtual-table.tsx'
import { IdentityTable } from '../identities/identity-table.tsx'

export function TeamIdentities({ team }: { team: string }): ReactElement {
  const list = useInfiniteQuery(readPages('listIdentities', { query: { team, sort: 'findings', order: 'desc', limit: 200 } }))
  return (
    <Answered question={list} waiting={<SkeletonLines lines={8} height={20} />}>
      {() => <IdentityTable list={list} isFiltered />}
    </Answered>
  )
}

export function TeamScopes({ team }: { team: string }): ReactElement {
  const list = useInfiniteQuery(readPages('listScopes', { query: { team, limit: 200 } }))
  return (
    <Answered question={list} waiting={<SkeletonLines lines={8} height={20} />}>
      {() => (
        <VirtualTable
          label="Scopes"
          columns={COLUMNS}
          pages={list}
          rowId={(scope) => scope.id}
          rowHeight={{ wide: 38, narrow: 70 }}
          empty={<Empty title="No namespace, repository or account names this team." />}
        />
      )}
    </Answered>
  )
}

const COLUMNS: Column<RowOf<'listScopes'>>[] = [
  { id: 'name', header: 'Scope', width: 'minmax(12rem, 1.6fr)', narrow: 'main', cell: (scope) => <FoundText>{scope.name}</FoundText> },
  { id: 'state', header: 'Answers', width: '7.5rem', narrow: 'side', cell: (scope) => <StateBadge state={scope.accountability.state} /> },
  { id: 'kind', header: 'Kind', width: '11rem', narrow: 'meta', cell: (scope) => <span className="soft">{scope.kind.replaceAll('-', ' ')}</span> },
  { id: 'environment', header: 'Environment', width: '8rem', narrow: 'gone', cell: (scope) => (scope.environment === null ? <span className="faint">not known</span> : <FoundText>{scope.environment}</FoundText>) },
  { id: 'identities', header: 'Identities', width: '6rem', isNumber: true, narrow: 'gone', cell: (scope) => count(scope.identityCount) },
  { id: 'place', header: 'Defined in', width: 'minmax(12rem, 2fr)', narrow: 'meta', cell: (scope) => <PlaceText place={scope.source} /> },
]
