/** The HTTP server, without a port: `start/` gives it one, tests call it directly. */
import cookie from '@fastify/cookie'
import Fastify, { LogController } from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { openapi } from '@onus/core/contract/openapi.ts'
import { accountabilityHandlers } from '../accountability/routes.ts'
import { changeHandlers } from '../changes/routes.ts'
import { powerHandlers } from '../changes/powers.ts'
import type { Context } from '../context.ts'
import { directoryHandlers } from '../directory/routes.ts'
import { mountScim } from '../directory/scim/mount.ts'
import { githubHandlers } from '../github/routes.ts'
import { guardrailHandlers } from '../guardrails/routes.ts'
import { jobHandlers } from '../jobs/routes.ts'
import { ledgerHandlers } from '../ledger/routes.ts'
import { notificationHandlers } from '../notifications/routes.ts'
import { registryHandlers } from '../registry/routes.ts'
import { createIssuer } from '../sessions/oidc/issuer.ts'
import { mountCompanySignIn } from '../sessions/oidc/mount.ts'
import { sessionHandlers } from '../sessions/routes.ts'
import { tokenHandlers } from '../sessions/token-routes.ts'
import { viewHandlers } from '../views/routes.ts'
import { addSecurityHeaders, collectCspReports, serveConsole } from './console.ts'
import { closing } from './closing.ts'
import { allowedHosts, checkHost, checkOrigin } from './guard.ts'
import { webhookHandlers } from '../webhooks/routes.ts'
import { mount } from './mount.ts'
import { addressOf, trusting } from './proxies.ts'
import { onError } from './problem.ts'
import { Refused } from './refused.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The address that the request comes from, as far as it can be believed. */
    from: string
  }
}

/** Everything but an import is a form or a question. */
const BODY_LIMIT = 64 * 1024
const WRITES = new Set(['POST', 'PUT', 'DELETE', 'PATCH'])

export type App = {
  server: FastifyInstance
  cspReports(): number
  /** Answers what was taken, refuses what comes, and is closed within some five seconds. */
  close(): Promise<void>
  /** Every address that answers, whoever added it. */
  routes: readonly { method: string; path: string }[]
}

/** `dist` is the built console. */
export async function createApp(ctx: Context, dist: string): Promise<App> {
  const log: FastifyBaseLogger = ctx.log
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    onProtoPoisoning: 'error',
    // Ours says so as everything else that is refused.
    return503OnClosing: false,
    onConstructorPoisoning: 'error',
    routerOptions: { maxParamLength: 100, ignoreTrailingSlash: false },
    // A slow sender holds a socket, never longer than this; imports of a gigabyte over a slow line pass.
    requestTimeout: 600_000,
    keepAliveTimeout: 10_000,
  })
  const routes: { method: string; path: string }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) routes.push({ method: each, path: url })
  })
  app.setErrorHandler(onError)
  const close = closing(app)
  const isTrusted = trusting(ctx.config.trustedProxies)
  app.decorateRequest('from', '')
  app.addHook('onRequest', async (request) => {
    request.from = addressOf(request.socket.remoteAddress ?? '', request.headers, isTrusted)
  })
  const isAllowed = allowedHosts(ctx.config.host, ctx.config.publicUrl)
  app.addHook('onRequest', async (request) => {
    checkHost(request.headers.host, isAllowed)
    if (!WRITES.has(request.method) || request.url === '/csp-report') return
    checkOrigin(
      {
        origin: request.headers.origin,
        fetchSite: header(request.headers['sec-fetch-site']),
        host: request.headers.host,
      },
      isAllowed,
    )
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    // Forms of other sites cannot send it without asking first.
    const isJson = type === 'application/json' || (type === 'application/scim+json' && request.url.startsWith('/scim/'))
    if (!isJson && !(request.method === 'DELETE' && type === undefined)) {
      throw new Refused('unsupported-media-type', 'send JSON with the header `content-type: application/json`')
    }
  })
  // The pattern, not the address: an address holds names of the company and cursors.
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        // Who guesses, for whoever keeps them away; of those who are let in it is nobody's business.
        ...(reply.statusCode === 401 || reply.statusCode === 429 ? { from: request.from } : {}),
      },
      'request',
    )
  })
  await addSecurityHeaders(app, ctx.config.publicUrl?.startsWith('https:') ?? false)
  await app.register(cookie)
  mount(app, ctx, {
    ...sessionHandlers(ctx),
    ...accountabilityHandlers(ctx),
    ...changeHandlers(ctx),
    ...guardrailHandlers(ctx),
    ...powerHandlers(ctx),
    ...notificationHandlers(ctx),
    ...webhookHandlers(ctx),
    ...githubHandlers(ctx),
    ...tokenHandlers(ctx),
    ...directoryHandlers(ctx),
    ...registryHandlers(ctx),
    ...jobHandlers(ctx),
    ...viewHandlers(ctx),
    ...ledgerHandlers(ctx),
  })
  mountScim(app, ctx)
  if (ctx.config.oidc) mountCompanySignIn(app, ctx, createIssuer(ctx.config.oidc))
  // For whoever restarts the server when it hangs. It asks the database nothing, so nobody makes it work.
  app.get('/healthz', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }))
  // Open: it is the contract of this version, says nothing of the installation, and clients are made from it.
  let document: ReturnType<typeof openapi> | null = null
  app.get('/openapi.json', async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send((document ??= openapi(ctx.version))),
  )
  const { count } = collectCspReports(app)
  await serveConsole(app, dist)
  await app.ready()
  return { server: app, cspReports: count, close, routes }
}

const header = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)
