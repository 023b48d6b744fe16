import { z } from 'zod'
import type { SearchOf } from '../../ui/search-state.ts'

const Id = z.string().max(64)
export const EXCEPTION_STATES = ['running', 'lapsed', 'replaced', 'all'] as const

/** Without a state: those that run. */
export const ExceptionsSearch = { state: z.enum(EXCEPTION_STATES), rule: Id, identity: Id, team: Id }
export type ExceptionsSearch = SearchOf<typeof ExceptionsSearch>
