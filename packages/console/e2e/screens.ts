/** Every screen of the console by a name people would use, as an address of the made-up company. */
import type { Company } from '../testing/fixture-data.ts'

export function screensOf(company: Company): [name: string, path: string][] {
  const split = company.rows.find((row) => row.state === 'split' && row.credentials > 1)
  const gone = company.rows.find((row) => row.vanishedAt !== null)
  return [
    ['overview', '/'],
    ['overview of the past', '/?asOf=2026-11-01'],
    ['my queue', '/queue'],
    ['identities', '/identities'],
    ['identities, filtered', '/identities?state=split&environment=production&sort=findings&order=desc'],
    ['identity with everything', '/identities/idn_00000000000000000007'],
    ['identity whose ownership is split', `/identities/${split?.id}`],
    ['identity that vanished', `/identities/${gone?.id}`],
    ['teams', '/teams'],
    ['team', '/teams/tm_00000000000000000000'],
    ['identities of a team', '/teams/tm_00000000000000000000?tab=identities'],
    ['scopes of a team', '/teams/tm_00000000000000000000?tab=scopes'],
    ['about a team', '/teams/tm_00000000000000000000?tab=about'],
    ['findings by rule', '/findings'],
    ['findings by team', '/findings?by=team'],
    ['findings of a rule', '/findings/list?rule=split-ownership'],
    ['sources', '/sources'],
    ['source', '/sources/src_1'],
    ['add a source', '/add'],
    ['no such page', '/nowhere'],
    ['changes', '/changes?state=any'],
    ['change that a guardrail refuses', '/changes/chg_refused'],
    ['change of a guardrail', '/changes/chg_guardrail'],
    ['change that was applied', '/changes/chg_applied'],
    ['propose access', '/changes/new?kind=scope&identity=idn_00000000000000000001'],
    ['propose a guardrail', '/changes/new?kind=guardrail&starter=no-cross-environment-grant'],
    ['guardrails', '/guardrails'],
    ['guardrail', '/guardrails/no-wildcard-in-production'],
    ['exceptions', '/exceptions?state=all'],
    ['ledger', '/ledger'],
    ['entry of the ledger', '/ledger/ent_00000000000000000005'],
    ['verify the ledger', '/ledger/verify'],
    ['tokens', '/tokens'],
    ['powers', '/powers'],
    ['you', '/account'],
    ['held departures', '/directory/holds'],
    ['sign in', '/sign-in'],
    ['sign in that failed', '/sign-in?failed=left'],
  ]
}
