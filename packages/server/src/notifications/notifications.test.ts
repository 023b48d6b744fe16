import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approve, estate, grant, outcome, propose } from '../changes/testing/estate.ts'
import type { Estate } from '../changes/testing/estate.ts'
import { personLeft } from '../directory/index.ts'
import { testDatabases } from '../testing/database.ts'
import { compose } from './compose.ts'
import { claim } from './deliver.ts'
import { hookSink, mailSink } from './testing/sinks.ts'
import type { MailSink } from './testing/sinks.ts'
import { deliverDue, rulesOf, senderOf } from './worker.ts'

const databases = await testDatabases()
const toOf = ({ mails }: MailSink): string[] => mails.flatMap(({ to }) => to).sort()

/** The company of changes, with mail to a sink; `wait` turns the clock and lets the worker run. */
async function writing(env: Record<string, string> = {}) {
  const sink = await mailSink()
  const it = await estate(await databases.fresh(), [], { ONUS_SMTP_URL: sink.url, ONUS_MAIL_FROM: 'Onus <onus@company.example>', ONUS_OUTBOUND_ALLOW_PRIVATE: 'true', ONUS_PUBLIC_URL: 'http://127.0.0.1', ...env })
  const send = senderOf(it.ctx)
  const wait = async (minutes: number): Promise<void> => {
    await it.turn(new Date(it.clock.now.getTime() + minutes * 60_000).toISOString())
    await deliverDue(it.ctx, send)
  }
  return { ...it, sink, wait, send }
}
const deliveries = (it: Estate) => it.olga.client.listDeliveries()

test('whoever may approve hears once of what waits, with a link; the author and who sits elsewhere do not', async () => {
  const it = await writing()
  const { id } = await propose(it.ada, grant(it, it.ledger))
  await it.wait(0)
  assert.equal(it.sink.mails.length, 0, 'what comes within a minute comes together')
  await propose(it.ada, grant(it, it.ledger, { resource: 'other' }))
  await it.wait(2)
  await it.wait(2)
  assert.deepEqual(toOf(it.sink), ['bob@pay.example', 'sam@pay.example'])
  const mail = it.sink.mails.at(0)
  assert.match(mail?.raw ?? '', /^Subject: 2 things need a look in Onus/m)
  assert.ok(mail?.raw.includes(`http://127.0.0.1/changes/${id}`))
  assert.match(mail?.raw ?? '', /^Auto-Submitted: auto-generated/m)
  await approve(it.bob, id)
  await approve(it.sam, id)
  await it.wait(2)
  assert.deepEqual(toOf(it.sink).filter((to) => to.startsWith('ada')), ['ada@pay.example'])
})

test('a team with a channel hears there, each member no more; the address is told to nobody', async () => {
  const it = await writing()
  const chat = await hookSink()
  const set = (by: Estate['ada']) => by.client.setTeamChannel({ params: { id: it.payments.id }, body: { url: chat.url } })
  assert.equal(await outcome(set(it.dan)), 'forbidden choose-where-ones-team-hears')
  assert.equal(await outcome(set(it.abe)), 'forbidden auditors-only-read')
  const channel = await set(it.ada)
  assert.deepEqual(channel.host, new URL(chat.url).host)
  assert.ok(!JSON.stringify(await it.dan.client.teamChannel({ params: { id: it.payments.id } })).includes('secret-part'))
  await propose(it.ada, grant(it, it.ledger, { resource: '<!channel> & all' }))
  await it.wait(2)
  assert.deepEqual(toOf(it.sink), ['sam@pay.example'])
  const [hook] = chat.hooks
  assert.equal(chat.hooks.length, 1)
  assert.ok(!hook?.body.includes('<!channel>'))
  assert.match(String(hook?.headers['idempotency-key']), /^msg_[0-9a-f]{20}$/)
  await it.ada.client.removeTeamChannel({ params: { id: it.payments.id } })
  await propose(it.ada, grant(it, it.ledger, { resource: 'later' }))
  await it.wait(2)
  assert.deepEqual([chat.hooks.length, toOf(it.sink).includes('bob@pay.example')], [1, true])
  const said = JSON.stringify(await it.ctx.db.read.selectFrom('ledger_entry').select('body').execute())
  assert.ok(!said.includes('secret-part') && !it.logged().includes('secret-part'))
})

test('T63 a server that dies between sending and noting sends again under the same Message-ID, and no other', async () => {
  const it = await writing()
  await propose(it.ada, grant(it, it.worker))
  await it.turn(new Date(it.clock.now.getTime() + 120_000).toISOString())
  await it.ctx.db.tx((tx) => compose(tx, rulesOf(it.ctx), it.clock.now))
  const message = await it.ctx.db.tx((tx) => claim(tx, it.clock.now))
  assert.ok(message)
  // Sent, and then nothing more of that server.
  await it.send(message)
  await it.wait(1)
  assert.equal(it.sink.mails.length, 1, 'what is claimed is another server’s')
  await it.wait(5)
  await it.wait(60)
  assert.equal(it.sink.mails.length, 2)
  assert.equal(new Set(it.sink.mails.map(({ id }) => id)).size, 1, 'whoever gets it twice is shown it once')
  assert.match(it.sink.mails[0]?.id ?? '', /^<msg_[0-9a-f]{20}@company\.example>$/)
})

test('T63 a cause that is rolled back tells nothing', async () => {
  const it = await writing()
  const { id } = await propose(it.ada, grant(it, it.worker))
  const before = await it.ctx.db.read.selectFrom('notice').select('id').execute()
  assert.equal(await outcome(approve(it.ada, id)), 'forbidden nobody-decides-on-their-own-change')
  assert.deepEqual(await it.ctx.db.read.selectFrom('notice').select('id').execute(), before)
})

test('T92 a mail server that is busy is tried again later; one that refuses is a dead letter that can be tried again', async () => {
  const it = await writing()
  it.sink.refuseWith(451)
  await propose(it.ada, grant(it, it.worker))
  await it.wait(2)
  let state = await deliveries(it)
  assert.deepEqual([state.waiting, state.dead, state.items[0]?.problem, state.items[0]?.to.name], [1, 0, 'the mail server did not take it (451)', 'bob'])
  await it.wait(0)
  assert.equal((await deliveries(it)).items[0]?.attempts, 1, 'not before its time')
  it.sink.refuseWith(554)
  await it.wait(2)
  state = await deliveries(it)
  assert.deepEqual([state.waiting, state.dead, state.items[0]?.problem], [0, 1, 'the mail server answered 554'])
  it.sink.refuseWith(null)
  const params = { id: state.items[0]?.id ?? '' }
  assert.equal(await outcome(it.ada.client.retryDelivery({ params })), 'forbidden operate-the-tooling')
  assert.equal(await outcome(it.ada.client.listDeliveries()), 'forbidden operate-the-tooling')
  await it.olga.client.retryDelivery({ params })
  await it.wait(0)
  assert.deepEqual([toOf(it.sink), (await deliveries(it)).items], [['bob@pay.example'], []])
})

test('in quiet hours nobody is written to, but when the glass is broken', async () => {
  const it = await writing({ ONUS_QUIET_HOURS: '00:00-23:00' })
  await propose(it.ada, grant(it, it.worker))
  await it.wait(2)
  assert.equal(it.sink.mails.length, 0)
  const soon = new Date(it.clock.now.getTime() + 3_600_000).toISOString()
  await propose(it.ada, grant(it, it.worker, { resource: 'at night', until: soon }), true)
  await it.wait(0)
  assert.deepEqual(toOf(it.sink), ['gil@sec.example', 'gus@sec.example'])
  await it.wait(11 * 60)
  assert.ok(toOf(it.sink).includes('bob@pay.example'))
})

test('whoever has left, or has no address, is told nothing, and that is visible', async () => {
  const it = await writing()
  await it.join('nomail', it.payments)
  await propose(it.ada, grant(it, it.worker))
  await it.turn(new Date(it.clock.now.getTime() + 120_000).toISOString())
  await it.ctx.db.tx((tx) => compose(tx, rulesOf(it.ctx), it.clock.now))
  await it.change((w) => personLeft(w, it.bob.id))
  await it.wait(0)
  assert.equal(it.sink.mails.length, 0)
  assert.deepEqual((await deliveries(it)).items.map(({ to, state, problem }) => [to.name, state, problem]).toSorted(), [['bob', 'nowhere', 'the person is not here any more'], ['nomail', 'nowhere', 'the person has no address']])
})

test('T53 mail and chat reach no address inside unless that was allowed, follow no redirect, and take only https', async () => {
  const it = await writing({ ONUS_OUTBOUND_ALLOW_PRIVATE: 'false' })
  const chat = await hookSink()
  assert.equal(await outcome(it.ada.client.setTeamChannel({ params: { id: it.payments.id }, body: { url: chat.url } })), 'invalid-request')
  await it.ada.client.setTeamChannel({ params: { id: it.payments.id }, body: { url: chat.url.replace('http:', 'https:') } })
  await propose(it.ada, grant(it, it.ledger))
  await it.wait(2)
  assert.deepEqual([it.sink.mails, chat.hooks], [[], []])
  assert.ok((await deliveries(it)).items.every(({ problem }) => problem?.includes('is not an address that this server may connect to')))
  const open = await writing()
  const away = await hookSink()
  away.answerWith(302)
  await open.ada.client.setTeamChannel({ params: { id: open.payments.id }, body: { url: away.url } })
  await propose(open.ada, grant(open, open.worker))
  await open.wait(2)
  assert.match((await deliveries(open)).items[0]?.problem ?? '', /redirect/)
})
