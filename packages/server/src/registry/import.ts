/**
 * One report into the registry, in one transaction: observations of its source are replaced, what vanished is kept and
 * marked, and what changed becomes a new version. Runs in a process of its own (`jobs/child.ts`), never in the API's.
 */
import type pg from 'pg'
import type { z } from 'zod'
import type { ImportResult } from '@onus/core/contract/routes.ts'
import { newId } from '../ids.ts'
import { onConnection } from '../db/database.ts'
import { judgeSilence } from './coverage.ts'
import { loadEstate } from './estates.ts'
import { copyBody } from './import-body.ts'
import type { Progress, Read } from './import-body.ts'
import { replaceHead, saveRules, saveSource, sourceId, sourceName } from './import-head.ts'
import type { SourceFacts } from './import-head.ts'
import * as sql from './import-sql.ts'
import { lockSource } from './locks.ts'
import type { ReportSource } from './report-source.ts'
import { restand } from './restand.ts'

export type ImportAsk = {
  /** Stable name of the source; null: the path that was scanned. */
  source: string | null
  /** When it is imported: history is kept by this clock. */
  at: Date
  isExample?: boolean
}
type Result = z.infer<typeof ImportResult>

/** Imports run one after another: two sources may name the same identity, and the disk is the limit anyway. */
export const IMPORT_LOCK = 0x696d706f
/** After this many new rows, and this share of all, the planner's picture of the tables is stale. */
const ANALYZE_AFTER = { rows: 5_000, share: 0.2 }

/** History needs a later instant than the import before, whatever the clock does. */
async function instantOf(client: pg.ClientBase, at: Date): Promise<Date> {
  const { rows } = await client.query<{ last: Date | null }>('select max(at) as last from import')
  const last = rows[0]?.last?.getTime() ?? 0
  return new Date(Math.max(at.getTime(), last + 1))
}

type Merged = {
  appeared: number
  changed: number
  unchanged: number
  returned: number
  vanished: number
  overlapping: number
}

/** The heart of it: what the report says against what the registry holds. */
async function merge(
  client: pg.ClientBase,
  facts: SourceFacts,
  unproven: readonly string[] | null,
  isComplete: boolean,
): Promise<Merged> {
  const { id, importId, at } = facts
  await lockSource(client, id)
  const overlaps = await client.query(sql.SET_OVERLAPS_ASIDE, [id, at])
  await client.query(sql.DROP_OLD_OVERLAPS, [id, at])
  await client.query(sql.KEEP_ONE_FINDING)
  await client.query(sql.KEEP_OWN_FINDINGS)
  await client.query(sql.KEEP_OWN_UNKNOWNS)
  await client.query(sql.FIND_DECIDED)
  await client.query(sql.KEEP_DECIDED_FINDINGS)
  await client.query(sql.COUNT_FINDINGS)
  await client.query(sql.PLAN)
  await client.query(sql.CLOSE_CHANGED, [id, importId, at])
  await client.query(sql.OPEN_VERSIONS, [id, importId, at])
  await client.query(sql.REPLACE_MOVED)
  await client.query(sql.INSERT_APPEARED, [id, at])
  await client.query(sql.UPDATE_CHANGED, [id, at])
  await client.query(sql.TOUCH_SAME, [at])
  await client.query(sql.UPDATE_COUNTS)
  const gone = unproven === null ? null : await client.query(sql.MARK_VANISHED, [id, importId, at, unproven])
  await client.query(sql.DELETE_FINDINGS, [id, at, isComplete])
  await client.query(sql.INSERT_FINDINGS)
  await restandDecided(client, facts)
  const { rows } = await client.query<{ kind: string; count: number }>(
    'select kind, count(*)::int as count from change group by kind',
  )
  const of = (kind: string): number => rows.find((row) => row.kind === kind)?.count ?? 0
  return {
    appeared: of('appeared'),
    changed: of('changed'),
    returned: of('returned'),
    unchanged: of('same') + of('moved'),
    vanished: gone?.rowCount ?? 0,
    overlapping: overlaps.rowCount ?? 0,
  }
}

/** Law: a re-import changes observations and never a decision. */
async function restandDecided(client: pg.ClientBase, { importId, at }: SourceFacts): Promise<void> {
  const { rows } = await client.query<{ id: string }>(sql.DECIDED_TO_RESTAND)
  if (rows.length === 0) return
  const tx = onConnection(client)
  await restand(
    tx,
    rows.map(({ id }) => id),
    { now: at, by: importId, isImport: true, estateOf: (source) => loadEstate(tx, source) },
  )
}

/** What the numbers alone do not say. */
async function noteOf(
  client: pg.ClientBase,
  facts: SourceFacts,
  why: string | null,
  merged: Merged,
  read: Read,
  report: ReportSource,
) {
  const notes = why === null ? [] : [why]
  if (merged.overlapping > 0) {
    const { rows } = await client.query<{ label: string }>(sql.HOLDER_OF_OVERLAPS, [facts.id])
    notes.push(
      `${merged.overlapping} identities are held by another source (\`${rows[0]?.label ?? ''}\`) and were left alone.`,
    )
  }
  if (read.repeated > 0)
    notes.push(`${read.repeated} identities were in the report more than once; the first was taken.`)
  const unknown = [...report.unknownFields()]
  if (unknown.length > 0) {
    const names = unknown
      .slice(0, 5)
      .map(([field, count]) => `\`${field}\` (${count})`)
      .join(', ')
    notes.push(`${unknown.length} unknown fields were left out: ${names}${unknown.length > 5 ? ' and others' : ''}.`)
  }
  return notes.length ? notes.join(' ') : null
}

/** Imports `report` and answers what changed. Throws `Refused`, having changed nothing, when it is not valid. */
export async function importReport(
  client: pg.ClientBase,
  report: ReportSource,
  ask: ImportAsk,
  progress: Progress,
): Promise<Result> {
  // What was read is compared in temporary tables; in memory where there is room. It cannot be set once they are there.
  await client.query("set temp_buffers = '512MB'").catch(() => {})
  await client.query('begin')
  try {
    await client.query("set local work_mem = '128MB'")
    // Words of new names are gathered and put into the index together, after the import.
    await client.query("set local gin_pending_list_limit = '512MB'")
    progress('waiting', 0, null)
    await client.query('select pg_advisory_xact_lock($1)', [IMPORT_LOCK])
    const result = await importLocked(client, report, ask, progress)
    await client.query('commit')
    await afterwards(client, result.appeared + result.changed)
    return result
  } catch (error) {
    // The connection may be what failed; its end rolls back as well.
    await client.query('rollback').catch(() => {})
    throw error
  }
}

/** What makes later questions quick. */
async function afterwards(client: pg.ClientBase, rows: number): Promise<void> {
  await client.query(
    "select gin_clean_pending_list(c.oid) from pg_class c where c.relname in ('identity_search', 'identity_failing')",
  )
  const { rows: known } = await client.query<{ count: number }>(
    "select reltuples::float8 as count from pg_class where oid = 'identity'::regclass",
  )
  if (rows > ANALYZE_AFTER.rows && rows > ANALYZE_AFTER.share * Math.max(0, known[0]?.count ?? 0))
    await client.query('analyze identity, identity_version, finding, tally')
}

async function importLocked(
  client: pg.ClientBase,
  report: ReportSource,
  ask: ImportAsk,
  progress: Progress,
): Promise<Result> {
  progress('storing', 0, null)
  const head = await report.head()
  const name = sourceName(ask.source, head)
  const facts: SourceFacts = {
    id: sourceId(name),
    name,
    head,
    importId: newId('imp'),
    at: await instantOf(client, ask.at),
    isExample: ask.isExample ?? false,
  }
  const before = await client.query<{ readers: SourceFacts['head']['sources'] }>(
    'select readers from source where id = $1',
    [facts.id],
  )
  const silence = judgeSilence(head.sources, before.rows[0]?.readers ?? null)
  const isComplete = silence.unproven?.length === 0
  await client.query(sql.CREATE_INCOMING)
  const read = await copyBody(client, report, head, facts.id, progress)
  progress('comparing', read.identities, read.identities)
  await client.query(sql.ANALYZE_INCOMING)
  await saveSource(client, facts)
  await saveRules(client, read.rules)
  await replaceHead(client, head, facts.id, isComplete)
  const merged = await merge(client, facts, silence.unproven, isComplete)
  await count(client, facts.id, facts.at)
  const result: Result = {
    importId: facts.importId,
    sourceId: facts.id,
    identities: read.identities,
    credentials: read.credentials,
    appeared: merged.appeared,
    changed: merged.changed,
    unchanged: merged.unchanged,
    vanished: merged.vanished,
    returned: merged.returned,
    findings: read.findings,
    note: await noteOf(client, facts, silence.why, merged, read, report),
  }
  await client.query('insert into import (id, source_id, at, as_of, result) values ($1, $2, $3, $4, $5)', [
    facts.importId,
    facts.id,
    facts.at,
    head.asOf,
    JSON.stringify(result),
  ])
  return result
}

/** The sums that the overview and the totals are read from. `incoming_unknown` must exist. */
async function count(client: pg.ClientBase, source: string, at: Date): Promise<void> {
  await client.query(sql.CLEAR_RULE_COUNTS, [source])
  await client.query(sql.INSERT_RULE_COUNTS, [source])
  await client.query(sql.INSERT_SNAPSHOT, [source, at])
  await client.query(sql.CLEAR_TALLY, [source])
  await client.query(sql.INSERT_TALLY, [source])
  await client.query(sql.REFRESH_SOURCE, [source])
  await client.query(sql.REFRESH_RULE_TOTALS)
}
