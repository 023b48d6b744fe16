/** One file a rule. A rule is a pure judgement on one subject and the estate around it; it reads no clock. */
import type { Place } from '../place.ts'
import type { Severity } from '../finding.ts'
import type { Credential, Identity } from '../identity.ts'
import type { OwnedScope } from '../owned-scope.ts'
import type { Team } from '../team.ts'

/** What a rule may look at besides its subject. The registry builds the same context to re-run rules without a scan. */
export type Estate = {
  asOf: Date
  teams: ReadonlyMap<string, Team>
  /** False: no directory, catalog, CODEOWNERS or RBAC was read, so no team name could be checked against real groups. */
  knowsGroups: boolean
  /** Usage coverage per source system; empty until usage is connected. Unused needs coverage of the whole window (law 5). */
  usageCoverage: ReadonlyMap<string, { from: Date; to: Date }>
}

export type Judgement =
  | { verdict: 'fail'; detail: string; evidence: Place[]; severity?: Severity; credential?: string }
  | { verdict: 'unknown'; missing: string; evidence: Place[]; credential?: string }

type RuleFacts = {
  /** kebab-case, stable for ever: people keep it in exceptions and dashboards. */
  id: string
  title: string
  severity: Severity
  /** What it needs to know, in words; shown when the answer is unknown. */
  needs: string[]
  /** What to do about it, one imperative sentence. */
  fix: string
  maps: { owaspNhi: string[]; csf: string[] }
}
/** A rule answers [] for "fine". */
export type IdentityRule = RuleFacts & { about: 'identity'; judge(identity: Identity, estate: Estate): Judgement[] }
export type CredentialRule = RuleFacts & { about: 'credential'; judge(credential: Credential, identity: Identity, estate: Estate): Judgement[] }
export type ScopeRule = RuleFacts & { about: 'scope'; judge(scope: OwnedScope, estate: Estate): Judgement[] }
export type Rule = IdentityRule | CredentialRule | ScopeRule
