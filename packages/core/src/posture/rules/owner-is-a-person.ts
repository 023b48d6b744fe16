import type { Claim } from '../../identity.ts'
import { ofStatements, type Stated } from '../claims.ts'
import { FINE, type IdentityRule, type Judgement } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { quoteSome, sentence } from '../wording.ts'

/**
 * Medium: `unowned` already weighs the state; this one says why, and what to write instead. A person beside a team is
 * fine (a contact, a sponsor), and an author in the history is no owner.
 */
export const ownerIsAPerson: IdentityRule = {
  id: 'owner-is-a-person',
  about: 'identity',
  title: 'The owner is a person, not a team',
  severity: 'medium',
  needs: ['the owner as written'],
  fix: 'Name the team instead of the person, who may be kept as its contact.',
  maps: { owaspNhi: ['NHI1:2025'], csf: ['GV.RR-02', 'GV.RR-04'] },
  ...ofStatements(judgement),
}

function judgement({ accountability: { team, claims }, isProduction, isSaidHere, name }: Stated): readonly Judgement[] {
  if (team !== null) return FINE
  const people = claims.filter((claim) => claim.reading === 'person' && isPointer(claim) && isSaidHere(claim))
  if (people.length === 0) return FINE
  const names = quoteSome(people.map((claim) => claim.raw))
  return [
    {
      verdict: 'fail',
      title: `${sentence(name())} answers to a person: ${names}`,
      detail:
        `${names} stands where a team should (${quoteSome(people.map((claim) => claim.key))}). People leave and ` +
        'change teams; nobody answers for it then, and nobody notices.',
      evidence: people,
      severity: inPlace('medium', { isProduction }),
    },
  ]
}

function isPointer(claim: Claim): boolean {
  return claim.via !== 'history' && claim.via !== 'creator'
}
