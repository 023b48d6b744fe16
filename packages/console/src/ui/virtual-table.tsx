/** A table of any length: only the rows in view are in the page, further ones are fetched before they are reached. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement, ReactNode, RefObject } from 'react'
import { Button } from '@mantine/core'
import { useMediaQuery, useViewportSize } from '@mantine/hooks'
import { useLocation } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import type { VirtualItem } from '@tanstack/react-virtual'
import type { PageOf } from '../api.ts'
import { count } from './count.ts'
import { useShortcuts } from './shortcuts.ts'
import css from './virtual-table.module.css'

export type Column<Row> = {
  id: string
  header: string
  /** A CSS grid track: `minmax(12rem, 2fr)`, `7rem`. */
  width: string
  isSortable?: boolean
  isNumber?: boolean
  /** On narrow screens a row is a card: its main line, something at the right of it, a line of small print, or gone. */
  narrow: 'main' | 'side' | 'meta' | 'gone'
  /** Left out when the window is narrower than this many em: not worth squeezing the others for. */
  fromEm?: number
  cell(row: Row): ReactNode
}

export type Sorting = { by: string; order: 'asc' | 'desc'; onSort(by: string): void }

/** What the table needs of an infinite query. */
export type Pages<Row> = {
  data: { pages: PageOf<Row>[] } | undefined
  hasNextPage: boolean
  isFetchingNextPage: boolean
  isFetchNextPageError: boolean
  isPlaceholderData: boolean
  fetchNextPage(): unknown
}

type Props<Row> = {
  /** Names the table for those who hear it. */
  label: string
  columns: Column<Row>[]
  pages: Pages<Row>
  rowId(row: Row): string
  /** Pixels: fixed, so that the scroll bar never jumps. */
  rowHeight: { wide: number; narrow: number }
  sorting?: Sorting
  /** True for rows about things that are gone. */
  isGone?(row: Row): boolean
  empty: ReactNode
}

/** Height of the head, which stays above the rows; on narrow screens it takes no room. */
const HEAD_PX = 33

/** Rows fetched ahead of the one in view: two screens of quick scrolling. */
const AHEAD = 250
const NARROW = '(max-width: 48em)'
/** 1 em of a media query, whatever the page's own font size. */
const EM_PX = 16

/** Where each history entry was scrolled to, for going back. Kept in memory: it is worth nothing after a reload. */
const places = new Map<string, { top: number; active: number }>()

export function VirtualTable<Row>(props: Props<Row>): ReactElement {
  const { label, pages, rowId, empty } = props
  const isNarrow = useMediaQuery(NARROW, window.matchMedia(NARROW).matches) ?? false
  const columns = useFittingColumns(props.columns, isNarrow)
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data])
  const first = pages.data?.pages[0]
  const scroller = useRef<HTMLDivElement>(null)
  const headHeight = isNarrow ? 0 : HEAD_PX
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? props.rowHeight.narrow : props.rowHeight.wide),
    overscan: 12,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    getItemKey: (index) => rowKey(rows[index], index, rowId),
  })
  useEffect(() => virtualizer.measure(), [isNarrow, virtualizer])
  const items = virtualizer.getVirtualItems()
  useFetchAhead(pages, items.at(-1)?.index ?? 0, rows.length)
  const place = useRememberedPlace(scroller)
  const walk = useRowWalk(scroller, rows.length, (index) => virtualizer.scrollToIndex(index), place.active)
  if (rows.length === 0 && pages.data !== undefined) return <>{empty}</>

  const template = isNarrow ? undefined : columns.map((column) => column.width).join(' ')
  return (
    <div className={css['frame']}>
      <div ref={scroller} className={css['scroller']} data-narrow={isNarrow} onScroll={place.onScroll} onKeyDown={walk.onKeyDown}>
        <div role="table" aria-label={label} aria-rowcount={first?.isTotalExact ? first.total + 1 : -1} aria-busy={pages.isPlaceholderData}>
          <HeaderRow columns={columns} template={template} {...(props.sorting ? { sorting: props.sorting } : {})} />
          <div role="rowgroup" className={css['rows']} data-old={pages.isPlaceholderData} style={{ height: virtualizer.getTotalSize() }}>
            {items.map((item) => (
              // The virtualizer only counts rows that are there.
              <BodyRow key={item.key} item={item} top={item.start - headHeight} row={rows[item.index] as Row} columns={columns} template={template} isGone={props.isGone?.(rows[item.index] as Row) ?? false} />
            ))}
          </div>
        </div>
      </div>
      <Footer pages={pages} loaded={rows.length} from={virtualizer.range?.startIndex ?? 0} to={virtualizer.range?.endIndex ?? 0} />
    </div>
  )
}

type BodyRowProps<Row> = { item: VirtualItem; top: number; row: Row; columns: Column<Row>[]; template: string | undefined; isGone: boolean }

/** On a wide screen a line of cells; on a narrow one a card of two lines, which the reading order follows. */
function BodyRow<Row>({ item, top, row, columns, template, isGone }: BodyRowProps<Row>): ReactElement {
  const cell = (column: Column<Row>): ReactElement => (
    <div key={column.id} role="cell" className={css['cell']} data-narrow={column.narrow} data-number={column.isNumber ?? false}>
      {column.cell(row)}
    </div>
  )
  return (
    <div
      role="row"
      aria-rowindex={item.index + 2}
      data-index={item.index}
      data-gone={isGone}
      className={css['row']}
      style={{ height: item.size, transform: `translateY(${top}px)`, gridTemplateColumns: template }}
    >
      {template !== undefined ? (
        columns.map(cell)
      ) : (
        <>
          <div role="none" className={css['line']}>
            {columns.filter((column) => column.narrow !== 'meta').map(cell)}
          </div>
          <div role="none" className={css['line']}>
            {columns.filter((column) => column.narrow === 'meta').map(cell)}
          </div>
        </>
      )}
    </div>
  )
}

function useFittingColumns<Row>(columns: Column<Row>[], isNarrow: boolean): Column<Row>[] {
  const { width } = useViewportSize()
  const room = (width || window.innerWidth) / EM_PX
  return columns.filter((column) => (isNarrow ? column.narrow !== 'gone' : (column.fromEm ?? 0) <= room))
}

function rowKey<Row>(row: Row | undefined, index: number, rowId: (row: Row) => string): string {
  return row === undefined ? `${index}` : rowId(row)
}

function HeaderRow<Row>(props: { columns: Column<Row>[]; template: string | undefined; sorting?: Sorting }): ReactElement {
  const { columns, template, sorting } = props
  return (
    <div role="rowgroup" className={css['head']}>
      <div role="row" aria-rowindex={1} className={css['headRow']} style={{ gridTemplateColumns: template }}>
        {columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            className={css['headCell']}
            data-number={column.isNumber ?? false}
            aria-sort={sorting?.by === column.id ? (sorting.order === 'asc' ? 'ascending' : 'descending') : undefined}
          >
            {column.isSortable && sorting ? <SortButton column={column} sorting={sorting} /> : column.header}
          </div>
        ))}
      </div>
    </div>
  )
}

function SortButton<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting }): ReactElement {
  const arrow = sorting.by !== column.id ? '' : sorting.order === 'asc' ? '↑' : '↓'
  return (
    <button type="button" className={css['sort']} data-on={arrow !== ''} onClick={() => sorting.onSort(column.id)}>
      {column.header}
      <span aria-hidden="true" className={css['arrow']}>
        {arrow}
      </span>
    </button>
  )
}

function Footer<Row>(props: { pages: Pages<Row>; loaded: number; from: number; to: number }): ReactElement {
  const { pages, loaded, from, to } = props
  const first = pages.data?.pages[0]
  const total = first ? `${first.isTotalExact ? '' : 'about '}${count(Math.max(first.total, loaded))}` : ''
  return (
    <div className={css['footer']}>
      {loaded > 0 && (
        <span>
          Rows {count(from + 1)}–{count(Math.min(to + 1, loaded))} of {total}
        </span>
      )}
      {pages.isFetchingNextPage && <span>fetching more …</span>}
      {pages.isFetchNextPageError && (
        <span className="row">
          <span className="red">The next rows could not be fetched.</span>
          <Button size="compact-xs" variant="default" onClick={() => pages.fetchNextPage()}>
            Try again
          </Button>
        </span>
      )}
    </div>
  )
}

function useFetchAhead<Row>(pages: Pages<Row>, lastShown: number, loaded: number): void {
  const isNear = loaded > 0 && lastShown >= loaded - AHEAD
  // A failed fetch waits for the person; asking again by itself would hammer a server that is down.
  const isDue = isNear && pages.hasNextPage && !pages.isFetchingNextPage && !pages.isFetchNextPageError && !pages.isPlaceholderData
  useEffect(() => {
    if (isDue) pages.fetchNextPage()
  }, [isDue, pages])
}

/** Scroll position and active row of each history entry: back brings the reader to where they were. */
function useRememberedPlace(scroller: RefObject<HTMLDivElement | null>): { active: RefObject<number>; onScroll(): void } {
  const key = useLocation({ select: (location) => location.state.__TSR_key ?? '' })
  const active = useRef(-1)
  useLayoutEffect(() => {
    const known = places.get(key)
    active.current = known?.active ?? -1
    if (scroller.current) scroller.current.scrollTop = known?.top ?? 0
    return () => {
      const top = places.get(key)?.top ?? 0
      places.set(key, { top, active: active.current })
    }
  }, [key, scroller])
  const onScroll = useCallback(() => {
    if (scroller.current) places.set(key, { top: scroller.current.scrollTop, active: active.current })
  }, [key, scroller])
  return { active, onScroll }
}

/** `j`, `k` and the arrow keys walk the rows by focusing each row's link, so Enter opens it as any link. */
function useRowWalk(scroller: RefObject<HTMLDivElement | null>, total: number, show: (index: number) => void, active: RefObject<number>) {
  const [wanted, setWanted] = useState<{ index: number } | null>(null)
  const walk = (step: number): void => {
    const focused = document.activeElement?.closest('[data-index]')?.getAttribute('data-index')
    const from = focused === null || focused === undefined ? active.current : Number(focused)
    const index = Math.max(0, Math.min(total - 1, from + step))
    active.current = index
    show(index)
    setWanted({ index })
  }
  useEffect(() => {
    if (wanted === null) return undefined
    let frame = 0
    const focus = (framesLeft: number): void => {
      const row = scroller.current?.querySelector(`[data-index="${wanted.index}"]`)
      if (row) row.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true })
      // A row out of view is drawn a frame or two after the scrolling has reached it.
      else if (framesLeft > 0) frame = requestAnimationFrame(() => focus(framesLeft - 1))
    }
    frame = requestAnimationFrame(() => focus(10))
    return () => cancelAnimationFrame(frame)
  }, [wanted, scroller])
  useShortcuts({ j: () => walk(1), k: () => walk(-1) })
  const onKeyDown = (event: KeyboardEvent): void => {
    const isRow = event.target instanceof Element && event.target.closest('[data-index]') !== null
    if (!isRow || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return
    event.preventDefault()
    walk(event.key === 'ArrowDown' ? 1 : -1)
  }
  return { onKeyDown }
}
