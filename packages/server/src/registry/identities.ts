/** Lists of identities, now and as of an instant; one identity with its evidence; its timeline. */
import { sql } from 'kysely'
import type { Explainable, Selectable } from 'kysely'
import type { z } from 'zod'
import type { Identity } from '@onus/core/identity.ts'
import type { Team } from '@onus/core/team.ts'
import type { IdentityDetail, IdentityRow, ROUTES } from '@onus/core/contract/routes.ts'
import type { BusinessFunction, Service } from '@onus/core/service.ts'
import type { Finding } from '@onus/core/finding.ts'
import type { Read } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { Refused } from '../http/refused.ts'
import { emptySeverities, oldestRotation, severityOf } from './columns.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { Position } from './cursor.ts'
import { afterKey } from './page.ts'
import type { Page } from './page.ts'
import { judged, loadEstate } from './estates.ts'
import { currentConditions, grainFor, isTallied, narrowConditions, pastConditions, wideConditions } from './filters.ts'
import type { Filter } from './filters.ts'
import { restate } from './wording.ts'

type Ask = z.output<(typeof ROUTES)['listIdentities']['query']>
type Row = IdentityRow
type Total = { total: number; isTotalExact: boolean }

/** Column, and how its text in a cursor becomes a value again. */
const SORTS = {
  name: ['sort_name', 'text'],
  namespace: ['sort_namespace', 'text'],
  team: ['sort_team', 'text'],
  state: ['state_rank', 'int8'],
  findings: ['finding_rank', 'int8'],
  rotated: ['rotated_key', 'int8'],
  firstSeen: ['first_seen_at', 'timestamptz'],
} as const

/** Beyond it a count reads more than the page itself; the planner's estimate is told instead. */
const COUNT_LIMIT = 2_000

const LISTED = [
  'id',
  'seq',
  'kind',
  'name',
  'namespace',
  'environment',
  'is_production',
  'state',
  'team',
  'team_name',
  'source_id',
  'file',
  'line',
  'credentials',
  'oldest_rotation_at',
  'low',
  'medium',
  'high',
  'critical',
  'worst',
  'first_seen_at',
  'last_seen_at',
  'vanished_at',
  'sort_name',
  'sort_namespace',
  'sort_team',
  'state_rank',
  'finding_rank',
  'rotated_key',
] as const
type Listed = Pick<Selectable<Tables['identity']>, (typeof LISTED)[number]>

export function rowOf(row: Listed): Row {
  return {
    id: row.id,
    // The columns were written from checked documents.
    kind: row.kind as Row['kind'],
    name: row.name,
    namespace: row.namespace,
    environment: row.environment,
    isProduction: row.is_production,
    state: row.state as Row['state'],
    team: row.team === null ? null : { id: row.team, name: row.team_name ?? row.team },
    sourceId: row.source_id,
    file: row.file,
    line: row.line,
    credentials: row.credentials,
    oldestRotationAt: row.oldest_rotation_at?.toISOString() ?? null,
    findings: { low: row.low, medium: row.medium, high: row.high, critical: row.critical },
    worst: severityOf(row.worst),
    firstSeenAt: row.first_seen_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    vanishedAt: row.vanished_at?.toISOString() ?? null,
  }
}

async function tallied(read: Read, filter: Filter): Promise<Total> {
  let query = read
    .selectFrom('tally')
    .select(sql<number>`coalesce(sum(identities), 0)::int`.as('total'))
    .where('grain', '=', grainFor(filter))
  for (const condition of currentConditions({ ...filter, presence: 'all' })) query = query.where(condition)
  const { total } = await query.executeTakeFirstOrThrow()
  return { total, isTotalExact: true }
}

/** An exact count when it is small, else what the planner expects. */
async function counted(read: Read, filter: Filter): Promise<Total> {
  if (isTallied(filter)) return tallied(read, filter)
  const some = matching(read, filter).select(sql<number>`1`.as('one'))
  const { total } = await read
    .selectFrom(some.limit(COUNT_LIMIT + 1).as('some'))
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow()
  if (total <= COUNT_LIMIT) return { total, isTotalExact: true }
  return { total: Math.max(COUNT_LIMIT + 1, await expectedRows(some)), isTotalExact: false }
}

function matching(read: Read, filter: Filter) {
  if (filter.asOf !== undefined) {
    // Only columns that both tables have are named, and those in `sql` fragments; the compiler need know one table.
    let past = read.selectFrom('identity_version' as 'identity')
    for (const condition of pastConditions(filter, new Date(filter.asOf))) past = past.where(condition)
    return past
  }
  let hits = isSearch(filter)
    ? read.selectFrom(narrowed(read, filter, []).offset(0).as('identity'))
    : read.selectFrom('identity')
  for (const condition of isSearch(filter) ? wideConditions(filter) : currentConditions(filter))
    hits = hits.where(condition)
  return hits
}

/** An index of words, rules, teams or namespaces answers it. */
const isSearch = ({ q, rule, team, namespace }: Filter): boolean =>
  q !== undefined || rule !== undefined || namespace !== undefined || (team !== undefined && team !== 'none')

/**
 * The rows that the narrow conditions find. Given an offset as a subquery it is planned by itself: else the planner reads
 * a third of the table's index for a wide condition, to intersect it with a few thousand hits.
 */
function narrowed(read: Read, filter: Filter, columns: readonly (typeof SORTS)[keyof typeof SORTS][0][]) {
  let narrow = read
    .selectFrom('identity')
    .select([
      ...new Set([
        'id',
        'seq',
        'state',
        'kind',
        'environment',
        'source_id',
        'finding_rank',
        'vanished_at',
        ...columns,
      ] as const),
    ])
  for (const condition of narrowConditions(filter)) narrow = narrow.where(condition)
  return narrow
}

/** What the planner expects, without running the query. */
async function expectedRows(query: Explainable): Promise<number> {
  const [plan] = await query.explain<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>('json')
  return plan?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0
}

/** One page in the asked order. A page continues after a key, so rows that come and go between pages shift nothing. */
export async function listIdentities(read: Read, cursorKey: Buffer, ask: Ask): Promise<Page<Row>> {
  const { cursor, limit, sort, order, ...filter } = ask
  const list = { ...filter, sort, order }
  const position = readCursor(cursorKey, list, cursor)
  if (filter.asOf !== undefined) {
    const totals = position ?? (await counted(read, filter))
    return listPast(read, cursorKey, ask, position, totals, new Date(filter.asOf))
  }
  const { rows, totals } = (await fetchedPage(read, ask, position)) ?? (await walkedPage(read, ask, position))
  const last = rows.length > limit ? rows[limit - 1] : undefined
  const [column] = SORTS[sort]
  const after = last && column === 'first_seen_at' ? last.first_seen_at.toISOString() : String(last?.[column])
  const { total, isTotalExact } = totals
  return {
    items: rows.slice(0, limit).map(rowOf),
    total,
    isTotalExact,
    nextCursor: last ? writeCursor(cursorKey, list, { after, id: last.seq, total, isTotalExact }) : null,
  }
}

type Found = { rows: Listed[]; totals: Total }

/** Walks the order until the page is full: quick where every so many rows match. */
async function walkedPage(read: Read, ask: Ask, position: Position | null): Promise<Found> {
  const { cursor: _cursor, limit, sort, order, ...filter } = ask
  const totals = position ?? (await counted(read, filter))
  if (totals.isTotalExact && totals.total === 0) return { rows: [], totals }
  const [column, type] = SORTS[sort]
  let query = read.selectFrom('identity').select(LISTED)
  for (const condition of currentConditions(filter)) query = query.where(condition)
  if (position) query = query.where(afterKey([column, type], order, position, ['seq', 'int8']))
  const direction = sql.raw(order)
  const rows = await query
    .orderBy(sql`${sql.ref(column)} ${direction}, seq ${direction}`)
    .limit(limit + 1)
    .execute()
  return { rows, totals }
}

/** As many hits are fetched and sorted in the time in which a walk finds a page among more of them. */
const FETCHED_AT_MOST = 20_000

/**
 * Fetches all hits of a search and sorts them. The planner would not: it takes the hits as spread evenly over the order
 * and walks it. Null where there are too many hits, and where nothing is searched for.
 */
async function fetchedPage(read: Read, ask: Ask, position: Position | null): Promise<Found | null> {
  const { cursor: _cursor, limit, sort, order, ...filter } = ask
  if (!isSearch(filter)) return null
  if (position && position.total > FETCHED_AT_MOST) return null
  const [column, type] = SORTS[sort]
  const narrow = narrowed(read, filter, [column])
  if ((await expectedRows(narrow)) > FETCHED_AT_MOST) return null
  let hits = read.selectFrom(narrow.offset(0).as('identity')).select(['id', 'seq', column])
  for (const condition of wideConditions(filter)) hits = hits.where(condition)
  const direction = sql.raw(order)
  const inOrder = sql`${sql.ref(column)} ${direction}, seq ${direction}`
  const { found, ids } = await read
    .with(
      (name) => name('hits').materialized(),
      () => hits,
    )
    .selectNoFrom(({ selectFrom, fn }) => [
      selectFrom('hits').select(fn.countAll<string>().as('count')).as('found'),
      sql<string[]>`array(${(position
        ? selectFrom('hits').where(afterKey([column, type], order, position, ['seq', 'int8']))
        : selectFrom('hits')
      )
        .select('id')
        .orderBy(inOrder)
        .limit(limit + 1)})`.as('ids'),
    ])
    .executeTakeFirstOrThrow()
  const rows = ids.length
    ? await read.selectFrom('identity').select(LISTED).where('id', 'in', ids).orderBy(inOrder).execute()
    : []
  return { rows, totals: position ?? { total: Number(found), isTotalExact: true } }
}

async function listPast(
  read: Read,
  cursorKey: Buffer,
  ask: Ask,
  position: Position | null,
  totals: Total,
  at: Date,
): Promise<Page<Row>> {
  const { cursor: _cursor, limit, sort, order, ...filter } = ask
  if (sort !== 'name')
    throw new Refused('not-historical', 'sort by name, or leave out `asOf`', [
      { field: 'sort', reason: 'cannot be combined with asOf' },
    ])
  const conditions = pastConditions(filter, at)
  let query = read
    .selectFrom('identity_version')
    .select(['identity_id', 'source_id', 'team_name', 'sort_name', 'document', 'valid_from'])
  for (const condition of conditions) query = query.where(condition)
  if (position) query = query.where(afterKey(['sort_name', 'text'], order, position, ['identity_id', 'text']))
  const direction = sql.raw(order)
  const rows = await query
    .orderBy(sql`sort_name ${direction}, identity_id ${direction}`)
    .limit(limit + 1)
    .execute()
  const page = rows.slice(0, limit)
  const firsts = await firstSeen(
    read,
    page.map((row) => row.identity_id),
  )
  const items: Row[] = []
  for (const row of page) {
    const estate = await loadEstate(read, row.source_id, at)
    const findings = estate ? judged({ identity: row.document }, estate) : []
    items.push(
      pastRow(row.document, row.source_id, row.team_name, findings, firsts.get(row.identity_id) ?? row.valid_from, at),
    )
  }
  const last = rows.length > limit ? page.at(-1) : undefined
  const list = { ...filter, sort, order }
  return {
    items,
    total: totals.total,
    isTotalExact: totals.isTotalExact,
    nextCursor: last ? writeCursor(cursorKey, list, { after: last.sort_name, id: last.identity_id, ...totals }) : null,
  }
}

async function firstSeen(read: Read, ids: string[]): Promise<Map<string, Date>> {
  if (ids.length === 0) return new Map()
  const rows = await read.selectFrom('identity').select(['id', 'first_seen_at']).where('id', 'in', ids).execute()
  return new Map(rows.map((row) => [row.id, row.first_seen_at]))
}

function pastRow(
  identity: Identity,
  sourceId: string,
  teamName: string | null,
  findings: Finding[],
  first: Date,
  at: Date,
): Row {
  const counts = emptySeverities()
  for (const { verdict, severity } of findings) if (verdict === 'fail') counts[severity] += 1
  const { team, state } = identity.accountability
  return {
    id: identity.id,
    kind: identity.kind,
    name: identity.name,
    namespace: identity.namespace,
    environment: identity.environment,
    isProduction: identity.isProduction,
    state,
    team: team === null ? null : { id: team, name: teamName ?? team },
    sourceId,
    file: identity.source.file,
    line: identity.source.line,
    credentials: identity.credentials.length,
    oldestRotationAt: oldestRotation(identity),
    findings: counts,
    worst: counts.critical ? 'critical' : counts.high ? 'high' : counts.medium ? 'medium' : counts.low ? 'low' : null,
    firstSeenAt: first.toISOString(),
    lastSeenAt: at.toISOString(),
    vanishedAt: null,
  }
}

type Detail = z.output<typeof IdentityDetail>

/** One identity, now or as of an instant. Throws `Refused` (`not-found`) when it was not in the registry then. */
export async function identityDetail(read: Read, id: string, at: Date | null): Promise<Detail> {
  const head = await read
    .selectFrom('identity')
    .innerJoin('source', 'source.id', 'identity.source_id')
    .select(['identity.source_id', 'version_id', 'first_seen_at', 'last_seen_at', 'vanished_at', 'source.path'])
    .where('identity.id', '=', id)
    .executeTakeFirst()
  if (!head) throw new Refused('not-found', 'no identity has this id')
  const version = await versionAt(read, id, head.version_id, at)
  if (!version) throw new Refused('not-found', 'the identity was not in the registry at that instant')
  const identity = version.document
  const estate = await loadEstate(read, version.source_id, at)
  const all = estate ? judged({ identity }, estate) : []
  const stored =
    at === null
      ? await restate(
          read,
          await read
            .selectFrom('finding')
            .selectAll()
            .where('about', '=', id)
            .where('source_id', '=', version.source_id)
            .orderBy('severity', 'desc')
            .orderBy('id')
            .execute(),
        )
      : null
  const named = new Set([
    identity.accountability.team,
    ...identity.accountability.claims.flatMap(({ team, candidates }) => [team, ...candidates]),
    ...identity.accountability.controllers.map(({ team }) => team),
    ...(identity.accountability.disagreement?.teams ?? []),
  ])
  const teams = await loadTeams(
    read,
    [...named].filter((team) => team !== null),
  )
  return {
    identity,
    team: teams.find((team) => team.id === identity.accountability.team) ?? null,
    teams,
    function: await loadRecord<BusinessFunction>(read, 'function', identity.function),
    service: await loadRecord<Service>(read, 'service', identity.service),
    findings: stored ?? all.filter(({ verdict }) => verdict === 'fail'),
    unknowns: all.filter(({ verdict }) => verdict === 'unknown'),
    sourceId: version.source_id,
    sourcePath: head.path,
    alsoSeenIn: await alsoSeenIn(read, id),
    firstSeenAt: head.first_seen_at.toISOString(),
    lastSeenAt: head.last_seen_at.toISOString(),
    vanishedAt: head.vanished_at?.toISOString() ?? null,
  }
}

async function versionAt(read: Read, id: string, current: string, at: Date | null) {
  const query = read.selectFrom('identity_version').select(['document', 'source_id'])
  if (at === null) return query.where('id', '=', current).executeTakeFirst()
  return query
    .where('identity_id', '=', id)
    .where('valid_from', '<=', at)
    .where((where) => where.or([where('valid_to', 'is', null), where('valid_to', '>', at)]))
    .executeTakeFirst()
}

async function alsoSeenIn(read: Read, id: string) {
  const rows = await read
    .selectFrom('overlap')
    .innerJoin('source', 'source.id', 'overlap.source_id')
    .select(['source.id', 'source.path', 'overlap.last_seen_at'])
    .where('identity_id', '=', id)
    .orderBy('source.path')
    .execute()
  return rows.map((row) => ({ sourceId: row.id, sourcePath: row.path, lastSeenAt: row.last_seen_at.toISOString() }))
}

/** Teams by id; one that several sources describe is taken where it is known best. */
export async function loadTeams(read: Read, ids: readonly string[]): Promise<Team[]> {
  if (ids.length === 0) return []
  const rows = await read
    .selectFrom('team')
    .distinctOn('id')
    .select(['id', 'document'])
    .where('id', 'in', [...ids])
    .orderBy('id')
    .orderBy('is_known', 'desc')
    .orderBy('source_id')
    .execute()
  return rows.map(({ document }) => document)
}

async function loadRecord<T>(read: Read, kind: 'service' | 'function', id: string | null): Promise<T | null> {
  if (id === null) return null
  const row = await read
    .selectFrom('record')
    .select('document')
    .where('kind', '=', kind)
    .where('id', '=', id)
    .limit(1)
    .executeTakeFirst()
  // Documents of a kind were checked against the schema of that kind when they were imported.
  return (row?.document as T | undefined) ?? null
}
