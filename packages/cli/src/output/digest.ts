/** What people read first of a report, in every format for people: counted once, here. */
import { SEVERITIES, type Finding, type Severity } from '@onus/core/finding.ts'
import type { Identity } from '@onus/core/identity.ts'
import type { OwnedScope } from '@onus/core/owned-scope.ts'
import { RULES } from '@onus/core/posture/index.ts'
import type { Rule } from '@onus/core/posture/rule.ts'
import type { ScanReport } from '@onus/core/report.ts'
import type { Team } from '@onus/core/team.ts'

export type RuleDigest = { rule: Rule; worst: Severity; fails: Finding[]; teams: number }
export type UnknownDigest = { rule: Rule; count: number }
export type TeamDigest = { team: Team | null; identities: number; split: number; findings: Record<Severity, number> }
export type Digest = {
  rules: RuleDigest[]
  unknowns: UnknownDigest[]
  teams: TeamDigest[]
  splits: (Identity | OwnedScope)[]
  unread: { file: string; line: number; reason: string; reader: string }[]
  /** Files that some reader took, by reader. */
  taken: { reader: string; files: number }[]
  kinds: [kind: string, count: number][]
}

const worse = (a: Severity, b: Severity): number => SEVERITIES.indexOf(b) - SEVERITIES.indexOf(a)

export function digestOf(report: ScanReport): Digest {
  const fails = Map.groupBy(
    report.findings.filter((finding) => finding.verdict === 'fail'),
    (finding) => finding.rule,
  )
  const rules = RULES.flatMap((rule) => {
    const found = fails.get(rule.id)?.toSorted((a, b) => worse(a.severity, b.severity))
    return found?.[0]
      ? [{ rule, worst: found[0].severity, fails: found, teams: new Set(found.flatMap((one) => one.team ?? [])).size }]
      : []
  })
  const splits = [...report.scopes, ...report.identities].filter((one) => one.accountability.state === 'split')
  return {
    // The order of RULES is how people should read them; it decides between equals.
    rules: rules.toSorted((a, b) => worse(a.worst, b.worst)),
    unknowns: RULES.flatMap((rule) =>
      report.summary.unknowns[rule.id] ? [{ rule, count: report.summary.unknowns[rule.id] ?? 0 }] : [],
    ).toSorted((a, b) => b.count - a.count),
    teams: teamsOf(report),
    splits: oneOfEach(splits),
    unread: report.sources.flatMap((source) => source.unread.map((entry) => ({ ...entry, reader: source.reader }))),
    taken: [...Map.groupBy(report.sources, (source) => source.reader)].map(([reader, sources]) => ({
      reader,
      files: sources.reduce((sum, source) => sum + source.files, 0),
    })),
    kinds: Object.entries(report.summary.byKind).toSorted((a, b) => b[1] - a[1]),
  }
}

/** Largest first; those without a team as the last line. */
function teamsOf(report: ScanReport): TeamDigest[] {
  const known = new Map(report.teams.map((team) => [team.id, team]))
  const byTeam = new Map<string | null, TeamDigest>()
  const digest = (id: string | null): TeamDigest => {
    const team = id === null ? null : (known.get(id) ?? null)
    const key = team?.id ?? null
    const found = byTeam.get(key) ?? {
      team,
      identities: 0,
      split: 0,
      findings: { low: 0, medium: 0, high: 0, critical: 0 },
    }
    byTeam.set(key, found)
    return found
  }
  for (const identity of report.identities) {
    const line = digest(identity.accountability.team)
    line.identities += 1
    if (identity.accountability.state === 'split') line.split += 1
  }
  for (const finding of report.findings)
    if (finding.verdict === 'fail') digest(finding.team).findings[finding.severity] += 1
  const lines = [...byTeam.values()].toSorted(
    (a, b) => b.identities - a.identities || (a.team?.name ?? '').localeCompare(b.team?.name ?? '', 'en'),
  )
  return [...lines.filter((line) => line.team !== null), ...lines.filter((line) => line.team === null)]
}

/** The same two sides disagree about many things; one example of each says more than many of one. */
function oneOfEach(splits: readonly (Identity | OwnedScope)[]): (Identity | OwnedScope)[] {
  const first = new Map<string, Identity | OwnedScope>()
  for (const one of splits) {
    const { disagreement } = one.accountability
    const key = `${disagreement?.kinds.join()} ${disagreement?.names.join('\0')}`
    if (!first.has(key)) first.set(key, one)
  }
  const examples = new Set(first.values())
  return [...examples, ...splits.filter((one) => !examples.has(one))]
}

export type Side = { name: string; how: string; place: { file: string; line: number } | null }

/** Who stands on each side of a split, and where that is written. */
export function sidesOf(one: Identity | OwnedScope, teams: ReadonlyMap<string, Team>): Side[] {
  const { claims, controllers, disagreement } = one.accountability
  return (disagreement?.names ?? []).map((name) => {
    const isNamed = (entry: { raw: string; team: string | null }): boolean =>
      entry.raw === name || (entry.team !== null && teams.get(entry.team)?.name === name)
    const claim = claims.find(isNamed)
    if (claim) return { name, how: `named by ${claim.key}`, place: claim }
    const controller = controllers.find(isNamed)
    return controller
      ? { name, how: `can ${controller.power} by ${controller.via}`, place: controller }
      : { name, how: '', place: null }
  })
}
