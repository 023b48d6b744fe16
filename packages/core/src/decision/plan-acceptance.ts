/** May this team accept this identity, with these answers? A preview is the same plan, not applied. */
import type { Acceptance, Answers, Refusal } from './acceptance.ts'
import type { RegisteredIdentity } from './effective.ts'
import { observedPart } from './effective.ts'

export type AcceptanceFacts = {
  team: { id: string; name: string }
  /** Ids under which sources name this team; its own among them. */
  meanings: ReadonlySet<string>
  identity: RegisteredIdentity
  /** The acceptance that runs now, of whatever team. */
  current: Acceptance | null
  refusals: readonly Refusal[]
  /** For which of its risks it is decided on alone, and is not; empty when it is alone, or has none of them. */
  alone: readonly OneByOne[]
}

/** What a team may be made to accept one by one: of many at once, nobody has looked at each. */
export const ONE_BY_ONE = ['production', 'regulated', 'privileged'] as const
export type OneByOne = (typeof ONE_BY_ONE)[number]

export const ACCEPTANCE_REFUSALS = ['held-by-another', 'not-offered', 'answer-missing', 'one-by-one'] as const
export type AcceptanceRefusal = (typeof ACCEPTANCE_REFUSALS)[number]
export type AcceptancePlan =
  | { kind: 'accept'; renews: Acceptance | null }
  | { kind: 'refuse'; code: AcceptanceRefusal; reason: string }

/**
 * Law 3: a source or another team proposes, the team accepts. What nobody but the team itself proposes needs a second
 * member, which a change request asks for. What a live team holds is handed over, never taken.
 */
export function planAcceptance(facts: AcceptanceFacts, answers: Answers): AcceptancePlan {
  const { team, current } = facts
  if (current && current.team.id !== team.id) {
    return {
      kind: 'refuse',
      code: 'held-by-another',
      reason: `${current.team.name} answers for it until it hands it over; propose a change of ownership`,
    }
  }
  if (!current && !isOffered(facts)) {
    return {
      kind: 'refuse',
      code: 'not-offered',
      reason: `no source and no other team names ${team.name} for it; propose a change of ownership, which another member of the team then approves`,
    }
  }
  if (facts.alone.length > 0)
    return {
      kind: 'refuse',
      code: 'one-by-one',
      reason: `it is ${facts.alone.map((risk) => RISK_WORDS[risk]).join(' and ')}: decide on it by itself`,
    }
  const missing = missingAnswers(facts, answers)
  if (missing.length > 0)
    return { kind: 'refuse', code: 'answer-missing', reason: `nothing says ${missing.join(' or ')}; say it` }
  return { kind: 'accept', renews: current }
}

const RISK_WORDS: Record<OneByOne, string> = {
  production: 'in production',
  regulated: 'near regulated data',
  privileged: 'privileged',
}

/** Which risks an identity has. What grants everything, or to administer, is a privilege, wherever it is. */
export function risksOf(
  identity: Pick<RegisteredIdentity, 'isProduction' | 'grants'>,
  isRegulated: boolean,
): OneByOne[] {
  const isPrivileged = identity.grants.some(({ level, isWildcard }) => level === 'admin' || isWildcard)
  const has: Record<OneByOne, boolean> = {
    production: identity.isProduction === true,
    regulated: isRegulated,
    privileged: isPrivileged,
  }
  return ONE_BY_ONE.filter((risk) => has[risk])
}

/** Some statement means the team, or another team that refused named it. */
export function isOffered({ meanings, identity, refusals }: AcceptanceFacts): boolean {
  return (
    identity.accountability.claims.some(
      (claim) =>
        (claim.team !== null && meanings.has(claim.team)) ||
        claim.candidates.some((candidate) => meanings.has(candidate)),
    ) ||
    refusals.some(({ suggested, team }) => suggested !== null && meanings.has(suggested.id) && !meanings.has(team.id))
  )
}

/** Of the answers that must be there, those that neither the team nor a source nor the acceptance before gives. */
export function missingAnswers(
  { identity, current }: Pick<AcceptanceFacts, 'identity' | 'current'>,
  answers: Answers,
): string[] {
  const observed = observedPart(identity)
  const missing: string[] = []
  if (!(answers.purpose ?? current?.purpose ?? observed.purpose)) missing.push('why it exists')
  if (!(answers.function ?? current?.function ?? observed.function))
    missing.push('which business function depends on it')
  if (!(answers.revocation ?? current?.revocation ?? observed.questions.revocation.answer))
    missing.push('how it is revoked')
  return missing
}
