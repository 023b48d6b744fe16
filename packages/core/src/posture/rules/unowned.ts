import type { Accountability } from '../../identity.ts'
import type { Place } from '../../place.ts'
import { isStatement } from '../claims.ts'
import { isIdleDefaultAccount } from '../default-account.ts'
import { FINE, type IdentityRule, type Judgement } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { nameOf, nameOfScope, placeOf, quoteSome } from '../wording.ts'

/** High: without an owner nobody rotates, reviews or switches it off, and no alert about it has a recipient. */
export const unowned: IdentityRule = {
  id: 'unowned',
  about: 'identity',
  title: 'No team answers for it',
  severity: 'high',
  needs: ['a statement that names a team: a tag, label or annotation, a catalog entry, or a CODEOWNERS rule'],
  fix: 'Name the team that answers for it where it is defined, and let that team accept.',
  maps: { owaspNhi: ['NHI1:2025'], csf: ['GV.RR-02', 'PR.AA-01'] },
  judge: (identity) => {
    if (identity.accountability.state !== 'unowned' || isIdleDefaultAccount(identity)) return FINE
    const mention = identity.source.isDefined ? '' : ' No file that was read defines it; it is only mentioned.'
    return [judgement(nameOf(identity), identity, placeOf(identity), mention)]
  },
  judgeScope: (scope) =>
    scope.accountability.state === 'unowned' ? [judgement(nameOfScope(scope), scope, placeOf(scope), '')] : FINE,
}

function judgement(
  name: string,
  subject: { accountability: Accountability; isProduction: boolean | null },
  place: Place,
  note: string,
): Judgement {
  return {
    verdict: 'fail',
    title: `No team answers for ${name}`,
    detail: `${whatWasSaid(subject.accountability)}${note}`,
    evidence: [place, ...subject.accountability.claims.filter(isStatement)],
    severity: inPlace('high', subject),
  }
}

function whatWasSaid({ claims }: Accountability): string {
  const said = claims.filter(isStatement)
  const people = said.filter((claim) => claim.reading === 'person')
  const others = said.filter((claim) => claim.reading !== 'person' && claim.team === null)
  if (others.length > 0)
    return `It names ${quoteSome(others.map((claim) => claim.raw))}, which is no team that is known.`
  if (people.length > 0) return `Only people are named: ${quoteSome(people.map((claim) => claim.raw))}.`
  const approvers = claims.filter((claim) => claim.via === 'codeowners')
  if (approvers.length > 0) {
    return `Nothing names an owner; ${quoteSome(approvers.map((claim) => claim.raw))} only approves its file.`
  }
  const authors = claims.filter((claim) => claim.via === 'history' || claim.via === 'creator')
  if (authors.length > 0)
    return `Nothing names an owner; ${quoteSome(authors.map((claim) => claim.raw))} only wrote its definition.`
  return 'Nothing that was read names an owner.'
}
