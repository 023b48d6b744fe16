import type { Accountability } from '../../identity.ts'
import type { Place } from '../../place.ts'
import { isStatement } from '../claims.ts'
import { FINE, type IdentityRule, type Judgement } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { nameOf, nameOfScope, placeOf, quoteSome } from '../wording.ts'

/** High: with two owners each waits for the other; it is worse than it looks, because every list shows an owner. */
export const split: IdentityRule = {
  id: 'split',
  about: 'identity',
  title: 'Ownership is split',
  severity: 'high',
  needs: ['two statements to compare, or a statement and who can technically change it'],
  fix: 'Agree on one team, correct the statements that name another, and give it the power to change and approve.',
  maps: { owaspNhi: ['NHI1:2025'], csf: ['GV.RR-02', 'PR.AA-05'] },
  judge: (identity) =>
    identity.accountability.state === 'split' ? [judgement(nameOf(identity), identity, placeOf(identity))] : FINE,
  judgeScope: (scope) =>
    scope.accountability.state === 'split' ? [judgement(nameOfScope(scope), scope, placeOf(scope))] : FINE,
}

function judgement(
  name: string,
  subject: { accountability: Accountability; isProduction: boolean | null },
  place: Place,
): Judgement {
  const { disagreement, claims, controllers } = subject.accountability
  const sides = disagreement?.names ?? []
  const kinds = disagreement?.kinds ?? []
  const isAboutPower = kinds.includes('owner-without-power') || kinds.includes('platform-alone')
  return {
    verdict: 'fail',
    title: sides.length > 1 ? `Ownership of ${name} is split: ${quoteSome(sides)}` : `Ownership of ${name} is split`,
    detail: disagreement?.explanation ?? 'The pointers to its owner disagree.',
    evidence: [...claims.filter(isStatement), ...(isAboutPower ? controllers : []), place],
    severity: inPlace('high', subject),
  }
}
