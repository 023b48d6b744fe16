/** The smaller lists: scopes, APIs, rules, sources. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { SEVERITIES } from '@onus/core/finding.ts'
import type { OwnedScope } from '@onus/core/owned-scope.ts'
import type { RuleRow, SourceRow } from '@onus/core/contract/routes.ts'
import { RULES } from '@onus/core/posture/index.ts'
import type { Api } from '@onus/core/service.ts'
import type { Read } from '../db/database.ts'
import { severityOf } from './columns.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { equals, wordsIn } from './filters.ts'
import type { Condition } from './filters.ts'
import { afterKey, pageOf } from './page.ts'
import type { Page, Query } from './page.ts'

export async function listScopes(read: Read, cursorKey: Buffer, ask: Query<'listScopes'>): Promise<Page<OwnedScope>> {
  const { cursor, limit, ...list } = ask
  const conditions: Condition[] = [
    ...wordsIn(sql`search`, list.q),
    ...equals(sql`state`, list.state),
    ...equals(sql`team`, list.team, true),
  ]
  let query = read.selectFrom('scope').select(['id', 'sort_name', 'document'])
  let counting = read.selectFrom('scope').select(sql<number>`count(*)::int`.as('total'))
  for (const condition of conditions) {
    query = query.where(condition)
    counting = counting.where(condition)
  }
  const position = readCursor(cursorKey, list, cursor)
  if (position) query = query.where(afterKey(['sort_name', 'text'], 'asc', position, ['id', 'text']))
  const rows = await query
    .orderBy('sort_name')
    .orderBy('id')
    .limit(limit + 1)
    .execute()
  const total = position?.total ?? (await counting.executeTakeFirstOrThrow()).total
  return pageOf(
    rows,
    limit,
    total,
    ({ document }) => document,
    (after, id) => writeCursor(cursorKey, list, { after, id, total, isTotalExact: true }),
  )
}

export async function listApis(read: Read, cursorKey: Buffer, ask: Query<'listApis'>): Promise<Page<Api>> {
  const { cursor, limit, ...list } = ask
  const conditions: Condition[] = [...wordsIn(sql`search`, list.q), ...equals(sql`kind`, 'api')]
  let known = read.selectFrom('record').distinctOn('id').select(['id', 'sort_name', 'document'])
  for (const condition of conditions) known = known.where(condition)
  const each = known.orderBy('id').orderBy('source_id').as('each')
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
  // Records of this kind were checked against the schema of APIs when they were imported.
  return pageOf(
    rows,
    limit,
    total,
    ({ document }) => document as Api,
    (after, id) => writeCursor(cursorKey, list, { after, id, total, isTotalExact: true }),
  )
}

type Rule = z.infer<typeof RuleRow>

/** Every rule of this version and every other that a report brought, with its counts; worst first. */
export async function listRules(read: Read, team: string | undefined): Promise<Rule[]> {
  let ofTeam = read
    .selectFrom('rule_count')
    .select([
      'rule',
      sql<number>`sum(fail)::int`.as('fail'),
      sql<number>`sum(unknown)::int`.as('unknown'),
      sql<number>`count(distinct team) filter (where fail > 0)::int`.as('teams'),
    ])
    .groupBy('rule')
  for (const condition of equals(sql`team`, team, true)) ofTeam = ofTeam.where(condition)
  const ofAll = read.selectFrom('rule_total').select(['rule', 'fail', 'unknown', 'teams'])
  const [counts, said] = await Promise.all([
    team === undefined ? ofAll.execute() : ofTeam.execute(),
    read.selectFrom('rule_said').selectAll().execute(),
  ])
  const countOf = new Map(counts.map((row) => [row.rule, row]))
  const known = new Set(RULES.map(({ id }) => id))
  const rules: Omit<Rule, 'fail' | 'unknown' | 'teams'>[] = [
    ...RULES.map(({ id, title, severity, about, needs, fix, maps }) => ({
      id,
      title,
      severity,
      about,
      needs,
      fix,
      maps,
    })),
    ...said
      .filter(({ rule }) => !known.has(rule))
      .map((row) => ({
        id: row.rule,
        title: row.rule,
        severity: severityOf(row.severity) ?? 'low',
        about: 'identity' as const,
        needs: [],
        fix: row.fix,
        maps: row.maps,
      })),
  ]
  const rows = rules.map((rule) => {
    const count = countOf.get(rule.id)
    return { ...rule, fail: count?.fail ?? 0, unknown: count?.unknown ?? 0, teams: count?.teams ?? 0 }
  })
  const rank = (rule: Rule): number => SEVERITIES.indexOf(rule.severity)
  return rows.sort((a, b) => rank(b) - rank(a) || b.fail - a.fail)
}

export async function listSources(read: Read, id?: string): Promise<z.infer<typeof SourceRow>[]> {
  let query = read.selectFrom('source').selectAll().orderBy('label').orderBy('id')
  if (id !== undefined) query = query.where('id', '=', id)
  return (await query.execute()).map((row) => ({
    id: row.id,
    path: row.path,
    label: row.label,
    lastImportAt: row.last_import_at.toISOString(),
    asOf: row.as_of.toISOString(),
    isComplete: row.is_complete,
    identities: row.identities,
    vanished: row.vanished,
    files: row.files,
    unread: row.unread,
    readers: row.readers,
  }))
}
