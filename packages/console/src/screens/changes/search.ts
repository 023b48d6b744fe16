import { z } from 'zod'
import { CHANGE_KINDS } from '@onus/core/change/content.ts'
import { CHANGE_STATES } from '@onus/core/change/state.ts'
import type { SearchOf } from '../../ui/search-state.ts'

const Id = z.string().max(64)

/** Filters of the list; without a state, those that are open. */
export const ChangesSearch = {
  state: z.enum([...CHANGE_STATES, 'any']),
  kind: z.enum(CHANGE_KINDS),
  awaiting: z.literal('me'),
  author: Id,
  identity: Id,
}
export type ChangesSearch = SearchOf<typeof ChangesSearch>

/** What a new change begins with: its kind, and what it is about. `from`: an exception to be renewed; `job`: a simulation. */
export const NewChangeSearch = {
  kind: z.enum(CHANGE_KINDS),
  identity: Id,
  rule: Id,
  guardrail: Id,
  starter: Id,
  from: Id,
  job: Id,
}
export type NewChangeSearch = SearchOf<typeof NewChangeSearch>
