/** A thread of a re-run: judges the identities of one range of ids and writes what differs. */
import { parentPort } from 'node:worker_threads'
import pg from 'pg'
import type { Finding } from '@onus/core/finding.ts'
import type { Identity } from '@onus/core/identity.ts'
import { judgeIdentity } from '@onus/core/posture/index.ts'
import type { Estate } from '@onus/core/posture/rule.ts'
import { openDatabase } from '../db/database.ts'
import { emptySeverities, findingsDigest, severityRank } from './columns.ts'
import { loadEstate } from './estates.ts'
import { UPDATE_COUNTS } from './rejudge.ts'
import type { Part, PartCount, PartMessage } from './rejudge.ts'
import { saveFindings } from './save-findings.ts'

const BATCH = 1_000
type Row = { version: string; id: string; environment: string | null; findings_digest: string; document: string }
type Changed = Omit<Row, 'document' | 'findings_digest'> & { was: string; digest: string; findings: Finding[] }

/** Documents come as text: the driver would parse them in the same way, after more copying. */
const DECLARE = `
  declare documents no scroll cursor for
  select v.id as version, v.identity_id as id, v.environment, v.findings_digest, v.document::text as document
  from identity_version v
  where v.source_id = $1 and v.valid_to is null and v.id >= $2 and v.id < $3`

function tell(message: PartMessage): void {
  parentPort?.postMessage(message)
}

async function judgePart(part: Part): Promise<void> {
  const db = openDatabase(part.address, () => {}, 1)
  const reader = new pg.Client(part.address)
  const writer = new pg.Client(part.address)
  await Promise.all([reader.connect(), writer.connect()])
  try {
    const estate = await loadEstate(db.read, part.source, new Date(part.asOf))
    const unknowns = new Map<string, PartCount>()
    let changed = 0
    const fetch = async (): Promise<Row[]> => (await reader.query<Row>(`fetch ${BATCH} from documents`)).rows
    await reader.query('begin read only')
    await reader.query(DECLARE, [part.source, part.from, part.to])
    for (let rows = await fetch(); estate && rows.length > 0; rows = await fetch()) {
      const differing = judgeRows(rows, estate, unknowns)
      changed += differing.length
      if (differing.length > 0) await write(writer, part.source, differing)
      tell({ type: 'progress', judged: rows.length })
    }
    tell({ type: 'done', unknowns: [...unknowns.values()], changed })
  } finally {
    await Promise.all([reader.end(), writer.end(), db.close()])
  }
}

function judgeRows(rows: readonly Row[], estate: Estate, unknowns: Map<string, PartCount>): Changed[] {
  const changed: Changed[] = []
  for (const { version, id, environment, findings_digest: was, document } of rows) {
    // It was checked when it was imported.
    const findings = judgeIdentity(JSON.parse(document) as Identity, estate)
    const failing: Finding[] = []
    for (const finding of findings) {
      if (finding.verdict === 'fail') failing.push(finding)
      else countUnknown(unknowns, finding)
    }
    const digest = findingsDigest(
      failing.map((finding) => ({ id: finding.id, severity: severityRank(finding.severity), team: finding.team })),
    )
    if (digest !== was) changed.push({ version, id, environment, was, digest, findings: failing })
  }
  return changed
}

function countUnknown(unknowns: Map<string, PartCount>, { rule, severity, team }: Finding): void {
  const key = `${rule} ${severity} ${team ?? ''}`
  const known = unknowns.get(key)
  if (known) known.unknown += 1
  else unknowns.set(key, { rule, severity: severityRank(severity), team, unknown: 1 })
}

/** Those that stand as they were read; what a decision changed since, it has judged itself. */
const HOLD = `
  select i.version_id as version, v.findings_digest
  from identity i join identity_version v on v.id = i.version_id
  where i.id = any($1) order by i.id for update of i`

/** Findings and counts of an identity change together, in one transaction. */
async function write(client: pg.Client, source: string, differing: readonly Changed[]): Promise<void> {
  await client.query('begin')
  const { rows: held } = await client.query<{ version: string; findings_digest: string }>(HOLD, [
    differing.map(({ id }) => id),
  ])
  const stands = new Map(held.map(({ version, findings_digest: digest }) => [version, digest]))
  const changed = differing.filter(({ version, was }) => stands.get(version) === was)
  await client.query('delete from finding where source_id = $1 and about = any($2)', [
    source,
    changed.map(({ id }) => id),
  ])
  await saveFindings(
    client,
    source,
    changed.flatMap(({ environment, findings }) => findings.map((finding) => ({ finding, environment }))),
  )
  await client.query(UPDATE_COUNTS, [
    JSON.stringify(
      changed.map(({ version, id, digest, findings }) => {
        const counts = emptySeverities()
        for (const { severity } of findings) counts[severity] += 1
        return {
          id,
          version,
          ...counts,
          worst: Math.max(0, ...findings.map(({ severity }) => severityRank(severity))),
          digest,
          rules: [...new Set(findings.map(({ rule }) => rule))].sort(),
        }
      }),
    ),
  ])
  await client.query('commit')
}

let queue: Promise<void> = Promise.resolve()
parentPort?.on('message', (part: Part) => {
  // A failure is thrown in this thread, so that the one that started it sees its 'error'.
  queue = queue
    .then(() => judgePart(part))
    .catch((error: unknown) => {
      setImmediate(() => {
        throw error
      })
    })
})
