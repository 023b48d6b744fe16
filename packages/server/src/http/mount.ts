/** The route table on Fastify: who asks, is the input what the contract says, then the handler. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { ROUTES } from '@onus/core/contract/routes.ts'
import type { RouteName } from '@onus/core/contract/routes.ts'
import type { Context } from '../context.ts'
import { sessionCookieName } from '../sessions/cookies.ts'
import { bearerOf } from '../sessions/bearer.ts'
import type { Bearer } from '../sessions/bearer.ts'
import { NOBODY, actorOfSession } from '../sessions/index.ts'
import type { Actor, Scope } from '../sessions/index.ts'
import { INSTALLATION_ACTIONS, authorize } from '../powers/index.ts'
import { Refused } from './refused.ts'
import type { FieldError } from './refused.ts'

type Routes = typeof ROUTES
export type Call<K extends RouteName> = {
  params: z.output<Routes[K]['params']>
  query: z.output<Routes[K]['query']>
  body: z.output<Routes[K]['body']>
  /** Public routes are called by anyone. */
  actor: Actor
  request: FastifyRequest
  reply: FastifyReply
}
export type Handlers = { [K in RouteName]: (call: Call<K>) => Promise<unknown> }

/** What a token may do, by its scopes: bring a report and see how it went, or read the registry. */
const NOT_FOR_READERS: ReadonlySet<RouteName> = new Set<RouteName>(['session', 'listSessions'])
const isInScope: Record<Scope, (name: RouteName) => boolean> = {
  import: (name) => name === 'importReport' || name === 'job',
  read: (name) => ROUTES[name].method === 'GET' && !NOT_FOR_READERS.has(name) && name !== 'ledgerExport',
  audit: (name) => ROUTES[name].method === 'GET' && ROUTES[name].path.startsWith('/v1/ledger'),
  // Writes people and teams at its own address, which is not in the route table.
  scim: () => false,
  propose: (name) => name === 'proposeChange' || name === 'previewChange' || name === 'change',
}
/** Their bodies are read by the handler: one goes to disk unread, of the other the bytes are signed. */
export const STREAMED: ReadonlySet<RouteName> = new Set<RouteName>(['importReport', 'receiveGithubDelivery'])

/** They may name 10,000 identities, each by some 27 bytes. */
const LARGE: ReadonlySet<RouteName> = new Set<RouteName>(['proposeChange', 'previewChange', 'editChange'])
const LARGE_BODY = 512 * 1024

async function actorOf(ctx: Context, bearer: Bearer, name: RouteName, request: FastifyRequest): Promise<Actor | null> {
  const token = await bearer(request)
  if (token !== 'none') return token?.scopes.some((scope) => isInScope[scope](name)) ? token : null
  const cookie = request.cookies[sessionCookieName(ctx.config)]
  return cookie ? actorOfSession(ctx.db, cookie, ctx.clock()) : null
}

function parse<T extends z.ZodType>(schema: T, value: unknown, place: 'path' | 'query' | 'body'): z.output<T> {
  const read = schema.safeParse(value)
  // PostgreSQL keeps no U+0000, so nothing can be asked for by it.
  const withNul = Object.entries(value ?? {}).find(([, text]) => typeof text === 'string' && text.includes('\0'))
  if (withNul)
    throw new Refused('invalid-request', `${place}: \`${withNul[0]}\``, [{ field: withNul[0], reason: 'holds U+0000' }])
  if (read.success) return read.data
  const errors: FieldError[] = read.error.issues.flatMap((issue) => {
    const at = issue.path.map(String)
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ field: [...at, key].join('.'), reason: 'is not a field here' }))
    return [{ field: at.join('.') || place, reason: issue.message }]
  })
  throw new Refused(
    'invalid-request',
    `${place}: ${errors.map(({ field }) => `\`${field}\``).join(', ')}`,
    errors.slice(0, 20),
  )
}

/** A route without input takes an empty object too, because a write carries a JSON content type. */
function bodyOf(schema: z.ZodType, body: unknown): unknown {
  if (!(schema instanceof z.ZodUndefined)) return parse(schema, body ?? {}, 'body')
  return parse(z.union([z.undefined(), z.null(), z.strictObject({})]), body, 'body') && undefined
}

/** `{name*}` at the end of a path is the rest of the address, which Fastify calls `*`. */
function paramsOf(path: string, params: unknown): unknown {
  const name = /\{(\w+)\*\}$/.exec(path)?.[1]
  if (name === undefined || typeof params !== 'object' || params === null || !('*' in params)) return params
  const { '*': rest, ...others } = params
  return { ...others, [name]: rest }
}

/** Writes that decide nothing, or only take away; every other waits until the ledger has caught up. */
const NEVER_HELD_BACK: ReadonlySet<RouteName> = new Set<RouteName>([
  'signIn',
  'signOut',
  'signOutEverywhere',
  'endSession',
  'revokeToken',
  'previewChange',
  'simulateGuardrail',
  'importReport',
  'startScan',
  'loadExample',
  'saveView',
  'deleteView',
  'retryDelivery',
  'retryWebhook',
  // A sign that something happened; what follows from it waits where it is decided.
  'receiveGithubDelivery',
  'disconnectGithubRepository',
  'retryGithubRepository',
  'endGithubLink',
])

/** Throws `Refused` (`ledger-behind`) when nobody decides before entries of the ledger are signed. */
function checkLedger(ctx: Context, name: RouteName): void {
  if (ROUTES[name].method === 'GET' || NEVER_HELD_BACK.has(name)) return
  const reason = ctx.sequencer.behind()
  if (reason !== null) throw new Refused('ledger-behind', `${reason}; nobody decides until they are`)
}

/** A handler of some route; `Handlers` ties each to its own input. */
type AnyHandler = (call: Call<never>) => Promise<unknown>

async function handle(
  ctx: Context,
  bearer: Bearer,
  name: RouteName,
  handler: AnyHandler,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const route = ROUTES[name]
  const isPublic = 'isPublic' in route && route.isPublic
  const actor = isPublic ? NOBODY : await actorOf(ctx, bearer, name, request)
  if (!actor) throw new Refused('not-signed-in', 'open the sign-in link that Onus printed at its start')
  const call = {
    params: parse(route.params, paramsOf(route.path, request.params), 'path'),
    query: parse(route.query, request.query, 'query'),
    body: STREAMED.has(name) ? undefined : bodyOf(route.body, request.body),
    actor,
    request,
    reply,
  }
  if (!isPublic && INSTALLATION_ACTIONS.has(name))
    authorize(actor, actor.id, { action: name, resource: { kind: 'installation' } })
  checkLedger(ctx, name)
  // Each part was parsed by the schema of route `name`.
  const answer = await handler(call as unknown as Call<never>)
  if (reply.sent) return reply
  const status = 'status' in route ? route.status : 200
  void reply.code(status).header('cache-control', 'no-store')
  if (answer === undefined) return reply.send()
  return 'contentType' in route ? reply.type(`${route.contentType}; charset=utf-8`).send(answer) : reply.send(answer)
}

export function mount(app: FastifyInstance, ctx: Context, handlers: Handlers): void {
  const bearer = bearerOf(ctx)
  const add = (name: RouteName, to: FastifyInstance): void => {
    const { method, path } = ROUTES[name]
    const handler = handlers[name] as AnyHandler
    to.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1').replace(/\{\w+\*\}$/, '*'),
      ...(LARGE.has(name) ? { bodyLimit: LARGE_BODY } : {}),
      handler: (request, reply) => handle(ctx, bearer, name, handler, request, reply),
    })
  }
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    if (!STREAMED.has(name)) add(name, app)
    else {
      app.register(async (scope) => {
        scope.removeAllContentTypeParsers()
        scope.addContentTypeParser('application/json', (_request, _payload, done) => done(null))
        add(name, scope)
      })
    }
  }
}
