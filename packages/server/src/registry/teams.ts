/** Teams with what they answer for. */
import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { z } from 'zod'
import type { TeamRow } from '@onus/core/contract/routes.ts'
import type { Read } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { Refused } from '../http/refused.ts'
import { emptySeverities, severityOf } from './columns.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { wordsIn } from './filters.ts'
import { afterKey, pageOf } from './page.ts'
import type { Page, Query } from './page.ts'

type TeamCounts = Pick<
  z.infer<typeof TeamRow>,
  'identities' | 'accountable' | 'claimed' | 'split' | 'scopes' | 'findings'
>

/** What each of the teams answers for. */
async function countTeams(read: Read, ids: readonly string[]): Promise<Map<string, TeamCounts>> {
  const counts = new Map<string, TeamCounts>(
    ids.map((id) => [
      id,
      { identities: 0, accountable: 0, claimed: 0, split: 0, scopes: 0, findings: emptySeverities() },
    ]),
  )
  if (ids.length === 0) return counts
  const [states, scopes, findings] = await Promise.all([
    read
      .selectFrom('tally')
      .select(['team', 'state', sql<number>`sum(identities)::int`.as('count')])
      .where('team', 'in', [...ids])
      .where('grain', '=', 'team')
      .groupBy(['team', 'state'])
      .execute(),
    read
      .selectFrom('scope')
      .select(['team', sql<number>`count(*)::int`.as('count')])
      .where('team', 'in', [...ids])
      .groupBy('team')
      .execute(),
    read
      .selectFrom('rule_count')
      .select(['team', 'severity', sql<number>`sum(fail)::int`.as('count')])
      .where('team', 'in', [...ids])
      .groupBy(['team', 'severity'])
      .execute(),
  ])
  for (const { team, state, count } of states) {
    const row = counts.get(team ?? '')
    if (!row) continue
    row.identities += count
    if (state === 'accountable' || state === 'claimed' || state === 'split') row[state] += count
  }
  for (const { team, count } of scopes) {
    const row = counts.get(team ?? '')
    if (row) row.scopes = count
  }
  for (const { team, severity, count } of findings) {
    const word = severityOf(severity)
    const row = counts.get(team ?? '')
    if (row && word) row.findings[word] += count
  }
  return counts
}

export async function listTeams(
  read: Read,
  cursorKey: Buffer,
  ask: Query<'listTeams'>,
): Promise<Page<z.infer<typeof TeamRow>>> {
  const { cursor, limit, ...list } = ask
  let known = read.selectFrom('team').distinctOn('id').select(['id', 'sort_name', 'document'])
  for (const condition of wordsIn(sql`search`, list.q)) known = known.where(condition)
  const each = known.orderBy('id').orderBy('is_known', 'desc').orderBy('source_id').as('each')
  const position = readCursor(cursorKey, list, cursor)
  let query = read.selectFrom(each).selectAll()
  if (position) query = query.where(afterKey(['sort_name', 'text'], 'asc', position, ['id', 'text']))
  const rows = await query
    .orderBy('sort_name')
    .orderBy('id')
    .limit(limit + 1)
    .execute()
  const total =
    position?.total ??
    (
      await read
        .selectFrom(each)
        .select(sql<number>`count(*)::int`.as('total'))
        .executeTakeFirstOrThrow()
    ).total
  const counts = await countTeams(
    read,
    rows.slice(0, limit).map(({ id }) => id),
  )
  return pageOf(
    rows,
    limit,
    total,
    (row) => teamRow(row.document, counts),
    (after, id) => writeCursor(cursorKey, list, { after, id, total, isTotalExact: true }),
  )
}

function teamRow(
  team: Selectable<Tables['team']>['document'],
  counts: Map<string, TeamCounts>,
): z.infer<typeof TeamRow> {
  const { id } = team
  return {
    ...team,
    ...(counts.get(id) ?? {
      identities: 0,
      accountable: 0,
      claimed: 0,
      split: 0,
      scopes: 0,
      findings: emptySeverities(),
    }),
  }
}

export async function oneTeam(read: Read, id: string): Promise<z.infer<typeof TeamRow>> {
  const row = await read
    .selectFrom('team')
    .select('document')
    .where('id', '=', id)
    .orderBy('is_known', 'desc')
    .orderBy('source_id')
    .limit(1)
    .executeTakeFirst()
  if (!row) throw new Refused('not-found', 'no team has this id')
  return teamRow(row.document, await countTeams(read, [id]))
}
