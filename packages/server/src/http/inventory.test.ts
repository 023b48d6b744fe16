import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createToken } from '../sessions/index.ts'
import { testApp } from '../testing/app.ts'
import { testDatabases } from '../testing/database.ts'

const dist = await mkdtemp(join(tmpdir(), 'onus-dist-'))
after(() => rm(dist, { recursive: true, force: true }))
await writeFile(join(dist, 'index.html'), '<!doctype html><title>Onus</title>')
const shared = await testApp(await (await testDatabases()).fresh(), {
  dist,
  env: { ONUS_OIDC_ISSUER: 'https://issuer.invalid', ONUS_OIDC_CLIENT_ID: 'onus' },
})
const { app, cookie } = shared
const scim = (await createToken(shared.ctx.db, { purpose: 'x', days: 1, scopes: ['scim'], team: null }, { kind: 'person', id: 'per_local' }, shared.ctx.clock())).secret

/** As Fastify registered them: a route that nobody thought of is in here. */
const { routes } = app

async function ask(method: string, path: string, headers: Record<string, string> = {}) {
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(method)
  return app.server.inject({
    method: method as 'GET',
    url: path.replaceAll(/:\w+/g, 'x_0').replace('*', 'x'),
    headers: { host: '127.0.0.1:4400', ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(hasBody ? { payload: '{}' } : {}),
  })
}

test('T112 who has not signed in is answered here and nowhere else', async () => {
  const open: string[] = []
  for (const { method, path } of routes) {
    if ((await ask(method, path)).statusCode !== 401) open.push(`${method} ${path}`)
  }
  assert.deepEqual(open.sort(), [
    'GET /healthz',
    // The page itself, which holds nothing; its data comes from the routes.
    'GET /index.html',
    'GET /openapi.json',
    'GET /sign-in/company',
    'GET /sign-in/company/callback',
    'GET /v1/session/options',
    'HEAD /healthz',
    'HEAD /index.html',
    'HEAD /openapi.json',
    'HEAD /sign-in/company',
    'HEAD /sign-in/company/callback',
    'HEAD /v1/session/options',
    'POST /csp-report',
    // By signature, not by session: 404 where GitHub is not set up, as here; 401 to whatever is not signed.
    'POST /v1/github/webhook',
    // Answers 400 to a body that is no link, 401 to one that does not work.
    'POST /v1/session',
  ].sort())
  assert.ok(routes.length > 60, 'the routes were noted')
})

test('T57 every answer forbids framing, sniffing, foreign content and, of what is not public, keeping', async () => {
  for (const { method, path } of routes) {
    for (const [name, headers] of [['a stranger', {}], ['the administrator', { cookie }], ['the directory', { authorization: `Bearer ${scim}` }]] as const) {
      // It would end the session that the next one needs.
      if (path.startsWith('/v1/session') && method === 'DELETE') continue
      const answer = await ask(method, path, headers)
      const said = `${method} ${path} to ${name}: ${answer.statusCode}`
      assert.match(String(answer.headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/, said)
      assert.equal(answer.headers['x-frame-options'], 'DENY', said)
      assert.equal(answer.headers['x-content-type-options'], 'nosniff', said)
      assert.equal(answer.headers['referrer-policy'], 'no-referrer', said)
      const isPublic = ['/index.html', '/openapi.json', '/csp-report'].includes(path)
      if (!isPublic) assert.equal(answer.headers['cache-control'], 'no-store', said)
      assert.equal(answer.headers['access-control-allow-origin'], undefined, said)
      const to = answer.headers['location']
      if (to !== undefined) assert.match(String(to), /^\/(?![/\\])/, said)
    }
  }
})

test('T48 no route that reads changes anything, and no method is overridden', async () => {
  const before = await shared.ctx.db.read.selectFrom('session').select('id').execute()
  for (const headers of [{ 'x-http-method-override': 'DELETE' }, { 'x-method-override': 'DELETE' }, { 'x-http-method': 'DELETE' }] as Record<string, string>[]) {
    for (const path of ['/v1/sessions', '/v1/session', '/v1/sessions?_method=DELETE']) await ask('GET', path, { cookie, ...headers })
  }
  assert.deepEqual(await shared.ctx.db.read.selectFrom('session').select('id').execute(), before)
})

test('T48 every write of a browser on another site is refused, whatever it sends', async () => {
  const writes = routes.filter(({ method, path }) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) && path !== '/csp-report')
  assert.ok(writes.length > 15)
  for (const { method, path } of writes) {
    const cases: [name: string, headers: Record<string, string>][] = [
      ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
      ['a sibling of the site', { origin: 'http://127.0.0.1:9999', 'sec-fetch-site': 'same-site' }],
      ['a sandboxed page', { origin: 'null' }],
      ['a browser that says only where from', { 'sec-fetch-site': 'cross-site' }],
    ]
    for (const [name, headers] of cases) assert.equal((await ask(method, path, { cookie, ...headers })).statusCode, 403, `${name}: ${method} ${path}`)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      if (method === 'DELETE') continue
      assert.equal((await ask(method, path, { cookie, 'content-type': type })).statusCode, 415, `${type}: ${method} ${path}`)
    }
  }
})

test('T42 nothing decides from chat: messages only link here, and no address takes what a chat system would send', async () => {
  const decisions = routes.filter(({ method, path }) => method === 'POST' && /slack|teams|chat|interactive|action|callback/i.test(path) && !path.startsWith('/v1/teams/'))
  assert.deepEqual(decisions.map(({ path }) => path), [])
  const approving = routes.filter(({ method, path }) => method === 'POST' && /approve|reject|acceptances/.test(path))
  assert.ok(approving.length >= 3)
  // As Slack sends them: a form with its signature, without a session; a retry is no different.
  for (const { method, path } of approving)
    for (const retry of [{}, { 'x-slack-retry-num': '1' }]) {
      const headers = { 'x-slack-signature': 'v0=00', 'x-slack-request-timestamp': '1', 'content-type': 'application/x-www-form-urlencoded', ...retry }
      assert.equal((await ask(method, path, headers)).statusCode, 415, path)
      assert.equal((await ask(method, path, { ...headers, 'content-type': 'application/json' })).statusCode, 401, path)
    }
})
