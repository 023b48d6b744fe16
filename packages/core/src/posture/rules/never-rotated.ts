import { daysBetween } from '../../time.ts'
import { ageLimit, isLive } from '../credential-age.ts'
import { FINE, type CredentialRule } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { day, days, nameOf, quote } from '../wording.ts'

/** A year at the default limit of 90 days: four rotations were due, so the missing date is no accident. */
const ROTATIONS_MISSED = 4

/** High: somebody wrote down that it was never done, or four rotations were due and none is known. */
export const neverRotated: CredentialRule = {
  id: 'never-rotated',
  about: 'credential',
  title: 'It was never rotated',
  severity: 'high',
  needs: ['when the credential was last rotated, or when it was created'],
  fix: 'Rotate it now, and write the true date where the placeholder stands.',
  maps: { owaspNhi: ['NHI7:2025'], csf: ['PR.AA-01', 'PR.PS-01'] },
  judge: (credential, identity, estate) => {
    if (!isLive(credential, identity)) return FINE
    const { rotated, created } = credential.dates
    const named = `${credential.kind} ${quote(credential.name)} of ${nameOf(identity)}`
    if (rotated.state === 'never') {
      const detail = `Its rotation date is ${quote(rotated.raw)}, a placeholder that means never.`
      return [
        {
          verdict: 'fail',
          title: `The ${named} was never rotated`,
          detail,
          evidence: [credential],
          severity: inPlace('high', identity),
        },
      ]
    }
    if (rotated.state === 'unreadable') {
      const missing = `Its rotation date ${quote(rotated.raw)} could not be read.`
      return [
        {
          verdict: 'unknown',
          title: `Whether the ${named} was ever rotated is not known`,
          missing,
          evidence: [credential],
        },
      ]
    }
    // Without any date `too-old` already says what is missing; saying it twice would only make the list longer.
    if (created.state !== 'at') return FINE
    if (rotated.state === 'at' && Date.parse(rotated.at) > Date.parse(created.at)) return FINE
    const age = daysBetween(created.at, estate.asOf)
    if (age <= ageLimit(credential, estate) * ROTATIONS_MISSED) return FINE
    const detail = `It was created on ${day(created.at)}, ${days(age)} ago, and no rotation since then is known.`
    return [
      {
        verdict: 'fail',
        title: `The ${named} was never rotated`,
        detail,
        evidence: [credential],
        severity: inPlace('high', identity),
      },
    ]
  },
}
