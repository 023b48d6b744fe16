import type { Identity, Trust } from '../../identity.ts'
import { unresolvedPart, weaknessesOf } from '../federation.ts'
import { FINE, type IdentityRule, type Judgement } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { nameOf, quote, sentence } from '../wording.ts'

/** High in general; a trust is as bad as its worst weakness (see federation.ts), and each is a finding of its own. */
export const looseFederationTrust: IdentityRule = {
  id: 'loose-federation-trust',
  about: 'identity',
  title: 'Its federation trust lets others in',
  severity: 'high',
  needs: ['issuer, audience and subject conditions of the trust'],
  fix: 'Require the audience and the exact subject: one repository and its branch or environment, or one account.',
  maps: { owaspNhi: ['NHI6:2025', 'NHI4:2025'], csf: ['PR.AA-04', 'PR.AA-03'] },
  judge: (identity) => {
    if (identity.trusts.length === 0) return FINE
    return identity.trusts.flatMap((trust) => judgeTrust(trust, identity))
  },
}

function judgeTrust(trust: Trust, identity: Identity): readonly Judgement[] {
  const key = JSON.stringify([trust.issuer, [...trust.audiences].sort(), [...trust.subjects].sort()])
  const open = unresolvedPart(trust)
  const weaknesses = weaknessesOf(trust, identity.source.system)
  const [worst] = weaknesses
  if (worst !== undefined && (open === null || worst.severity === 'critical')) {
    return [
      {
        verdict: 'fail',
        title: `${nameOf(identity)} trusts ${quote(trust.issuer)} too loosely`,
        detail: `${sentence(weaknesses.map((weakness) => weakness.text).join('; '))}.`,
        evidence: [trust],
        severity: inPlace(worst.severity, identity),
        key,
      },
    ]
  }
  if (open === null) return FINE
  const title = `Whether the trust of ${nameOf(identity)} is tight is not known`
  return [{ verdict: 'unknown', title, missing: `${sentence(open)} could not be resolved.`, evidence: [trust], key }]
}
