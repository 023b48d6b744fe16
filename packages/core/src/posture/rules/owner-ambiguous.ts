import { isStatement, ofStatements, type Stated } from '../claims.ts'
import { FINE, type Estate, type IdentityRule, type Judgement } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { quote, quoteSome } from '../wording.ts'

/** Medium: `split` already weighs the state; this one says which spelling to correct. */
export const ownerAmbiguous: IdentityRule = {
  id: 'owner-ambiguous',
  about: 'identity',
  title: 'The named owner could be several groups',
  severity: 'medium',
  needs: ['the groups of the company'],
  fix: 'Write the full name of the group that is meant, or map the spelling under `teamAliases` in the conventions.',
  maps: { owaspNhi: ['NHI1:2025'], csf: ['GV.RR-02'] },
  ...ofStatements(judgement),
}

function judgement(
  { accountability: { team, claims }, isProduction, isSaidHere, name }: Stated,
  estate: Estate,
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
      severity: inPlace('medium', { isProduction }),
    },
  ]
}
