import { ageLimit, ageOf, isLive } from '../credential-age.ts'
import type { Credential } from '../../identity.ts'
import { FINE, type CredentialRule } from '../rule.ts'
import { inPlace, raised } from '../severity.ts'
import { day, days, nameOf, quote } from '../wording.ts'

/** Beyond this many times the limit it was not a late rotation but none. */
const FAR_BEYOND = 2

/** Medium, and one step worse far beyond the limit. */
export const tooOld: CredentialRule = {
  id: 'too-old',
  about: 'credential',
  title: 'It is older than the limit of its class',
  severity: 'medium',
  needs: ['when the credential was created or last rotated'],
  fix: 'Rotate it, and let a job rotate it from now on.',
  maps: { owaspNhi: ['NHI7:2025'], csf: ['PR.AA-01'] },
  judge: (credential, identity, estate) => {
    if (!isLive(credential, identity)) return FINE
    const age = ageOf(credential, estate)
    if (age === null) {
      // A placeholder says that it was never rotated; that is the finding `never-rotated`, not a missing fact.
      if (credential.dates.rotated.state === 'never') return FINE
      const title = `How old the ${credential.kind} ${quote(credential.name)} of ${nameOf(identity)} is, is not known`
      return [{ verdict: 'unknown', title, missing: whatIsMissing(credential), evidence: [credential] }]
    }
    const limit = ageLimit(credential, estate)
    if (age.days <= limit) return FINE
    const what = age.since === 'rotated' ? 'last rotated' : 'created'
    const severity = age.days > limit * FAR_BEYOND ? raised('medium') : 'medium'
    return [
      {
        verdict: 'fail',
        title: `The ${credential.kind} ${quote(credential.name)} of ${nameOf(identity)} is ${days(age.days)} old`,
        detail: `It was ${what} on ${day(age.at)}; the limit for its class is ${days(limit)}.`,
        evidence: [credential],
        severity: inPlace(severity, identity),
      },
    ]
  },
}

function whatIsMissing({ dates }: Credential): string {
  if (dates.rotated.state === 'unreadable') return `Its rotation date ${quote(dates.rotated.raw)} could not be read.`
  if (dates.created.state === 'unreadable') return `Its creation date ${quote(dates.created.raw)} could not be read.`
  if (dates.rotated.state === 'at')
    return `Its rotation date ${quote(dates.rotated.raw)} lies in the future, and its creation date was not read.`
  return 'Neither its creation nor its last rotation is in what was read.'
}
