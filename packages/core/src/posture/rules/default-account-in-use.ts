import { isIdleDefaultAccount } from '../default-account.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { inPlace, raised } from '../severity.ts'
import { nameOf, quoteSome } from '../wording.ts'

/**
 * Medium, because whatever runs without an account of its own shares this one; one step worse with a grant, which then
 * goes to every such workload, also to tomorrow's.
 */
export const defaultAccountInUse: IdentityRule = {
  id: 'default-account-in-use',
  about: 'identity',
  title: 'The default service account is in use',
  severity: 'medium',
  needs: ['the workloads and bindings of the namespace'],
  fix: 'Give each workload a service account of its own, and switch off the token of the default one.',
  maps: { owaspNhi: ['NHI9:2025'], csf: ['PR.AA-01', 'PR.AA-05'] },
  judge: (identity) => {
    if (identity.name !== 'default' || identity.source.system !== 'kubernetes' || isIdleDefaultAccount(identity))
      return FINE
    const users = identity.uses.length > 0 ? `It runs ${quoteSome(identity.uses.map((use) => use.name))}.` : ''
    const grants =
      identity.grants.length > 0 ? `It is granted ${quoteSome(identity.grants.map((grant) => grant.permission))}.` : ''
    return [
      {
        verdict: 'fail',
        title: `The service account ${nameOf(identity)} is in use`,
        detail: [users, grants].filter((part) => part !== '').join(' '),
        evidence: [...identity.uses, ...identity.grants],
        severity: inPlace(grants === '' ? 'medium' : raised('medium'), identity),
      },
    ]
  },
}
