/**
 * Serves the built console and answers every route of the contract from a made-up company. Requests and replies are
 * checked against the contract, so a screen that asks for something the API does not have fails here as it would there.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROUTES } from '@onus/core/contract/routes.ts'
import type { RouteName } from '@onus/core/contract/routes.ts'
import { answer, tokensOf } from './fixture-answers.ts'
import { FixtureProblem } from './fixture-problem.ts'
import type { World } from './fixture-answers.ts'
import { company } from './fixture-data.ts'
import type { Company } from './fixture-data.ts'
import { governWorld } from './fixture-govern.ts'
import { ledgerWorld } from './fixture-ledger.ts'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))
const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
export const POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; report-uri /csp-report"

function governed(made: Company): Pick<World, 'company' | 'govern' | 'ledger' | 'tokens'> {
  return { company: made, govern: governWorld(made), ledger: ledgerWorld(), tokens: tokensOf(made) }
}

export type Fixture = {
  url: string
  world: World
  /** The built console, held in memory: a build beside the tests must not pull it away under them. */
  files: Map<string, Buffer>
  /** What the browser reported against the policy. */
  violations: string[]
  /** Requests that the contract does not allow, and replies that break it. */
  complaints: string[]
  /** Routes that answer otherwise for now: a problem, or no answer at all. */
  trouble: Map<RouteName, { status: number; code: string; title: string; detail: string } | 'no-answer' | 'never-ends'>
  close(): Promise<void>
}

/** Decided already, so that it is told on its own screen only. */
const HOLD: World['holds'][number] = {
  id: 'hold_0', openedAt: '2026-11-20T08:00:00.000Z', reason: '40 of 400 people who answer for identities left within 10 minutes', state: 'discarded', decidedAt: '2026-11-20T09:00:00.000Z', decidedBy: 'per_local', note: 'The directory was empty for a minute',
  departures: [{ kind: 'person-left', state: 'discarded', person: { id: 'per_9', name: 'Ada' }, team: null }, { kind: 'member-left', state: 'discarded', person: { id: 'per_8', name: 'Ben' }, team: { id: 'tm_1', name: 'Billing' } }],
}

/** Starts on a free port of the loopback interface. */
export async function startFixture(options: { identities: number; isHostile?: boolean; isEmpty?: boolean; isSignedIn?: boolean; port?: number }): Promise<Fixture> {
  const fixture: Omit<Fixture, 'url' | 'close'> = {
    world: { ...governed(company(options.identities, options.isHostile)), isEmpty: options.isEmpty ?? false, isSignedIn: options.isSignedIn ?? true, isExample: false, hasCompany: true, persona: null, sessions: [{ id: 'ses_1', isThis: true }, { id: 'ses_2', isThis: false }], holds: [HOLD], views: [], appointed: [], decided: new Set(), jobs: new Map() },
    files: builtFiles(), violations: [], complaints: [], trouble: new Map(),
  }
  const server = createServer((request, response) => {
    handle(fixture, request, response).catch((error: unknown) => {
      fixture.complaints.push(`${request.method} ${request.url}: ${String(error)}`)
      response.writeHead(500).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the fixture server has no port')
  return {
    ...fixture,
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function handle(fixture: Omit<Fixture, 'url' | 'close'>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fixture')
  response.setHeader('content-security-policy', POLICY)
  response.setHeader('x-content-type-options', 'nosniff')
  if (url.pathname === '/csp-report') {
    fixture.violations.push(await bodyOf(request))
    response.writeHead(204).end()
    return
  }
  if (!url.pathname.startsWith('/v1/')) return sendFile(fixture.files, url.pathname, response)
  const found = routeOf(request.method ?? 'GET', url.pathname)
  if (!found) {
    fixture.complaints.push(`no route ${request.method} ${url.pathname}`)
    return sendProblem(response, { status: 404, code: 'not-found', title: 'Not found', detail: 'no such route' })
  }
  const trouble = fixture.trouble.get(found.name)
  if (trouble === 'no-answer') return void response.destroy()
  if (trouble === 'never-ends') return
  if (trouble !== undefined) return sendProblem(response, trouble)
  await sendAnswer(fixture, found, url, await bodyOf(request), response)
}

async function sendAnswer(
  fixture: Omit<Fixture, 'url' | 'close'>,
  found: { name: RouteName; params: Record<string, string> },
  url: URL,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const route = ROUTES[found.name]
  const query = route.query.safeParse(Object.fromEntries(url.searchParams))
  if (!query.success) {
    fixture.complaints.push(`${url.pathname}${url.search}: ${query.error.message}`)
    return sendProblem(response, { status: 400, code: 'invalid-query', title: 'The address is wrong', detail: query.error.message })
  }
  try {
    const input = body === '' ? undefined : (JSON.parse(body) as unknown)
    const reply: unknown = answer(found.name, { params: found.params, query: query.data, body: input }, fixture.world)
    route.reply.parse(reply)
    const type = 'contentType' in route ? (route.contentType ?? '') : 'application/json'
    response.writeHead('status' in route && route.status ? route.status : 200, { 'content-type': type })
    response.end(reply === undefined ? '' : typeof reply === 'string' ? Buffer.from(reply, type === 'application/octet-stream' ? 'latin1' : 'utf8') : JSON.stringify(reply))
  } catch (error) {
    if (error instanceof FixtureProblem) return sendProblem(response, error.problem)
    throw error
  }
}

function sendProblem(response: ServerResponse, problem: { status: number; code: string; title: string; detail: string }): void {
  response.writeHead(problem.status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify({ type: 'about:blank', ...problem }))
}

function routeOf(method: string, path: string): { name: RouteName; params: Record<string, string> } | null {
  // An address that is spelled out wins over one with a parameter.
  const routes = Object.entries(ROUTES).toSorted(([, a], [, b]) => Number(a.path.includes('{')) - Number(b.path.includes('{')))
  for (const [name, route] of routes) {
    if (route.method !== method) continue
    const keys = [...route.path.matchAll(/\{(\w+)\*?\}/g)].map((match) => match[1] ?? '')
    const match = new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '([^/]+)').replaceAll(/\{\w+\*\}/g, '(.+)')}$`).exec(path)
    if (!match) continue
    const params = Object.fromEntries(keys.map((key, index) => [key, decodeURIComponent(match[index + 1] ?? '')]))
    // Object.entries forgets that the keys are those of ROUTES.
    return { name: name as RouteName, params }
  }
  return null
}

function sendFile(files: Map<string, Buffer>, path: string, response: ServerResponse): void {
  const name = extname(path) === '' ? '/index.html' : path
  const content = files.get(name)
  if (!content) return void response.writeHead(404).end()
  // As the server does: what has a hash in its name is fetched once a profile.
  const cached = name.startsWith('/assets/') ? { 'cache-control': 'public, max-age=31536000, immutable' } : {}
  response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream', ...cached }).end(content)
}

function builtFiles(): Map<string, Buffer> {
  const found = readdirSync(DIST, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(found.map((entry) => {
    const file = join(entry.parentPath, entry.name)
    return [`/${relative(DIST, file)}`, readFileSync(file)]
  }))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

// Run by hand while developing: `node testing/fixture-server.ts 10000`.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fixture = await startFixture({ identities: Number(process.argv[2] ?? 1_000), port: 4_401 })
  process.stdout.write(`${fixture.url}\n`)
}
