/** What the benchmark imports. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DEFAULT_CONVENTIONS } from '@onus/core/conventions.ts'
import { judgeIdentity } from '@onus/core/posture/index.ts'
import { TEAMS, benchIdentity, benchTeam } from './estate.ts'

/** A report of `count` identities that the registry of `from` does not have, as a large company would push it. */
export async function writeReport(
  file: string,
  { from, count, changed }: { from: number; count: number; changed: (n: number) => boolean },
): Promise<void> {
  const teams = Array.from({ length: TEAMS }, (_, n) => benchTeam(n))
  const estate = {
    asOf: new Date('2026-03-01T00:00:00.000Z'),
    teams: new Map(teams.map((team) => [team.id, team])),
    knowsGroups: true,
    usageCoverage: new Map(),
    limits: DEFAULT_CONVENTIONS.limits,
  }
  const identity = (n: number) => {
    const made = benchIdentity(from + n, 'new-')
    return changed(n) ? { ...made, purpose: 'was changed since' } : made
  }
  function* text(): Generator<string> {
    const source = {
      path: '/bench/more',
      reader: 'kubernetes',
      files: 5_000,
      bytes: 1,
      observations: 1,
      unread: [],
      unreadCount: 0,
      blind: [],
      isComplete: true,
    }
    const states = { accountable: 0, claimed: 0, split: 0, unowned: 0, lapsed: 0 }
    const summary = {
      identities: count,
      credentials: 2 * count,
      byState: states,
      byKind: {},
      byEnvironment: {},
      findings: { low: 0, medium: 0, high: 0, critical: 0 },
      failures: {},
      unknowns: {},
      unread: 0,
      files: 5_000,
    }
    const head = {
      onus: { report: 1, version: '0.1.0' },
      asOf: '2026-03-01T00:00:00.000Z',
      sources: [source],
      teams,
      functions: [],
      services: [],
      apis: [],
      scopes: [],
      summary,
    }
    yield `${JSON.stringify(head).slice(0, -1)},"identities":[`
    for (let n = 0; n < count; n += 1) yield `${n ? ',' : ''}${JSON.stringify(identity(n))}`
    yield '],"findings":['
    for (let n = 0, isFirst = true; n < count; n += 1) {
      const findings = judgeIdentity(identity(n), estate)
      if (findings.length === 0) continue
      yield `${isFirst ? '' : ','}${JSON.stringify(findings).slice(1, -1)}`
      isFirst = false
    }
    yield ']}'
  }
  await pipeline(Readable.from(text()), createWriteStream(file))
}
