/** Another credential for one identity. */
import { isStatic } from '../../identity.ts'
import type { ContentOf } from '../content.ts'
import { credentialAttributes, identityAttributes } from '../guarded.ts'
import { daysBetween, refusal } from '../plan.ts'
import type { Plan } from '../plan.ts'
import { notAccountable, subjectBase, subjectSeats } from './subject.ts'
import type { SubjectFacts } from './subject.ts'

export type CredentialFacts = {
  subject: SubjectFacts | null
  /** Names of credentials that were decided and run, with their ends. */
  decided: readonly { name: string; expiresAt: string | null }[]
  now: Date
}

export function planCredential(
  { identity, credential }: ContentOf<'credential'>,
  { subject, decided, now }: CredentialFacts,
): Plan {
  if (!subject) return refusal('not-found', `no identity has the id \`${identity}\``)
  const { owner } = subject
  if (!owner) return notAccountable(subject)
  if (isStatic(credential.kind) && credential.expiresAt === null)
    return refusal('end-missing', 'a credential that is stored has an end; say `expiresAt`')
  if (credential.expiresAt !== null && daysBetween(now, credential.expiresAt) <= 0)
    return refusal('end-out-of-range', 'the credential would have expired already')
  const known = decided.find(({ name }) => name === credential.name)
  if (known && known.expiresAt === credential.expiresAt)
    return refusal(
      'nothing-changes',
      `\`${subject.name}\` has a credential \`${credential.name}\` with this end already`,
    )
  const attributes = identityAttributes(subject)
  const seats = subjectSeats({ ...subject, owner }, attributes.isProduction, attributes.isRegulated)
  if (!seats.ok) return seats.refusal
  const end = (at: string | null): string => (at === null ? 'never expires' : `expires ${at.slice(0, 10)}`)
  const label = `${credential.kind} ${credential.name}`
  return {
    ok: true,
    summary: `Give ${subject.name} the ${label}`,
    base: {
      ...subjectBase(subject),
      credentials: decided.map(({ name, expiresAt }) => `${name} ${expiresAt ?? ''}`).sort(),
    },
    diff: [
      { field: label, before: known ? end(known.expiresAt) : null, after: end(credential.expiresAt) },
      { field: 'purpose', before: null, after: credential.purpose },
      { field: 'revocation', before: null, after: credential.revocation },
    ],
    seats: seats.seats,
    identities: [{ id: subject.id, name: subject.name }],
    guarded: [
      {
        action: 'issue',
        identity: { id: subject.id, name: subject.name, attributes },
        label,
        attributes: credentialAttributes(credential, now),
      },
    ],
    gains: [],
  }
}
