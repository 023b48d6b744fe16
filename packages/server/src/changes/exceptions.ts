/** Exceptions, listed by their end. Whether one runs follows from the date, not from a job. */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { CHANGE_ROUTES } from '@onus/core/contract/change-routes.ts'
import type { ExceptionRow } from '@onus/core/change/shapes.ts'
import type { Read } from '../db/database.ts'
import { readCursor, writeCursor } from '../registry/cursor.ts'
import type { Page } from '../registry/page.ts'

type Ask = z.output<(typeof CHANGE_ROUTES)['listExceptions']['query']>
type State = ExceptionRow['state']

function stateOf(row: { until: Date; replaced_at: Date | null }, now: Date): State {
  if (row.replaced_at !== null && row.replaced_at < row.until) return 'replaced'
  return row.until > now ? 'running' : 'lapsed'
}

function matching(read: Read, { state, rule, identity, team }: Omit<Ask, 'cursor' | 'limit'>, now: Date) {
  let query = read
    .selectFrom('exception')
    .leftJoin('identity', (join) =>
      join.onRef('identity.id', '=', 'exception.identity_id').on('identity.vanished_at', 'is', null),
    )
  if (state === 'replaced') query = query.where(sql<boolean>`replaced_at < until`)
  else if (state !== 'all') {
    query = query.where(sql<boolean>`(replaced_at is null or replaced_at >= until)`)
    query = state === 'running' ? query.where('until', '>', now) : query.where('until', '<=', now)
  }
  if (rule !== undefined) query = query.where('rule', '=', rule)
  if (identity !== undefined) query = query.where('identity_id', '=', identity)
  if (team !== undefined) query = query.where('identity.team', '=', team)
  return query
}

/** Throws `Refused` (`invalid-cursor`). */
export async function listExceptions(read: Read, cursorKey: Buffer, ask: Ask, now: Date): Promise<Page<ExceptionRow>> {
  const { cursor, limit, ...filter } = ask
  const position = readCursor(cursorKey, filter, cursor)
  let query = matching(read, filter, now).select([
    'exception.id',
    'rule',
    'rule_kind',
    'identity_id',
    'identity.name',
    'identity.team',
    'identity.team_name',
    'control',
    'valid_from',
    'until',
    'replaced_at',
    'change_id',
  ])
  if (position)
    query = query.where(sql<boolean>`(until, exception.id) > (${position.after}::timestamptz, ${position.id})`)
  const rows = await query
    .orderBy('until')
    .orderBy('exception.id')
    .limit(limit + 1)
    .execute()
  const total =
    position?.total ??
    Number(
      (
        await matching(read, filter, now)
          .select(({ fn }) => fn.countAll<string>().as('count'))
          .executeTakeFirstOrThrow()
      ).count,
    )
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: rows.slice(0, limit).map((row) => ({
      id: row.id,
      rule: row.rule,
      ruleKind: row.rule_kind,
      identity: { id: row.identity_id, name: row.name ?? row.identity_id },
      team: row.team ? { id: row.team, name: row.team_name ?? row.team } : null,
      control: row.control,
      from: row.valid_from.toISOString(),
      until: row.until.toISOString(),
      state: stateOf(row, now),
      change: row.change_id,
    })),
    total,
    isTotalExact: true,
    nextCursor: last
      ? writeCursor(cursorKey, filter, { after: last.until.toISOString(), id: last.id, total, isTotalExact: true })
      : null,
  }
}
