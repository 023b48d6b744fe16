import { isLive } from '../credential-age.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { nameOf, placeOf, quote } from '../wording.ts'

/** High: the contract ends, the vendor is bought or breached, and the access stays. */
export const thirdPartyWithoutEnd: IdentityRule = {
  id: 'third-party-without-end',
  about: 'identity',
  title: 'A third party has access without an end',
  severity: 'high',
  needs: ['a review date, or an expiry of each of its credentials'],
  fix: 'Set an end or review date that follows the contract, and write it down beside the access.',
  maps: { owaspNhi: ['NHI3:2025'], csf: ['GV.SC-07', 'GV.SC-10'] },
  judge: (identity) => {
    if (!identity.isThirdParty && identity.kind !== 'third-party') return FINE
    if (identity.isSuspended === true || identity.reviewAfter.state === 'at') return FINE
    const live = identity.credentials.filter((credential) => isLive(credential, identity))
    if (live.length > 0 && live.every((credential) => credential.expiresAt !== null)) return FINE
    const evidence = [placeOf(identity), ...live]
    const unread = [identity.reviewAfter, ...live.map((credential) => credential.dates.expires)].find(
      (date) => date.state === 'unreadable',
    )
    if (unread?.state === 'unreadable') {
      const missing = `The date ${quote(unread.raw)} could not be read: ${unread.reason}.`
      return [
        { verdict: 'unknown', title: `Whether the access of ${nameOf(identity)} ends is not known`, missing, evidence },
      ]
    }
    return [
      {
        verdict: 'fail',
        title: `The third party ${nameOf(identity)} has access without an end`,
        detail:
          live.length === 0
            ? 'Neither an end nor a review date is set.'
            : 'No review date is set, and not every credential of it expires.',
        evidence,
        severity: inPlace('high', identity),
      },
    ]
  },
}
