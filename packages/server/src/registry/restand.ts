/**
 * Computes again what stands for identities: observations with the decisions over them, the findings that follow, and
 * the sums. Called in the transaction of a decision, of an import, and by the queue of `restanding` for what a decision
 * changed elsewhere (a team dissolved, a function handed over).
 */
import { sql } from 'kysely'
import { applyDecisions, observedPart } from '@onus/core/decision/effective.ts'
import type { RegisteredIdentity } from '@onus/core/decision/effective.ts'
import { judgeIdentity } from '@onus/core/posture/index.ts'
import type { Estate } from '@onus/core/posture/rule.ts'
import type { Finding } from '@onus/core/finding.ts'
import type { Tx } from '../db/database.ts'
import {
  emptySeverities,
  findingHash,
  findingsDigest,
  searchText,
  severityRank,
  sortKey,
  stateRank,
} from './columns.ts'
import { FINDING_RANK } from './import-sql.ts'
import { loadStandings } from './standings.ts'
import type { Standings } from './standings.ts'

/** Documents in memory at once; a team may answer for ten thousand identities. */
const BATCH = 500

export type Cause = {
  now: Date
  /** What opens the new version: an import, or a batch of acceptances. */
  by: string
  /** The surroundings that rules judge in. */
  estateOf(source: string): Promise<Estate | null>
  /** An import has just written the version of what it read; the decisions go into that version. */
  isImport?: boolean
}

type Row = {
  id: string
  source_id: string
  version_id: string
  valid_from: Date
  state: string
  team: string | null
  kind: string
  environment: string | null
  credentials: number
  findings_digest: string
  document: RegisteredIdentity
}
type Changed = { row: Row; document: RegisteredIdentity; teamName: string | null; findings: Finding[] }

/** Answers how many identities stand differently now. Ids that the registry does not hold, or no longer, are left out. */
export async function restand(tx: Tx, ids: readonly string[], cause: Cause): Promise<number> {
  // One order for everyone who locks several.
  const sorted = [...new Set(ids)].sort()
  let changed = 0
  for (let start = 0; start < sorted.length; start += BATCH)
    changed += await restandBatch(tx, sorted.slice(start, start + BATCH), cause)
  return changed
}

async function restandBatch(tx: Tx, ids: readonly string[], cause: Cause): Promise<number> {
  const rows = await lockedRows(tx, ids)
  const standings = await loadStandings(tx, rows)
  const estates = new Map<string, Estate | null>()
  for (const source of new Set(rows.map(({ source_id: id }) => id))) estates.set(source, await cause.estateOf(source))
  const changed: Changed[] = []
  for (const row of rows) {
    const document = applyDecisions(observedPart(row.document), standings.of(row.id), cause.now)
    if (!cause.isImport && JSON.stringify(document) === JSON.stringify(row.document)) continue
    const estate = estates.get(row.source_id)
    const findings = estate ? judgeIdentity(document, estate).filter(({ verdict }) => verdict === 'fail') : []
    changed.push({ row, document, teamName: teamNameOf(document, standings), findings })
  }
  if (changed.length === 0) return 0
  if (cause.isImport) await replaceVersions(tx, changed)
  else await openVersions(tx, changed, cause)
  await replaceFindings(tx, changed)
  await updateRows(tx, changed)
  if (!cause.isImport) await addToTally(tx, changed)
  return changed.length
}

async function lockedRows(tx: Tx, ids: readonly string[]): Promise<Row[]> {
  // Apart from reading: a row for which one waited is joined with what was there before.
  await sql`select from identity where id = any(${ids}) order by id for update`.execute(tx)
  const { rows } = await sql<Row>`
    select i.id, i.source_id, i.version_id, v.valid_from, i.state, i.team, i.kind, i.environment, i.credentials,
      v.findings_digest, v.document
    from identity i join identity_version v on v.id = i.version_id
    where i.id = any(${ids}) and i.vanished_at is null
    order by i.id`.execute(tx)
  return rows
}

function teamNameOf(document: RegisteredIdentity, standings: Standings): string | null {
  const { team } = document.accountability
  if (team === null) return null
  return document.decision?.acceptance?.team.id === team
    ? document.decision.acceptance.team.name
    : standings.nameOf(team)
}

const columnsOf = ({ document, teamName }: Changed) => ({
  state: document.accountability.state,
  team: document.accountability.team,
  team_name: teamName,
  search: searchText(document.name, document.namespace, teamName, document.source.ref),
})
const versionColumnsOf = (each: Changed) => ({
  ...columnsOf(each),
  findings_digest: digestOf(each.findings),
  document: each.document,
})

async function replaceVersions(tx: Tx, changed: readonly Changed[]): Promise<void> {
  const given = changed.map((each) => ({ id: each.row.version_id, ...versionColumnsOf(each) }))
  await sql`update identity_version v
    set document = n.document, state = n.state, team = n.team, team_name = n.team_name, search = n.search,
      findings_digest = n.findings_digest
    from json_to_recordset(${textOf(given)}) as n
      (id bigint, state text, team text, team_name text, search text, findings_digest text, document json)
    where v.id = n.id`.execute(tx)
}

/** History needs a later instant than the version before, whatever the clock does. */
async function openVersions(tx: Tx, changed: readonly Changed[], { now, by }: Cause): Promise<void> {
  const given = changed.map((each) => ({
    identity_id: each.row.id,
    was: each.row.version_id,
    at: new Date(Math.max(now.getTime(), each.row.valid_from.getTime() + 1)).toISOString(),
    ...versionColumnsOf(each),
  }))
  await sql`
    with given as (
      select * from json_to_recordset(${textOf(given)}) as n (identity_id text, was bigint, at timestamptz, state text,
        team text, team_name text, search text, findings_digest text, document json)
    ), closed as (
      update identity_version v set valid_to = given.at, closed_by = ${by} from given where v.id = given.was
    ), opened as (
      insert into identity_version (identity_id, source_id, valid_from, opened_by, kind, namespace, environment, state,
        team, team_name, search, sort_name, findings_digest, document)
      select given.identity_id, v.source_id, given.at, ${by}, v.kind, v.namespace, v.environment, given.state, given.team,
        given.team_name, given.search, v.sort_name, given.findings_digest, given.document
      from given join identity_version v on v.id = given.was
      returning id, identity_id
    )
    update identity i set version_id = opened.id from opened where i.id = opened.identity_id`.execute(tx)
}

async function updateRows(tx: Tx, changed: readonly Changed[]): Promise<void> {
  const given = changed.map((each) => {
    const counts = emptySeverities()
    for (const { severity } of each.findings) counts[severity] += 1
    const ranks = each.findings.map(({ severity }) => severityRank(severity))
    return {
      id: each.row.id,
      ...columnsOf(each),
      sort_team: sortKey(each.teamName),
      state_rank: stateRank(each.document.accountability.state),
      ...counts,
      worst: Math.max(0, ...ranks),
      rules: [...new Set(each.findings.map(({ rule }) => rule))].sort(),
    }
  })
  await sql`
    update identity t set state = n.state, team = n.team, team_name = n.team_name, search = n.search,
      sort_team = n.sort_team, state_rank = n.state_rank, low = n.low, medium = n.medium, high = n.high,
      critical = n.critical, worst = n.worst, rules = n.rules, finding_rank = n.rank
    from (select *, ${sql.raw(FINDING_RANK)} as rank from json_to_recordset(${textOf(given)}) as g
      (id text, state text, team text, team_name text, search text, sort_team text, state_rank smallint, low int,
        medium int, high int, critical int, worst smallint, rules text[])) as n
    where t.id = n.id`.execute(tx)
}

const digestOf = (findings: readonly Finding[]): string =>
  findingsDigest(findings.map(({ id, severity, team }) => ({ id, severity: severityRank(severity), team })))

/** Only where they stand differently; the sums of rules get what is added and what is taken away. */
async function replaceFindings(tx: Tx, all: readonly Changed[]): Promise<void> {
  const changed = all.filter(({ row, findings }) => digestOf(findings) !== row.findings_digest)
  if (changed.length === 0) return
  const ids = changed.map(({ row }) => row.id)
  const given = changed.flatMap(({ row, findings }) =>
    findings.map((finding) => ({
      id: finding.id,
      source_id: row.source_id,
      rule: finding.rule,
      severity: severityRank(finding.severity),
      subject_kind: finding.subject.kind,
      subject_id: finding.subject.id,
      identity_id: row.id,
      about: row.id,
      credential: finding.credential,
      team: finding.team,
      environment: row.environment,
      title: finding.title,
      detail: finding.detail,
      evidence: finding.evidence,
      hash: findingHash(finding),
    })),
  )
  await sql`
    with gone as (
      delete from finding where about = any(${ids}) and identity_id is not null returning source_id, rule, severity, team
    )
    insert into rule_count (source_id, rule, severity, team, fail, unknown)
    select source_id, rule, severity, team, -count(*), 0 from gone group by 1, 2, 3, 4`.execute(tx)
  await sql`
    with come as (
      insert into finding (id, source_id, rule, severity, subject_kind, subject_id, identity_id, about, credential, team,
        environment, title, detail, evidence, hash)
      select distinct on (about, id) id, source_id, rule, severity, subject_kind, subject_id, identity_id, about, credential,
        team, environment, title, detail, evidence, hash
      from json_populate_recordset(null::finding, ${textOf(given)})
      returning source_id, rule, severity, team
    )
    insert into rule_count (source_id, rule, severity, team, fail, unknown)
    select source_id, rule, severity, team, count(*), 0 from come group by 1, 2, 3, 4`.execute(tx)
}

/** What is added and what is taken away, as rows of their own: no two decisions wait for one sum. */
async function addToTally(tx: Tx, changed: readonly Changed[]): Promise<void> {
  const given = changed.flatMap(({ row, document: { accountability } }) =>
    row.state === accountability.state && row.team === accountability.team
      ? []
      : [
          { ...dimensions(row), state: row.state, team: row.team, sign: -1 },
          { ...dimensions(row), state: accountability.state, team: accountability.team, sign: 1 },
        ],
  )
  if (given.length === 0) return
  await sql`
    insert into tally (source_id, grain, kind, environment, team, state, identities, credentials)
    select source_id, case grouping(kind, environment, team) when 0 then 'full' when 5 then 'environment' else 'team' end,
      kind, environment, team, state, sum(sign), sum(sign * credentials)
    from json_to_recordset(${textOf(given)}) as n
      (source_id text, kind text, environment text, team text, state text, credentials int, sign int)
    group by grouping sets (
      (source_id, kind, environment, team, state), (source_id, environment, state), (source_id, team, state))`.execute(
    tx,
  )
}

const dimensions = ({ source_id, kind, environment, credentials }: Row) => ({
  source_id,
  kind,
  environment,
  credentials,
})

/** Text columns keep no U+0000. */
const textOf = (rows: readonly unknown[]): string => JSON.stringify(rows).replaceAll('\\u0000', '\\ufffd')
