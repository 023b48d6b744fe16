import { READER_TAGS, readerList } from '../../reader-tags.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { lowered } from '../severity.ts'
import { nameOf, placeOf, quoteSome } from '../wording.ts'

/** Medium when the pipeline holds credentials or cloud sign-ins that the action could take; else one step lower. */
export const unpinnedThirdPartyAction: IdentityRule = {
  id: 'unpinned-third-party-action',
  about: 'identity',
  title: 'It runs third-party code that can change under it',
  severity: 'medium',
  needs: ['the actions of the workflow'],
  fix: 'Pin each third-party action to the full commit hash of a version somebody looked at.',
  maps: { owaspNhi: ['NHI3:2025'], csf: ['ID.RA-09', 'GV.SC-07'] },
  judge: (identity) => {
    const actions = readerList(identity.tags, READER_TAGS.unpinnedThirdPartyActions)
    if (actions.length === 0) return FINE
    const holdsSomething = identity.credentials.length > 0 || identity.tags[READER_TAGS.inheritsSecrets] === 'true'
    const reach = holdsSomething ? ' They can read the credentials of the pipeline.' : ''
    return [
      {
        verdict: 'fail',
        title: `${nameOf(identity)} runs third-party actions that can change under it`,
        detail: `Not fixed to a commit: ${quoteSome(actions)}.${reach}`,
        evidence: [placeOf(identity)],
        severity: holdsSomething ? 'medium' : lowered('medium'),
      },
    ]
  },
}
