/** Fills the registry directly, because a bench of reading should not wait for a million identities to be imported. */
import pg from 'pg'
import { DEFAULT_CONVENTIONS } from '@onus/core/conventions.ts'
import { judgeIdentity } from '@onus/core/posture/index.ts'
import type { Estate } from '@onus/core/posture/rule.ts'
import type { Address } from '@onus/server/db/database.ts'
import { findingHash, findingsDigest, identityColumns, severityRank } from '@onus/server/registry/columns.ts'
import { copyInto } from '@onus/server/registry/copy.ts'
import type { Copy } from '@onus/server/registry/copy.ts'
import { FINDING_RANK, INSERT_TALLY, REFRESH_RULE_TOTALS, REFRESH_SOURCE } from '@onus/server/registry/import-sql.ts'
import { TEAMS, benchIdentity, benchTeam, teamName } from './estate.ts'

export const SOURCE = 'src_bench'
const AT = new Date('2026-03-01T00:00:00.000Z')

type Totals = { identities: number; credentials: number; findings: number }

const IDENTITY_INTO = `identity (id, source_id, version_id, system, kind, name, namespace, environment, is_production,
  state, team, team_name, file, line, credentials, oldest_rotation_at, low, medium, high, critical, worst, rules,
  meaning_hash, document_hash, first_seen_at, last_seen_at, search, sort_name, sort_namespace,
  sort_team, state_rank, finding_rank, rotated_key)`
const VERSION_INTO = `identity_version (identity_id, source_id, valid_from, opened_by, kind, namespace, environment,
  state, team, team_name, search, sort_name, findings_digest, document)`
const FINDING_INTO = `finding (id, source_id, rule, severity, subject_kind, subject_id, identity_id, about, credential,
  team, environment, title, detail, evidence, hash)`

/** Indexes are built after the rows, as one would restore a dump. */
async function withoutIndexes(client: pg.Client, load: () => Promise<void>): Promise<void> {
  const { rows } = await client.query<{
    name: string
    definition: string
  }>(`select indexname as name, indexdef as definition from pg_indexes
    where schemaname = 'public' and tablename in ('identity', 'identity_version', 'finding')
      and indexdef not like '%UNIQUE%'`)
  for (const { name } of rows) await client.query(`drop index ${name}`)
  await load()
  await client.query("set maintenance_work_mem = '1GB'")
  for (const { definition } of rows) await client.query(definition)
}

/** Three tables are filled side by side, so each has a connection. */
export async function load(address: Address, count: number, tell: (done: number) => void): Promise<Totals> {
  const clients = [0, 1, 2].map(() => new pg.Client(address))
  for (const client of clients) await client.connect()
  const [heads, versions, found] = clients as [pg.Client, pg.Client, pg.Client]
  const totals: Totals = { identities: 0, credentials: 0, findings: 0 }
  try {
    await sourceAndTeams(heads)
    await withoutIndexes(heads, async () => {
      const copies = {
        heads: copyInto(heads, IDENTITY_INTO),
        versions: copyInto(versions, VERSION_INTO),
        found: copyInto(found, FINDING_INTO),
      }
      const estate: Estate = {
        asOf: AT,
        teams: new Map(Array.from({ length: TEAMS }, (_, n) => [benchTeam(n).id, benchTeam(n)])),
        knowsGroups: true,
        usageCoverage: new Map(),
        limits: DEFAULT_CONVENTIONS.limits,
      }
      const names = new Map(Array.from({ length: TEAMS }, (_, n) => [benchTeam(n).id, teamName(n)]))
      for (let n = 0; n < count; n += 1) {
        await add(copies, n, estate, names, totals)
        if (n % 10_000 === 0) tell(n)
      }
      for (const copy of Object.values(copies)) await copy.end()
    })
    await sums(heads)
    return totals
  } finally {
    for (const client of clients) await client.end()
  }
}

async function add(
  copies: { heads: Copy; versions: Copy; found: Copy },
  n: number,
  estate: Estate,
  names: Map<string, string>,
  totals: Totals,
) {
  const identity = benchIdentity(n)
  const c = identityColumns(identity, names.get(identity.accountability.team ?? '') ?? null)
  const findings = judgeIdentity(identity, estate).filter(({ verdict }) => verdict === 'fail')
  const by = (severity: string): number => findings.filter((finding) => finding.severity === severity).length
  const [low, medium, high, critical] = [by('low'), by('medium'), by('high'), by('critical')]
  const worst = Math.max(0, ...findings.map(({ severity }) => severityRank(severity)))
  const digest = findingsDigest(
    findings.map(({ id, severity, team }) => ({ id, severity: severityRank(severity), team })),
  )
  const rules = `{${[...new Set(findings.map(({ rule }) => rule))].sort().join()}}`
  const at = AT.toISOString()
  await copies.heads.add([
    c.id,
    SOURCE,
    n + 1,
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
    low,
    medium,
    high,
    critical,
    worst,
    rules,
    `\\x${c.meaningHash}`,
    `\\x${c.documentHash}`,
    at,
    at,
    c.search,
    c.sortName,
    c.sortNamespace,
    c.sortTeam,
    c.stateRank,
    0,
    c.rotatedKey,
  ])
  await copies.versions.add([
    c.id,
    SOURCE,
    at,
    'imp_bench',
    c.kind,
    c.namespace,
    c.environment,
    c.state,
    c.team,
    c.teamName,
    c.search,
    c.sortName,
    digest,
    c.document,
  ])
  for (const finding of findings) {
    await copies.found.add([
      finding.id,
      SOURCE,
      finding.rule,
      severityRank(finding.severity),
      finding.subject.kind,
      finding.subject.id,
      c.id,
      c.id,
      finding.credential,
      finding.team,
      c.environment,
      finding.title,
      finding.detail,
      JSON.stringify(finding.evidence),
      findingHash(finding),
    ])
  }
  totals.identities += 1
  totals.credentials += c.credentials
  totals.findings += findings.length
}

async function sourceAndTeams(client: pg.Client): Promise<void> {
  await client.query(
    `insert into source (id, name, path, label, as_of, judged_as_of, last_import_at, last_import_id, is_complete,
      knows_groups, limits, identities, credentials, vanished, files, unread, readers)
    values ($1, 'bench', '/bench', 'bench', $2, $2, $2, 'imp_bench', true, true, $3, 0, 0, 0, 1, 0, '[]')`,
    [SOURCE, AT, JSON.stringify(DEFAULT_CONVENTIONS.limits)],
  )
  const copy = copyInto(client, 'team (source_id, id, name, is_known, search, sort_name, document)')
  for (let n = 0; n < TEAMS; n += 1) {
    const team = benchTeam(n)
    await copy.add([SOURCE, team.id, team.name, true, team.name, team.name, JSON.stringify(team)])
  }
  await copy.end()
}

async function sums(client: pg.Client): Promise<void> {
  await client.query(`update identity set finding_rank = ${FINDING_RANK} where worst > 0`)
  await client.query(INSERT_TALLY, [SOURCE])
  await client.query(`insert into rule_count (source_id, rule, severity, team, fail, unknown)
    select source_id, rule, severity, team, count(*), 0 from finding group by 1, 2, 3, 4`)
  await client.query(REFRESH_SOURCE, [SOURCE])
  await client.query(REFRESH_RULE_TOTALS)
  await client.query('vacuum analyze')
}
