import type { Claim } from '../../identity.ts'
import { isStatement, ofStatements, type Stated } from '../claims.ts'
import { FINE, type Estate, type IdentityRule, type Judgement } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { quoteSome } from '../wording.ts'

/**
 * Medium where a free-text owner means nobody that is known; low where a field for team names holds a name that none of
 * the groups read has: it may be a group of a system that was not read, or a team that no longer exists.
 */
export const ownerUnresolved: IdentityRule = {
  id: 'owner-unresolved',
  about: 'identity',
  title: 'The named owner matches no known group',
  severity: 'medium',
  needs: ['the groups of the company: a directory, a catalog, CODEOWNERS or RBAC bindings'],
  fix: 'Write the name of a group that exists, or map the spelling under `teamAliases` in the conventions.',
  maps: { owaspNhi: ['NHI1:2025'], csf: ['GV.RR-02', 'ID.AM-08'] },
  ...ofStatements(judgement),
}

function judgement(
  { accountability: { state, team, claims }, isProduction, isSaidHere, name }: Stated,
  estate: Estate,
): readonly Judgement[] {
  if (state === 'accountable') return FINE
  const open = claims.filter((claim) => isStatement(claim) && isUnproven(claim, team, estate) && isSaidHere(claim))
  if (open.length === 0) return FINE
  const names = quoteSome(open.map((claim) => claim.raw))
  if (!estate.knowsGroups) {
    return [
      {
        verdict: 'unknown',
        title: `Whether the owner of ${name()} exists is not known`,
        missing:
          `${names} could not be checked: no directory, catalog, CODEOWNERS or RBAC binding that was read shows ` +
          'which groups exist.',
        evidence: open,
      },
    ]
  }
  const isNamedTeam = team !== null
  return [
    {
      verdict: 'fail',
      title: `The owner of ${name()} matches no known group: ${names}`,
      detail: isNamedTeam
        ? `${names} stands in a field for team names, but none of the groups that were read has this name.`
        : `${names} is written as its owner (${quoteSome(open.map((claim) => claim.key))}), and no known group fits.`,
      evidence: open,
      severity: inPlace(isNamedTeam ? 'low' : 'medium', { isProduction }),
    },
  ]
}

/** Not shown to be a real group: unresolved text where no team is found, or the found team exists in no system. */
function isUnproven(claim: Claim, team: string | null, estate: Estate): boolean {
  if (team === null) return claim.reading === 'unresolved' || claim.reading === 'contact'
  return claim.team === team && estate.teams.get(team)?.isKnown === false
}
