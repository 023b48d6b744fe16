/** Change requests: what waits, what was decided. The newest first. */
import { Button, NativeSelect } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { CHANGE_KINDS } from '@onus/core/change/content.ts'
import { CHANGE_STATES } from '@onus/core/change/state.ts'
import { read, readPages } from '../../api.ts'
import type { RowOf } from '../../api.ts'
import { ChangeStateBadge } from '../../changes/change-state.tsx'
import { CAPACITY_WORDS, CHANGE_KIND_WORDS, CHANGE_STATE_WORDS } from '../../changes/words.ts'
import { Answered, Empty, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Screen } from '../../ui/screen.tsx'
import { VirtualTable } from '../../ui/virtual-table.tsx'
import type { Column } from '../../ui/virtual-table.tsx'
import { capital } from '../../ui/words.ts'
import type { ChangesSearch } from './search.ts'
import css from './changes.module.css'

type Row = RowOf<'listChanges'>

/** `open` is what people come for, so the address says only what differs from it. */
export function askOf({ state = 'open', ...rest }: ChangesSearch) {
  return { ...rest, ...(state === 'any' ? {} : { state }), limit: 100 }
}

export function ChangesScreen(): ReactElement {
  const search = useSearch({ from: '/shell/changes' })
  const list = useInfiniteQuery({ ...readPages('listChanges', { query: askOf(search) }), placeholderData: keepPreviousData })
  const first = list.data?.pages[0]
  return (
    <Screen
      title="Changes"
      fills
      heading={
        <>
          Changes{' '}
          <span className={css['tally']} role="status">
            {first ? `${first.isTotalExact ? '' : 'more than '}${count(first.total)}` : ''}
          </span>
        </>
      }
      actions={<NewButton />}
    >
      <Filters search={search} />
      <Answered question={list} waiting={<SkeletonLines lines={12} height={24} />}>
        {() => (
          <VirtualTable
            label="Changes"
            columns={COLUMNS}
            pages={list}
            rowId={(row) => row.id}
            rowHeight={{ wide: 38, narrow: 62 }}
            empty={<Nothing search={search} />}
          />
        )}
      </Answered>
    </Screen>
  )
}

function NewButton(): ReactElement {
  return (
    <Button size="xs" renderRoot={(props) => <Link to="/changes/new" {...props} />} leftSection={<IconPlus size={14} />}>
      Propose a change
    </Button>
  )
}

function Nothing({ search }: { search: ChangesSearch }): ReactElement {
  if (search.awaiting === 'me') return <Empty title="No change waits for you.">Those that others decide about are under “Whose: all”.</Empty>
  const isNarrowed = search.kind !== undefined || search.author !== undefined || search.identity !== undefined
  if (isNarrowed || search.state !== undefined) return <Empty title="No change matches these filters.">Clear a filter above.</Empty>
  return <Empty title="No change is open.">A change is proposed on the page of an identity, or with the button above; whoever answers for it decides.</Empty>
}

function Filters({ search }: { search: ChangesSearch }): ReactElement {
  const navigate = useNavigate({ from: '/changes' })
  const session = useQuery(read('session'))
  const me = session.data?.person
  const set = (part: ChangesSearch): void => void navigate({ search: (old) => ({ ...old, ...part }) })
  const whose = search.awaiting === 'me' ? 'me' : search.author === undefined ? '' : search.author === me ? 'mine' : 'other'
  const isNarrowed = Object.values(search).some((value) => value !== undefined)
  return (
    <div className={css['bar']} role="search" aria-label="Filter changes">
      <NativeSelect
        size="xs"
        aria-label="State"
        value={search.state ?? 'open'}
        data={[...CHANGE_STATES.map((value) => ({ value, label: CHANGE_STATE_WORDS[value].word })), { value: 'any', label: 'State: any' }]}
        onChange={(event) => {
          const state = [...CHANGE_STATES, 'any' as const].find((value) => value === event.currentTarget.value)
          set({ state: state === 'open' ? undefined : state })
        }}
      />
      <NativeSelect
        size="xs"
        aria-label="Kind"
        value={search.kind ?? ''}
        data={[{ value: '', label: 'Kind: any' }, ...CHANGE_KINDS.map((value) => ({ value, label: capital(CHANGE_KIND_WORDS[value]) }))]}
        onChange={(event) => set({ kind: CHANGE_KINDS.find((value) => value === event.currentTarget.value) })}
      />
      <NativeSelect
        size="xs"
        aria-label="Whose"
        value={whose}
        data={[
          { value: '', label: 'Whose: all' },
          { value: 'me', label: 'Waiting for me' },
          { value: 'mine', label: 'Proposed by me' },
          ...(whose === 'other' ? [{ value: 'other', label: 'Of one person' }] : []),
        ]}
        onChange={(event) => {
          const value = event.currentTarget.value
          set({ awaiting: value === 'me' ? 'me' : undefined, author: value === 'mine' ? me : undefined })
        }}
      />
      {search.identity !== undefined && <OfIdentity id={search.identity} />}
      {isNarrowed && (
        <Button size="xs" variant="subtle" onClick={() => void navigate({ search: {} })}>
          Clear filters
        </Button>
      )}
    </div>
  )
}

function OfIdentity({ id }: { id: string }): ReactElement {
  const identity = useQuery(read('identity', { params: { id } }))
  return (
    <span className="small">
      about{' '}
      <Link to="/identities/$id" params={{ id }} className={css['underlined']}>
        <FoundText>{identity.data?.identity.name ?? id}</FoundText>
      </Link>
    </span>
  )
}

const COLUMNS: Column<Row>[] = [
  { id: 'summary', header: 'Change', width: 'minmax(14rem, 3fr)', narrow: 'main', cell: (row) => <Summary row={row} /> },
  { id: 'state', header: 'State', width: '7rem', narrow: 'side', cell: (row) => <ChangeStateBadge state={row.state} /> },
  { id: 'kind', header: 'Kind', width: '8.5rem', narrow: 'meta', cell: (row) => CHANGE_KIND_WORDS[row.kind] },
  { id: 'author', header: 'Proposed by', width: 'minmax(8rem, 1fr)', narrow: 'gone', cell: (row) => <FoundText>{row.author.name}</FoundText> },
  { id: 'seats', header: 'Approvals', width: 'minmax(9rem, 1.2fr)', narrow: 'meta', cell: (row) => <Approvals row={row} /> },
  { id: 'created', header: 'Proposed', width: '8rem', narrow: 'gone', fromEm: 70, cell: (row) => <Moment at={row.createdAt} /> },
  { id: 'ends', header: 'Ends', width: '8rem', narrow: 'meta', cell: (row) => <Ends row={row} /> },
]

function Summary({ row }: { row: Row }): ReactElement {
  return (
    <Link to="/changes/$id" params={{ id: row.id }} preload={false}>
      <FoundText>{row.summary}</FoundText>
    </Link>
  )
}

function Approvals({ row }: { row: Row }): ReactElement {
  const filled = row.seats.filter(({ isFilled }) => isFilled).length
  const open = row.seats.filter(({ isFilled }) => !isFilled).map(({ capacity }) => CAPACITY_WORDS[capacity].toLowerCase())
  return (
    <span title={open.length > 0 ? `missing: ${open.join(', ')}` : ''}>
      {filled} of {row.seats.length}
      {row.state === 'open' && open[0] !== undefined && <span className="faint"> · {open[0]}</span>}
    </span>
  )
}

function Ends({ row }: { row: Row }): ReactElement {
  return row.closedAt === null ? <Moment at={row.expiresAt} /> : <span className="faint"><Moment at={row.closedAt} /></span>
}
