/** Lists a page at a time, each continuing after the key of the last row. */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { ROUTES } from '@onus/core/contract/routes.ts'
import type { Position } from './cursor.ts'

export type Page<T> = { items: T[]; nextCursor: string | null; total: number; isTotalExact: boolean }
export type Query<K extends keyof typeof ROUTES> = z.output<(typeof ROUTES)[K]['query']>
type Keyed = { id: string; sort_name: string }

/** A page by name from the rows after a cursor; one row more than the page tells whether there is another. */
export function pageOf<R extends Keyed, T>(
  rows: R[],
  limit: number,
  total: number,
  toItem: (row: R) => T,
  next: (after: string, id: string) => string,
): Page<T> {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: rows.slice(0, limit).map(toItem),
    total,
    isTotalExact: true,
    nextCursor: last ? next(last.sort_name, last.id) : null,
  }
}

/** A column and the type that its text in a cursor has. */
type Key = readonly [column: string, type: 'text' | 'int8' | 'timestamptz']

/** What follows `position` in the order of `key`; rows with equal keys are told apart by `tie`. */
export function afterKey(key: Key, order: 'asc' | 'desc', position: Position, tie: Key) {
  const sign = sql.raw(order === 'asc' ? '>' : '<')
  const value = (text: string, [, type]: Key) => sql`cast(${text} as ${sql.raw(type)})`
  const given = sql`(${value(position.after, key)}, ${value(position.id, tie)})`
  return sql<boolean>`(${sql.ref(key[0])}, ${sql.ref(tie[0])}) ${sign} ${given}`
}
