import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { approve, estate, grant, outcome, propose } from '../changes/testing/estate.ts'
import type { Estate } from '../changes/testing/estate.ts'
import { createOutbound } from '../net/outbound.ts'
import { hookSink } from '../notifications/testing/sinks.ts'
import type { Hook } from '../notifications/testing/sinks.ts'
import { testDatabases } from '../testing/database.ts'
import { MOST_ATTEMPTS, claim, fanOut, send } from './deliver.ts'
import { signedHeaders } from './sign.ts'
import { deliverDue } from './worker.ts'

const databases = await testDatabases()
type Event = { type: string; timestamp: string; data: { id: string; sequence: number; subject: { kind: string; id: string }; change: string | null } }
const eventOf = ({ body }: Hook): Event => JSON.parse(body) as Event

/** The company of changes and a webhook of Olga's; `later` turns the clock, signs the ledger and lets the worker run. */
async function listening(actions: string[] = [], env: Record<string, string> = { ONUS_OUTBOUND_ALLOW_PRIVATE: 'true' }) {
  const it = await estate(await databases.fresh(), [], env)
  const sink = await hookSink()
  const { webhook, secret } = await it.olga.client.createWebhook({ body: { url: sink.url, purpose: 'tickets', actions } })
  const later = async (minutes = 0): Promise<void> => {
    await it.turn(new Date(it.clock.now.getTime() + minutes * 60_000).toISOString())
    await it.ctx.sequencer.poke()
    await deliverDue(it.ctx)
  }
  const state = async () => (await it.olga.client.listWebhooks()).items.find(({ id }) => id === webhook.id) ?? assert.fail()
  return { ...it, sink, webhook, secret, later, state }
}

test('the signature of Standard Webhooks, by its example', () => {
  // From the specification's reference libraries.
  const headers = signedHeaders('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', new Date(1_614_265_330_000), '{"test": 2432232314}')
  assert.equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

test('decisions from now on are told, signed, without what people wrote', async () => {
  const it = await listening(['change'])
  const { id } = await propose(it.ada, grant(it, it.worker))
  await approve(it.bob, id)
  await it.later()
  const events = it.sink.hooks.map(eventOf)
  assert.deepEqual(events.map(({ type, data }) => [type, data.change]), ['change.propose', 'change.approve', 'change.apply'].map((type) => [type, id]))
  for (const { headers, body } of it.sink.hooks) {
    const key = Buffer.from(it.secret.replace('whsec_', ''), 'base64')
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
    assert.equal(headers['webhook-signature'], `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
    assert.equal(headers['webhook-timestamp'], String(it.clock.now.getTime() / 1_000))
    assert.equal(headers['webhook-id'], (JSON.parse(body) as Event).data.id)
    assert.ok(!body.includes('needed for the release'))
  }
  assert.deepEqual([(await it.state()).delivered, (await it.state()).waiting], [3, 0])
})

test('what fails is tried again under its id; later events of its object wait, those of others do not', async () => {
  const it = await listening(['change'])
  const first = await propose(it.ada, grant(it, it.worker))
  const second = await propose(it.ada, grant(it, it.worker, { resource: 'other' }))
  await approve(it.bob, first.id)
  let failing = 0
  it.sink.answerWith((hook) => {
    const { type, data } = eventOf(hook)
    if (type !== 'change.propose' || data.change !== first.id) return 204
    failing += 1
    return failing > 2 ? 204 : 503
  })
  await it.later()
  assert.deepEqual(it.sink.hooks.map((hook) => eventOf(hook).data.change), [second.id])
  assert.equal((await it.state()).waiting, 3)
  for (let n = 0; n < 4; n += 1) await it.later(5)
  const ofFirst = it.sink.hooks.map(eventOf).filter(({ data }) => data.change === first.id)
  assert.deepEqual(ofFirst.map(({ type }) => type), ['change.propose', 'change.approve', 'change.apply'])
  assert.deepEqual(ofFirst.map(({ data }) => data.sequence), ofFirst.map(({ data }) => data.sequence).toSorted((a, b) => a - b))
  assert.equal(failing, 3)
})

test('T63 a server that dies after sending sends again under the same webhook-id', async () => {
  const it = await listening(['change'])
  await propose(it.ada, grant(it, it.worker))
  await it.ctx.sequencer.poke()
  while (await it.ctx.db.tx((tx) => fanOut(tx, it.clock.now)));
  const event = await it.ctx.db.tx((tx) => claim(tx, it.clock.now))
  assert.ok(event)
  assert.equal(await send(it.ctx, createOutbound({ allowPrivate: true }), event), 'delivered')
  await it.later(1)
  assert.equal(it.sink.hooks.length, 1)
  await it.later(5)
  await it.later(60)
  assert.deepEqual([it.sink.hooks.length, new Set(it.sink.hooks.map(({ headers }) => headers['webhook-id'])).size], [2, 1])
})

test('what does not arrive for hours is dead, told, and sent again when somebody asks', async () => {
  const it = await listening(['change.propose'])
  it.sink.answerWith(500)
  await propose(it.ada, grant(it, it.worker))
  for (let n = 0; n <= MOST_ATTEMPTS; n += 1) await it.later(61)
  assert.deepEqual([(await it.state()).dead, (await it.state()).waiting, (await it.state()).lastProblem], [1, 0, 'the other side answered 500'])
  it.sink.answerWith(200)
  await it.olga.client.retryWebhook({ params: { id: it.webhook.id } })
  await it.later()
  assert.deepEqual([it.sink.hooks.length, (await it.state()).dead], [1, 0])
})

test('410 stops it; whoever operates starts it again where it stopped', async () => {
  const it = await listening(['change.propose'])
  it.sink.answerWith(410)
  await propose(it.ada, grant(it, it.worker))
  await it.later()
  assert.notEqual((await it.state()).goneAt, null)
  it.sink.answerWith(200)
  await propose(it.ada, grant(it, it.worker, { resource: 'meanwhile' }))
  await it.later(120)
  assert.equal(it.sink.hooks.length, 0)
  await it.olga.client.changeWebhook({ params: { id: it.webhook.id }, body: { url: it.sink.url, purpose: 'tickets', actions: ['change.propose'], isActive: true } })
  await it.later(1)
  assert.equal(it.sink.hooks.length, 2)
})

test('only who operates has to do with webhooks, and the secret is told once', async () => {
  const it = await listening()
  const params = { id: it.webhook.id }
  const fields = { url: 'https://other.example/hook', purpose: 'x', actions: [] }
  const asks: [name: string, ask: (by: Estate['ada']) => Promise<unknown>][] = [
    ['list', (by) => by.client.listWebhooks()],
    ['create', (by) => by.client.createWebhook({ body: fields })],
    ['change', (by) => by.client.changeWebhook({ params, body: { ...fields, isActive: true } })],
    ['secret', (by) => by.client.renewWebhookSecret({ params })],
    ['retry', (by) => by.client.retryWebhook({ params })],
    ['delete', (by) => by.client.deleteWebhook({ params })],
  ]
  for (const [name, ask] of asks)
    for (const who of ['ada', 'gil', 'abe'] as const) assert.match(await outcome(ask(it[who])), /^forbidden (?:operate-the-tooling|auditors-only-read)$/, `${name} ${who}`)
  const renewed = await it.olga.client.renewWebhookSecret({ params })
  assert.notEqual(renewed.secret, it.secret)
  const kept = JSON.stringify([await it.state(), await it.ctx.db.read.selectFrom('ledger_entry').select('body').execute(), (await it.ctx.db.read.selectFrom('webhook').selectAll().execute()).map(({ sealed }) => sealed.toString('latin1'))])
  for (const secret of [it.secret, renewed.secret]) assert.ok(!kept.includes(secret) && !it.logged().includes(secret))
  await it.olga.client.deleteWebhook({ params })
  assert.equal(await outcome(it.olga.client.deleteWebhook({ params })), 'not-found')
  assert.deepEqual((await it.olga.client.listWebhooks()).items, [])
})

test('T53 a webhook reaches no address inside and follows no redirect', async () => {
  const it = await estate(await databases.fresh())
  const create = (url: string) => it.olga.client.createWebhook({ body: { url, purpose: 'x', actions: [] } })
  for (const url of ['http://127.0.0.1/x', 'ftp://x.example', 'https://user:pw@x.example', 'nonsense', 'file:///etc/passwd']) assert.equal(await outcome(create(url)), 'invalid-request', url)
  const { webhook } = await create('https://169.254.169.254/latest')
  await propose(it.ada, grant(it, it.worker))
  await it.ctx.sequencer.poke()
  await deliverDue(it.ctx)
  assert.match((await it.olga.client.listWebhooks()).items.find(({ id }) => id === webhook.id)?.lastProblem ?? '', /is not an address that this server may connect to/)
  const open = await listening()
  open.sink.answerWith(302)
  await propose(open.ada, grant(open, open.worker))
  await open.later()
  assert.match((await open.state()).lastProblem ?? '', /redirect/)
})
