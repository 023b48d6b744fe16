/** Who may speak: one-time links, sessions of people, tokens of programs; looked up by the hash of the secret. */
import type { Read, Tx } from '../db/database.ts'

export type SessionRow = { name: string; role: 'administrator' | 'reader'; last_seen_at: Date }

export async function saveLink(tx: Tx, hash: Buffer, now: Date, expiresAt: Date): Promise<void> {
  await tx.deleteFrom('sign_in_link').where('expires_at', '<=', now).execute()
  await tx.insertInto('sign_in_link').values({ token_hash: hash, created_at: now, expires_at: expiresAt }).execute()
}

/** Deletes the link and answers whether it was good; of two that try at once, one gets it. */
export async function useLink(tx: Tx, hash: Buffer, now: Date): Promise<boolean> {
  const used = await tx
    .deleteFrom('sign_in_link')
    .where('token_hash', '=', hash)
    .where('expires_at', '>', now)
    .returning('token_hash')
    .executeTakeFirst()
  return used !== undefined
}

export async function saveSession(
  tx: Tx,
  hash: Buffer,
  session: { name: string; now: Date; expiresAt: Date },
): Promise<void> {
  await tx.deleteFrom('session').where('expires_at', '<=', session.now).execute()
  await tx
    .insertInto('session')
    .values({
      token_hash: hash,
      role: 'administrator',
      name: session.name,
      created_at: session.now,
      last_seen_at: session.now,
      expires_at: session.expiresAt,
    })
    .execute()
}

export async function findSession(read: Read, hash: Buffer, now: Date, idleSince: Date): Promise<SessionRow | null> {
  const row = await read
    .selectFrom('session')
    .select(['name', 'role', 'last_seen_at'])
    .where('token_hash', '=', hash)
    .where('expires_at', '>', now)
    .where('last_seen_at', '>', idleSince)
    .executeTakeFirst()
  return row ?? null
}

export async function touchSession(tx: Tx, hash: Buffer, now: Date): Promise<void> {
  await tx.updateTable('session').set({ last_seen_at: now }).where('token_hash', '=', hash).execute()
}

export async function deleteSession(tx: Tx, hash: Buffer): Promise<void> {
  await tx.deleteFrom('session').where('token_hash', '=', hash).execute()
}

export type TokenRow = {
  id: string
  purpose: string
  created_at: Date
  expires_at: Date
  last_used_at: Date | null
  revoked_at: Date | null
}

export async function saveToken(
  tx: Tx,
  token: { id: string; hash: Buffer; purpose: string; now: Date; expiresAt: Date },
): Promise<void> {
  await tx
    .insertInto('api_token')
    .values({
      id: token.id,
      token_hash: token.hash,
      purpose: token.purpose,
      created_at: token.now,
      expires_at: token.expiresAt,
      last_used_at: null,
      revoked_at: null,
    })
    .execute()
}

/** Marks the token used and answers it, or null when it is unknown, expired or revoked. */
export async function useToken(tx: Tx, hash: Buffer, now: Date): Promise<{ id: string; purpose: string } | null> {
  const row = await tx
    .updateTable('api_token')
    .set({ last_used_at: now })
    .where('token_hash', '=', hash)
    .where('expires_at', '>', now)
    .where('revoked_at', 'is', null)
    .returning(['id', 'purpose'])
    .executeTakeFirst()
  return row ?? null
}

export async function revokeToken(tx: Tx, id: string, now: Date): Promise<boolean> {
  const row = await tx
    .updateTable('api_token')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function listTokens(read: Read): Promise<TokenRow[]> {
  return read
    .selectFrom('api_token')
    .select(['id', 'purpose', 'created_at', 'expires_at', 'last_used_at', 'revoked_at'])
    .orderBy('created_at')
    .execute()
}
