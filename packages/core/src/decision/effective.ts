/**
 * Current state = observations, and on top of them what people decided. Decisions are never written into what a source
 * said: `applyDecisions` keeps the observed part beside, and `observedPart` gives it back.
 */
import { z } from 'zod'
import { Accountability, Identity, Questions } from '../identity.ts'
import type { Answer, Disagreement } from '../identity.ts'
import { Acceptance, Refusal } from './acceptance.ts'

/** What sources say, of the fields that a decision replaces. */
const Observed = z.object({
  accountability: Accountability.pick({ state: true, team: true, disagreement: true }),
  purpose: z.string().nullable(),
  function: z.string().nullable(),
  questions: Questions,
})

export const Decision = z.object({
  /** The acceptance that stands, or the last one, where it lapsed and nobody took over. */
  acceptance: Acceptance.nullable(),
  refusals: z.array(Refusal),
  observed: Observed,
})
export type Decision = z.infer<typeof Decision>

/** An identity as the registry knows it. A report carries no decision, so none can be imported. */
export const RegisteredIdentity = Identity.extend({ decision: Decision.nullable().optional() })
export type RegisteredIdentity = z.infer<typeof RegisteredIdentity>

/** Everything that was decided about one identity, and the facts on which its standing depends. */
export type Standing = {
  acceptance: Acceptance | null
  refusals: readonly Refusal[]
  /** Who answers for the business function that it serves; null: no function, or nobody is said to. */
  functionOwner: { id: string; name: string } | null
  /** Kind of each team that controls it, as far as known: a platform operates for others. */
  kindOf: (team: string) => 'business' | 'platform' | 'security' | 'unknown'
  nameOf: (team: string) => string
  personName: (person: string) => string
}

export function observedPart(registered: RegisteredIdentity): Identity {
  const { decision, ...identity } = registered
  if (!decision) return identity
  const { accountability, ...rest } = decision.observed
  return { ...identity, ...rest, accountability: { ...identity.accountability, ...accountability } }
}

/** What stands at `now`. Pure; equal inputs give equal documents. */
export function applyDecisions(observed: Identity, standing: Standing, now: Date): RegisteredIdentity {
  const { acceptance, refusals } = standing
  if (!acceptance && refusals.length === 0) return observed
  const decision: Decision = {
    acceptance,
    refusals: [...refusals],
    observed: {
      accountability: {
        state: observed.accountability.state,
        team: observed.accountability.team,
        disagreement: observed.accountability.disagreement,
      },
      purpose: observed.purpose,
      function: observed.function,
      questions: observed.questions,
    },
  }
  if (!acceptance) return { ...observed, accountability: withoutRefused(observed.accountability, refusals), decision }
  const accountability = accepted(observed.accountability, acceptance, standing, now)
  return {
    ...observed,
    accountability,
    purpose: acceptance.purpose ?? observed.purpose,
    function: acceptance.function?.id ?? observed.function,
    questions: answered(observed.questions, acceptance, standing),
    decision,
  }
}

/** A claim that its team refused names nobody. Other teams' claims were judged with it and need a person's look. */
function withoutRefused(observed: Accountability, refusals: readonly Refusal[]): Accountability {
  const refused = refusals.find(({ team }) => team.id === observed.team)
  if (!refused) return observed
  const suggestion = refused.suggested ? ` and named \`${refused.suggested.name}\`` : ''
  return {
    ...observed,
    state: 'unowned',
    team: null,
    disagreement: {
      kinds: ['claim-refused'],
      teams: [refused.team.id, ...(refused.suggested ? [refused.suggested.id] : [])],
      names: [refused.team.name, ...(refused.suggested ? [refused.suggested.name] : [])],
      explanation: `\`${refused.team.name}\` refused on ${refused.at.slice(0, 10)}${suggestion}.`,
    },
  }
}

/**
 * Law 1. A team that accepted answers as long as it lives, its acceptance runs, it owns the function behind the identity,
 * and no other business team alone can change the identity. Control by a platform team is its work and splits nothing.
 */
function accepted(observed: Accountability, acceptance: Acceptance, standing: Standing, now: Date): Accountability {
  const { team } = acceptance
  const isLapsed = acceptance.endedAt !== null || Date.parse(acceptance.until) <= now.getTime()
  const disagreements = isLapsed ? [] : disagreementsOf(observed, team, standing)
  return {
    ...observed,
    team: team.id,
    state: isLapsed ? 'lapsed' : disagreements.length > 0 ? 'split' : 'accountable',
    disagreement: joined(disagreements),
  }
}

function disagreementsOf(observed: Accountability, team: Acceptance['team'], standing: Standing): Disagreement[] {
  const found: Disagreement[] = []
  const owner = standing.functionOwner
  if (owner && owner.id !== team.id) {
    found.push({
      kinds: ['function-elsewhere'],
      teams: [team.id, owner.id],
      names: [team.name, owner.name],
      explanation:
        `\`${team.name}\` accepted the identity, but \`${owner.name}\` owns the business function behind it: ` +
        'hand over one of the two.',
    })
  }
  const holders = [
    ...new Set(
      observed.controllers.flatMap((holder) => (holder.kind === 'group' && holder.team !== null ? holder.team : [])),
    ),
  ]
  const isAlone = holders.length > 0 && !holders.includes(team.id)
  const strangers = holders.filter((holder) => standing.kindOf(holder) !== 'platform')
  if (isAlone && strangers.length === holders.length) {
    const names = strangers.map((holder) => standing.nameOf(holder))
    found.push({
      kinds: ['owner-without-power'],
      teams: [team.id, ...strangers],
      names: [team.name, ...names],
      explanation:
        `\`${team.name}\` accepted the identity, but only ${names.join(', ')} can change it: ` +
        'give the accountable team the power, or hand the identity over.',
    })
  }
  return found
}

function joined(disagreements: readonly Disagreement[]): Disagreement | null {
  if (disagreements.length === 0) return null
  return {
    kinds: [...new Set(disagreements.flatMap(({ kinds }) => kinds))],
    teams: [...new Set(disagreements.flatMap(({ teams }) => teams))],
    names: [...new Set(disagreements.flatMap(({ names }) => names))],
    explanation: disagreements.map(({ explanation }) => explanation).join(' '),
  }
}

function answered(observed: Questions, acceptance: Acceptance, { personName }: Standing): Questions {
  const said = (answer: string): Answer => ({ answer, evidence: [], missing: null })
  const approvers = [`members of ${acceptance.team.name}, other than whoever asks`]
  if (acceptance.sponsor) approvers.push(`${personName(acceptance.sponsor)} as sponsor`)
  return {
    why: acceptance.purpose === null ? observed.why : said(acceptance.purpose),
    function: acceptance.function === null ? observed.function : said(acceptance.function.name),
    approver: said(approvers.join('; ')),
    revocation: acceptance.revocation === null ? observed.revocation : said(acceptance.revocation),
  }
}
