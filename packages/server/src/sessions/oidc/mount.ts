/**
 * Two addresses that a browser visits: the start, which sends it to the issuer, and the place where it comes back. The
 * server keeps nothing in between; what must be remembered is sealed into a cookie that only this server reads.
 */
import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SignInFailure } from '@onus/core/contract/session-routes.ts'
import type { Context } from '../../context.ts'
import { limitAttempts } from '../../http/attempts.ts'
import { Refused } from '../../http/refused.ts'
import { append } from '../../ledger/index.ts'
import { flowCookie, flowCookieName } from '../cookies.ts'
import { openSession } from '../index.ts'
import { browserOf, setSession } from '../routes.ts'
import { IssuerFailed } from './issuer.ts'
import type { Flow, Issuer } from './issuer.ts'
import { CALLBACK_PATH, START_PATH } from './paths.ts'
import { personOfClaims } from './sign-in.ts'

/** Long enough to find a second factor. */
const FLOW_MS = 15 * 60_000
/** A whole office may come from one address, and behind a proxy a whole company. */
const VISITS = { purpose: 'company', most: 600, windowMs: 60_000 }
const PURPOSE = 'sign-in-flow'

const secret = (): string => randomBytes(32).toString('base64url')

/** A path of this console and nothing else: `//host` and `/\host` would leave it. */
export function ownPath(text: unknown): string {
  return typeof text === 'string' && text.length <= 2_000 && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text)
    ? text
    : '/'
}

function writeFlow(ctx: Context, flow: Flow, now: Date): string {
  return ctx.sealer
    .seal(PURPOSE, Buffer.from(JSON.stringify({ ...flow, until: now.getTime() + FLOW_MS })))
    .toString('base64url')
}

function readFlow(ctx: Context, cookie: string | undefined, now: Date): Flow | null {
  if (cookie === undefined || cookie.length > 8_000) return null
  try {
    const flow = JSON.parse(ctx.sealer.unseal(PURPOSE, Buffer.from(cookie, 'base64url')).toString('utf8')) as Flow & {
      until: number
    }
    return flow.until > now.getTime() ? flow : null
  } catch {
    // Not one of ours, or under an earlier key: sign-in begins again.
    return null
  }
}

/** The host was checked against the server's own names before any route. */
const originOf = (ctx: Context, request: FastifyRequest): string =>
  ctx.config.publicUrl ?? `http://${request.headers.host}`

export function mountCompanySignIn(app: FastifyInstance, ctx: Context, issuer: Issuer): void {
  const visits = limitAttempts(ctx.db, ctx.cursorKey, VISITS)
  const name = flowCookieName(ctx.config)
  const fail = (reply: FastifyReply, failure: SignInFailure): FastifyReply => {
    void reply.clearCookie(name, flowCookie(ctx.config)).header('cache-control', 'no-store')
    return reply.redirect(`/sign-in?failed=${failure}`, 303)
  }
  const guarded =
    (work: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      try {
        await visits.note(request.from, ctx.clock())
        return await work(request, reply)
      } catch (error) {
        if (error instanceof Refused) return fail(reply, error.code === 'too-many-attempts' ? 'many' : 'refused')
        if (!(error instanceof IssuerFailed)) throw error
        request.log.warn({ fault: error.fault, reason: error.message }, 'sign-in')
        return fail(reply, error.fault)
      }
    }
  app.get(
    START_PATH,
    guarded((request, reply) => begin(ctx, issuer, request, reply)),
  )
  app.get(
    CALLBACK_PATH,
    guarded(async (request, reply) => {
      const now = ctx.clock()
      const flow = readFlow(ctx, request.cookies[name], now)
      if (!flow) return fail(reply, 'expired')
      const claims = await issuer.finish(new URL(request.url, originOf(ctx, request)), flow)
      const opened = await ctx.db.tx(async (tx) => {
        const found = await personOfClaims(tx, ctx.config.oidc?.issuer ?? '', claims, now)
        if (!found.ok) return found
        const subject = { kind: 'person', id: found.person }
        await append(
          tx,
          [{ action: 'session.open', actor: { kind: 'person', id: found.person }, capacity: 'none', subject }],
          now,
        )
        return { ok: true as const, secret: await openSession(tx, found.person, browserOf(ctx, request), now) }
      })
      if (!opened.ok) return fail(reply, opened.denied)
      setSession(ctx, reply, opened.secret)
      void reply.clearCookie(name, flowCookie(ctx.config)).header('cache-control', 'no-store')
      return reply.redirect(ownPath(flow.then), 303)
    }),
  )
}

async function begin(
  ctx: Context,
  issuer: Issuer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { then } = request.query as { then?: unknown }
  const flow: Flow = { state: secret(), nonce: secret(), verifier: secret(), then: ownPath(then) }
  const url = await issuer.begin(originOf(ctx, request) + CALLBACK_PATH, flow)
  void reply
    .setCookie(flowCookieName(ctx.config), writeFlow(ctx, flow, ctx.clock()), {
      ...flowCookie(ctx.config),
      maxAge: FLOW_MS / 1_000,
    })
    .header('cache-control', 'no-store')
  return reply.redirect(url.href, 303)
}
