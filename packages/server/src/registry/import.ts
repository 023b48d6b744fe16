/**
 * One report into the registry, in one transaction: observations of its source are replaced, what vanished is kept and
 * marked, and what changed becomes a new version. Runs in a process of its own (`jobs/child.ts`), never in the API's.
 */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type pg from 'pg'
import type { z } from 'zod'
import type { ImportResult } from '@onus/core/contract/routes.ts'
import { DEFAULT_CONVENTIONS } from '@onus/core/conventions.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'
import { findingHash, identityColumns, key, nullable, searchText, severityRank, sortKey, text } from './columns.ts'
import { copyInto } from './copy.ts'
import type { Cell, Copy } from './copy.ts'
import { judgeSilence } from './coverage.ts'
import * as sql from './import-sql.ts'
import type { Body, ReportHead, ReportSource } from './report-source.ts'

export type ImportAsk = {
  /** Stable name of the source; null: the path that was scanned. */
  source: string | null
  /** When it is imported: history is kept by this clock. */
  at: Date
  isExample?: boolean
}
export type Progress = (stage: string, done: number, total: number | null) => void
type Result = z.infer<typeof ImportResult>

/** Imports run one after another: two sources may name the same identity, and the disk is the limit anyway. */
const IMPORT_LOCK = 0x696d706f
/** After this many new rows the planner's picture of the tables is stale. */
const ANALYZE_AFTER = 5_000

export function sourceId(name: string): string {
  return `src_${createHash('sha256').update(name).digest('hex').slice(0, 20)}`
}

/** A relative path names another folder on every machine, so it cannot name a source by itself. */
function sourceName(asked: string | null, head: ReportHead): string {
  const name = asked?.trim() || [...new Set(head.sources.map(({ path }) => path))].sort().join(' ')
  if (name === '' || (!asked && /^\.{0,2}\/?$/.test(name))) {
    throw new Refused(
      'source-name-needed',
      'the report names no folder that means something here; give the source a stable name with ?source=',
    )
  }
  return name.slice(0, 1_000)
}

/** The names of a report's teams, so that an identity can be found and sorted by the name of its team. */
const teamNames = (head: ReportHead): Map<string, string> => new Map(head.teams.map(({ id, name }) => [id, name]))

type Read = { identities: number; credentials: number; findings: number; repeated: number; rules: Map<string, Cell[]> }

/** Streams identities and findings into the temporary tables; one COPY at a time, so it changes with the kind of row. */
async function copyBody(
  client: pg.ClientBase,
  report: ReportSource,
  head: ReportHead,
  source: string,
  progress: Progress,
): Promise<Read> {
  const names = teamNames(head)
  const seen = new Set<string>()
  const read: Read = { identities: 0, credentials: 0, findings: 0, repeated: 0, rules: new Map() }
  let open: { into: string; copy: Copy } | null = null
  const to = async (into: string): Promise<Copy> => {
    if (open?.into === into) return open.copy
    await open?.copy.end()
    open = { into, copy: copyInto(client, into) }
    return open.copy
  }
  // Unknown verdicts lie among the failing ones; they are set aside, because each change of table costs a round trip.
  let unknowns: Cell[][] = []
  const flushUnknowns = async (): Promise<void> => {
    if (unknowns.length === 0) return
    const copy = await to('incoming_unknown (identity_id, rule, severity, team)')
    for (const cells of unknowns) await copy.add(cells)
    unknowns = []
  }
  const take = async (element: Body): Promise<void> => {
    if (element.kind === 'finding') {
      noteRule(read.rules, element.value)
      if (element.value.verdict === 'unknown') {
        const { identity, rule, severity, team } = element.value
        unknowns.push([nullable(identity), key(rule), severityRank(severity), nullable(team)])
        if (unknowns.length >= 50_000) await flushUnknowns()
      } else {
        read.findings += 1
        await (await to(FINDING_INTO)).add(findingCells(element.value, source))
      }
      return
    }
    if (seen.size === seen.add(element.value.id).size) {
      read.repeated += 1
      return
    }
    read.identities += 1
    read.credentials += element.value.credentials.length
    if (read.identities % 2_000 === 0) progress('storing', read.identities, null)
    const { team } = element.value.accountability
    const columns = identityColumns(element.value, team === null ? null : (names.get(team) ?? null))
    await (await to(`incoming (${sql.IDENTITY_COLUMNS.join(', ')})`)).add(identityCells(columns))
  }
  try {
    await report.body(take)
    await flushUnknowns()
    await last(open)?.end()
  } catch (error) {
    last(open)?.abort()
    throw error
  }
  return read
}

/** A variable that only closures assign looks null to the compiler for ever; a parameter does not. */
const last = (open: { copy: Copy } | null): Copy | null => open?.copy ?? null

function identityCells(c: ReturnType<typeof identityColumns>): Cell[] {
  return [
    c.id,
    c.system,
    c.kind,
    c.name,
    c.namespace,
    c.environment,
    c.isProduction,
    c.state,
    c.team,
    c.teamName,
    c.file,
    c.line,
    c.credentials,
    c.oldestRotationAt,
    `\\x${c.meaningHash}`,
    `\\x${c.documentHash}`,
    c.search,
    c.sortName,
    c.sortNamespace,
    c.sortTeam,
    c.stateRank,
    c.rotatedKey,
    c.document,
  ]
}

type Finding = Extract<Body, { kind: 'finding' }>['value']
const FINDING_INTO = `incoming_finding (id, source_id, rule, severity, subject_kind, subject_id, identity_id, credential, team,
  title, detail, evidence, hash)`

function findingCells(finding: Finding, source: string): Cell[] {
  const { id, rule, severity, subject, identity, credential, team, title, detail, evidence } = finding
  return [
    id,
    source,
    key(rule),
    severityRank(severity),
    subject.kind,
    key(subject.id),
    nullable(identity),
    nullable(credential),
    nullable(team),
    text(title),
    text(detail),
    JSON.stringify(evidence),
    findingHash(finding),
  ]
}

/** The first finding of a rule says what the rule is, and the first unknown one what it misses. */
function noteRule(rules: Map<string, Cell[]>, finding: Finding): void {
  const known = rules.get(finding.rule)
  const missing = finding.verdict === 'unknown' ? text(finding.detail) : ''
  if (!known && rules.size < 1_000) {
    const { rule, severity, fix, maps } = finding
    rules.set(rule, [key(rule), severityRank(severity), text(fix), missing, JSON.stringify(maps)])
  } else if (known && known[3] === '') known[3] = missing
}

async function copyRows(client: pg.ClientBase, into: string, rows: Iterable<Cell[]>): Promise<void> {
  const copy = copyInto(client, into)
  for (const cells of rows) await copy.add(cells)
  await copy.end()
}

function* once<T extends { id: string }>(values: readonly T[]): Generator<T> {
  const seen = new Set<string>()
  for (const value of values) if (seen.size !== seen.add(value.id).size) yield value
}

/** Teams, scopes, services, functions and APIs: few, replaced whole. */
async function replaceHead(
  client: pg.ClientBase,
  head: ReportHead,
  source: string,
  isComplete: boolean,
): Promise<void> {
  const names = teamNames(head)
  await client.query(sql.CLEAR_TEAMS, [source])
  await client.query(sql.CLEAR_RECORDS, [source])
  await copyRows(
    client,
    'team (source_id, id, name, is_known, search, sort_name, document)',
    [...once(head.teams)].map((team) => [
      source,
      team.id,
      text(team.name),
      team.isKnown,
      searchText(team.name, ...team.spellings),
      sortKey(team.name),
      JSON.stringify(team),
    ]),
  )
  const records = [
    ['service', head.services],
    ['function', head.functions],
    ['api', head.apis],
  ] as const
  for (const [kind, values] of records) {
    await copyRows(
      client,
      'record (kind, source_id, id, search, sort_name, document)',
      [...once<{ id: string; name: string }>(values)].map((value) => [
        kind,
        source,
        value.id,
        searchText(value.name),
        sortKey(value.name),
        JSON.stringify(value),
      ]),
    )
  }
  await copyRows(
    client,
    'incoming_scope (id, source_id, kind, name, environment, state, team, search, sort_name, document)',
    [...once(head.scopes)].map((scope) => {
      const { state, team } = scope.accountability
      const teamName = team === null ? null : (names.get(team) ?? null)
      return [
        scope.id,
        source,
        scope.kind,
        text(scope.name),
        nullable(scope.environment),
        state,
        nullable(team),
        searchText(scope.name, scope.environment, teamName),
        sortKey(scope.name),
        JSON.stringify(scope),
      ]
    }),
  )
  await client.query(sql.DELETE_SCOPES, [source, isComplete])
  await client.query(sql.INSERT_SCOPES)
}

/** History needs a later instant than the import before, whatever the clock does. */
async function instantOf(client: pg.ClientBase, at: Date): Promise<Date> {
  const { rows } = await client.query<{ last: Date | null }>('select max(at) as last from import')
  const last = rows[0]?.last?.getTime() ?? 0
  return new Date(Math.max(at.getTime(), last + 1))
}

type SourceFacts = { id: string; name: string; head: ReportHead; importId: string; at: Date; isExample: boolean }

async function saveSource(client: pg.ClientBase, facts: SourceFacts): Promise<void> {
  const { head } = facts
  const path = [...new Set(head.sources.map((source) => source.path))].join(' ')
  const label = facts.isExample ? 'Example company' : basename(facts.name) || facts.name
  const sum = (pick: (source: ReportHead['sources'][number]) => number): number =>
    head.sources.reduce((total, source) => total + pick(source), 0)
  await client.query(
    `
    insert into source (id, name, path, label, as_of, judged_as_of, last_import_at, last_import_id, is_complete, is_example,
      knows_groups, identities, credentials, vanished, files, unread, readers, limits)
    values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, 0, 0, 0, $11, $12, $13, $14)
    on conflict (id) do update set path = excluded.path, label = excluded.label, as_of = excluded.as_of,
      judged_as_of = excluded.judged_as_of, last_import_at = excluded.last_import_at, last_import_id = excluded.last_import_id,
      is_complete = excluded.is_complete, is_example = excluded.is_example, knows_groups = excluded.knows_groups,
      files = excluded.files, unread = excluded.unread, readers = excluded.readers, limits = excluded.limits`,
    [
      facts.id,
      facts.name,
      text(path),
      text(label),
      head.asOf,
      facts.at,
      facts.importId,
      head.sources.every(({ isComplete }) => isComplete),
      facts.isExample,
      head.teams.some(({ isKnown }) => isKnown),
      countFiles(head.sources),
      sum(({ unreadCount }) => unreadCount),
      JSON.stringify(head.sources),
      JSON.stringify(head.limits ?? DEFAULT_CONVENTIONS.limits),
    ],
  )
}

/** The walk counts every file once (its row is the reader `files`); the readers' rows count those that each one took. */
function countFiles(sources: ReportHead['sources']): number {
  const walked = sources.filter(({ reader }) => reader === 'files')
  return (walked.length > 0 ? walked : sources).reduce((total, { files }) => total + files, 0)
}

async function saveRules(client: pg.ClientBase, rules: Read['rules']): Promise<void> {
  for (const cells of rules.values()) {
    await client.query(
      `
      insert into rule_said (rule, severity, fix, missing, maps) values ($1, $2, $3, $4, $5)
      on conflict (rule) do update set severity = excluded.severity, fix = excluded.fix,
        maps = excluded.maps, missing = case when excluded.missing = '' then rule_said.missing else excluded.missing end`,
      cells,
    )
  }
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
  const overlaps = await client.query(sql.SET_OVERLAPS_ASIDE, [id, at])
  await client.query(sql.DROP_OLD_OVERLAPS, [id, at])
  await client.query(sql.KEEP_OWN_FINDINGS)
  await client.query(sql.KEEP_OWN_UNKNOWNS)
  await client.query(sql.COUNT_FINDINGS)
  await client.query(sql.PLAN)
  await client.query(sql.CLOSE_CHANGED, [id, importId, at])
  await client.query(sql.OPEN_VERSIONS, [id, importId, at])
  await client.query(sql.REPLACE_MOVED)
  await client.query(sql.INSERT_APPEARED, [id, at])
  await client.query(sql.UPDATE_CHANGED, [id, at])
  await client.query(sql.TOUCH_SAME, [at])
  await client.query(sql.UPDATE_COUNTS)
  await client.query(sql.CLEAR_COUNTS)
  const gone = unproven === null ? null : await client.query(sql.MARK_VANISHED, [id, importId, at, unproven])
  await client.query(sql.DELETE_FINDINGS, [id, at, isComplete])
  await client.query(sql.INSERT_FINDINGS)
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
      `${merged.overlapping} identities are held by another source (\`${rows[0]?.label ?? ''}\`) and were left as they are.`,
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

/** Imports `report` and answers what it changed. Throws `Refused` when the report is not valid; then nothing changed. */
export async function importReport(
  client: pg.ClientBase,
  report: ReportSource,
  ask: ImportAsk,
  progress: Progress,
): Promise<Result> {
  await client.query('begin')
  try {
    await client.query("set local work_mem = '128MB'")
    progress('waiting', 0, null)
    await client.query('select pg_advisory_xact_lock($1)', [IMPORT_LOCK])
    const result = await importLocked(client, report, ask, progress)
    await client.query('commit')
    if (result.appeared + result.changed > ANALYZE_AFTER)
      await client.query('analyze identity, identity_version, finding, tally')
    return result
  } catch (error) {
    // The connection may be what failed; its end rolls back as well.
    await client.query('rollback').catch(() => {})
    throw error
  }
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
  const before = await client.query<{ readers: ReportHead['sources'] }>('select readers from source where id = $1', [
    facts.id,
  ])
  const silence = judgeSilence(head.sources, before.rows[0]?.readers ?? null)
  const isComplete = silence.unproven?.length === 0
  await client.query(sql.CREATE_INCOMING)
  const read = await copyBody(client, report, head, facts.id, progress)
  progress('comparing', read.identities, read.identities)
  await client.query(sql.INDEX_INCOMING)
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
