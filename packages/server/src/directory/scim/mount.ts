/** SCIM 2.0 (RFC 7644) at /scim/v2, for the company's directory: writes people and teams, in one transaction each. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import type { Read, Tx } from '../../db/database.ts'
import { REFUSALS, Refused } from '../../http/refused.ts'
import type { RefusalCode } from '../../http/refused.ts'
import { bearerOf } from '../../sessions/bearer.ts'
import type { Bearer } from '../../sessions/bearer.ts'
import { writing } from '../index.ts'
import type { Doer, Writing } from '../index.ts'
import { forgiveBody, forgivePatch } from './forgive.ts'
import { addGroup, changeGroup, countGroups, findGroup, listGroups, removeGroup } from './groups.ts'
import {
  BASE,
  MOST_RESULTS,
  ScimError,
  discovery,
  errorBody,
  listOf,
  matches,
  patched,
  readFilter,
  readResource,
  readShown,
  told,
} from './schema.ts'
import type { DataOf, KindName } from './schema.ts'
import { addUser, changeUser, countUsers, findUser, listUsers, removeUser } from './users.ts'

type Filter = ReturnType<typeof readFilter>
/** What differs between people and teams, so that the addresses are written once. */
type Kept<K extends KindName> = {
  find(read: Read | Tx, id: string): Promise<DataOf<K> | null>
  list(
    read: Read,
    filter: Filter | undefined,
    page: { offset: number; limit: number } | null,
    hasMembers: boolean,
  ): Promise<DataOf<K>[]>
  count(read: Read): Promise<number>
  add(w: Writing, data: DataOf<K>): Promise<string>
  change(w: Writing, id: string, before: DataOf<K>, after: DataOf<K>): Promise<void>
  remove(w: Writing, id: string): Promise<void>
}
const USERS: Kept<'Users'> = {
  find: findUser,
  list: listUsers,
  count: countUsers,
  add: addUser,
  change: changeUser,
  remove: removeUser,
}
const GROUPS: Kept<'Groups'> = {
  find: findGroup,
  list: listGroups,
  count: countGroups,
  add: addGroup,
  change: changeGroup,
  remove: removeGroup,
}

type Query = Record<string, string | undefined>
/** A group of 20,000 members. */
const BODY_LIMIT = 4 * 1024 * 1024
const TYPE = 'application/scim+json; charset=utf-8'

function one(request: FastifyRequest, name: string): string | undefined {
  const value: unknown = (request.query as Record<string, unknown>)[name]
  if (value === undefined || typeof value === 'string') return value
  throw new ScimError(400, 'invalidValue', `\`${name}\` is given more than once`)
}

function queryOf(request: FastifyRequest): Query {
  return Object.fromEntries(
    ['filter', 'startIndex', 'count', 'attributes', 'excludedAttributes'].map((name) => [name, one(request, name)]),
  )
}

/** Values below the least are the least (RFC 7644 §3.4.2.4); what is no number is refused. */
function wholeOf(text: string | undefined, fallback: number, least: number): number {
  if (text === undefined) return fallback
  if (!/^-?\d{1,9}$/.test(text)) throw new ScimError(400, 'invalidValue', 'startIndex and count are whole numbers')
  return Math.max(Number(text), least)
}

async function list<K extends KindName>(ctx: Context, kind: K, kept: Kept<K>, query: Query): Promise<object> {
  const filter = query['filter'] === undefined ? undefined : readFilter(query['filter'])
  const shown = readShown({ attributes: query['attributes'], excludedAttributes: query['excludedAttributes'] })
  const startIndex = wholeOf(query['startIndex'], 1, 1)
  const count = Math.min(wholeOf(query['count'], MOST_RESULTS, 0), MOST_RESULTS)
  const { read } = ctx.db
  // Entra asks for groups without their members, which may be many.
  const isWithout = /(?:^|,)\s*members\s*(?:,|$)/i.test(query['excludedAttributes'] ?? '')
  const hasMembers = !isWithout || /\bmembers\b/i.test(query['filter'] ?? '')
  const page = { offset: startIndex - 1, limit: count }
  const found = await kept.list(read, filter, filter === undefined ? page : null, hasMembers)
  if (filter === undefined)
    return listOf(
      found.map((data) => told(kind, data, shown)),
      { startIndex, count, total: await kept.count(read) },
    )
  const matching = found.filter((data) => matches(filter, data))
  const wanted = matching.slice(page.offset, page.offset + count)
  return listOf(
    wanted.map((data) => told(kind, data, shown)),
    { startIndex, count, total: matching.length },
  )
}

const gone = (): never => {
  throw new ScimError(404, null, 'nothing is at this address')
}

function checkMatch(request: FastifyRequest, data: DataOf<KindName>): void {
  const wanted = request.headers['if-match']
  if (wanted !== undefined && wanted !== '*' && wanted !== data.meta?.version)
    throw new ScimError(412, null, 'it has changed since it was read')
}

function send<K extends KindName>(
  reply: FastifyReply,
  kind: K,
  data: DataOf<K>,
  query: Query,
  status = 200,
): FastifyReply {
  const shown = readShown({ attributes: query['attributes'], excludedAttributes: query['excludedAttributes'] })
  if (status === 201) void reply.header('location', `${BASE}/${kind}/${data.id}`)
  return reply
    .code(status)
    .header('etag', data.meta?.version)
    .send(told(kind, data, shown))
}

function mountKind<K extends KindName>(scope: FastifyInstance, ctx: Context, kind: K, kept: Kept<K>): void {
  const idOf = (request: FastifyRequest): string => (request.params as { id: string }).id
  const write = <T>(request: FastifyRequest, work: (w: Writing) => Promise<T>): Promise<T> =>
    ctx.db.tx(async (tx) => work(await writing(tx, ctx.clock(), doers.get(request) ?? gone())))
  const found = async (read: Read | Tx, id: string): Promise<DataOf<K>> => (await kept.find(read, id)) ?? gone()
  const change = (
    request: FastifyRequest,
    next: (before: DataOf<K>) => DataOf<K> | Promise<DataOf<K>>,
  ): Promise<DataOf<K>> =>
    write(request, async (w) => {
      const before = await found(w.tx, idOf(request))
      checkMatch(request, before)
      await kept.change(w, idOf(request), before, await next(before))
      return found(w.tx, idOf(request))
    })
  scope.get(`/${kind}`, async (request, reply) => reply.send(await list(ctx, kind, kept, queryOf(request))))
  scope.get(`/${kind}/:id`, async (request, reply) => {
    const data = await found(ctx.db.read, idOf(request))
    if (request.headers['if-none-match'] === data.meta?.version) return reply.code(304).send()
    return send(reply, kind, data, queryOf(request))
  })
  scope.post(`/${kind}`, async (request, reply) => {
    const given = readResource(kind, forgiveBody(request.body))
    const data = await write(request, async (w) => found(w.tx, await kept.add(w, given)))
    return send(reply, kind, data, queryOf(request), 201)
  })
  scope.put(`/${kind}/:id`, async (request, reply) => {
    const given = readResource(kind, forgiveBody(request.body))
    return send(reply, kind, await change(request, () => given), queryOf(request))
  })
  scope.patch(`/${kind}/:id`, async (request, reply) => {
    const operations = forgivePatch(kind, request.body)
    const next = (before: DataOf<K>) => (operations.length === 0 ? before : patched(kind, before, operations))
    return send(
      reply,
      kind,
      await change(request, async (before) => withList(kind, await next(before))),
      queryOf(request),
    )
  })
  scope.delete(`/${kind}/:id`, async (request, reply) => {
    await write(request, async (w) => {
      checkMatch(request, await found(w.tx, idOf(request)))
      await kept.remove(w, idOf(request))
    })
    return reply.code(204).send()
  })
}

/** After a PATCH, no members are no members; in a PUT, no word of members is none. */
function withList<K extends KindName>(kind: K, data: DataOf<K>): DataOf<K> {
  return kind === 'Groups' ? ({ members: [], ...data } as DataOf<K>) : data
}

/** Who asks, for the request's writes. */
const doers = new WeakMap<FastifyRequest, Doer>()

async function identify(bearer: Bearer, request: FastifyRequest): Promise<void> {
  const token = await bearer(request)
  if (!token || token === 'none')
    throw new ScimError(401, null, 'send a token that works, in the header `Authorization: Bearer`')
  if (!token.scopes.includes('scim')) throw new ScimError(403, null, 'this token has not the scope `scim`')
  doers.set(request, { kind: 'token', id: token.id })
}

function scimErrorOf(error: unknown): ScimError | null {
  if (error instanceof ScimError) return error
  if (error instanceof Refused) {
    const types: Partial<Record<RefusalCode, string>> = {
      'name-taken': 'uniqueness',
      'invalid-request': 'invalidValue',
    }
    return new ScimError(REFUSALS[error.code][0], types[error.code] ?? null, error.message)
  }
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ScimError(413, 'tooMany', 'the body is too large')
  if (error instanceof SyntaxError || String(code).startsWith('FST_ERR_CTP'))
    return new ScimError(400, 'invalidSyntax', 'the body is not JSON that is read here')
  return null
}

export function mountScim(app: FastifyInstance, ctx: Context): void {
  const bearer = bearerOf(ctx)
  app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers()
      const parse = scope.getDefaultJsonParser('error', 'error')
      scope.addContentTypeParser(
        ['application/scim+json', 'application/json'],
        { parseAs: 'string', bodyLimit: BODY_LIMIT },
        parse,
      )
      const parent = scope.errorHandler
      scope.setErrorHandler((error, request, reply) => {
        const known = scimErrorOf(error)
        if (!known) return parent(error as Error & { code: string }, request, reply)
        if (known.status === 401) void reply.header('www-authenticate', 'Bearer')
        return reply.code(known.status).type(TYPE).header('cache-control', 'no-store').send(errorBody(known))
      })
      scope.addHook('onRequest', (request) => identify(bearer, request))
      scope.addHook('onSend', async (_request, reply) => {
        if (reply.getHeader('content-type') !== undefined && reply.statusCode < 400) void reply.type(TYPE)
        void reply.header('cache-control', 'no-store')
      })
      mountKind(scope, ctx, 'Users', USERS)
      mountKind(scope, ctx, 'Groups', GROUPS)
      mountDiscovery(scope)
    },
    { prefix: BASE },
  )
}

function mountDiscovery(scope: FastifyInstance): void {
  scope.get('/ServiceProviderConfig', async (_request, reply) => reply.send(discovery('ServiceProviderConfig')[0]))
  for (const name of ['ResourceTypes', 'Schemas'] as const) {
    scope.get(`/${name}`, async (_request, reply) => {
      const all = discovery(name)
      return reply.send(listOf(all, { startIndex: 1, count: all.length, total: all.length }))
    })
    scope.get(`/${name}/:id`, async (request, reply) => {
      const { id } = request.params as { id: string }
      return reply.send(discovery(name).find((each) => (each as { id: string }).id === id) ?? gone())
    })
  }
}
