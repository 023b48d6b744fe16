import { isIdleDefaultAccount } from '../default-account.ts'
import { ofMention } from '../mention.ts'
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
    if (!identity.source.isDefined) return ofMention(identity, `Why ${nameOf(identity)} exists is not known`)
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
