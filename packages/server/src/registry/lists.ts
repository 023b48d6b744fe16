/** The smaller lists: scopes, teams, findings, rules, APIs, sources. */
import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { z } from 'zod'
import { SEVERITIES } from '@onus/core/finding.ts'
import type { OwnedScope } from '@onus/core/owned-scope.ts'
import type { FindingRow, ROUTES, RuleRow, SourceRow, TeamRow } from '@onus/core/contract/routes.ts'
import { RULES } from '@onus/core/posture/index.ts'
import type { Api } from '@onus/core/service.ts'
import type { Read } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { Refused } from '../http/refused.ts'
import { emptySeverities, severityOf, severityRank } from './columns.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { equals, wordsIn } from './filters.ts'
import type { Condition } from './filters.ts'
import { afterKey } from './identities.ts'
import type { Page } from './identities.ts'
import { restate } from './wording.ts'

type Query<K extends keyof typeof ROUTES> = z.output<(typeof ROUTES)[K]['query']>
type Keyed = { id: string; sort_name: string }

/** A page by name from the rows after a cursor; one row more than the page tells whether there is another. */
function pageOf<R extends Keyed, T>(
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
  if (position) query = query.where(afterKey('sort_name', 'text', 'asc', position, 'id'))
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
  if (position) query = query.where(afterKey('sort_name', 'text', 'asc', position, 'id'))
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
  if (position) query = query.where(afterKey('sort_name', 'text', 'asc', position, 'id'))
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
  return [sql<boolean>`(exists (select from identity i where i.id = about and i.vanished_at is null and ${all}) or about = any(${owned.map(({ id }) => id)}))`]
}

type FindingAsk = Omit<Query<'listFindings'>, 'cursor' | 'limit'>

async function findingConditions(read: Read, ask: FindingAsk): Promise<Condition[]> {
  return [
    ...(await findingWords(read, ask.q)), ...equals(sql`rule`, ask.rule), ...equals(sql`team`, ask.team, true),
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
export async function listFindings(read: Read, cursorKey: Buffer, ask: Query<'listFindings'>): Promise<Page<Finding>> {
  const { cursor, limit, ...list } = ask
  const position = readCursor(cursorKey, list, cursor)
  let query = read.selectFrom('finding').selectAll()
  const conditions = await findingConditions(read, list)
  for (const condition of conditions) query = query.where(condition)
  if (position) {
    const [severity, rule, source] = JSON.parse(position.after) as [number, string, string]
    // The order mixes directions, so the comparison is written out.
    query = query
      .where(
        sql<boolean>`(severity < ${severity} or (severity = ${severity} and (rule, id, source_id) > (${rule}, ${position.id}, ${source})))`,
      )
      .where('severity', '<=', severity)
  }
  const rows = await query
    .orderBy('severity', 'desc')
    .orderBy('rule')
    .orderBy('id')
    .orderBy('source_id')
    .limit(limit + 1)
    .execute()
  const totals = position
    ? { total: position.total, isTotalExact: position.isTotalExact }
    : await countFindings(read, list, conditions)
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    items: await withNames(read, page),
    ...totals,
    nextCursor: last
      ? writeCursor(cursorKey, list, {
          after: JSON.stringify([last.severity, last.rule, last.source_id]),
          id: last.id,
          ...totals,
        })
      : null,
  }
}

async function withNames(read: Read, rows: Selectable<Tables['finding']>[]): Promise<Finding[]> {
  const identities = [...new Set(rows.flatMap((row) => row.identity_id ?? []))]
  const teams = [...new Set(rows.flatMap((row) => row.team ?? []))]
  const [findings, names, teamNames] = await Promise.all([
    restate(read, rows),
    identities.length
      ? read.selectFrom('identity').select(['id', 'name', 'namespace']).where('id', 'in', identities).execute()
      : [],
    teams.length ? read.selectFrom('team').select(['id', 'name']).where('id', 'in', teams).execute() : [],
  ])
  const nameOf = new Map(names.map((row) => [row.id, row]))
  const teamOf = new Map(teamNames.map(({ id, name }) => [id, name]))
  return findings.map((finding, index) => {
    const identity = finding.identity === null ? undefined : nameOf.get(finding.identity)
    return {
      ...finding,
      identityName: identity?.name ?? null,
      namespace: identity?.namespace ?? null,
      environment: rows[index]?.environment ?? null,
      teamName: finding.team === null ? null : (teamOf.get(finding.team) ?? null),
    }
  })
}

type Rule = z.infer<typeof RuleRow>

/** Every rule of this version and every other that a report brought, with its counts; worst first. */
export async function listRules(read: Read, team: string | undefined): Promise<Rule[]> {
  let ofTeam = read.selectFrom('rule_count')
    .select(['rule', sql<number>`sum(fail)::int`.as('fail'), sql<number>`sum(unknown)::int`.as('unknown'), sql<number>`count(distinct team) filter (where fail > 0)::int`.as('teams')])
    .groupBy('rule')
  for (const condition of equals(sql`team`, team, true)) ofTeam = ofTeam.where(condition)
  const ofAll = read.selectFrom('rule_total').select(['rule', 'fail', 'unknown', 'teams'])
  const [counts, said] = await Promise.all([team === undefined ? ofAll.execute() : ofTeam.execute(), read.selectFrom('rule_said').selectAll().execute()])
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
