import type { Accountability, Claim } from '../../identity.ts'
import { isSaidOf, isSaidOfScope, isStatement } from '../claims.ts'
import { FINE, type Estate, type IdentityRule, type Judgement } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { nameOf, nameOfScope, quote, quoteSome } from '../wording.ts'

/** Medium: `split` already weighs the state; this one says which spelling to correct. */
export const ownerAmbiguous: IdentityRule = {
  id: 'owner-ambiguous',
  about: 'identity',
  title: 'The named owner could be several groups',
  severity: 'medium',
  needs: ['the groups of the company'],
  fix: 'Write the full name of the group that is meant, or map the spelling under `teamAliases` in the conventions.',
  maps: { owaspNhi: ['NHI1:2025'], csf: ['GV.RR-02'] },
  judge: (identity, estate) =>
    judgement(
      identity.accountability,
      identity,
      estate,
      (claim) => isSaidOf(identity, claim),
      () => nameOf(identity),
    ),
  judgeScope: (scope, estate) =>
    judgement(
      scope.accountability,
      scope,
      estate,
      (claim) => isSaidOfScope(scope, claim),
      () => nameOfScope(scope),
    ),
}

function judgement(
  { team, claims }: Accountability,
  place: { isProduction: boolean | null },
  estate: Estate,
  isSaidHere: (claim: Claim) => boolean,
  name: () => string,
): readonly Judgement[] {
  if (team !== null) return FINE
  const open = claims.filter((claim) => claim.reading === 'ambiguous' && isStatement(claim) && isSaidHere(claim))
  const [first] = open
  if (first === undefined) return FINE
  const candidates = open.flatMap((claim) => claim.candidates).map((id) => estate.teams.get(id)?.name ?? id)
  return [
    {
      verdict: 'fail',
      title: `The owner of ${name()} could be several groups: ${quoteSome(candidates)}`,
      detail: `${quote(first.raw)} (${quote(first.key)}) fits ${quoteSome(candidates)}; nothing else decides.`,
      evidence: open,
      severity: inPlace('medium', place),
    },
  ]
}
