/** Every decision, the newest first: who, in which capacity, what, about what, why, when. */
import { Button, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconDownload } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read, readPages, urlOf } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { Answered, Empty, Note, SkeletonLines } from '../../ui/answer.tsx'
import { count, counted } from '../../ui/count.ts'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import { exactly } from '../../ui/time-words.ts'
import { Screen } from '../../ui/screen.tsx'
import { VirtualTable } from '../../ui/virtual-table.tsx'
import type { Column } from '../../ui/virtual-table.tsx'
import { Continuity } from './continuity.tsx'
import { askOf } from './search.ts'
import type { LedgerSearch } from './search.ts'
import { Actor, actionWords, CAPACITY_WORDS, reasonOf, Subject } from './words.tsx'
import type { LedgerRow } from './words.tsx'
import css from './ledger.module.css'

export function LedgerScreen(): ReactElement {
  const search = useSearch({ from: '/shell/ledger' })
  const list = useInfiniteQuery({ ...readPages('listLedger', { query: askOf(search) }), placeholderData: keepPreviousData })
  const state = useQuery(read('ledgerState'))
  const first = list.data?.pages[0]
  return (
    <Screen
      title="Ledger"
      fills
      heading={
        <>
          Ledger{' '}
          <span className={css['tally']} role="status">
            {first ? `${first.isTotalExact ? '' : 'more than '}${count(first.total)}` : ''}
          </span>
        </>
      }
      lead={state.data && <Signed state={state.data} />}
      actions={
        <>
          <Button size="xs" renderRoot={(props) => <Link to="/ledger/verify" {...props} />}>
            Verify in this browser
          </Button>
          <ExportButton />
        </>
      }
    >
      {state.data?.trouble != null && <Trouble trouble={state.data.trouble} />}
      {state.data && <Continuity state={state.data} />}
      <Filters search={search} />
      <Answered question={list} waiting={<SkeletonLines lines={12} height={24} />}>
        {() => (
          <VirtualTable
            label="Entries of the ledger"
            columns={COLUMNS}
            pages={list}
            rowId={(row) => row.entry.id}
            rowHeight={{ wide: 38, narrow: 64 }}
            empty={
              <Empty title={isNarrowed(search) ? 'No entry matches these filters.' : 'Nothing has been decided yet.'}>
                {isNarrowed(search) ? 'Clear a filter above.' : 'Every decision stands here, in the transaction of its effect.'}
              </Empty>
            }
          />
        )}
      </Answered>
    </Screen>
  )
}

/** With what people wrote, so not for everyone. */
function ExportButton(): ReactElement {
  const session = useQuery(read('session'))
  const mayNot = session.data?.powers.length === 0
  const icon = <IconDownload size={14} />
  if (!mayNot)
    return (
      <Button variant="default" size="xs" component="a" href={urlOf('ledgerExport')} download="ledger.ndjson" leftSection={icon}>
        Export
      </Button>
    )
  return (
    <>
      <Button variant="default" size="xs" disabled aria-describedby="who-exports" leftSection={icon}>
        Export
      </Button>
      <span id="who-exports" className="small faint">
        someone who holds the power to audit, guard or operate could <code>export-the-ledger</code>
      </span>
    </>
  )
}

const isNarrowed = (search: LedgerSearch): boolean => Object.values(search).some((value) => value !== undefined)

function Signed({ state }: { state: Reply<'ledgerState'> }): ReactElement {
  return (
    <>
      {counted(state.size, 'entry is signed', 'entries are signed')}
      {state.signedAt !== null && (
        <>
          , last <Moment at={state.signedAt} />
        </>
      )}
      {state.queued > 0 && `; ${counted(state.queued, 'waits', 'wait')} to be signed`}.
    </>
  )
}

function Trouble({ trouble }: { trouble: NonNullable<Reply<'ledgerState'>['trouble']> }): ReactElement {
  return (
    <Note tone="bad">
      <span>
        <strong>{trouble.isDamaged ? 'The stored ledger is not the one that was signed last.' : 'Nothing is signed at the moment.'}</strong> <Sentence>{trouble.reason}</Sentence> Since <Moment at={trouble.since} />.
      </span>
    </Note>
  )
}

const CHIPS = { subject: 'about', actor: 'by', change: 'of the change' } as const

function Filters({ search }: { search: LedgerSearch }): ReactElement {
  const navigate = useNavigate({ from: '/ledger' })
  const set = (part: LedgerSearch): void => void navigate({ search: (old) => ({ ...old, ...part }), replace: true })
  const ask = useDebouncedCallback((action: string) => set({ action: action === '' ? undefined : action }), 250)
  const chips = (['subject', 'actor', 'change'] as const).filter((key) => search[key] !== undefined)
  return (
    <div className={css['bar']} role="search" aria-label="Filter the ledger">
      <TextInput size="xs" type="search" className={css['search']} aria-label="Action" placeholder="Action: change.approve" maxLength={80} key={search.action === undefined ? 'all' : 'some'} defaultValue={search.action ?? ''} onChange={(event) => ask(event.currentTarget.value.trim())} />
      <TextInput size="xs" type="date" aria-label="From" title="From this day on" value={search.from ?? ''} onChange={(event) => set({ from: event.currentTarget.value || undefined })} />
      <TextInput size="xs" type="date" aria-label="To" title="To the end of this day" value={search.to ?? ''} onChange={(event) => set({ to: event.currentTarget.value || undefined })} />
      {chips.map((key) => (
        <span key={key} className="small">
          {CHIPS[key]} <code>{search[key]}</code>
        </span>
      ))}
      {isNarrowed(search) && (
        <Button size="xs" variant="subtle" onClick={() => void navigate({ search: {} })}>
          Clear filters
        </Button>
      )}
    </div>
  )
}

const COLUMNS: Column<LedgerRow>[] = [
  { id: 'action', header: 'What', width: 'minmax(11rem, 1.2fr)', narrow: 'main', cell: (row) => <Action row={row} /> },
  { id: 'at', header: 'When', width: '8rem', narrow: 'side', cell: (row) => <Moment at={row.entry.at} /> },
  { id: 'actor', header: 'Who', width: 'minmax(8rem, 1fr)', narrow: 'meta', cell: (row) => <Actor row={row} /> },
  { id: 'capacity', header: 'In which capacity', width: '11rem', narrow: 'gone', fromEm: 75, cell: (row) => <span className="soft">{CAPACITY_WORDS[row.entry.capacity]}</span> },
  { id: 'subject', header: 'About', width: 'minmax(10rem, 1.2fr)', narrow: 'gone', cell: (row) => <Subject subject={row.entry.subject} /> },
  { id: 'reason', header: 'Why', width: 'minmax(9rem, 1.6fr)', narrow: 'gone', cell: (row) => <Why row={row} /> },
  { id: 'index', header: 'Number', width: '6rem', isNumber: true, narrow: 'meta', cell: (row) => (row.index === null ? <span className="faint">queued</span> : `#${count(row.index)}`) },
]

function Action({ row }: { row: LedgerRow }): ReactElement {
  return (
    <Link to="/ledger/$id" params={{ id: row.entry.id }} preload={false} title={exactly(row.entry.at)}>
      {actionWords(row.entry.action)}
    </Link>
  )
}

function Why({ row }: { row: LedgerRow }): ReactElement {
  const reason = reasonOf(row)
  return reason === null ? <span className="faint">–</span> : <span title={reason}><FoundText>{reason}</FoundText></span>
}
