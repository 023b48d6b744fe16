import { z } from 'zod'
import { IdentityFilter, IdentitySort } from '@onus/core/contract/routes.ts'
import { AsOfSearch } from '../as-of-search.ts'
import type { SearchOf } from '../../ui/search-state.ts'

const { q, state, team, kind, environment, namespace, source, rule, severity } = IdentityFilter.shape

/** The filters of the API, under the same names, and the order of the table. */
export const IdentitiesSearch = {
  q, state, team, kind, environment, namespace, source, rule, severity,
  presence: z.enum(['vanished', 'all']),
  ...AsOfSearch,
  sort: IdentitySort,
  order: z.enum(['asc', 'desc']),
}
export type IdentitiesSearch = SearchOf<typeof IdentitiesSearch>

/** Which of them narrow the list (sorting and the date do not). */
export const FILTER_KEYS = ['q', 'state', 'team', 'kind', 'environment', 'namespace', 'source', 'rule', 'severity', 'presence'] as const
export type FilterKey = (typeof FILTER_KEYS)[number]
