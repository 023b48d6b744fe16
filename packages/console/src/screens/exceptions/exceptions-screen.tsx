/** Who is excused from which rule, and until when: what ends first is at the top. */
import { Button, NativeSelect } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { readPages } from '../../api.ts'
import type { RowOf } from '../../api.ts'
import { Answered, Empty, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { Day, Moment } from '../../ui/moment.tsx'
import { Screen } from '../../ui/screen.tsx'
import { VirtualTable } from '../../ui/virtual-table.tsx'
import type { Column } from '../../ui/virtual-table.tsx'
import { EXCEPTION_STATES } from './search.ts'
import type { ExceptionsSearch } from './search.ts'
import css from './exceptions.module.css'

type Row = RowOf<'listExceptions'>
const STATE_WORDS: Record<(typeof EXCEPTION_STATES)[number], string> = { running: 'Running', lapsed: 'Lapsed', replaced: 'Replaced', all: 'State: any' }

export function ExceptionsScreen(): ReactElement {
  const search = useSearch({ from: '/shell/exceptions' })
  const list = useInfiniteQuery({ ...readPages('listExceptions', { query: { ...search, limit: 100 } }), placeholderData: keepPreviousData })
  const first = list.data?.pages[0]
  return (
    <Screen
      title="Exceptions"
      fills
      heading={
        <>
          Exceptions{' '}
          <span className={css['tally']} role="status">
            {first ? count(first.total) : ''}
          </span>
        </>
      }
      lead={<Next row={first?.items.find(({ state }) => state === 'running')} />}
    >
      <Filters search={search} />
      <Answered question={list} waiting={<SkeletonLines lines={10} height={24} />}>
        {() => (
          <VirtualTable
            label="Exceptions"
            columns={COLUMNS}
            pages={list}
            rowId={(row) => row.id}
            rowHeight={{ wide: 38, narrow: 66 }}
            empty={
              <Empty title={isNarrowed(search) ? 'No exception matches these filters.' : 'No exception runs.'}>
                {isNarrowed(search) ? 'Clear a filter above.' : 'Where a guardrail refuses a change, or a rule fails for a good reason, one is asked for on the spot.'}
              </Empty>
            }
          />
        )}
      </Answered>
    </Screen>
  )
}

const isNarrowed = (search: ExceptionsSearch): boolean => Object.values(search).some((value) => value !== undefined)

function Next({ row }: { row: Row | undefined }): ReactElement {
  if (row === undefined) return <>An exception lapses by itself, and is renewed only by a new decision.</>
  return (
    <>
      The next lapses <Moment at={row.until} />: <FoundText>{row.identity.name}</FoundText> from <code>{row.rule}</code>. It lapses by itself, and is renewed only by a new decision.
    </>
  )
}

function Filters({ search }: { search: ExceptionsSearch }): ReactElement {
  const navigate = useNavigate({ from: '/exceptions' })
  return (
    <div className={css['bar']} role="search" aria-label="Filter exceptions">
      <NativeSelect
        size="xs"
        aria-label="State"
        value={search.state ?? 'running'}
        data={EXCEPTION_STATES.map((value) => ({ value, label: STATE_WORDS[value] }))}
        onChange={(event) => {
          const state = EXCEPTION_STATES.find((value) => value === event.currentTarget.value)
          void navigate({ search: (old) => ({ ...old, state: state === 'running' ? undefined : state }) })
        }}
      />
      {search.rule !== undefined && (
        <span className="small">
          from <code>{search.rule}</code>
        </span>
      )}
      {isNarrowed(search) && (
        <Button size="xs" variant="subtle" onClick={() => void navigate({ search: {} })}>
          Clear filters
        </Button>
      )}
    </div>
  )
}

const COLUMNS: Column<Row>[] = [
  { id: 'identity', header: 'Identity', width: 'minmax(10rem, 1.4fr)', narrow: 'main', cell: (row) => <IdentityCell row={row} /> },
  { id: 'rule', header: 'Excused from', width: 'minmax(10rem, 1.4fr)', narrow: 'meta', cell: (row) => <Rule row={row} /> },
  { id: 'until', header: 'Until', width: '11.5rem', narrow: 'side', cell: (row) => <Until row={row} /> },
  { id: 'control', header: 'Instead', width: 'minmax(10rem, 2fr)', narrow: 'gone', cell: (row) => <span className="soft" title={row.control}><FoundText>{row.control}</FoundText></span> },
  { id: 'team', header: 'Team', width: 'minmax(7rem, 1fr)', narrow: 'gone', cell: (row) => (row.team === null ? <span className="faint">nobody</span> : <FoundText>{row.team.name}</FoundText>) },
  { id: 'decision', header: 'Decision', width: '10rem', narrow: 'meta', cell: (row) => <Decision row={row} /> },
]

function Until({ row }: { row: Row }): ReactElement {
  if (row.state === 'running') return <Day at={row.until} />
  return (
    <span className="faint">
      {row.state} {row.until.slice(0, 10)}
    </span>
  )
}

function IdentityCell({ row }: { row: Row }): ReactElement {
  return (
    <Link to="/identities/$id" params={{ id: row.identity.id }} preload={false}>
      <FoundText>{row.identity.name}</FoundText>
    </Link>
  )
}

function Rule({ row }: { row: Row }): ReactElement {
  return row.ruleKind === 'guardrail' ? (
    <Link to="/guardrails/$id" params={{ id: row.rule }}>
      {row.rule}
    </Link>
  ) : (
    <Link to="/findings/list" search={{ rule: row.rule }}>
      {row.rule}
    </Link>
  )
}

function Decision({ row }: { row: Row }): ReactElement {
  return (
    <>
      <Link to="/changes/$id" params={{ id: row.change }} preload={false}>
        {row.state === 'replaced' ? 'replaced' : 'decided'}
      </Link>{' '}
      {row.state !== 'replaced' && (
        <>
          ·{' '}
          <Link to="/changes/new" search={{ kind: 'exception', identity: row.identity.id, rule: row.rule, from: row.id }}>
            {row.state === 'running' ? 'renew' : 'ask again'}
            <span className="visually-hidden"> {row.identity.name}</span>
          </Link>
        </>
      )}
    </>
  )
}
