/** Names from directories: hostile text until it has passed here, compared in one form only. */
import { stableId } from '@onus/core/ids.ts'
import { parseGroupName } from '@onus/core/team-names.ts'
import { Refused } from '../http/refused.ts'

/** SCIM and OpenID Connect set no limit; no address or account name comes near it. */
export const MAX_NAME_LENGTH = 320

/** Controls and invisible characters: two names that look the same would be two people. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u

/**
 * The name as it may be kept, trimmed. Throws `Refused` (`invalid-request`) when it is empty, too long or hides
 * something.
 */
export function nameOf(raw: string, field: string): string {
  const name = raw.normalize('NFC').trim()
  const reason =
    name === ''
      ? 'is empty'
      : name.length > MAX_NAME_LENGTH
        ? `has more than ${MAX_NAME_LENGTH} characters`
        : UNSEEN.test(name)
          ? 'holds characters that cannot be seen'
          : null
  if (reason !== null) throw new Refused('invalid-request', `\`${field}\` ${reason}`, [{ field, reason }])
  return name
}

/** How user names are compared (RFC 7643 §4.1.1: without case): `Ada@corp.example` is `ada@corp.example`. */
export function nameKey(userName: string): string {
  return userName.normalize('NFKC').trim().toLowerCase()
}

/**
 * The slug of a group's name and the id of the team of that name, as discovered teams have them; null when nothing is
 * left.
 */
export function teamKey(groupName: string): { id: string; slug: string } | null {
  const { slug } = parseGroupName(groupName)
  return slug === '' ? null : { id: stableId('tm', slug), slug }
}
