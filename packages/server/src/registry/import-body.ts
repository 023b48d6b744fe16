/** Identities and findings of a report into the temporary tables of an import. */
import type pg from 'pg'
import { findingHash, identityColumns, key, nullable, severityRank, text } from './columns.ts'
import { copyInto } from './copy.ts'
import type { Cell, Copy } from './copy.ts'
import { IDENTITY_COLUMNS } from './import-sql.ts'
import type { Body, ReportHead, ReportSource } from './report-source.ts'
import { teamNames } from './import-head.ts'

export type Progress = (stage: string, done: number, total: number | null) => void
export type Read = {
  identities: number
  credentials: number
  findings: number
  repeated: number
  rules: Map<string, Cell[]>
}

/** Streams identities and findings into the temporary tables; one COPY at a time, changed with the kind of row. */
export async function copyBody(
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
    await (await to(`incoming (${IDENTITY_COLUMNS.join(', ')})`)).add(identityCells(columns))
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
const FINDING_INTO = `incoming_finding (id, source_id, rule, severity, subject_kind, subject_id, identity_id,
  credential, team, title, detail, evidence, hash)`

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
