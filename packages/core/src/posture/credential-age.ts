import { isStatic, type Credential, type Identity } from '../identity.ts'
import { daysBetween } from '../time.ts'
import type { Estate } from './rule.ts'

/** Ages only matter for what is stored and still works. */
export function isLive(credential: Credential, identity: Identity): boolean {
  return isStatic(credential.kind) && credential.isActive !== false && identity.isSuspended !== true
}

/** The oldest a credential of this class may get, in days. */
export function ageLimit(credential: Credential, estate: Estate): number {
  return credential.kind === 'certificate' ? estate.limits.certificateAgeDays : estate.limits.credentialAgeDays
}

/**
 * Age in days since the later of rotation and creation; null when neither is known. A date in the future proves nothing
 * and is left out.
 */
export function ageOf(
  credential: Credential,
  estate: Estate,
): { since: 'rotated' | 'created'; at: string; days: number } | null {
  const rotated = pastDate(credential.rotatedAt, estate)
  const created = pastDate(credential.createdAt, estate)
  if (rotated !== null && (created === null || Date.parse(rotated) >= Date.parse(created))) {
    return { since: 'rotated', at: rotated, days: daysBetween(rotated, estate.asOf) }
  }
  return created === null ? null : { since: 'created', at: created, days: daysBetween(created, estate.asOf) }
}

function pastDate(instant: string | null, estate: Estate): string | null {
  return instant !== null && Date.parse(instant) <= estate.asOf.getTime() ? instant : null
}
