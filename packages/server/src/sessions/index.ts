/** Signing in and out, and tokens for programs. */
import type { Database } from '../db/database.ts'
import { newId } from '../ids.ts'
import { Refused } from '../http/refused.ts'
import { hashOf, newSecret } from './secrets.ts'
import * as store from './store.ts'
import type { TokenRow } from './store.ts'

export type Actor = { name: string; role: 'administrator' | 'reader' | 'importer' }
export type { TokenRow }

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** Long enough to switch to the browser, short enough to be useless in a scroll-back. */
export const LINK_MS = 15 * MINUTE_MS
export const SESSION_MS = 7 * DAY_MS
/** Away for a working day: sign in again. */
export const IDLE_MS = 12 * 60 * MINUTE_MS
/** A write for every click would be wasted; idling is measured in hours. */
const TOUCH_MS = 5 * MINUTE_MS
const TOKEN_PREFIX = 'onus_'

/** A link's token that works once. */
export async function createLink(db: Database, now: Date): Promise<string> {
  const secret = newSecret()
  await db.tx((tx) => store.saveLink(tx, hashOf(secret), now, new Date(now.getTime() + LINK_MS)))
  return secret
}

/** Spends the link and answers the secret of the new session. Throws `Refused` (`link-not-valid`). */
export async function signIn(db: Database, token: string, now: Date): Promise<{ secret: string; actor: Actor }> {
  const secret = newSecret()
  const actor: Actor = { name: 'administrator', role: 'administrator' }
  await db.tx(async (tx) => {
    if (!(await store.useLink(tx, hashOf(token), now))) {
      throw new Refused(
        'link-not-valid',
        'a link works once and for 15 minutes; restart Onus or run its `link` command for a new one',
      )
    }
    await store.saveSession(tx, hashOf(secret), {
      name: actor.name,
      now,
      expiresAt: new Date(now.getTime() + SESSION_MS),
    })
  })
  return { secret, actor }
}

export async function actorOfSession(db: Database, secret: string, now: Date): Promise<Actor | null> {
  const hash = hashOf(secret)
  const row = await store.findSession(db.read, hash, now, new Date(now.getTime() - IDLE_MS))
  if (!row) return null
  if (now.getTime() - row.last_seen_at.getTime() > TOUCH_MS) await db.tx((tx) => store.touchSession(tx, hash, now))
  return { name: row.name, role: row.role }
}

export async function signOut(db: Database, secret: string): Promise<void> {
  await db.tx((tx) => store.deleteSession(tx, hashOf(secret)))
}

/** A token that may import reports and nothing else. The secret is told here and never again. */
export async function createToken(
  db: Database,
  purpose: string,
  days: number,
  now: Date,
): Promise<{ id: string; secret: string; expiresAt: Date }> {
  const secret = TOKEN_PREFIX + newSecret()
  const id = newId('tok')
  const expiresAt = new Date(now.getTime() + days * DAY_MS)
  await db.tx((tx) => store.saveToken(tx, { id, hash: hashOf(secret), purpose, now, expiresAt }))
  return { id, secret, expiresAt }
}

export async function actorOfToken(db: Database, secret: string, now: Date): Promise<Actor | null> {
  if (!secret.startsWith(TOKEN_PREFIX)) return null
  const token = await db.tx((tx) => store.useToken(tx, hashOf(secret), now))
  return token && { name: token.id, role: 'importer' }
}

export async function revokeToken(db: Database, id: string, now: Date): Promise<boolean> {
  return db.tx((tx) => store.revokeToken(tx, id, now))
}

export async function listTokens(db: Database): Promise<TokenRow[]> {
  return store.listTokens(db.read)
}
