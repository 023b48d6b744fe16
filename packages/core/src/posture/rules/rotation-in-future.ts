import { daysBetween } from '../../time.ts'
import { isLive } from '../credential-age.ts'
import { FINE, type CredentialRule } from '../rule.ts'
import { nameOf, quote } from '../wording.ts'

/** Low: mostly a plan written into the field for the past, sometimes a way to silence a reminder. */
export const rotationInFuture: CredentialRule = {
  id: 'rotation-in-future',
  about: 'credential',
  title: 'Its rotation date lies in the future',
  severity: 'low',
  needs: ['the rotation date'],
  fix: 'Write the date of the last rotation that took place; keep a planned one elsewhere.',
  maps: { owaspNhi: ['NHI7:2025'], csf: ['PR.PS-01'] },
  judge: (credential, identity, estate) => {
    if (credential.rotatedAt === null || !isLive(credential, identity)) return FINE
    // A day of grace: dates without a time are written in the author's zone, up to 14 hours ahead of UTC.
    const ahead = -daysBetween(credential.rotatedAt, estate.asOf)
    if (ahead <= 1) return FINE
    const { rotated } = credential.dates
    const raw = rotated.state === 'at' ? rotated.raw : credential.rotatedAt
    return [
      {
        verdict: 'fail',
        title: `The rotation of ${credential.kind} ${quote(credential.name)} of ${nameOf(identity)} lies in the future`,
        detail: `${quote(raw)} is ${ahead} days ahead. It proves no rotation, so the age is counted without it.`,
        evidence: [credential],
      },
    ]
  },
}
