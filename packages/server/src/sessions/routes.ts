import { isLoopback } from '../config.ts'
import type { Context } from '../context.ts'
import { limitAttempts } from '../http/attempts.ts'
import { SESSION_COOKIE } from '../http/mount.ts'
import type { Handlers } from '../http/mount.ts'
import { SESSION_MS, signIn, signOut } from './index.ts'
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
    role: actor.role === 'administrator' ? 'administrator' : 'reader',
    version: ctx.version,
    isExampleLoaded: await hasExample(ctx),
    canScanLocalPaths: actor.role === 'administrator' && isLoopback(ctx.config.host),
  })
  return {
    async signIn({ body, request, reply }) {
      attempts.note(request.ip, ctx.clock())
      const { secret, actor } = await signIn(ctx.db, body.token, ctx.clock())
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
