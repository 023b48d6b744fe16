import { isIdleDefaultAccount } from '../default-account.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { nameOf, placeOf } from '../wording.ts'

/** Low: often the approver exists in a system that was not read; it is still the third of the four questions. */
export const noApprover: IdentityRule = {
  id: 'no-approver',
  about: 'identity',
  title: 'Nobody is shown to approve changes of it',
  severity: 'low',
  needs: ['CODEOWNERS of its definition, or administrator bindings over it'],
  fix: 'Add a CODEOWNERS rule that makes the accountable team approve changes of its definition.',
  maps: { owaspNhi: ['NHI5:2025'], csf: ['PR.AA-05', 'GV.RR-02'] },
  judge: (identity, estate) => {
    if (identity.questions.approver.answer !== null || isIdleDefaultAccount(identity)) return FINE
    const evidence = [placeOf(identity)]
    if (!estate.knowsGroups) {
      const missing = 'No CODEOWNERS file, RBAC binding or directory was read.'
      return [
        { verdict: 'unknown', title: `Who approves changes of ${nameOf(identity)} is not known`, missing, evidence },
      ]
    }
    const detail =
      identity.questions.approver.missing ?? 'Nothing that was read shows who approves a change of its scopes.'
    return [{ verdict: 'fail', title: `Nobody is shown to approve changes of ${nameOf(identity)}`, detail, evidence }]
  },
}
