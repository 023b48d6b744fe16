/** From a document to the columns that lists filter and sort by. Pure. */
import { hash as digestOf } from 'node:crypto'
import { ACCOUNTABILITY_STATES } from '@onus/core/identity.ts'
import type { AccountabilityState, Identity } from '@onus/core/identity.ts'
import { SEVERITIES } from '@onus/core/finding.ts'
import type { Finding, Severity } from '@onus/core/finding.ts'

/** Index entries hold 2,704 bytes; 200 characters of four bytes stay well below, also three to an index. */
const KEY_LENGTH = 200
const TEXT_LENGTH = 1_000
const SEARCH_LENGTH = 2_000
/** Sorts after every date. */
export const NEVER_KEY = 9_000_000_000_000_000

/** PostgreSQL keeps no U+0000 in text; documents keep it, escaped. */
const clean = (text: string, length: number): string => text.replaceAll('\0', '\u{fffd}').slice(0, length)
export const text = (value: string): string => clean(value, TEXT_LENGTH)
export const key = (value: string): string => clean(value, KEY_LENGTH)
export const nullable = (value: string | null): string | null => (value === null ? null : key(value))
export const sortKey = (value: string | null): string => clean((value ?? '').toLowerCase(), KEY_LENGTH)

/** The words that a search may name, in lower case; both sides use the same folding. */
export function searchText(...parts: (string | null)[]): string {
  return clean(
    parts
      .filter((part) => part !== null && part !== '')
      .join(' ')
      .toLowerCase(),
    SEARCH_LENGTH,
  )
}

/** 1 low … 4 critical, as the database keeps it. */
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity) + 1
export const severityOf = (rank: number): Severity | null => SEVERITIES[rank - 1] ?? null

/** Most urgent first: nobody answers, several would, the one that did is gone, someone is named, someone accepted. */
const STATE_ORDER: AccountabilityState[] = ['unowned', 'split', 'lapsed', 'claimed', 'accountable']
export const stateRank = (state: AccountabilityState): number => STATE_ORDER.indexOf(state)
export const emptyStates = (): Record<AccountabilityState, number> =>
  Object.fromEntries(ACCOUNTABILITY_STATES.map((state) => [state, 0])) as Record<AccountabilityState, number>
export const emptySeverities = (): Record<Severity, number> => ({ low: 0, medium: 0, high: 0, critical: 0 })

/** The oldest known rotation, or where none is known the oldest creation, of the credentials that age. */
export function oldestRotation(identity: Identity): string | null {
  let oldest: string | null = null
  for (const { kind, rotatedAt, createdAt } of identity.credentials) {
    const at = kind === 'federated' ? null : (rotatedAt ?? createdAt)
    if (at !== null && (oldest === null || Date.parse(at) < Date.parse(oldest))) oldest = at
  }
  return oldest
}

/**
 * Where something is written moves with every edit above it, and the four answers repeat what other fields say. Left
 * out of the comparison, so that moved lines make no entry in a timeline. Tags are text, never numbers or lists.
 */
function leaveOutPlaces(this: unknown, name: string, value: unknown): unknown {
  if (name === 'line' && typeof value === 'number') return undefined
  if ((name === 'also' || name === 'evidence') && Array.isArray(value)) return undefined
  if (name === 'questions' && typeof value === 'object') return undefined
  return value
}

const hash = (content: string): string => digestOf('sha256', content).slice(0, 32)

export type IdentityColumns = ReturnType<typeof identityColumns>

export function identityColumns(identity: Identity, teamName: string | null) {
  const document = JSON.stringify(identity)
  const oldest = oldestRotation(identity)
  return {
    id: identity.id,
    system: key(identity.source.system),
    kind: identity.kind,
    name: text(identity.name),
    namespace: nullable(identity.namespace),
    environment: nullable(identity.environment),
    isProduction: identity.isProduction,
    state: identity.accountability.state,
    team: nullable(identity.accountability.team),
    teamName: teamName === null ? null : text(teamName),
    file: text(identity.source.file),
    line: identity.source.line,
    credentials: identity.credentials.length,
    oldestRotationAt: oldest,
    meaningHash: hash(JSON.stringify(identity, leaveOutPlaces)),
    documentHash: hash(document),
    search: searchText(identity.name, identity.namespace, teamName, identity.source.ref),
    sortName: sortKey(identity.name),
    sortNamespace: sortKey(identity.namespace),
    sortTeam: sortKey(teamName),
    stateRank: stateRank(identity.accountability.state),
    rotatedKey: oldest === null ? NEVER_KEY : Date.parse(oldest),
    document,
  }
}

/** Changes when anything that a person reads in the finding changes. */
export function findingHash(finding: Finding): string {
  const { rule, severity, subject, credential, team, title, detail, evidence } = finding
  return hash(
    JSON.stringify([rule, severity, subject.kind, subject.id, credential, team, title, detail, evidence]),
  ).slice(0, 16)
}

/** What of a finding is stored with its identity's counts; the same text as `COUNT_FINDINGS` makes in SQL. */
export type Standing = { id: string; severity: number; team: string | null }

/**
 * Over the findings of one identity, in order of their ids. Without their wording: "90 days ago" changes every night,
 * and a re-run would write every finding again. The wording is made when it is read (`wording.ts`).
 */
export function findingsDigest(findings: readonly Standing[]): string {
  if (findings.length === 0) return ''
  const sorted = [...findings].sort((a, b) => (a.id < b.id ? -1 : 1))
  const said = sorted.map(({ id, severity, team }) => `${id}:${severity}:${team ?? ''}`).join()
  return digestOf('md5', said)
}
