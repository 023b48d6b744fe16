/**
 * Findings as people read them. Stored is that a finding stands; its words say "90 days ago" and are made anew from the
 * identity for the instant it was judged. A finding that this version's rules do not make (it came with a report of
 * another version) keeps the words it came with.
 */
import type { Selectable } from 'kysely'
import { RULES } from '@onus/core/posture/index.ts'
import type { Finding } from '@onus/core/finding.ts'
import type { Read } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { severityOf } from './columns.ts'
import { judged, loadEstate } from './estates.ts'
import type { Judged } from './estates.ts'

export type StoredFinding = Selectable<Tables['finding']>

export const RULE_OF = new Map(RULES.map((rule) => [rule.id, rule]))

async function subjects(read: Read, rows: readonly StoredFinding[]): Promise<Map<string, Judged>> {
  const found = new Map<string, Judged>()
  const identities = [...new Set(rows.flatMap((row) => row.identity_id ?? []))]
  const scopes = [...new Set(rows.filter((row) => row.identity_id === null).map((row) => row.subject_id))]
  if (identities.length) {
    const documents = await read
      .selectFrom('identity')
      .innerJoin('identity_version', 'identity_version.id', 'identity.version_id')
      .select(['identity.id', 'document'])
      .where('identity.id', 'in', identities)
      .execute()
    for (const { id, document } of documents) found.set(id, { identity: document })
  }
  if (scopes.length) {
    const documents = await read.selectFrom('scope').select(['id', 'document']).where('id', 'in', scopes).execute()
    for (const { id, document } of documents) found.set(id, { scope: document })
  }
  return found
}

/** The stored findings in their order, in the words of the instant they were judged for. */
export async function restate(read: Read, rows: readonly StoredFinding[]): Promise<Finding[]> {
  const about = await subjects(read, rows)
  const words = new Map<string, Finding>()
  for (const row of rows) {
    const subject = about.get(row.identity_id ?? row.subject_id)
    if (!subject || words.has(row.id)) continue
    const estate = await loadEstate(read, row.source_id)
    if (estate) for (const finding of judged(subject, estate)) words.set(finding.id, finding)
  }
  const foreign = [...new Set(rows.map(({ rule }) => rule).filter((rule) => !RULE_OF.has(rule)))]
  const said = foreign.length
    ? await read.selectFrom('rule_said').selectAll().where('rule', 'in', foreign).execute()
    : []
  return rows.map((row) => {
    const made = words.get(row.id)
    return made?.verdict === 'fail'
      ? made
      : asStored(row, RULE_OF.get(row.rule) ?? said.find(({ rule }) => rule === row.rule))
  })
}

function asStored(row: StoredFinding, rule: { maps: Finding['maps']; fix: string } | undefined): Finding {
  return {
    id: row.id,
    rule: row.rule,
    // Rows hold ranks 1 to 4 and kinds that the contract has checked.
    severity: severityOf(row.severity) ?? 'low',
    verdict: 'fail',
    subject: { kind: row.subject_kind as Finding['subject']['kind'], id: row.subject_id },
    identity: row.identity_id,
    credential: row.credential,
    team: row.team,
    title: row.title,
    detail: row.detail,
    evidence: row.evidence,
    maps: rule?.maps ?? { owaspNhi: [], csf: [] },
    fix: rule?.fix ?? '',
  }
}
