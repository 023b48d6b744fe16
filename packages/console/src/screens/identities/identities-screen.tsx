import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read, readPages, urlOf } from '../../api.ts'
import { AsOfControl, AsOfNote } from '../as-of.tsx'
import { instantOf } from '../as-of-search.ts'
import { Answered, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { Screen } from '../../ui/screen.tsx'
import { FilterBar } from './filter-bar.tsx'
import { FilterChips } from './filter-chips.tsx'
import { IdentityTable } from './identity-table.tsx'
import { FILTER_KEYS } from './search.ts'
import type { IdentitiesSearch } from './search.ts'
import { SavedViews } from './saved-views.tsx'
import css from './identities.module.css'

/** What the API is asked for, from what the URL says. */
export function filterOf(search: IdentitiesSearch): Omit<IdentitiesSearch, 'sort' | 'order' | 'asOf'> & { asOf?: string } {
  const { sort: _sort, order: _order, asOf, ...filter } = search
  return { ...filter, ...instantOf(asOf) }
}

/** Rows a request: few for the first answer to be quick would mean many requests later; 200 draw in one go. */
const PAGE = 200

export function IdentitiesScreen(): ReactElement {
  const search = useSearch({ from: '/shell/identities' })
  const navigate = useNavigate({ from: '/identities' })
  const filter = filterOf(search)
  const sort = search.sort ?? 'name'
  const order = search.order ?? 'asc'
  const list = useInfiniteQuery({
    ...readPages('listIdentities', { query: { ...filter, sort, order, limit: PAGE } }),
    placeholderData: keepPreviousData,
  })
  const onSort = (by: string): void => {
    // Only sortable columns offer this, and their ids are the words of the API.
    const next = by as NonNullable<IdentitiesSearch['sort']>
    const isSame = next === sort
    void navigate({ search: (old) => ({ ...old, sort: next, order: isSame && order === 'asc' ? 'desc' : 'asc' }) })
  }
  return (
    <Screen
      title="Identities"
      fills
      heading={
        <span className={css['heading']}>
          Identities <Tally search={search} first={list.data?.pages[0]} />
        </span>
      }
      actions={
        <>
          <SavedViews search={search} />
          <AsOfControl from="/identities" asOf={search.asOf} />
          <Button variant="default" size="xs" component="a" href={urlOf('exportIdentities', { query: filter })} download leftSection={<IconDownload size={14} />}>
            CSV
          </Button>
        </>
      }
    >
      {search.asOf !== undefined && <AsOfNote asOf={search.asOf} />}
      <FilterBar search={search} sort={sort} order={order} />
      <FilterChips search={search} />
      <Answered question={list} waiting={<SkeletonLines lines={16} height={20} />}>
        {() => <IdentityTable list={list} sorting={{ by: sort, order, onSort }} asOf={search.asOf} isFiltered={isFiltered(search)} />}
      </Answered>
    </Screen>
  )
}

export function isFiltered(search: IdentitiesSearch): boolean {
  return FILTER_KEYS.some((key) => search[key] !== undefined)
}

/** `1,204 of 20,311`, said aloud when it changes. */
function Tally(props: { search: IdentitiesSearch; first: { total: number; isTotalExact: boolean } | undefined }): ReactElement {
  const { search, first } = props
  const overview = useQuery(read('overview', { query: instantOf(search.asOf) }))
  const all = overview.data?.identities
  const shown = first ? `${first.isTotalExact ? '' : 'about '}${count(first.total)}` : ''
  return (
    <span className={css['tally']} role="status">
      {isFiltered(search) && all !== undefined && shown !== '' ? `${shown} of ${count(all)}` : shown}
    </span>
  )
}
