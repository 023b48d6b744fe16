/** Failing findings, worst first. */
import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { z } from 'zod'
import type { FindingRow } from '@onus/core/contract/routes.ts'
import type { Read } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { runningExceptions } from '../guardrails/store.ts'
import { severityRank } from './columns.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { equals, wordsIn } from './filters.ts'
import type { Condition } from './filters.ts'
import type { Page, Query } from './page.ts'
import { restate } from './wording.ts'

/** More subjects than these are a common word: then walking the findings in order meets a page of them soon. */
const NAMED_SUBJECTS = 2_000

/** Findings about identities whose words match, and about scopes whose words match. */
async function findingWords(read: Read, q: string | undefined): Promise<Condition[]> {
  const words = wordsIn(sql`search`, q)
  if (words.length === 0) return []
  let identities = read.selectFrom('identity').select('id').where('vanished_at', 'is', null)
  let scopes = read.selectFrom('scope').select('id')
  for (const word of words) {
    identities = identities.where(word)
    scopes = scopes.where(word)
  }
  const named = await identities.limit(NAMED_SUBJECTS + 1).execute()
  const owned = await scopes.execute()
  if (named.length <= NAMED_SUBJECTS) return [sql<boolean>`about = any(${[...named, ...owned].map(({ id }) => id)})`]
  const all = sql.join(words, sql` and `)
  return [
    sql<boolean>`(exists (select from identity i where i.id = about and i.vanished_at is null and ${all})
      or about = any(${owned.map(({ id }) => id)}))`,
  ]
}

/** With the severities that its findings have: the index of the order begins with them. */
async function ofRule(read: Read, rule: string): Promise<Condition[]> {
  const rows = await read.selectFrom('rule_count').select('severity').where('rule', '=', rule).distinct().execute()
  const [first, ...others] = rows.map(({ severity }) => severity)
  const isOne = first !== undefined && others.length === 0
  return [...equals(sql`rule`, rule), ...(isOne ? [sql<boolean>`severity = ${first}`] : [])]
}

type FindingAsk = Omit<Query<'listFindings'>, 'cursor' | 'limit'>

async function findingConditions(read: Read, ask: FindingAsk): Promise<Condition[]> {
  return [
    ...(await findingWords(read, ask.q)),
    ...(ask.rule === undefined ? [] : await ofRule(read, ask.rule)),
    ...equals(sql`team`, ask.team, true),
    ...(ask.severity === undefined ? [] : [sql<boolean>`severity = ${severityRank(ask.severity)}`]),
    ...equals(sql`environment`, ask.environment, true),
  ]
}

async function countFindings(read: Read, ask: FindingAsk, conditions: Condition[]) {
  if (ask.q === undefined && ask.environment === undefined) {
    let query = read.selectFrom('rule_count').select(sql<number>`coalesce(sum(fail), 0)::int`.as('total'))
    for (const condition of conditions) query = query.where(condition)
    return { ...(await query.executeTakeFirstOrThrow()), isTotalExact: true }
  }
  let some = read.selectFrom('finding').select('id')
  for (const condition of conditions) some = some.where(condition)
  const most = 2_000
  const { total } = await read
    .selectFrom(some.limit(most + 1).as('some'))
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow()
  if (total <= most) return { total, isTotalExact: true }
  const [plan] = await some.explain<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>('json')
  return { total: Math.max(most + 1, plan?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0), isTotalExact: false }
}

type Finding = z.infer<typeof FindingRow>

/** Worst first, then by rule. */
export async function listFindings(
  read: Read,
  cursorKey: Buffer,
  ask: Query<'listFindings'>,
  now: Date,
): Promise<Page<Finding>> {
  const { cursor, limit, ...list } = ask
  const position = readCursor(cursorKey, list, cursor)
  let query = read.selectFrom('finding').selectAll()
  const conditions = await findingConditions(read, list)
  for (const condition of conditions) query = query.where(condition)
  if (position) {
    const [severity, rule] = JSON.parse(position.after) as [number, string]
    // The order mixes directions, so the comparison is written out.
    query = query
      .where(
        sql<boolean>`(severity < ${severity}
          or (severity = ${severity} and (rule, seq) > (${rule}, cast(${position.id} as bigint))))`,
      )
      .where('severity', '<=', severity)
  }
  const rows = await query
    .orderBy('severity', 'desc')
    .orderBy('rule')
    .orderBy('seq')
    .limit(limit + 1)
    .execute()
  const totals = position
    ? { total: position.total, isTotalExact: position.isTotalExact }
    : await countFindings(read, list, conditions)
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    items: await withNames(read, page, now),
    ...totals,
    nextCursor: last
      ? writeCursor(cursorKey, list, {
          after: JSON.stringify([last.severity, last.rule]),
          id: last.seq,
          ...totals,
        })
      : null,
  }
}

async function withNames(read: Read, rows: Selectable<Tables['finding']>[], now: Date): Promise<Finding[]> {
  const identities = [...new Set(rows.flatMap((row) => row.identity_id ?? []))]
  const teams = [...new Set(rows.flatMap((row) => row.team ?? []))]
  const [findings, names, teamNames, exceptions] = await Promise.all([
    restate(read, rows),
    identities.length
      ? read.selectFrom('identity').select(['id', 'name', 'namespace']).where('id', 'in', identities).execute()
      : [],
    teams.length ? read.selectFrom('team').select(['id', 'name']).where('id', 'in', teams).execute() : [],
    runningExceptions(read, identities, now),
  ])
  const nameOf = new Map(names.map((row) => [row.id, row]))
  const teamOf = new Map(teamNames.map(({ id, name }) => [id, name]))
  return findings.map((finding, index) => {
    const identity = finding.identity === null ? undefined : nameOf.get(finding.identity)
    const exception = exceptions.get(`${finding.rule} ${finding.identity ?? ''}`)
    return {
      ...finding,
      identityName: identity?.name ?? null,
      namespace: identity?.namespace ?? null,
      environment: rows[index]?.environment ?? null,
      teamName: finding.team === null ? null : (teamOf.get(finding.team) ?? null),
      exception: exception ? { id: exception.id, endsAt: exception.until.toISOString() } : null,
    }
  })
}
