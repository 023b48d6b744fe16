import { isLoopback } from '../config.ts'
import type { Context } from '../context.ts'
import { limitAttempts } from '../http/attempts.ts'
import { SESSION_COOKIE } from '../http/mount.ts'
import type { Handlers } from '../http/mount.ts'
import { Refused } from '../http/refused.ts'
import { SESSION_MS, actorOfSession, roleOf, signIn, signOut } from './index.ts'
import type { Actor } from './index.ts'

/** A person mistypes a link a few times; a program tries thousands. */
const ATTEMPTS = 10
const WINDOW_MS = 60_000

export function sessionHandlers(ctx: Context): Pick<Handlers, 'signIn' | 'session' | 'signOut'> {
  const attempts = limitAttempts(ATTEMPTS, WINDOW_MS)
  const cookie = {
    path: '/',
    httpOnly: true,
    sameSite: 'strict' as const,
    secure: ctx.config.publicUrl?.startsWith('https:') ?? false,
  }
  const told = async (actor: Actor) => ({
    name: actor.name,
    role: roleOf(actor),
    version: ctx.version,
    isExampleLoaded: await hasExample(ctx),
    canScanLocalPaths: roleOf(actor) === 'administrator' && isLoopback(ctx.config.host),
  })
  return {
    async signIn({ body, request, reply }) {
      attempts.note(request.ip, ctx.clock())
      const { secret } = await signIn(ctx.db, body.token, ctx.clock())
      const actor = await actorOfSession(ctx.db, secret, ctx.clock())
      if (!actor) throw new Refused('not-signed-in', 'the person of this link may not sign in any more')
      void reply.setCookie(SESSION_COOKIE, secret, { ...cookie, maxAge: SESSION_MS / 1_000 })
      return told(actor)
    },
    session: ({ actor }) => told(actor),
    async signOut({ request, reply }) {
      const secret = request.cookies[SESSION_COOKIE]
      if (secret) await signOut(ctx.db, secret)
      void reply.clearCookie(SESSION_COOKIE, cookie)
    },
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
