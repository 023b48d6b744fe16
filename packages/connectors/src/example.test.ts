/** The example company as a golden test: what a scan of examples/lumen-parcel says, in numbers. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { RULES } from '@onus/core/posture/index.ts'
import { ScanReport } from '@onus/core/report.ts'
import { readConventions } from './conventions-file/index.ts'
import { scan } from './scan.ts'

const ESTATE = fileURLToPath(new URL('../../../examples/lumen-parcel', import.meta.url))
const EXPECTED = fileURLToPath(new URL('../../../examples/expected.json', import.meta.url))
const AS_OF = new Date('2026-09-01T00:00:00Z')

async function scanExample(path: string): Promise<ScanReport> {
  const read = readConventions(readFileSync(join(path, 'onus.conventions.yaml'), 'utf8'), 'onus.conventions.yaml')
  assert.ok('conventions' in read, 'its conventions file is valid')
  return scan({ paths: [path], asOf: AS_OF, conventions: read.conventions })
}

let report: ScanReport
before(async () => {
  report = await scanExample(ESTATE)
})

/** Small enough to review in a diff: no ids, no dates, no places. */
function digestOf({ summary, identities, scopes, findings, sources, teams }: ScanReport): object {
  const failing = new Set(findings.filter((finding) => finding.verdict === 'fail').map((finding) => finding.identity))
  const wellKept = identities.filter((identity) => !failing.has(identity.id))
  const { identities: count, credentials, byState, byKind, byEnvironment, failures, unknowns, unread } = summary
  return {
    identities: count,
    credentials,
    byState,
    byKind,
    byEnvironment,
    failures: sorted(failures),
    unknowns: sorted(unknowns),
    unread,
    wellKept: wellKept.map((identity) => identity.source.ref),
    scopes: scopes.map((scope) => `${scope.kind} ${scope.name}: ${scope.accountability.state}`),
    teams: teams.map((team) => `${team.name}: ${team.kind}`),
    // History depends on the checkout, everything else on the files alone.
    readers: sources
      .filter((source) => source.reader !== 'git-history')
      .map((source) => `${source.reader}: ${source.files}`),
  }
}

function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
}

test('the example company counts as expected (UPDATE_EXPECTED=1 rewrites the file for review)', () => {
  const digest = digestOf(report)
  if (process.env['UPDATE_EXPECTED'] === '1') writeFileSync(EXPECTED, `${JSON.stringify(digest, null, 2)}\n`)
  assert.deepEqual(digest, JSON.parse(readFileSync(EXPECTED, 'utf8')))
})

test('every rule finds something in it; dormant cannot without usage, and says so', () => {
  const silent = RULES.map((rule) => rule.id).filter((id) => !report.summary.failures[id])
  assert.deepEqual(silent, ['dormant'])
  assert.equal(report.summary.unknowns['dormant'], report.identities.length - newIdentities(report))
})

/** Younger than the window, so nobody can say that they are not used. */
function newIdentities({ identities }: ScanReport): number {
  const usedOrNew = (at: string | null): boolean =>
    at !== null && AS_OF.getTime() - Date.parse(at) < 90 * 24 * 60 * 60 * 1000
  return identities.filter(
    (identity) => usedOrNew(identity.createdAt) || identity.credentials.some((one) => usedOrNew(one.lastUsedAt)),
  ).length
}

test('the report follows its own contract', () => {
  ScanReport.parse(JSON.parse(JSON.stringify(report)))
})

test('T52 what stands for a secret in it is in no report', () => {
  assert.ok(!JSON.stringify(report).includes('EXAMPLE-NOT-A'))
})

test('the same files in another place, without history, give the same identities and the same findings', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'onus-example-'))
  try {
    cpSync(ESTATE, join(copy, 'lumen-parcel'), { recursive: true })
    const again = await scanExample(join(copy, 'lumen-parcel'))
    assert.deepEqual(
      again.identities.map((identity) => identity.id),
      report.identities.map((identity) => identity.id),
    )
    assert.deepEqual(
      again.findings.map((finding) => finding.id),
      report.findings.map((finding) => finding.id),
    )
    assert.deepEqual(digestOf(again), digestOf(report))
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
})
