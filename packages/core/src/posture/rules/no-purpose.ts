import { isIdleDefaultAccount } from '../default-account.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { nameOf, placeOf } from '../wording.ts'

/**
 * Low: a gap in the record, not yet a danger; but a review without a purpose can only ever say "keep". Pipelines are not
 * asked: their files have no place for it, and their steps say what they do.
 */
export const noPurpose: IdentityRule = {
  id: 'no-purpose',
  about: 'identity',
  title: 'Nothing says why it exists',
  severity: 'low',
  needs: ['its definition'],
  fix: 'Write one sentence on why it exists in its description, tag or annotation.',
  maps: { owaspNhi: ['NHI1:2025'], csf: ['ID.AM-08'] },
  judge: (identity) => {
    if (identity.purpose !== null || identity.kind === 'ci-workload' || isIdleDefaultAccount(identity)) return FINE
    const evidence = [placeOf(identity)]
    if (!identity.source.isDefined) {
      const title = `Why ${nameOf(identity)} exists is not known`
      return [
        { verdict: 'unknown', title, missing: 'No file that was read defines it; it is only mentioned.', evidence },
      ]
    }
    const title = `Nothing says why ${nameOf(identity)} exists`
    return [
      {
        verdict: 'fail',
        title,
        detail: 'Its definition holds no description and no tag that states a purpose.',
        evidence,
      },
    ]
  },
}
