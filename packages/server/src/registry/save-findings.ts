/** Findings of a re-run into the table, many in one statement. Those that were there must be gone. */
import type pg from 'pg'
import type { Finding } from '@onus/core/finding.ts'
import { findingHash, severityRank } from './columns.ts'

export type Found = { finding: Finding; environment: string | null }

const INSERT = `
  insert into finding (id, source_id, rule, severity, subject_kind, subject_id, identity_id, about, credential, team,
    environment, title, detail, evidence, hash)
  select distinct on (id) id, $1, rule, severity, subject_kind, subject_id, identity_id, about, credential, team,
    environment, title, detail, evidence, hash
  from json_populate_recordset(null::finding, $2)`

export async function saveFindings(client: pg.ClientBase, source: string, found: readonly Found[]): Promise<void> {
  if (found.length === 0) return
  const rows = found.map(({ finding, environment }) => ({
    id: finding.id,
    rule: finding.rule,
    severity: severityRank(finding.severity),
    subject_kind: finding.subject.kind,
    subject_id: finding.subject.id,
    identity_id: finding.identity,
    about: finding.identity ?? finding.subject.id,
    credential: finding.credential,
    team: finding.team,
    environment,
    title: finding.title,
    detail: finding.detail,
    evidence: finding.evidence,
    hash: findingHash(finding),
  }))
  // Text columns keep no U+0000.
  await client.query(INSERT, [source, JSON.stringify(rows).replaceAll('\\u0000', '\\ufffd')])
}
