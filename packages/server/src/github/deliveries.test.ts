import assert from 'node:assert/strict'
import { connect as connectSocket } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { outcome } from '../changes/testing/estate.ts'
import { testDatabases } from '../testing/database.ts'
import { MAX_BODY_BYTES } from './routes.ts'
import { isSigned } from './signature.ts'
import { RECORDED, WEBHOOK_SECRET, hub, signature } from './testing/company.ts'
import type { Hub } from './testing/company.ts'

const it = await hub(await (await testDatabases()).fresh())
const jobs = async (of: Hub = it): Promise<string[]> => (await of.ctx.db.read.selectFrom('github_job').selectAll().orderBy('number').orderBy('kind').execute()).map(({ kind, number, wanted }) => `${kind} ${number} ×${wanted}`)
const opened = (number: number) => it.payload('pull_request', 'opened', number, it.adaGh)

test('the signature of GitHub, by its own example', () => {
  // From "Validating webhook deliveries" of its documentation.
  const want = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
  assert.ok(isSigned("It's a Secret to Everybody", want, Buffer.from('Hello, World!')))
})

test('what is not signed is refused before it is read, and leaves nothing', async () => {
  const body = JSON.stringify(opened(1))
  const cases: [name: string, headers: Record<string, string | undefined>][] = [
    ['no signature', { 'x-hub-signature-256': undefined }],
    ['SHA-1 only', { 'x-hub-signature-256': undefined, 'x-hub-signature': signature(body, WEBHOOK_SECRET, 'sha1') }],
    ['SHA-1 in the place of SHA-256', { 'x-hub-signature-256': signature(body, WEBHOOK_SECRET, 'sha1') }],
    ['another secret', { 'x-hub-signature-256': signature(body, 'another-secret-of-a-webhook') }],
    ['an empty secret', { 'x-hub-signature-256': signature(body, '') }],
    ['the signature of another body', { 'x-hub-signature-256': signature(`${body} `) }],
    ['a signature that is cut off', { 'x-hub-signature-256': signature(body).slice(0, -2) }],
    ['capital letters', { 'x-hub-signature-256': signature(body).toUpperCase() }],
    ['two signatures', { 'x-hub-signature-256': `${signature(body)}, ${signature(body)}` }],
  ]
  for (const [name, headers] of cases) assert.equal(await it.deliver('pull_request', body, headers), 401, name)
  // One that is no JSON is not even parsed.
  assert.equal(await it.deliver('pull_request', '{"a":', { 'x-hub-signature-256': signature('x') }), 401)
  assert.equal(await it.deliver('pull_request', '{"a":'), 400)
  assert.deepEqual(await jobs(), [])
  assert.deepEqual(await it.ctx.db.read.selectFrom('github_delivery').selectAll().execute(), [])
})

test('a body that is too large is refused at its length, and when it lies about it', async () => {
  assert.equal(await it.deliver('ping', 'x'.repeat(MAX_BODY_BYTES + 1)), 413)
  const { hostname, port } = new URL(it.url)
  const socket = connectSocket(Number(port), hostname)
  socket.on('error', () => {})
  const answer = once(socket, 'data') as Promise<[Buffer]>
  socket.write(`POST /v1/github/webhook HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\nx-hub-signature-256: ${signature('x')}\r\ntransfer-encoding: chunked\r\n\r\n`)
  const piece = `10000\r\n${'x'.repeat(0x1_00_00)}\r\n`
  for (let sent = 0; sent <= MAX_BODY_BYTES + 0x1_00_00; sent += 0x1_00_00) socket.write(piece)
  assert.match(String((await answer)[0]), /^HTTP\/1\.1 413 /)
  socket.destroy()
})

test('a delivery is taken once: its id again is nothing, nor is its content under another', async () => {
  const body = JSON.stringify(opened(7))
  assert.equal(await it.deliver('pull_request', body, { 'x-github-delivery': 'one' }), 202)
  assert.deepEqual(await jobs(), ['check 7 ×1'])
  assert.equal(await it.deliver('pull_request', body, { 'x-github-delivery': 'one' }), 202)
  assert.equal(await it.deliver('pull_request', body, { 'x-github-delivery': 'two' }), 202)
  assert.equal(await it.deliver('pull_request_review', body, { 'x-github-delivery': 'three' }), 202)
  assert.deepEqual(await jobs(), ['check 7 ×1'])
  assert.equal(await it.deliver('pull_request', { ...opened(7), more: 1 }), 202)
  assert.deepEqual(await jobs(), ['check 7 ×2'])
})

test('what is not heard of is answered and left: other events, other repositories, other checks', async () => {
  const before = await jobs()
  const elsewhere = { ...opened(8), repository: { ...(opened(8)['repository'] as object), id: 123 } }
  assert.equal(await it.deliver('pull_request', elsewhere), 202)
  assert.equal(await it.deliver('push', it.payload('push', '', 1, it.adaGh)), 202)
  assert.equal(await it.deliver('__proto__', {}), 202)
  assert.equal(await it.deliver('constructor', {}), 202)
  assert.equal(await it.deliver('PULL REQUEST', {}), 400)
  const check = it.payload('check_run', 'rerequested', 1, it.adaGh)
  const run = check['check_run'] as object
  assert.equal(await it.deliver('check_run', { ...check, check_run: { ...run, external_id: '9', app: { id: 1 } } }), 202)
  assert.deepEqual(await jobs(), before)
  assert.equal(await it.deliver('check_run', { ...check, check_run: { ...run, external_id: '9', app: { id: 4711 } } }), 202)
  assert.deepEqual(await jobs(), [...before, 'check 9 ×1'])
})

test('every payload that GitHub recorded is answered, whatever it is about', async () => {
  let sent = 0
  for (const { name, examples } of RECORDED)
    for (const example of examples) {
      assert.equal(await it.deliver(name, example), 202, `${name} ${String(example['action'])}`)
      sent += 1
    }
  assert.ok(sent > 200, `${sent}`)
  assert.doesNotMatch(it.logged(), /"level":50/)
})

test('a recorded payload of each event that is heard is understood', async () => {
  const pulls = RECORDED.find(({ name }) => name === 'pull_request')?.examples ?? []
  const synchronize = pulls.find(({ action }) => action === 'synchronize') as { before: string; after: string; pull_request: { head: { sha: string } } }
  assert.equal(synchronize.after, synchronize.pull_request.head.sha)
  assert.match(synchronize.before, /^[0-9a-f]{40}$/)
  for (const event of ['pull_request', 'pull_request_review']) {
    const before = await jobs()
    assert.equal(await it.deliver(event, it.payload(event, event === 'pull_request' ? 'opened' : 'submitted', 40, it.adaGh, { event })), 202)
    assert.notDeepEqual(await jobs(), before, event)
  }
})

test('a repository keeps its number: renamed it stays connected, and nothing under its old name is it', async () => {
  const renamed = it.payload('repository', 'renamed', 1, it.adaGh)
  it.github.repository.fullName = 'acme/invoices'
  assert.equal(await it.deliver('repository', { ...renamed, repository: { ...(renamed['repository'] as object), id: 77, full_name: 'acme/invoices' } }), 202)
  const [row] = (await it.olga.client.listGithubRepositories()).items
  assert.deepEqual([row?.fullName, row?.endedAt], ['acme/invoices', null])
})

test('who operates connects and disconnects; GitHub ends it too, and who operates hears of it', async () => {
  const list = async () => (await it.olga.client.listGithubRepositories()).items.at(-1)
  assert.equal(await outcome(it.ada.client.connectGithubRepository({ body: { repository: 'acme/invoices' } })), 'forbidden operate-the-tooling')
  assert.equal(await outcome(it.olga.client.connectGithubRepository({ body: { repository: 'acme/other' } })), 'invalid-request')
  for (const manifest of ['../onus.yaml', '/onus.yaml', 'a/../../onus.yaml', 'onus.txt', 'a\u0000.yaml'])
    assert.equal(await outcome(it.olga.client.connectGithubRepository({ body: { repository: 'acme/invoices', manifest } })), 'invalid-request', manifest)
  const again = await it.olga.client.connectGithubRepository({ body: { repository: 'acme/invoices', manifest: 'services/billing/onus.yaml' } })
  assert.deepEqual([again.id, again.manifest], [it.connection.id, 'services/billing/onus.yaml'])
  const tokens = (await it.client.listTokens()).items.filter(({ purpose }) => purpose.startsWith('GitHub'))
  assert.deepEqual(tokens.map(({ revokedAt }) => revokedAt !== null).sort(), [false, true])
  const ends: [event: string, payload: object, why: string][] = [
    ['installation', { action: 'deleted', installation: { id: 9001 } }, 'uninstalled'],
    ['installation_repositories', { ...it.payload('installation_repositories', 'removed', 1, it.adaGh), repositories_removed: [{ id: 77 }] }, 'uninstalled'],
    ['repository', it.payload('repository', 'transferred', 1, it.adaGh), 'transferred'],
    ['repository', it.payload('repository', 'deleted', 1, it.adaGh), 'deleted'],
  ]
  for (const [event, payload, why] of ends) {
    assert.equal(await it.deliver(event, payload), 202)
    assert.deepEqual([(await list())?.ended, (await list())?.waiting], [why, 0])
    const { text } = await it.ctx.db.read.selectFrom('notice').select('text').where('power', '=', 'operate').orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
    assert.match(text, /`acme\/invoices` is not connected any more/)
    await it.work()
    await it.olga.client.connectGithubRepository({ body: { repository: 'acme/invoices' } })
  }
  const id = (await list())?.id ?? ''
  await it.olga.client.disconnectGithubRepository({ params: { id } })
  assert.equal(await outcome(it.olga.client.disconnectGithubRepository({ params: { id } })), 'not-found')
  assert.equal(await it.deliver('pull_request', { ...opened(50), last: true }), 202)
  assert.deepEqual(await jobs(), [])
})

test('no secret is in the log', () => {
  assert.doesNotMatch(it.logged(), /a-secret-of-the-webhook|ghs_|PRIVATE KEY/)
})
