import type { FastifyReply, FastifyRequest } from 'fastify'
import { isLoopback } from '../config.ts'
import type { Context } from '../context.ts'
import { limitAttempts } from '../http/attempts.ts'
import type { Handlers } from '../http/mount.ts'
import { Refused } from '../http/refused.ts'
import { sessionCookie, sessionCookieName } from './cookies.ts'
import {
  LOCAL_ADMINISTRATOR,
  SESSION_MS,
  actorOfSession,
  endSessions,
  listSessions,
  roleOf,
  signIn,
  signOut,
  turnSession,
} from './index.ts'
import type { Actor, PersonActor } from './index.ts'
import { START_PATH } from './oidc/paths.ts'
import { isOnlyExample, personBehind, personaOf, personas } from './personas.ts'

/** A person mistypes a link a few times; a program tries thousands. */
const LINKS = { purpose: 'link', most: 10, windowMs: 5 * 60_000 }

type Names =
  | 'signInOptions'
  | 'signIn'
  | 'session'
  | 'signOut'
  | 'takePersona'
  | 'listSessions'
  | 'endSession'
  | 'signOutEverywhere'

/** What a browser says of itself, and the session it had. */
export function browserOf(ctx: Context, request: FastifyRequest): { userAgent: string; earlier: string | undefined } {
  return { userAgent: request.headers['user-agent'] ?? '', earlier: request.cookies[sessionCookieName(ctx.config)] }
}

export function setSession(ctx: Context, reply: FastifyReply, secret: string): void {
  void reply.setCookie(sessionCookieName(ctx.config), secret, {
    ...sessionCookie(ctx.config),
    maxAge: SESSION_MS / 1_000,
  })
}

function person(actor: Actor): PersonActor {
  if (actor.kind === 'person') return actor
  throw new Refused('forbidden', 'this is for people; a token has no session')
}
/** Whose sessions they are: of the one who looks around, not of the persona. */
const holder = (actor: Actor): string => person(actor).behind ?? actor.id

function clearSession(ctx: Context, reply: FastifyReply): void {
  void reply.clearCookie(sessionCookieName(ctx.config), sessionCookie(ctx.config))
}

/** Who a new secret is, which may be nobody: somebody who left since the link was made. */
async function actorOf(ctx: Context, secret: string): Promise<PersonActor> {
  const actor = await actorOfSession(ctx.db, secret, ctx.clock())
  if (!actor) throw new Refused('not-signed-in', 'this person may not sign in any more')
  return actor
}

export function sessionHandlers(ctx: Context): Pick<Handlers, Names> {
  const { db, config } = ctx
  const links = limitAttempts(db, ctx.cursorKey, LINKS)
  return {
    ...ownSessionHandlers(ctx),
    signInOptions: async () => ({ company: config.oidc && { startAt: START_PATH } }),
    async signIn({ body, request, reply }) {
      await links.note(request.from, ctx.clock())
      const { secret } = await signIn(db, body.token, ctx.clock(), browserOf(ctx, request))
      const actor = await actorOf(ctx, secret)
      setSession(ctx, reply, secret)
      return told(ctx, actor)
    },
    session: ({ actor }) => told(ctx, person(actor)),
    async signOut({ request, reply }) {
      const secret = request.cookies[sessionCookieName(config)]
      if (secret) await signOut(db, secret)
      clearSession(ctx, reply)
    },
    async takePersona({ actor, body, reply }) {
      if (holder(actor) !== LOCAL_ADMINISTRATOR || !(await isOnlyExample(db.read)))
        throw new Refused(
          'forbidden',
          'only the administrator of an installation that has nothing but the example looks around as its people',
        )
      const secret = await db.tx(async (tx) =>
        turnSession(tx, person(actor).session, body.persona && (await personBehind(tx, body.persona, ctx.clock()))),
      )
      if (secret === null) throw new Refused('not-signed-in', 'this session has just ended')
      setSession(ctx, reply, secret)
      return told(ctx, await actorOf(ctx, secret))
    },
  }
}

function ownSessionHandlers(ctx: Context): Pick<Handlers, 'listSessions' | 'endSession' | 'signOutEverywhere'> {
  const { db } = ctx
  return {
    async listSessions({ actor }) {
      const rows = await listSessions(db, holder(actor), ctx.clock())
      const items = rows.map((row) => ({
        id: row.id,
        isThis: row.id === person(actor).session,
        userAgent: row.user_agent,
        createdAt: row.created_at.toISOString(),
        lastSeenAt: row.last_seen_at.toISOString(),
        expiresAt: row.expires_at.toISOString(),
      }))
      return { items }
    },
    async endSession({ actor, params }) {
      if ((await endSessions(db, holder(actor), params.id)) === 0)
        throw new Refused('not-found', 'no session of yours has this id')
    },
    async signOutEverywhere({ actor, reply }) {
      await endSessions(db, holder(actor), null)
      clearSession(ctx, reply)
    },
  }
}

async function told(ctx: Context, actor: PersonActor) {
  const { read } = ctx.db
  const isExample = await isOnlyExample(read)
  const teams = actor.teams.length
    ? await read
        .selectFrom('directory_team')
        .select(['id', 'name'])
        .where('id', 'in', actor.teams)
        .orderBy('name')
        .execute()
    : []
  return {
    person: actor.id,
    name: actor.name,
    role: roleOf(actor),
    teams,
    powers: actor.powers,
    persona: actor.behind === null ? null : await personaOf(read, actor.id),
    personas: isExample && (actor.behind ?? actor.id) === LOCAL_ADMINISTRATOR ? personas() : [],
    version: ctx.version,
    isExampleLoaded: await hasExample(ctx),
    canScanLocalPaths: roleOf(actor) === 'administrator' && isLoopback(ctx.config.host),
  }
}

async function hasExample(ctx: Context): Promise<boolean> {
  const row = await ctx.db.read
    .selectFrom('source')
    .select('id')
    .where('is_example', '=', true)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
