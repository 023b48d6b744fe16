import { FINE, type IdentityRule } from '../rule.ts'
import { inPlace, lowered } from '../severity.ts'
import { nameOf, placeOf, quoteSome, sentence } from '../wording.ts'

/** Systems whose ways to raise one's own rights are known well enough to look for. */
const COMPUTED: ReadonlySet<string> = new Set(['aws', 'google', 'azure', 'kubernetes'])

/** High: an administrator in two steps that no list of administrators shows. Only conditional ways: one step lower. */
export const escalationPath: IdentityRule = {
  id: 'escalation-path',
  about: 'identity',
  title: 'It can raise its own rights',
  severity: 'high',
  needs: ['everything its grants add up to'],
  fix: 'Remove the permissions by which it can gain more, or limit them to resources that give it nothing.',
  maps: { owaspNhi: ['NHI5:2025'], csf: ['PR.AA-05'] },
  judge: (identity) => {
    const { access, grants } = identity
    if (access?.admin === 'yes') return FINE // nothing is left to gain; admin-or-wildcard says so
    if (access !== null && access.escalations.length > 0) {
      const ways = access.escalations
      const isConditional = ways.every((way) => way.condition !== null)
      const shown = ways
        .slice(0, 5)
        .map((way) => `${way.path} (${quoteSome(way.permissions, 3)}${way.condition === null ? '' : ', conditional'})`)
      const more = ways.length > 5 ? `; and ${ways.length - 5} more ways` : ''
      return [
        {
          verdict: 'fail',
          title: `${nameOf(identity)} can raise its own rights`,
          detail: `${sentence(shown.join('; '))}${more}.`,
          evidence: [access],
          severity: inPlace(isConditional ? lowered('high') : 'high', identity),
        },
      ]
    }
    const isComputed = access !== null && access.admin !== 'unknown'
    if (isComputed || !COMPUTED.has(identity.source.system) || grants.length === 0) return FINE
    return [
      {
        verdict: 'unknown',
        title: `Whether ${nameOf(identity)} can raise its own rights is not known`,
        missing: 'Not all of its roles or policies were read, so its grants could not be added up.',
        evidence: [access ?? placeOf(identity)],
      },
    ]
  },
}
