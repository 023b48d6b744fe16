/** A made-up company of any size. The same size gives the same rows, seen a moment ago. */
import type { z } from 'zod'
import type { Finding, Severity } from '@onus/core/finding.ts'
import type { AccountabilityState, IdentityKind } from '@onus/core/identity.ts'
import { IDENTITY_KINDS } from '@onus/core/identity.ts'
import type { FindingRow, IdentityRow, RuleRow, SourceRow, TeamRow } from '@onus/core/contract/routes.ts'
import { hostile } from './hostile.ts'

export type Row = z.infer<typeof IdentityRow>
export type Team = z.infer<typeof TeamRow>
export type Rule = z.infer<typeof RuleRow>
export type FoundRow = z.infer<typeof FindingRow>
export type Source = z.infer<typeof SourceRow>
export type Company = { rows: Row[]; teams: Team[]; rules: Rule[]; findings: FoundRow[]; sources: Source[]; now: string; isHostile: boolean }

/** mulberry32: enough to spread values, the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const AREAS = ['billing', 'orders', 'ledger', 'search', 'catalogue', 'fraud', 'identity', 'delivery', 'returns', 'loyalty', 'payouts', 'pricing', 'media', 'reports', 'support']
const PARTS = ['api', 'worker', 'importer', 'webhook', 'exporter', 'gateway', 'scheduler', 'sync', 'backup', 'deployer', 'indexer', 'mailer']
const TEAM_NAMES = ['Ledger', 'Payments Core', 'Checkout', 'Order Flow', 'Search & Discovery', 'Delivery Europe', 'Fraud Desk', 'Customer Care Systems', 'Platform Runtime', 'Edge Security', 'Data Warehouse', 'Loyalty', 'Media Pipeline', 'Pricing', 'Returns', 'Merchant Onboarding']
const ENVIRONMENTS = ['production', 'production', 'production', 'staging', 'staging', 'development', 'development', 'test', 'sandbox', null]
const STATES: AccountabilityState[] = ['claimed', 'claimed', 'claimed', 'claimed', 'claimed', 'split', 'split', 'unowned', 'unowned', 'accountable', 'lapsed']

const RULES: [id: string, title: string, severity: Severity, about: Rule['about'], fix: string, needs: string][] = [
  ['escalation-path', 'Can raise its own rights', 'critical', 'identity', 'Take away the permission that lets it attach or change policies, or bound it by a permissions boundary.', 'all policies of the account'],
  ['unowned', 'Nobody answers for it', 'high', 'identity', 'Name one team in the owner label of its definition and let that team accept.', 'labels, catalog or CODEOWNERS'],
  ['split-ownership', 'Ownership is split', 'high', 'identity', 'Let the teams named agree on one, and change the statements that differ.', 'claims from two places'],
  ['static-key-in-ci', 'Static cloud key in CI', 'high', 'credential', 'Replace the key by federation: the workflow already asks for an OIDC token.', 'workflows and their secrets'],
  ['never-rotated', 'Credential was never rotated', 'medium', 'credential', 'Rotate it now, and write down when.', 'rotation dates'],
  ['too-old', 'Credential is older than allowed', 'medium', 'credential', 'Rotate it and set a date for the next time.', 'creation or rotation dates'],
  ['no-purpose', 'No purpose and no business function', 'medium', 'identity', 'Write one sentence of purpose where it is defined.', 'descriptions or catalog entries'],
  ['environment-unknown', 'Environment is not known', 'low', 'identity', 'Add the environment label to its namespace.', 'labels or folder names'],
  ['review-overdue', 'Review is overdue', 'low', 'scope', 'Review it and set the next date.', 'review dates'],
  ['dormant', 'Not used any more', 'medium', 'identity', 'Suspend it for a week; delete it when nobody asks.', 'usage logs of the whole window'],
  ['no-expiry', 'Credential does not expire', 'low', 'credential', 'Give it an end date.', 'expiry dates'],
]

/** Ages are shown relative to the clock of the browser, so the company lives now. */
const NOW = new Date().toISOString()
const DAY_MS = 86_400_000

function daysAgo(days: number): string {
  return new Date(Date.parse(NOW) - days * DAY_MS).toISOString()
}

function at<T>(list: readonly T[], index: number): T {
  // The index is taken modulo the length and no list here is empty.
  return list[Math.floor(index) % list.length] as T
}

/** A company with that many identities; `isHostile` puts a hostile text in every field that a source may fill. */
export function company(identities: number, isHostile = false): Company {
  const random = seeded(identities + 7)
  const name = (plain: string, index: number): string => (isHostile ? hostile(index) : plain)
  const teams = TEAM_NAMES.map((plain, index) => teamOf(name(plain, index), index, isHostile))
  const rows: Row[] = []
  const findings: FoundRow[] = []
  for (let index = 0; index < identities; index += 1) {
    const row = rowOf(index, random, teams, name)
    rows.push(row)
    // Findings of the first ten thousand are enough to fill every list; counts on the rows are right for all.
    if (index < 10_000) findings.push(...findingsOf(row, index, isHostile))
    countInto(teams, row)
  }
  return { rows, teams, findings, rules: rulesOf(findings, isHostile), sources: sourcesOf(rows, isHostile), now: NOW, isHostile }
}

function teamOf(name: string, index: number, isHostile: boolean): Team {
  return {
    id: `tm_${String(index).padStart(20, '0')}`,
    name,
    kind: index === 8 ? 'platform' : index === 9 ? 'security' : index % 5 === 4 ? 'unknown' : 'business',
    contacts: isHostile ? [0, 1, 2, 3, 4, 5].map((step) => hostile(27 + index + step)) : [`#${name.toLowerCase().replaceAll(/\W+/g, '-')}`, 'https://chat.example/teams'],
    members: isHostile ? [hostile(index + 3)] : ['ana.lima', 'b.okafor', 'chidi'],
    isKnown: index % 6 !== 5,
    spellings: isHostile ? [hostile(index + 5), hostile(index + 6)] : [name, name.toLowerCase().replaceAll(' ', '-')],
    evidence: [{ file: isHostile ? hostile(index + 9) : 'catalog/teams.yaml', line: 4 + index, via: 'backstage' }],
    identities: 0, accountable: 0, claimed: 0, split: 0, scopes: 3 + (index % 9),
    findings: { low: 0, medium: 0, high: 0, critical: 0 },
  }
}

function rowOf(index: number, random: () => number, teams: Team[], name: (plain: string, index: number) => string): Row {
  const area = at(AREAS, random() * AREAS.length)
  const part = at(PARTS, random() * PARTS.length)
  const environment = at(ENVIRONMENTS, random() * ENVIRONMENTS.length)
  const state = at(STATES, random() * STATES.length)
  const team = state === 'unowned' ? null : at(teams, random() ** 1.7 * teams.length)
  const kind: IdentityKind = at(IDENTITY_KINDS, random() * IDENTITY_KINDS.length)
  const credentials = Math.floor(random() * 4)
  const isVanished = index % 61 === 60
  const bad = random()
  const findings = {
    low: bad > 0.5 ? 1 : 0,
    medium: bad > 0.7 ? 2 : 0,
    high: state === 'unowned' || state === 'split' ? 1 : 0,
    critical: bad > 0.985 ? 1 : 0,
  }
  const worst = (['critical', 'high', 'medium', 'low'] as const).find((severity) => findings[severity] > 0) ?? null
  const suffix = environment === null ? 'x' : environment.slice(0, 4)
  return {
    id: `idn_${String(index).padStart(20, '0')}`,
    kind,
    name: name(`${area}-${part}-${(index % 997).toString(36)}`, index),
    namespace: kind === 'ci-workload' ? null : name(`${area}-${suffix}`, index + 1),
    environment: environment === null ? null : name(environment, index + 2),
    isProduction: environment === null ? null : environment === 'production',
    state,
    team: team === null ? null : { id: team.id, name: team.name },
    sourceId: 'src_1',
    file: name(`environments/${suffix}/${area}-${suffix}/${part}.yaml`, index + 3),
    line: 1 + (index % 90),
    credentials,
    oldestRotationAt: credentials === 0 || random() < 0.2 ? null : daysAgo(Math.floor(random() * 1_400)),
    findings,
    worst,
    firstSeenAt: daysAgo(30 + (index % 300)),
    lastSeenAt: isVanished ? daysAgo(12) : daysAgo(0.1),
    vanishedAt: isVanished ? daysAgo(5) : null,
  }
}

function countInto(teams: Team[], row: Row): void {
  const team = teams.find((known) => known.id === row.team?.id)
  if (!team) return
  team.identities += 1
  if (row.state === 'accountable' || row.state === 'claimed' || row.state === 'split') team[row.state] += 1
  for (const severity of ['low', 'medium', 'high', 'critical'] as const) team.findings[severity] += row.findings[severity]
}

const RULE_OF: Record<Severity, string[]> = {
  critical: ['escalation-path'],
  high: ['unowned', 'split-ownership', 'static-key-in-ci'],
  medium: ['never-rotated', 'too-old', 'no-purpose'],
  low: ['environment-unknown', 'no-expiry'],
}

function findingsOf(row: Row, index: number, isHostile: boolean): FoundRow[] {
  const made: FoundRow[] = []
  for (const severity of ['critical', 'high', 'medium', 'low'] as const) {
    for (let step = 0; step < row.findings[severity]; step += 1) {
      const rule = severity === 'high' ? (row.state === 'split' ? 'split-ownership' : 'unowned') : at(RULE_OF[severity], index + step)
      made.push({ ...findingOf(rule, row, made.length, isHostile), identityName: row.name, namespace: row.namespace, environment: row.environment, teamName: row.team?.name ?? null, exception: null })
    }
  }
  return made
}

/** One finding of `rule` on the identity of `row`. */
export function findingOf(rule: string, row: Row, step: number, isHostile: boolean): Finding {
  const [, title, severity, , fix] = at(RULES, RULES.findIndex(([id]) => id === rule))
  const plain = rule === 'split-ownership' ? 'The label names one team, the binding gives power to another.' : `Seen in ${row.file}: ${title.toLowerCase()}.`
  return {
    id: `fnd_${row.id.slice(4)}_${step}`,
    rule, severity, verdict: 'fail',
    subject: { kind: 'identity', id: row.id },
    identity: row.id, credential: null, team: row.team?.id ?? null,
    title: isHostile ? hostile(step + row.line) : title,
    detail: isHostile ? hostile(step + row.line + 1) : plain,
    evidence: [{ file: row.file, line: row.line }],
    maps: { owaspNhi: ['NHI1:2025'], csf: ['PR.AA-01'] },
    fix: isHostile ? hostile(step + row.line + 2) : fix,
  }
}

function rulesOf(findings: FoundRow[], isHostile: boolean): Rule[] {
  const fails = new Map<string, { fail: number; teams: Set<string> }>()
  for (const finding of findings) {
    const known = fails.get(finding.rule) ?? { fail: 0, teams: new Set() }
    known.fail += 1
    if (finding.team !== null) known.teams.add(finding.team)
    fails.set(finding.rule, known)
  }
  return RULES.map(([id, title, severity, about, fix, needs], index) => ({
    id, severity, about,
    title: isHostile ? hostile(index + 11) : title,
    fix: isHostile ? hostile(index + 12) : fix,
    needs: [isHostile ? hostile(index + 13) : needs],
    maps: { owaspNhi: ['NHI1:2025'], csf: ['PR.AA-01', 'GV.RR-02'] },
    fail: fails.get(id)?.fail ?? 0,
    unknown: id === 'dormant' ? Math.ceil(findings.length / 3) : id === 'no-expiry' ? 12 : 0,
    teams: fails.get(id)?.teams.size ?? 0,
  }))
}

function sourcesOf(rows: Row[], isHostile: boolean): Source[] {
  const text = (plain: string, index: number): string => (isHostile ? hostile(index) : plain)
  const reader = (name: string, index: number, unread: number): Source['readers'][number] => ({
    path: text('/srv/estates/harbour', index),
    reader: text(name, index + 1),
    files: 120 * (index + 1), bytes: 48_000, observations: 900 * (index + 1),
    unread: Array.from({ length: Math.min(unread, 8) }, (_, line) => ({
      file: text(`environments/prod/chart-${line}/values.yaml`, line), line: line + 3,
      reason: text(at(['a template, not YAML: {{ begins a value', 'not UTF-8 at byte 1204', 'an alias that refers to itself', 'larger than 64 MB'], line), line + 2),
    })),
    unreadCount: unread,
    blind: [text('what the cluster runs that no file describes', index + 4), text('whether a token was ever used', index + 5)],
    isComplete: unread === 0,
  })
  const base = { asOf: NOW, lastImportAt: daysAgo(0.1) }
  const present = rows.filter((row) => row.vanishedAt === null).length
  return [
    { ...base, id: 'src_1', path: text('/srv/estates/harbour', 1), label: text('harbour', 2), isComplete: false, identities: present, vanished: rows.length - present, files: 1_204, unread: 12, readers: [reader('kubernetes', 0, 9), reader('terraform', 1, 3), reader('codeowners', 2, 0)] },
    { ...base, id: 'src_2', path: text('report from CI', 3), label: text('cloud accounts', 4), isComplete: true, identities: 0, vanished: 0, files: 4, unread: 0, readers: [reader('aws', 3, 0)] },
  ]
}
