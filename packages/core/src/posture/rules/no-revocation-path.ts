import { isLive } from '../credential-age.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { nameOf, placeOf } from '../wording.ts'

/**
 * Medium: found out on the day of the leak, this costs hours. Only asked of identities with something stored to take
 * back; what proves itself by federation ends with its trust.
 */
export const noRevocationPath: IdentityRule = {
  id: 'no-revocation-path',
  about: 'identity',
  title: 'Nothing says how it is revoked',
  severity: 'medium',
  needs: ['a stated way to revoke it, or a credential whose source shows one'],
  fix: 'Write down how its credentials are revoked, and try it once.',
  maps: { owaspNhi: ['NHI1:2025', 'NHI7:2025'], csf: ['RS.MI-01', 'PR.AA-01'] },
  judge: (identity) => {
    if (identity.questions.revocation.answer !== null) return FINE
    if (!identity.credentials.some((credential) => isLive(credential, identity))) return FINE
    return [
      {
        verdict: 'fail',
        title: `Nothing says how ${nameOf(identity)} is revoked`,
        detail: identity.questions.revocation.missing ?? 'No revocation path is stated.',
        evidence: [placeOf(identity)],
        severity: inPlace('medium', identity),
      },
    ]
  },
}
