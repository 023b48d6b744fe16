import { isLive } from '../credential-age.ts'
import { FINE, type CredentialRule } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { nameOf, quote } from '../wording.ts'

/** Medium: as long as nobody can read the date, nothing reminds anybody of the next rotation. */
export const rotationDateUnreadable: CredentialRule = {
  id: 'rotation-date-unreadable',
  about: 'credential',
  title: 'Its rotation date cannot be read',
  severity: 'medium',
  needs: ['the rotation date as written'],
  fix: 'Write the date of the last rotation as YYYY-MM-DD.',
  maps: { owaspNhi: ['NHI7:2025'], csf: ['PR.PS-01'] },
  judge: (credential, identity) => {
    const { rotated } = credential.dates
    if (rotated.state !== 'unreadable' || !isLive(credential, identity)) return FINE
    return [
      {
        verdict: 'fail',
        title: `The rotation date of ${quote(credential.name)} of ${nameOf(identity)} cannot be read`,
        detail: `${quote(rotated.raw)}: ${rotated.reason}.`,
        evidence: [credential],
        severity: inPlace('medium', identity),
      },
    ]
  },
}
