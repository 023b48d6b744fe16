/** One-time links and sessions of people, looked up by the hash of the secret. */
import type { Read, Tx } from '../db/database.ts'

/** What corrects a clock moves it by less. */
const SKEW_MS = 5_000

export async function saveLink(tx: Tx, hash: Buffer, person: string, now: Date, expiresAt: Date): Promise<void> {
  await tx.deleteFrom('sign_in_link').where('expires_at', '<=', now).execute()
  await tx
    .insertInto('sign_in_link')
    .values({ token_hash: hash, person_id: person, created_at: now, expires_at: expiresAt })
    .execute()
}

/** Deletes what has ended, so that a clock that is set back revives none of it. */
export async function forgetEnded(tx: Tx, now: Date): Promise<void> {
  await tx.deleteFrom('sign_in_link').where('expires_at', '<=', now).execute()
  await tx.deleteFrom('session').where('expires_at', '<=', now).execute()
}

/**
 * Deletes the link and answers whose it was, if it was good; of two that try at once, one gets it. One from the future was
 * made while the clock was wrong, and would work for as long as that.
 */
export async function useLink(tx: Tx, hash: Buffer, now: Date): Promise<string | null> {
  const used = await tx
    .deleteFrom('sign_in_link')
    .where('token_hash', '=', hash)
    .where('expires_at', '>', now)
    .where('created_at', '<=', new Date(now.getTime() + SKEW_MS))
    .returning('person_id')
    .executeTakeFirst()
  return used?.person_id ?? null
}

export type NewSession = { hash: Buffer; person: string; userAgent: string; now: Date; expiresAt: Date }

export async function saveSession(tx: Tx, session: NewSession): Promise<void> {
  await tx.deleteFrom('session').where('expires_at', '<=', session.now).execute()
  await tx
    .insertInto('session')
    .values({
      token_hash: session.hash,
      person_id: session.person,
      user_agent: session.userAgent,
      created_at: session.now,
      last_seen_at: session.now,
      expires_at: session.expiresAt,
    })
    .execute()
}

export async function deleteSession(tx: Tx, hash: Buffer): Promise<void> {
  await tx.deleteFrom('session').where('token_hash', '=', hash).execute()
}

export type SessionRow = { id: string; user_agent: string; created_at: Date; last_seen_at: Date; expires_at: Date }

/** The sessions of a person that still work, newest first. */
export async function listSessions(read: Read, person: string, now: Date, idleSince: Date): Promise<SessionRow[]> {
  return read
    .selectFrom('session')
    .select(['id', 'user_agent', 'created_at', 'last_seen_at', 'expires_at'])
    .where('person_id', '=', person)
    .where('expires_at', '>', now)
    .where('last_seen_at', '>', idleSince)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()
}

/** Ends sessions of a person: the one of `id`, or all of them. Answers how many. */
export async function endSessions(tx: Tx, person: string, id: string | null): Promise<number> {
  const ended = await tx
    .deleteFrom('session')
    .where('person_id', '=', person)
    .$if(id !== null, (query) => query.where('id', '=', id ?? ''))
    .returning('id')
    .execute()
  return ended.length
}

/** Gives a session another secret, and a persona or none. Answers whether the session was there. */
export async function turnSession(
  tx: Tx,
  id: string,
  turned: { hash: Buffer; persona: string | null },
): Promise<boolean> {
  const row = await tx
    .updateTable('session')
    .set({ token_hash: turned.hash, persona_id: turned.persona })
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}
