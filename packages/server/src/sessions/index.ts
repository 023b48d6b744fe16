/** Signing in and out; who asks; tokens for programs. */
import type { Database, Tx } from '../db/database.ts'
import { Refused } from '../http/refused.ts'
import { append } from '../ledger/index.ts'
import { IDLE_MS } from './actor.ts'
import { hashOf, newSecret } from './secrets.ts'
import * as store from './store.ts'

export { NOBODY, actorOfSession, actorOfToken, doerOf, isScope, roleOf } from './actor.ts'
export type { Actor, PersonActor, Scope, TokenActor } from './actor.ts'
export { createToken, createTokenIn, findToken, listTokens, revokeToken, revokeTokenIn } from './tokens.ts'
export type { Token, TokenWish } from './tokens.ts'
export type { SessionRow } from './store.ts'
export { forgetEnded } from './store.ts'

/** The administrator of the machine: whoever reads the terminal of the server. */
export const LOCAL_ADMINISTRATOR = 'per_local'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** Long enough to switch to the browser, short enough to be useless in a scroll-back. */
export const LINK_MS = 15 * MINUTE_MS
export const SESSION_MS = 7 * DAY_MS
/** Enough to tell one's own browsers apart. */
const MAX_USER_AGENT_LENGTH = 200

/** A link's token that works once, for the local administrator. */
export async function createLink(db: Database, now: Date): Promise<string> {
  const secret = newSecret()
  const expiresAt = new Date(now.getTime() + LINK_MS)
  await db.tx((tx) => store.saveLink(tx, hashOf(secret), LOCAL_ADMINISTRATOR, now, expiresAt))
  return secret
}

/** A new session of a person, always under a new secret; a session that the browser brought along is ended. */
export async function openSession(
  tx: Tx,
  person: string,
  browser: { userAgent: string; earlier: string | undefined },
  now: Date,
): Promise<string> {
  const secret = newSecret()
  if (browser.earlier !== undefined) await store.deleteSession(tx, hashOf(browser.earlier))
  await store.saveSession(tx, {
    hash: hashOf(secret),
    person,
    userAgent: browser.userAgent.slice(0, MAX_USER_AGENT_LENGTH),
    now,
    expiresAt: new Date(now.getTime() + SESSION_MS),
  })
  return secret
}

/** Spends the link and answers the secret of the new session. Throws `Refused` (`link-not-valid`). */
export async function signIn(
  db: Database,
  token: string,
  now: Date,
  browser: { userAgent: string; earlier: string | undefined } = { userAgent: '', earlier: undefined },
): Promise<{ secret: string }> {
  return db.tx(async (tx) => {
    const person = await store.useLink(tx, hashOf(token), now)
    if (person === null) {
      throw new Refused(
        'link-not-valid',
        'a link works once and for 15 minutes; restart Onus or run its `link` command for a new one',
      )
    }
    const subject = { kind: 'person', id: person }
    await append(
      tx,
      [{ action: 'session.open', actor: { kind: 'person', id: person }, capacity: 'none', subject }],
      now,
    )
    return { secret: await openSession(tx, person, browser, now) }
  })
}

export async function signOut(db: Database, secret: string): Promise<void> {
  await db.tx((tx) => store.deleteSession(tx, hashOf(secret)))
}

/** The sessions of a person that still work, newest first. */
export async function listSessions(db: Database, person: string, now: Date): Promise<store.SessionRow[]> {
  return store.listSessions(db.read, person, now, new Date(now.getTime() - IDLE_MS))
}

/** Ends one session of a person, or with `null` all of them. Answers how many. */
export async function endSessions(db: Database, person: string, id: string | null): Promise<number> {
  return db.tx((tx) => store.endSessions(tx, person, id))
}

/** Lets a session look around as somebody of the example, or as oneself again, under a new secret. */
export async function turnSession(tx: Tx, id: string, persona: string | null): Promise<string | null> {
  const secret = newSecret()
  return (await store.turnSession(tx, id, { hash: hashOf(secret), persona })) ? secret : null
}
