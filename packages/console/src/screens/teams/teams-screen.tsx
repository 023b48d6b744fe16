import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useRef } from 'react'
import type { ReactElement } from 'react'
import { readPages } from '../../api.ts'
import type { RowOf } from '../../api.ts'
import { Answered, Empty, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { Screen } from '../../ui/screen.tsx'
import { SeverityCounts } from '../../ui/severity.tsx'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { VirtualTable } from '../../ui/virtual-table.tsx'
import type { Column } from '../../ui/virtual-table.tsx'
import css from './teams.module.css'

type TeamRow = RowOf<'listTeams'>

/** Every team that anything names, with what it would answer for. */
export function TeamsScreen(): ReactElement {
  const { q } = useSearch({ from: '/shell/teams' })
  const navigate = useNavigate({ from: '/teams' })
  const input = useRef<HTMLInputElement>(null)
  useShortcuts({ '/': () => input.current?.select() })
  const teams = useInfiniteQuery({
    ...readPages('listTeams', { query: { limit: 200, ...(q === undefined ? {} : { q }) } }),
    placeholderData: keepPreviousData,
  })
  const first = teams.data?.pages[0]
  return (
    <Screen
      title="Teams"
      fills
      heading={
        <>
          Teams <span className={css['tally']}>{first ? count(first.total) : ''}</span>
        </>
      }
      actions={
        <TextInput
          ref={input}
          size="xs"
          type="search"
          aria-label="Search teams"
          placeholder="Name of a team"
          leftSection={<IconSearch size={14} aria-hidden="true" />}
          maxLength={200}
          className={css['search']}
          defaultValue={q ?? ''}
          key={q === undefined ? 'all' : 'some'}
          onChange={(event) => {
            const typed = event.currentTarget.value.trim()
            void navigate({ search: typed === '' ? {} : { q: typed }, replace: true })
          }}
        />
      }
    >
      <Answered question={teams} waiting={<SkeletonLines lines={12} height={20} />}>
        {() => (
          <VirtualTable
            label="Teams"
            columns={COLUMNS}
            pages={teams}
            rowId={(team) => team.id}
            rowHeight={{ wide: 38, narrow: 70 }}
            empty={
              q === undefined ? (
                <Empty title="No team is named anywhere that was read.">
                  Owner labels, catalogs, CODEOWNERS and group bindings name teams. <Link to="/sources">See what was read</Link>
                </Empty>
              ) : (
                <Empty title="No team has such a name." />
              )
            }
          />
        )}
      </Answered>
    </Screen>
  )
}

const COLUMNS: Column<TeamRow>[] = [
  { id: 'name', header: 'Team', width: 'minmax(12rem, 2fr)', narrow: 'main', cell: (team) => <NameCell team={team} /> },
  { id: 'kind', header: 'Kind', width: '6.5rem', narrow: 'gone', cell: (team) => <span className="soft">{team.kind === 'unknown' ? 'not known' : team.kind}</span> },
  { id: 'identities', header: 'Identities', width: '6rem', isNumber: true, narrow: 'side', cell: (team) => count(team.identities) },
  { id: 'accountable', header: 'Accountable', width: '6.5rem', isNumber: true, narrow: 'gone', fromEm: 80, cell: (team) => count(team.accountable) },
  { id: 'claimed', header: 'Claimed', width: '5rem', isNumber: true, narrow: 'gone', fromEm: 80, cell: (team) => count(team.claimed) },
  { id: 'split', header: 'Split', width: '4rem', isNumber: true, narrow: 'gone', cell: (team) => <span className={team.split > 0 ? css['split'] : 'faint'}>{count(team.split)}</span> },
  { id: 'scopes', header: 'Scopes', width: '5rem', isNumber: true, narrow: 'gone', cell: (team) => count(team.scopes) },
  { id: 'findings', header: 'Findings', width: 'minmax(10rem, 1fr)', narrow: 'meta', cell: (team) => <SeverityCounts counts={team.findings} /> },
]

/** A team that only labels name may be a misspelling: no group of that name was seen anywhere. */
function NameCell({ team }: { team: TeamRow }): ReactElement {
  return (
    <>
      <Link to="/teams/$id" params={{ id: team.id }}>
        <FoundText>{team.name}</FoundText>
      </Link>
      {!team.isKnown && <span className="red small"> only named, no such group</span>}
    </>
  )
}
