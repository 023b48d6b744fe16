import { test } from 'node:test'
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import pg from 'pg'
import { z } from 'zod'
import { ApiError } from '@onus/core/contract/client.ts'
import { ROUTES } from '@onus/core/contract/routes.ts'
import type { RouteName } from '@onus/core/contract/routes.ts'
import { createToken } from '../sessions/index.ts'
import { STREAMED } from './mount.ts'
import { testApp } from '../testing/app.ts'
import { testDatabases } from '../testing/database.ts'
import { sendLarge } from '../testing/large-sender.ts'
import type { LargeBody } from '../testing/large-sender.ts'
import { watchLoop } from '../testing/loop-watch.ts'
import { finding, identity, report, scope, team } from '../testing/reports.ts'

const databases = await testDatabases()
const address = await databases.fresh()
const shared = await testApp(address)
const { url, cookie, client } = shared
const json = { 'content-type': 'application/json', cookie }
const names = Object.keys(ROUTES) as RouteName[]
const isPublic = (name: RouteName): boolean => 'isPublic' in ROUTES[name]
const pathOf = (name: RouteName): string => ROUTES[name].path.replaceAll(/\{\w+\}/g, 'idn_0')
const BY = { kind: 'person', id: 'per_local' } as const
type Answer = { status: number; body: { code?: string; detail?: string; errors?: { field: string }[] } }

async function call(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  const answer = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
}

const refusedAs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof ApiError && error.problem.code === code

test('nothing but signing in is open to a stranger', async () => {
  for (const name of names.filter((each) => !isPublic(each))) {
    const { method } = ROUTES[name]
    const answer = await call(
      method,
      pathOf(name),
      { 'content-type': 'application/json' },
      method === 'GET' ? undefined : '{}',
    )
    assert.deepEqual([answer.status, answer.body.code], [401, 'not-signed-in'], name)
  }
})

test('T51 a field that no route knows is refused by its name, in the query and in the body', async () => {
  for (const name of names) {
    const { method } = ROUTES[name]
    const query = await call(method, `${pathOf(name)}?owner_id=x`, json, method === 'GET' ? undefined : '{}')
    assert.equal(query.status, 400, `${name} query`)
    assert.ok(
      query.body.errors?.some(({ field }) => field === 'owner_id'),
      `${name} query`,
    )
    // Of a body that is streamed the fields are nobody's here.
    if (method === 'GET' || STREAMED.has(name)) continue
    const body = await call(
      method,
      pathOf(name),
      json,
      JSON.stringify({ owner_id: 'x', state: 'accountable', approved_by: 'me' }),
    )
    assert.equal(body.status, 400, `${name} body`)
    for (const wanted of ['owner_id', 'approved_by'])
      assert.ok(
        body.body.errors?.some(({ field }) => field === wanted),
        `${name} ${wanted}`,
      )
  }
})

test('T50 keys that reach for prototypes change nothing, on every route', async () => {
  const bodies = [
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"name":"x","screen":"identities","search":{"__proto__":"x"}}',
  ]
  for (const name of names) {
    const { method } = ROUTES[name]
    for (const query of ['__proto__[polluted]=1', '__proto__=1', 'constructor.prototype.polluted=1']) {
      const answer = await call(method, `${pathOf(name)}?${query}`, json, method === 'GET' ? undefined : '{}')
      assert.equal(answer.status, 400, `${name} ${query}`)
    }
    if (method === 'GET') continue
    for (const body of bodies)
      assert.ok((await call(method, pathOf(name), json, body)).status >= 400, `${name} ${body}`)
  }
  assert.equal(({} as { polluted?: number }).polluted, undefined)
})

test('T50 a report with such keys is stored as text', async () => {
  const given = report({ path: '/estates/t50', identities: [identity({ name: 'tags' })] })
  const text = JSON.stringify(given).replace('"tags":{}', '"tags":{"__proto__":"x","constructor":"y"}')
  assert.match(text, /__proto__/)
  assert.equal((await call('POST', '/v1/imports', json, text)).status, 201)
  const detail = await client.identity({ params: { id: given.identities[0]?.id ?? '' } })
  assert.equal(detail.identity.tags['constructor'], 'y')
  assert.equal(({} as { x?: number }).x, undefined)
})

test('a write from elsewhere is refused: origin, content type, host', async () => {
  const body = JSON.stringify({ name: 'v', screen: 'identities', search: {} })
  const cases: [string, Record<string, string>, number][] = [
    ['another site', { ...json, origin: 'https://evil.example' }, 403],
    ['a form', { cookie, 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a form that says it is text', { cookie, 'content-type': 'text/plain' }, 415],
    ['our own page', { ...json, origin: url, 'sec-fetch-site': 'same-origin' }, 201],
  ]
  for (const [name, headers, want] of cases)
    assert.equal((await call('POST', '/v1/views', headers, body)).status, want, name)
  const rebound = await shared.app.server.inject({
    method: 'GET',
    url: '/v1/session',
    headers: { host: 'evil.example', cookie },
  })
  assert.deepEqual([rebound.statusCode, rebound.json().code], [421, 'foreign-host'])
})

test('a link signs in once; the cookie is out of reach of scripts and of other sites', async () => {
  const { ctx } = shared
  const { createLink } = await import('../sessions/index.ts')
  const token = await createLink(ctx.db, ctx.clock())
  const first = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  assert.equal(first.status, 200)
  assert.match(
    first.headers.get('set-cookie') ?? '',
    /^onus_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
  )
  const second = await call('POST', '/v1/session', { 'content-type': 'application/json' }, JSON.stringify({ token }))
  assert.deepEqual([second.status, second.body.code], [401, 'link-not-valid'])
  const stored = await ctx.db.read.selectFrom('session').select('token_hash').execute()
  assert.ok(
    stored.every(
      (row) =>
        row.token_hash.length === 32 &&
        !first.headers.get('set-cookie')?.includes(row.token_hash.toString('base64url')),
    ),
  )
})

test('links, sessions and tokens end', async () => {
  const { ctx, client: mine, clock, url: base } = await testApp(await databases.fresh())
  const { createLink } = await import('../sessions/index.ts')
  const late = await createLink(ctx.db, ctx.clock())
  const token = await createToken(ctx.db, { purpose: 'test', days: 30, scopes: ['import'], team: null }, BY, ctx.clock())
  const bearer = { 'content-type': 'application/json', authorization: `Bearer ${token.secret}` }
  const job = async (): Promise<number> => (await fetch(`${base}/v1/jobs/job_0`, { headers: bearer })).status
  const start = clock.now.getTime()
  const at = (hours: number): void => {
    clock.now = new Date(start + hours * 3_600_000)
  }
  at(0.26)
  await assert.rejects(mine.signIn({ body: { token: late } }), refusedAs('link-not-valid'))
  at(11)
  assert.equal((await mine.session()).role, 'administrator')
  at(22)
  assert.equal((await mine.session()).role, 'administrator', 'use keeps it alive')
  at(22 + 12.1)
  await assert.rejects(mine.session(), refusedAs('not-signed-in'), 'idle')
  assert.equal(await job(), 404)
  at(24 * 31)
  assert.equal(await job(), 401, 'a token ends')
})

test('a session lasts a week at most, and signing out ends it', async () => {
  const { client: mine, clock } = await testApp(await databases.fresh())
  const start = clock.now.getTime()
  for (let hours = 0; hours < 24 * 7; hours += 10) {
    clock.now = new Date(start + hours * 3_600_000)
    assert.ok(await mine.session())
  }
  clock.now = new Date(start + 24 * 7 * 3_600_000)
  await assert.rejects(mine.session(), refusedAs('not-signed-in'))
  const other = await testApp(await databases.fresh())
  await other.client.signOut()
  await assert.rejects(other.client.session(), refusedAs('not-signed-in'))
})

test('guessing links is slowed down', async () => {
  const { url: base } = await testApp(await databases.fresh())
  const tried = async (): Promise<number> =>
    (
      await fetch(`${base}/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"token":"x"}',
      })
    ).status
  const answers: number[] = []
  for (let index = 0; index < 12; index += 1) answers.push(await tried())
  assert.deepEqual(answers, [...Array.from({ length: 10 }, () => 401), 429, 429])
})

test('a token may import a report and see a job, nothing else', async () => {
  const token = await createToken(shared.ctx.db, { purpose: 'CI', days: 30, scopes: ['import'], team: null }, BY, shared.ctx.clock())
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token.secret}` }
  const given = JSON.stringify(
    report({ path: '/estates/token', identities: [identity({ name: 'by-token', namespace: 'token' })] }),
  )
  assert.equal((await call('POST', '/v1/imports', headers, given)).status, 201)
  for (const name of names.filter((each) => !isPublic(each) && !['importReport', 'job'].includes(each))) {
    const { method } = ROUTES[name]
    assert.equal((await call(method, pathOf(name), headers, method === 'GET' ? undefined : '{}')).status, 401, name)
  }
  const wrong = { ...headers, authorization: 'Bearer onus_wrong' }
  assert.equal((await call('POST', '/v1/imports', wrong, given)).status, 401)
})

test('T49 text that tries to be SQL finds nothing, breaks nothing and changes nothing', async () => {
  const corpus = [
    "'",
    "''",
    "' or '1'='1",
    "'; drop table identity; --",
    '") or ("1"="1',
    "\\'; select pg_sleep(5)--",
    '%',
    '_',
    '%%%',
    '\\',
    '$1',
    '{{7*7}}',
    "1' union select token_hash from session--",
    "' and 1=cast((select version()) as int)--",
    "'||(select 1)||'",
    '*/ or 1=1 /*',
    'a'.repeat(200),
  ]
  const before = await shared.ctx.db.read
    .selectFrom('identity')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  for (const text of corpus) {
    for (const field of ['q', 'team', 'environment', 'namespace', 'source', 'rule'] as const) {
      const page = await client.listIdentities({ query: { [field]: text } })
      // Only a search for nothing but separators, or for a character that names have, may find rows.
      if (field !== 'q' && text !== '') assert.equal(page.items.length, 0, `${field} ${text}`)
    }
    for (const field of ['q', 'team', 'rule', 'environment'] as const)
      await client.listFindings({ query: { [field]: text } })
    await client.listTeams({ query: { q: text } })
    await client.listScopes({ query: { q: text, team: text } })
    await client.listApis({ query: { q: text } })
    await client.listRules({ query: { team: text } })
    for (const name of ['identity', 'team', 'source', 'job'] as const) {
      await assert.rejects(
        client[name]({ params: { id: text.slice(0, 60) || 'x' } }),
        (error) => error instanceof ApiError && [400, 404].includes(error.problem.status),
        `${name} ${text}`,
      )
    }
    for (const field of ['sort', 'order', 'limit', 'cursor', 'asOf', 'state', 'kind', 'severity', 'presence']) {
      const answer = await call('GET', `/v1/identities?${new URLSearchParams({ [field]: text })}`, json)
      assert.equal(answer.status, 400, `${field} ${text}`)
    }
  }
  for (const path of ['/v1/identities?q=%00', '/v1/identities/%00', '/v1/findings?team=a%00b']) {
    assert.equal((await call('GET', path, json)).status, 400, path)
  }
  const many = await call('GET', `/v1/identities?q=${'a+'.repeat(100)}`, json)
  assert.equal(many.status, 400)
  const rows = await shared.ctx.db.read
    .selectFrom('identity')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  assert.equal(rows.count, before.count)
})

test('T49 a search treats % and _ as the characters they are', async () => {
  const { client: mine, url: base, cookie: own } = await testApp(await databases.fresh())
  const given = report({
    identities: [
      identity({ name: 'a_b' }),
      identity({ name: 'axb' }),
      identity({ name: '100%' }),
      identity({ name: '1000' }),
    ],
  })
  await fetch(`${base}/v1/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: own },
    body: JSON.stringify(given),
  })
  const found = async (q: string): Promise<string[]> =>
    (await mine.listIdentities({ query: { q } })).items.map(({ name }) => name)
  assert.deepEqual(await found('a_b'), ['a_b'])
  assert.deepEqual(await found('100%'), ['100%'])
  assert.deepEqual(await found('PARCELS 100'), ['100%', '1000'])
})

test('T98 an unknown word in a pushed report is refused with the field; nothing is stored', async () => {
  const given = report({ path: '/estates/t98', identities: [identity({ name: 't98', namespace: 't98' })] })
  const odd = JSON.stringify({ ...given, identities: [{ ...given.identities[0], kind: 'robot' }] })
  const answer = await call('POST', '/v1/imports', json, odd)
  assert.deepEqual(
    [answer.status, answer.body.code, answer.body.errors?.[0]?.field],
    [422, 'invalid-report', 'identities[0].kind'],
  )
  assert.equal((await client.listIdentities({ query: { namespace: 't98' } })).total, 0)
})

test('T59 T88 bodies that want memory or time are refused while other requests go on', async () => {
  // Of this thread: the sender's memory is its own.
  const memory = (): number => process.memoryUsage().heapUsed + process.memoryUsage().external
  const before = memory()
  let peak = 0
  const loop = watchLoop()
  let isDone = false
  let answered = 0
  const pulse = (async () => {
    while (!isDone) {
      assert.equal((await fetch(`${url}/v1/session`, { headers: { cookie } })).status, 200)
      answered += 1
      peak = Math.max(peak, memory())
    }
  })()
  const million = { start: '{', part: '"k#":1,', times: 1_000_000, end: '"z":1}' }
  const cases: [string, Partial<LargeBody>, string, Record<string, string>?][] = [
    [
      '300 MB in one string',
      { start: '{"asOf":"', part: 'x'.repeat(1_000), times: 300_000, end: '"}' },
      'body-too-large',
    ],
    ['depth 100,000', { start: '{"asOf":', part: '[', times: 100_000 }, 'body-too-deep'],
    ['a million keys at the top', million, 'invalid-report'],
    [
      'a million keys in one identity',
      { ...million, start: '{"identities":[{"tags":{', end: '"z":1}}]}' },
      'body-too-large',
    ],
    [
      '100 MB of identities that are none',
      { start: '{"identities":[', part: `{"a":"${'y'.repeat(1_000)}"},`, times: 100_000, end: '0]}' },
      'invalid-report',
    ],
    ['the middle of a value', { start: '{"identities":[{"a":' }, 'malformed-json'],
    ['no JSON', { start: '<html>' }, 'malformed-json'],
    ['another packing', { start: '{}' }, 'unsupported-media-type', { 'content-encoding': 'br' }],
    ['what is not gzip', { start: '{}' }, 'malformed-json', { 'content-encoding': 'gzip' }],
  ]
  for (const [name, body, want, headers] of cases) {
    const answer = await sendLarge(
      `${url}/v1/imports`,
      { ...json, ...headers },
      { start: '', part: '', times: 0, end: '', ...body },
    )
    assert.equal(answer.code, want, name)
  }
  isDone = true
  await pulse
  const { longestMs, totalMs } = loop.stop()
  const grown = (peak - before) / (1024 * 1024)
  // Buffers that were let go are counted until the next collection.
  assert.ok(grown < 200, `memory grew by ${grown.toFixed()} MB`)
  // A body that is worked off in one go takes a third of all the work and more.
  assert.ok(longestMs < totalMs / 10, `held for ${longestMs.toFixed()} of ${totalMs.toFixed()} ms`)
  assert.ok(answered > 20, `only ${answered} requests were answered`)
})

test('T59 a small body that unpacks to a large one is cut off at the limit', async () => {
  const { url: base, cookie: own } = await testApp(await databases.fresh(), {
    env: { ONUS_MAX_IMPORT_BYTES: '1000000' },
  })
  const headers = { 'content-type': 'application/json', cookie: own, 'content-encoding': 'gzip' }
  const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20))
  assert.ok(bomb.length < 100_000)
  const answer = await fetch(`${base}/v1/imports`, { method: 'POST', headers, body: bomb })
  assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [413, 'body-too-large'])
  const good = await fetch(`${base}/v1/imports`, { method: 'POST', headers, body: gzipSync(JSON.stringify(report())) })
  assert.equal(good.status, 201)
  const plain = await fetch(`${base}/v1/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: own },
    body: 'x'.repeat(1_000_001),
  })
  assert.equal(plain.status, 413)
})

test('T59 a form of another route larger than 64 kB is refused', async () => {
  const answer = await call(
    'POST',
    '/v1/views',
    json,
    JSON.stringify({ name: 'x'.repeat(70_000), screen: 'identities', search: {} }),
  )
  assert.deepEqual([answer.status, answer.body.code], [413, 'body-too-large'])
})

test('every reply follows the contract', async () => {
  const { client: mine, url: base, cookie: own } = await testApp(await databases.fresh())
  const ledger = identity({ name: 'ledger', team: 'billing', rotatedAt: '2026-01-01T00:00:00.000Z' })
  const poster = identity({ name: 'poster', environment: null, namespace: null })
  const given = {
    ...report({
      identities: [ledger, poster],
      teams: [team('billing')],
      scopes: [scope('parcels', 'billing')],
      findings: [
        finding(ledger, 'too-old', 'high'),
        finding(poster, 'house-rule', 'low'),
        finding(poster, 'dormant', 'low', 'unknown'),
      ],
    }),
    apis: [
      { id: 'api_1', name: 'Labels', version: '1', team: null, operations: [], securitySchemes: [], evidence: [] },
    ],
  }
  const sent = await fetch(`${base}/v1/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: own },
    body: JSON.stringify(given),
  })
  const imported = ROUTES.importReport.reply.parse(await sent.json())
  const view = await mine.saveView({ body: { name: 'mine', screen: 'identities', search: { state: 'unowned' } } })
  const replies: [RouteName, unknown][] = [
    ['session', await mine.session()],
    ['overview', await mine.overview()],
    ['listIdentities', await mine.listIdentities()],
    ['identity', await mine.identity({ params: { id: ledger.id } })],
    ['identityTimeline', await mine.identityTimeline({ params: { id: ledger.id } })],
    ['listScopes', await mine.listScopes()],
    ['listTeams', await mine.listTeams()],
    ['team', await mine.team({ params: { id: given.teams[0]?.id ?? '' } })],
    ['listRules', await mine.listRules()],
    ['listFindings', await mine.listFindings()],
    ['listApis', await mine.listApis()],
    ['listSources', await mine.listSources()],
    ['source', await mine.source({ params: { id: imported.sourceId } })],
    ['listViews', await mine.listViews()],
    ['saveView', view],
    ['exportIdentities', await mine.exportIdentities()],
  ]
  for (const [name, reply] of replies) {
    const read = (ROUTES[name].reply as z.ZodType).safeParse(reply)
    assert.ok(read.success, `${name}: ${read.error?.message}`)
  }
  const findings = await mine.listFindings()
  assert.deepEqual(findings.items.map(({ rule }) => rule).sort(), ['house-rule', 'too-old'])
  assert.deepEqual(
    (await mine.listTeams()).items.map(({ name, identities, claimed, scopes }) => [name, identities, claimed, scopes]),
    [['billing', 1, 1, 1]],
  )
  await mine.deleteView({ params: { id: view.id } })
  assert.deepEqual((await mine.listViews()).items, [])
})

test('T52 secrets that were sent stay out of answers, errors and the log', async () => {
  const canary = 'canary-7f3a9c1e5b'
  const sent: [string, string, Record<string, string>, string | undefined][] = [
    ['POST', '/v1/session', { 'content-type': 'application/json' }, JSON.stringify({ token: canary })],
    ['POST', '/v1/session', { 'content-type': 'application/json' }, `{"token": ${canary}}`],
    ['POST', '/v1/imports', json, `{"asOf": "${canary}"}`],
    ['POST', '/v1/imports', json, `{"identities": [{"kind": "${canary}"}]}`],
    ['POST', '/v1/imports', json, `{"identities": [${canary}]}`],
    ['POST', '/v1/views', json, `{"name": "x", "screen": "${canary}", "search": {}}`],
    ['GET', '/v1/session', { authorization: `Bearer onus_${canary}` }, undefined],
    ['GET', '/v1/session', { cookie: `onus_session=${canary}` }, undefined],
    ['GET', `/v1/identities?cursor=${canary}`, json, undefined],
    ['GET', `/v1/identities?asOf=${canary}`, json, undefined],
  ]
  for (const [method, path, headers, body] of sent) {
    const answer = await call(method, path, headers, body)
    assert.ok(answer.status >= 400, path)
    assert.ok(
      !JSON.stringify(answer.body).includes(canary),
      `${method} ${path} answered ${JSON.stringify(answer.body)}`,
    )
  }
  assert.ok(!shared.logged().includes(canary))
  assert.ok(!shared.logged().includes(cookie.slice('onus_session='.length)))
})

test('pages have headers that let nothing in, and violations are counted', async () => {
  const answer = await fetch(`${url}/openapi.json`)
  const policy = answer.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /script-src 'self';/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
  const before = shared.app.cspReports()
  const body = '{"csp-report":{"blocked-uri":"https://evil.example"}}'
  assert.equal(
    (await fetch(`${url}/csp-report`, { method: 'POST', headers: { 'content-type': 'application/csp-report' }, body }))
      .status,
    204,
  )
  assert.equal(shared.app.cspReports(), before + 1)
})

test('a statement that the database ends is told as such, and is no bug', async () => {
  const admin = new pg.Client(address)
  await admin.connect()
  try {
    await admin.query('begin; lock table finding')
    const answer = fetch(`${url}/v1/findings`, { headers: { cookie } })
    const ended = `select pg_cancel_backend(pid) from pg_locks where relation = 'finding'::regclass and not granted`
    while ((await admin.query(ended)).rowCount === 0) await delay(20)
    const { status, headers } = await answer
    assert.deepEqual([status, headers.get('retry-after')], [503, '30'])
    assert.equal(((await (await answer).json()) as { code: string }).code, 'took-too-long')
  } finally {
    await admin.end()
  }
})
