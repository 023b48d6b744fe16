import { z } from 'zod'
import type { SearchOf } from '../../ui/search-state.ts'

const Text = z.string().max(200)

/** Filters of the list, under the names of the API; the days are whole days in UTC. */
export const LedgerSearch = { subject: Text, actor: Text, action: Text, change: Text, from: z.iso.date(), to: z.iso.date() }
export type LedgerSearch = SearchOf<typeof LedgerSearch>

const DAY_MS = 86_400_000

/** What the API is asked for: `to` is the day after, since the end is exclusive there. */
export function askOf({ from, to, ...rest }: LedgerSearch) {
  return {
    ...rest,
    ...(from === undefined ? {} : { from: `${from}T00:00:00.000Z` }),
    ...(to === undefined ? {} : { to: new Date(Date.parse(`${to}T00:00:00.000Z`) + DAY_MS).toISOString() }),
    limit: 100,
  }
}
