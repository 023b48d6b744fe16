import { test } from 'node:test'
import assert from 'node:assert/strict'
import { ApiError, createClient, urlOf } from './client.ts'
import type { Fetch } from './client.ts'

type Sent = { url: string; method: string; headers: Record<string, string>; body?: string }

function recorded(status: number, text: string): { fetch: Fetch; sent: Sent[] } {
  const sent: Sent[] = []
  const fetch: Fetch = async (url, init) => {
    sent.push({
      url,
      method: init.method,
      headers: init.headers,
      ...(init.body === undefined ? {} : { body: init.body }),
    })
    return { status, ok: status < 400, headers: { get: () => null }, text: async () => text }
  }
  return { fetch, sent }
}

test('a path parameter and a query value are percent-encoded, and undefined values are left out', () => {
  const cases: [string, string, string][] = [
    ['path', urlOf('identity', { params: { id: 'a/b?c' } }), '/v1/identities/a%2Fb%3Fc'],
    [
      'query',
      urlOf('listIdentities', { query: { q: 'a&b=c', team: undefined, limit: 5 } }),
      '/v1/identities?q=a%26b%3Dc&limit=5',
    ],
    ['neither', urlOf('listRules'), '/v1/rules'],
    ['the rest of a path', urlOf('ledgerTile', { params: { path: '0/x001/2?4' } }), '/v1/ledger/tile/0/x001/2%3F4'],
  ]
  for (const [name, got, want] of cases) assert.equal(got, want, name)
})

test('a read sends no body; a write sends JSON even when it has nothing to say', async () => {
  const { fetch, sent } = recorded(200, '{}')
  const client = createClient('http://127.0.0.1:4400/', fetch, { authorization: 'Bearer x' })
  await client.listSources()
  await client.loadExample()
  await client.saveView({ body: { name: 'mine', screen: 'identities', search: { q: 'x' } } })
  assert.deepEqual(
    sent.map(({ url, method, body }) => [method, url, body]),
    [
      ['GET', 'http://127.0.0.1:4400/v1/sources', undefined],
      ['POST', 'http://127.0.0.1:4400/v1/examples', '{}'],
      ['POST', 'http://127.0.0.1:4400/v1/views', '{"name":"mine","screen":"identities","search":{"q":"x"}}'],
    ],
  )
  assert.deepEqual(
    sent.map(({ headers }) => headers['content-type']),
    [undefined, 'application/json', 'application/json'],
  )
  assert.ok(sent.every(({ headers }) => headers['authorization'] === 'Bearer x'))
})

test('an empty answer is undefined and CSV stays text', async () => {
  assert.equal(await createClient('', recorded(204, '').fetch).signOut(), undefined)
  assert.equal(await createClient('', recorded(200, 'id,name\r\n').fetch).exportIdentities(), 'id,name\r\n')
})

test('a refusal carries the problem of the server, and a stranger in between is named by its status only', async () => {
  const problem = {
    type: 'about:blank',
    title: 'Not found',
    status: 404,
    code: 'not-found',
    detail: 'no identity `idn_x`',
  }
  const cases: [string, number, string, string][] = [
    ['a problem', 404, JSON.stringify(problem), 'not-found'],
    ['a page of a proxy', 502, '<html>Bad gateway</html>', 'unexpected-answer'],
    ['JSON of another shape', 500, '{"error":"x"}', 'unexpected-answer'],
  ]
  for (const [name, status, text, want] of cases) {
    const call = createClient('', recorded(status, text).fetch).identity({ params: { id: 'idn_x' } })
    await assert.rejects(
      call,
      (error) => error instanceof ApiError && error.problem.code === want && error.problem.status === status,
      name,
    )
  }
})
