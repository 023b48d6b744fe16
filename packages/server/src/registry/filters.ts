/** Filters as conditions. Values are parameters always; column names are written here. */
import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { z } from 'zod'
import type { Severity } from '@onus/core/finding.ts'
import type { IdentityFilter } from '@onus/core/contract/routes.ts'
import { Refused } from '../http/refused.ts'
import { severityRank } from './columns.ts'

export type Condition = RawBuilder<boolean>
export type Filter = z.output<typeof IdentityFilter>

/** Each word is one index look-up; a person types a few. */
const MAX_WORDS = 10

/** Every word of `q` must occur. The words are folded as `searchText` folds. */
export function wordsIn(column: RawBuilder<unknown>, q: string | undefined): Condition[] {
  const words = (q ?? '')

    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length > MAX_WORDS) {
    throw new Refused('invalid-request', `search for at most ${MAX_WORDS} words`, [
      { field: 'q', reason: `more than ${MAX_WORDS} words` },
    ])
  }
  return words.map((word) => sql<boolean>`${column} like ${`%${word.replaceAll(/[\\%_]/g, '\\$&')}%`}`)
}

/** "none" asks for the rows without a value. */
export function equals(column: RawBuilder<unknown>, value: string | undefined, hasNone = false): Condition[] {
  if (value === undefined) return []
  if (hasNone && value === 'none') return [sql<boolean>`${column} is null`]
  return [sql<boolean>`${column} = ${value}`]
}

/** Conditions on the columns that `identity_version` has. */
function versionConditions(filter: Filter): Condition[] {
  return [
    ...wordsIn(sql`search`, filter.q),
    ...equals(sql`state`, filter.state),
    ...equals(sql`team`, filter.team, true),
    ...equals(sql`kind`, filter.kind),
    ...equals(sql`environment`, filter.environment, true),
    ...equals(sql`namespace`, filter.namespace),
    ...equals(sql`source_id`, filter.source),
  ]
}

/** Conditions that few rows meet, as a rule: an index finds those. */
export function narrowConditions(filter: Filter): Condition[] {
  return [
    ...wordsIn(sql`search`, filter.q),
    ...equals(sql`team`, filter.team, true),
    ...equals(sql`namespace`, filter.namespace),
    ...(filter.rule === undefined ? [] : [sql<boolean>`rules @> array[${filter.rule}]::text[]`]),
  ]
}

/** Conditions that a large part of the rows meets. */
export function wideConditions(filter: Filter): Condition[] {
  const presence = {
    present: [sql<boolean>`vanished_at is null`],
    vanished: [sql<boolean>`vanished_at is not null`],
    all: [],
  }
  return [
    ...equals(sql`state`, filter.state),
    ...equals(sql`kind`, filter.kind),
    ...equals(sql`environment`, filter.environment, true),
    ...equals(sql`source_id`, filter.source),
    ...presence[filter.presence],
    ...(filter.severity === undefined ? [] : [sql<boolean>`finding_rank >= ${leastRank(filter.severity)}`]),
  ]
}

/** The smallest `finding_rank` with a finding of this severity: the same as `worst >= …`, and there is an index of it. */
const leastRank = (severity: Severity): number => 1_000 ** (severityRank(severity) - 1)

export function currentConditions(filter: Filter): Condition[] {
  return [...narrowConditions(filter), ...wideConditions(filter)]
}

/** What stood in the registry at an instant. Findings of the past are judged when asked for, so they filter nothing. */
export function pastConditions(filter: Filter, at: Date): Condition[] {
  if (filter.rule !== undefined || filter.severity !== undefined || filter.presence !== 'present') {
    const field = filter.rule !== undefined ? 'rule' : filter.severity !== undefined ? 'severity' : 'presence'
    throw new Refused('not-historical', `leave out \`${field}\` or \`asOf\``, [
      { field, reason: 'cannot be combined with asOf' },
    ])
  }
  return [...versionConditions(filter), sql<boolean>`valid_from <= ${at} and (valid_to is null or valid_to > ${at})`]
}

/** True when the sums in `tally` answer how many there are. */
export function isTallied(filter: Filter): boolean {
  const { q, namespace, rule, severity, presence, asOf } = filter
  return presence === 'present' && [q, namespace, rule, severity, asOf].every((value) => value === undefined)
}

/** The smallest sums that know every dimension of the filter. */
export function grainFor({ kind, environment, team }: Filter): 'full' | 'environment' | 'team' {
  if (kind !== undefined || (environment !== undefined && team !== undefined)) return 'full'
  return team === undefined ? 'environment' : 'team'
}
