import { z } from 'zod'
import { Severity } from '@onus/core/finding.ts'
import type { SearchOf } from '../../ui/search-state.ts'

const Text = z.string().max(200)

/** The groups: by rule (of one team, when named) or by team. */
export const FindingsSearch = { by: z.enum(['team']), team: Text }

/** The rows of one group, narrowed. */
export const FindingListSearch = { rule: Text, team: Text, severity: Severity, environment: Text, q: Text }
export type FindingListSearch = SearchOf<typeof FindingListSearch>
