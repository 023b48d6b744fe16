/** What a report says besides identities and findings: its source, teams, scopes, rules. Few, and replaced whole. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type pg from 'pg'
import { DEFAULT_CONVENTIONS } from '@onus/core/conventions.ts'
import { Refused } from '../http/refused.ts'
import { nullable, searchText, sortKey, text } from './columns.ts'
import { copyInto } from './copy.ts'
import type { Cell } from './copy.ts'
import * as sql from './import-sql.ts'
import type { ReportHead } from './report-source.ts'

export function sourceId(name: string): string {
  return `src_${createHash('sha256').update(name).digest('hex').slice(0, 20)}`
}

/** A relative path names another folder on every machine, so it cannot name a source by itself. */
export function sourceName(asked: string | null, head: ReportHead): string {
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
export const teamNames = (head: ReportHead): Map<string, string> =>
  new Map(head.teams.map(({ id, name }) => [id, name]))

export type SourceFacts = { id: string; name: string; head: ReportHead; importId: string; at: Date; isExample: boolean }

export async function saveSource(client: pg.ClientBase, facts: SourceFacts): Promise<void> {
  const { head } = facts
  const path = [...new Set(head.sources.map((source) => source.path))].join(' ')
  const label = facts.isExample ? 'Example company' : basename(facts.name) || facts.name
  const sum = (pick: (source: ReportHead['sources'][number]) => number): number =>
    head.sources.reduce((total, source) => total + pick(source), 0)
  await client.query(
    `
    insert into source (id, name, path, label, as_of, judged_as_of, last_import_at, last_import_id, is_complete,
      is_example, knows_groups, identities, credentials, vanished, files, unread, readers, limits)
    values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, 0, 0, 0, $11, $12, $13, $14)
    on conflict (id) do update set path = excluded.path, label = excluded.label, as_of = excluded.as_of,
      judged_as_of = excluded.judged_as_of, last_import_at = excluded.last_import_at,
      last_import_id = excluded.last_import_id,
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

/** The walk counts every file once (its row is the reader `files`); a reader's row counts those that it took. */
function countFiles(sources: ReportHead['sources']): number {
  const walked = sources.filter(({ reader }) => reader === 'files')
  return (walked.length > 0 ? walked : sources).reduce((total, { files }) => total + files, 0)
}

export async function saveRules(client: pg.ClientBase, rules: ReadonlyMap<string, Cell[]>): Promise<void> {
  for (const cells of rules.values()) {
    await client.query(
      `
      insert into rule_said (rule, severity, fix, missing, maps) values ($1, $2, $3, $4, $5)
      on conflict (rule) do update set severity = excluded.severity, fix = excluded.fix,
        maps = excluded.maps,
        missing = case when excluded.missing = '' then rule_said.missing else excluded.missing end`,
      cells,
    )
  }
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
export async function replaceHead(
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
