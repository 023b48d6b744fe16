import { daysBetween } from '../../time.ts'
import type { Credential, CredentialKind } from '../../identity.ts'
import { isLive } from '../credential-age.ts'
import { FINE, type CredentialRule, type Judgement } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { day, nameOf, quote } from '../wording.ts'

/**
 * Kinds whose issuers give them no end: AWS access keys, SSH and deploy keys, private keys of GitHub apps, HMAC keys of
 * storage, and Google service account keys unless an organisation policy sets one.
 */
const WITHOUT_EXPIRY: ReadonlySet<CredentialKind> = new Set([
  'access-key',
  'ssh-key',
  'app-private-key',
  'hmac-key',
  'service-account-key',
])

/** Five years: an end beyond the life of most systems is no end. */
const FAR_FUTURE_DAYS = 5 * 365

/** Medium: it does no harm by itself, but whatever leaks stays good for ever. */
export const noExpiry: CredentialRule = {
  id: 'no-expiry',
  about: 'credential',
  title: 'It never expires',
  severity: 'medium',
  needs: ['the expiry of the credential, or that its kind has none'],
  fix: 'Replace it with a short-lived or federated credential, or give it an end date.',
  maps: { owaspNhi: ['NHI7:2025'], csf: ['PR.AA-01'] },
  judge: (credential, identity, estate) => {
    if (!isLive(credential, identity)) return FINE
    const named = `${credential.kind} ${quote(credential.name)} of ${nameOf(identity)}`
    if (credential.expiresAt !== null) {
      const ahead = -daysBetween(credential.expiresAt, estate.asOf)
      if (ahead <= FAR_FUTURE_DAYS) return FINE
      const detail = `It ends on ${day(credential.expiresAt)}, more than five years ahead; that is no end in practice.`
      return [fail(`The ${named} does not expire for years`, detail)]
    }
    if (credential.neverExpires === true)
      return [fail(`The ${named} never expires`, 'Its source says that it does not expire.')]
    if (credential.neverExpires === null && WITHOUT_EXPIRY.has(credential.kind)) {
      return [
        fail(
          `The ${named} never expires`,
          'Credentials of this kind have no expiry; they work until somebody deletes them.',
        ),
      ]
    }
    return [
      {
        verdict: 'unknown',
        title: `Whether the ${named} expires is not known`,
        missing: whatIsMissing(credential),
        evidence: [credential],
      },
    ]

    function fail(title: string, detail: string): Judgement {
      return { verdict: 'fail', title, detail, evidence: [credential], severity: inPlace('medium', identity) }
    }
  },
}

function whatIsMissing({ dates }: Credential): string {
  return dates.expires.state === 'unreadable'
    ? `Its expiry date ${quote(dates.expires.raw)} could not be read: ${dates.expires.reason}.`
    : 'Its expiry date is not in what was read.'
}
