/** All rules, and the judging of an estate by them. */
import type { Finding } from '../finding.ts'
import { stableId } from '../ids.ts'
import type { Credential, Identity } from '../identity.ts'
import type { OwnedScope } from '../owned-scope.ts'
import type { Place } from '../place.ts'
import type { CredentialRule, Estate, IdentityRule, Judgement, Rule } from './rule.ts'
import { adminOrWildcard } from './rules/admin-or-wildcard.ts'
import { ciOpenToOutsiders } from './rules/ci-open-to-outsiders.ts'
import { consolePassword } from './rules/console-password.ts'
import { crossEnvironmentGrant } from './rules/cross-environment-grant.ts'
import { defaultAccountInUse } from './rules/default-account-in-use.ts'
import { dormant } from './rules/dormant.ts'
import { environmentUnknown } from './rules/environment-unknown.ts'
import { escalationPath } from './rules/escalation-path.ts'
import { looseFederationTrust } from './rules/loose-federation-trust.ts'
import { manyWorkloads } from './rules/many-workloads.ts'
import { neverRotated } from './rules/never-rotated.ts'
import { noApprover } from './rules/no-approver.ts'
import { noExpiry } from './rules/no-expiry.ts'
import { noFunction } from './rules/no-function.ts'
import { noPurpose } from './rules/no-purpose.ts'
import { noRevocationPath } from './rules/no-revocation-path.ts'
import { ownerAmbiguous } from './rules/owner-ambiguous.ts'
import { ownerIsAPerson } from './rules/owner-is-a-person.ts'
import { ownerUnresolved } from './rules/owner-unresolved.ts'
import { reviewOverdue } from './rules/review-overdue.ts'
import { rotationDateUnreadable } from './rules/rotation-date-unreadable.ts'
import { rotationInFuture } from './rules/rotation-in-future.ts'
import { secretInFile } from './rules/secret-in-file.ts'
import { sharedAcrossEnvironments } from './rules/shared-across-environments.ts'
import { split } from './rules/split.ts'
import { staticKeyInCi } from './rules/static-key-in-ci.ts'
import { thirdPartyWithoutEnd } from './rules/third-party-without-end.ts'
import { tooOld } from './rules/too-old.ts'
import { unowned } from './rules/unowned.ts'
import { unpinnedThirdPartyAction } from './rules/unpinned-third-party-action.ts'

/** In the order in which people should read them: who answers, then what could be abused, then what is not kept up. */
export const RULES: readonly Rule[] = [
  unowned,
  split,
  ownerIsAPerson,
  ownerUnresolved,
  ownerAmbiguous,
  secretInFile,
  looseFederationTrust,
  adminOrWildcard,
  escalationPath,
  staticKeyInCi,
  ciOpenToOutsiders,
  crossEnvironmentGrant,
  sharedAcrossEnvironments,
  consolePassword,
  thirdPartyWithoutEnd,
  defaultAccountInUse,
  manyWorkloads,
  unpinnedThirdPartyAction,
  neverRotated,
  tooOld,
  noExpiry,
  rotationDateUnreadable,
  rotationInFuture,
  dormant,
  reviewOverdue,
  noRevocationPath,
  noFunction,
  noApprover,
  noPurpose,
  environmentUnknown,
]

const IDENTITY_RULES = RULES.filter((rule): rule is IdentityRule => rule.about === 'identity')
const CREDENTIAL_RULES = RULES.filter((rule): rule is CredentialRule => rule.about === 'credential')
const SCOPE_RULES = IDENTITY_RULES.filter((rule) => rule.judgeScope !== undefined)

/** A finding proves itself with the first few places; a thousand bindings would only make the report long. */
const MAX_EVIDENCE = 10

/** Everything the rules find in the estate: identities first, then what can be owned, both in the order given. */
export function judge(
  parts: { identities: Iterable<Identity>; scopes: Iterable<OwnedScope> },
  estate: Estate,
): Finding[] {
  const findings: Finding[] = []
  for (const identity of parts.identities) for (const finding of judgeIdentity(identity, estate)) findings.push(finding)
  for (const scope of parts.scopes) for (const finding of judgeScope(scope, estate)) findings.push(finding)
  return findings
}

/** The findings of one identity and its credentials. Equal facts give equal findings with equal ids. */
export function judgeIdentity(identity: Identity, estate: Estate): Finding[] {
  const findings: Finding[] = []
  const { team } = identity.accountability
  for (const rule of IDENTITY_RULES) {
    const judgements = rule.judge(identity, estate)
    if (judgements.length > 0)
      add(findings, rule, judgements, { kind: 'identity', id: identity.id, identity, credential: null, team })
  }
  for (const credential of identity.credentials) {
    for (const rule of CREDENTIAL_RULES) {
      const judgements = rule.judge(credential, identity, estate)
      if (judgements.length > 0)
        add(findings, rule, judgements, { kind: 'credential', id: credential.id, identity, credential, team })
    }
  }
  return findings
}

/** The findings of one namespace, repository or account. */
export function judgeScope(scope: OwnedScope, estate: Estate): Finding[] {
  const findings: Finding[] = []
  const kind = scope.kind === 'kubernetes-namespace' ? 'namespace' : scope.kind
  const { team } = scope.accountability
  for (const rule of SCOPE_RULES) {
    const judgements = rule.judgeScope?.(scope, estate) ?? []
    if (judgements.length > 0)
      add(findings, rule, judgements, { kind, id: scope.id, identity: null, credential: null, team })
  }
  return findings
}

type Subject = {
  kind: Finding['subject']['kind']
  id: string
  identity: Identity | null
  credential: Credential | null
  team: string | null
}

function add(findings: Finding[], rule: Rule, judgements: readonly Judgement[], subject: Subject): void {
  const keys = new Set<string>()
  for (const judgement of judgements) {
    const key = judgement.key ?? ''
    if (keys.has(key)) continue // the same thing stated twice in the source is one finding
    keys.add(key)
    findings.push({
      id: stableId('fnd', rule.id, subject.id, key),
      rule: rule.id,
      severity: judgement.verdict === 'fail' ? (judgement.severity ?? rule.severity) : rule.severity,
      verdict: judgement.verdict,
      subject: { kind: subject.kind, id: subject.id },
      identity: subject.identity?.id ?? null,
      credential: subject.credential?.id ?? null,
      team: subject.team,
      title: judgement.title,
      detail: judgement.verdict === 'fail' ? judgement.detail : judgement.missing,
      evidence: placesOf(judgement.evidence),
      maps: rule.maps,
      fix: rule.fix,
    })
  }
}

/** Bare places without repeats: judgements hand over whole claims and grants, which carry more than a place. */
function placesOf(evidence: readonly Place[]): Place[] {
  const places: Place[] = []
  for (const { file, line } of evidence) {
    if (places.length === MAX_EVIDENCE) break
    if (!places.some((place) => place.line === line && place.file === file)) places.push({ file, line })
  }
  return places
}
