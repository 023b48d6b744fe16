import { FINE, type IdentityRule } from '../rule.ts'
import { grantText, nameOf, quote, quoteSome } from '../wording.ts'

/**
 * High towards production: whoever takes the weaker environment has the stronger one. Between other environments low.
 * From production downwards is left out (deployers and monitors do that), and so is what is shared on purpose.
 */
export const crossEnvironmentGrant: IdentityRule = {
  id: 'cross-environment-grant',
  about: 'identity',
  title: 'It reaches another environment',
  severity: 'high',
  needs: ['the environment of the identity and of what its grants reach'],
  fix: 'Use a separate identity in each environment, and remove the grant that crosses.',
  maps: { owaspNhi: ['NHI8:2025'], csf: ['PR.AA-05', 'PR.IR-01'] },
  judge: (identity) => {
    const reach = identity.grants.filter((grant) => grant.environment !== null && grant.environment !== 'shared')
    if (reach.length === 0 || identity.isProduction === true || identity.environment === 'shared') return FINE
    const production = reach.filter((grant) => grant.environment === 'production')
    if (identity.environment === null && identity.isProduction === null) {
      const resources = quoteSome(production.map((grant) => grant.resource))
      if (production.length === 0) return FINE
      return [
        {
          verdict: 'unknown',
          title: `Whether ${nameOf(identity)} crosses into production is not known`,
          missing: `Its own environment is not known; it reaches ${resources}.`,
          evidence: production,
        },
      ]
    }
    const crossing =
      production.length > 0 ? production : reach.filter((grant) => grant.environment !== identity.environment)
    if (crossing.length === 0 || (production.length === 0 && identity.environment === null)) return FINE
    const from = quote(identity.environment ?? 'non-production')
    const to = quoteSome(crossing.map((grant) => grant.environment ?? ''))
    return [
      {
        verdict: 'fail',
        title: `${nameOf(identity)} of ${from} reaches ${to}`,
        detail: `${quoteSome(crossing.map(grantText))}.`,
        evidence: crossing,
        severity: production.length > 0 ? 'high' : 'low',
      },
    ]
  },
}
