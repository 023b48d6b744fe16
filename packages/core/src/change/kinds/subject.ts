/** What is asked before anything about one identity may change: does a team answer for it, and who vouches for it? */
import type { Identity } from '../../identity.ts'
import type { IdentityFacts } from '../guarded.ts'
import { answerSeat, refusal, sponsorSeat } from '../plan.ts'
import type { Named, Plan, SeatPlan, TeamFacts } from '../plan.ts'

export type SubjectFacts = IdentityFacts & {
  /** The live team whose acceptance runs, where nothing disagrees with it. */
  owner: TeamFacts | null
  /** The sponsor of the acceptance, when they are here. */
  sponsorPerson: Named | null
}

/** A stored key can be done without where the platform itself proves who is calling. */
export function isFederationAvailable({ kind, source, trusts }: Pick<Identity, 'kind' | 'source' | 'trusts'>): boolean {
  return kind === 'ci-workload' || trusts.length > 0 || source.system === 'kubernetes'
}

export function notAccountable(subject: Pick<SubjectFacts, 'name'>): Plan {
  return refusal('not-accountable', `no team answers for \`${subject.name}\`; a team accepts it first`)
}

/** The owner always; the sponsor where production or regulated data is touched, or where that cannot be told. */
export function subjectSeats(
  subject: SubjectFacts & { owner: TeamFacts },
  touchesProduction: boolean,
  isRegulated: boolean,
): { ok: true; seats: SeatPlan[] } | { ok: false; refusal: Plan } {
  const seats = [answerSeat(subject.owner, `answers for \`${subject.name}\``)]
  const why = [...(touchesProduction ? ['production'] : []), ...(isRegulated ? ['regulated data'] : [])].join(' and ')
  if (why === '') return { ok: true, seats }
  if (!subject.sponsorPerson)
    return {
      ok: false,
      refusal: refusal(
        'sponsor-missing',
        `\`${subject.name}\` touches ${why}, and nobody who is here vouches for it; accept it again with a sponsor`,
      ),
    }
  return { ok: true, seats: [...seats, sponsorSeat(subject.sponsorPerson, `vouches for what touches ${why}`)] }
}

/** Of the world that a change of this identity is written against. */
export function subjectBase(subject: SubjectFacts) {
  return {
    environment: subject.environment,
    isProduction: subject.isProduction,
    isThirdParty: subject.isThirdParty,
    kind: subject.kind,
    team: subject.owner?.id ?? null,
    sponsor: subject.sponsor,
    dataClasses: [...subject.dataClasses].sort(),
  }
}
