/** One file a rule. A rule is a pure judgement on one subject and the estate around it; it reads no clock. */
import type { Conventions } from '../conventions.ts'
import type { Place } from '../place.ts'
import type { Severity } from '../finding.ts'
import type { Credential, Identity } from '../identity.ts'
import type { OwnedScope } from '../owned-scope.ts'
import type { Team } from '../team.ts'

/** What a rule may look at besides its subject. The registry builds the same context to re-run rules without a scan. */
export type Estate = {
  asOf: Date
  teams: ReadonlyMap<string, Team>
  /** False: no directory, catalog, CODEOWNERS or RBAC was read, so no name could be checked against real groups. */
  knowsGroups: boolean
  /** Usage coverage per source system; empty until usage is connected. Unused needs it for the whole window (law 5). */
  usageCoverage: ReadonlyMap<string, { from: Date; to: Date }>
  /** In days; from the conventions. */
  limits: Conventions['limits']
}

/**
 * `title` is one line that names the subject. `key` tells apart several judgements of one rule on one subject; it is
 * part of the finding's id, so it must be stable between scans (never an index or a line).
 */
export type Judgement =
  | { verdict: 'fail'; title: string; detail: string; evidence: readonly Place[]; severity?: Severity; key?: string }
  | { verdict: 'unknown'; title: string; missing: string; evidence: readonly Place[]; key?: string }

/** The answer "fine". One shared value, because most rules give it for most of a million identities. */
export const FINE: readonly Judgement[] = Object.freeze([])

type RuleFacts = {
  /** kebab-case, stable for ever: people keep it in exceptions and dashboards. */
  id: string
  title: string
  /** In production, and where the environment is not known; a judgement may say less or more. */
  severity: Severity
  /** What it needs to know, in words; shown when the answer is unknown. */
  needs: string[]
  /** What to do about it, one imperative sentence. */
  fix: string
  maps: { owaspNhi: string[]; csf: string[] }
}
/** `judgeScope` asks the same question of a namespace, repository or account; the rule stays one rule with one id. */
export type IdentityRule = RuleFacts & {
  about: 'identity'
  judge(identity: Identity, estate: Estate): readonly Judgement[]
  judgeScope?(scope: OwnedScope, estate: Estate): readonly Judgement[]
}
export type CredentialRule = RuleFacts & {
  about: 'credential'
  judge(credential: Credential, identity: Identity, estate: Estate): readonly Judgement[]
}
export type Rule = IdentityRule | CredentialRule
