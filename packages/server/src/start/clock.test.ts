/** T75: the clock of the machine jumps between any two steps. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CompiledQuery } from 'kysely'
import { readVerifierKey } from '@onus/core/ledger/checkpoint.ts'
import { verifyExport } from '@onus/core/ledger/verify.ts'
import type { Verified } from '@onus/core/ledger/verify.ts'
import { settleDue } from '../accountability/lapse.ts'
import { endDue } from '../changes/clock.ts'
import { approve, estate, grant, inDays, outcome, propose } from '../changes/testing/estate.ts'
import type { Estate } from '../changes/testing/estate.ts'
import { sha256 } from '../ledger/append.ts'
import { exportLedger } from '../ledger/export.ts'
import { listKeys } from '../ledger/index.ts'
import { sequence } from '../ledger/sequence.ts'
import { verifySignature } from '../ledger/testing/ledger.ts'
import { compose } from '../notifications/compose.ts'
import { rulesOf } from '../notifications/worker.ts'
import { createLink, openSession, signIn } from '../sessions/index.ts'
import { testDatabases } from '../testing/database.ts'

const databases = await testDatabases()
const HOUR = 3_600_000
const YEAR = 8_760 * HOUR

async function turn({ ctx }: Estate): Promise<void> {
  await settleDue(ctx)
  await endDue(ctx)
  await sequence(ctx.db, { sealer: ctx.sealer, now: ctx.clock() })
  await ctx.db.tx((tx) => compose(tx, rulesOf(ctx), ctx.clock()))
}
const ask = async ({ ctx }: Estate, text: string): Promise<Record<string, unknown>[]> =>
  ctx.db.tx(async (tx) => (await tx.executeQuery(CompiledQuery.raw(text))).rows as Record<string, unknown>[])

/** The clock is there for as long as the server turns once, and then where it was, give or take. */
async function jump(it: Estate, ms: number): Promise<void> {
  const before = it.clock.now
  const sessions = await it.ctx.db.read.selectFrom('session').selectAll().execute()
  it.clock.now = new Date(before.getTime() + ms)
  await turn(it)
  // A year ahead every session has ended; everybody signs in again.
  await it.ctx.db.tx((tx) => tx.insertInto('session').values(sessions).onConflict((conflict) => conflict.doNothing()).execute())
  await it.turn(before.toISOString())
}

test('T75 forward a year and back by hours between every two steps: what ended ends once, and the ledger is whole', async () => {
  for (const [there, name] of [[YEAR, 'a year ahead'], [-5 * HOUR, 'five hours back'], [-YEAR, 'a year back']] as const) {
    const it = await estate(await databases.fresh())
    const jumped = () => jump(it, there)
    await jumped()
    const asked = propose(it.ada, grant(it, it.worker))
    const first = there < 0 ? await asked : await asked.then(() => assert.fail('nobody answers for it any more'), () => null)
    await jumped()
    // What an hour of the wrong year ended stays ended: time went by for the company, and people decide again.
    if (first) assert.equal((await approve(it.bob, first.id)).state, 'applied', name)
    await jumped()
    await it.bob.client.acceptIdentities({ body: { team: it.payments.id, chosen: { identities: [it.worker.id] }, answers: { purpose: 'Posts invoices', function: { name: 'Monthly invoicing' }, sponsor: null, revocation: 'Delete it' } } })
    for (let n = 0; n < 3; n += 1) await jumped()
    const twice = `select action, body from ledger_entry where action in ('acceptance.lapse', 'change.expire', 'exception.lapse', 'escalation.suspend-due')`
    const ended = (await ask(it, twice)).map(({ action, body }) => `${String(action)} ${(JSON.parse(String(body)) as { subject: { id: string } }).subject.id}`)
    const lapsed = await ask(it, `select count(*)::int as count from acceptance where ended = 'ran-out'`)
    assert.equal(ended.filter((each) => each.startsWith('acceptance.lapse')).length, lapsed[0]?.['count'], `${name}: one entry an acceptance`)
    const expired = ended.filter((each) => each.startsWith('change.expire'))
    assert.equal(new Set(expired).size, expired.length, `${name}: no change expires twice`)
    assert.deepEqual(await ask(it, `select from acceptance where ended_at is null group by identity_id having count(*) > 1`), [], name)
    assert.deepEqual(await ask(it, 'select from identity_version where valid_to is not null and valid_to < valid_from'), [], `${name}: history goes forward`)
    // The order of the ledger is that of the decisions, not of the clock.
    await turn(it)
    assert.deepEqual(await ask(it, 'select from (select seq - lag(seq) over (order by index) as step from ledger_leaf) as s where step <= 0'), [], name)
    let file = ''
    for await (const piece of exportLedger(it.ctx.db.read)) file += piece
    const keys = (await listKeys(it.ctx.db.read)).flatMap(({ vkey }) => readVerifierKey(vkey, sha256) ?? [])
    assert.equal(((await verifyExport([Buffer.from(file)], { sha256, verifySignature, keys, since: null })) as Verified).state, 'verified', name)
  }
})

test('T75 a change expires by the clock at the decision, and what the clock had ended does not come back', async () => {
  const it = await estate(await databases.fresh())
  const { id } = await propose(it.ada, grant(it, it.worker, { until: inDays(it, 80) }))
  const then = it.clock.now
  await it.turn(inDays(it, 31))
  assert.equal(await outcome(approve(it.bob, id)), 'not-open', 'before anything has written it down')
  await turn(it)
  await it.turn(then.toISOString())
  assert.equal(await outcome(approve(it.bob, id)), 'not-open', 'it was written down')
  assert.equal((await ask(it, `select from ledger_entry where action = 'change.expire'`)).length, 1)
})

test('T75 a session of a wrong year ends with it, and one that ended stays so', async () => {
  const it = await estate(await databases.fresh())
  const browser = { userAgent: 'test', earlier: undefined }
  const open = () => it.ctx.db.tx((tx) => openSession(tx, it.ada.id, browser, it.clock.now))
  const works = async (secret: string): Promise<boolean> => (await fetch(`${it.url}/v1/session`, { headers: { cookie: `onus_session=${secret}` } })).ok
  const now = it.clock.now
  const at = (ms: number): void => void (it.clock.now = new Date(now.getTime() + ms))
  const today = await open()
  at(-4 * 60_000)
  assert.ok(await works(today), 'a clock that is corrected by minutes signs nobody out')
  at(YEAR)
  const ofNextYear = await open()
  assert.ok(await works(ofNextYear))
  at(0)
  assert.ok(!(await works(ofNextYear)), 'it would live for a year')
  at(8 * 24 * HOUR)
  assert.ok(!(await works(today)))
  await endDue(it.ctx)
  at(0)
  assert.ok(!(await works(today)), 'what ended does not come back with the clock')
})

test('T75 a one-time link works once and for its time, whatever the clock does', async () => {
  const it = await estate(await databases.fresh())
  const { db } = it.ctx
  const now = it.clock.now
  const at = (minutes: number): Date => new Date(now.getTime() + minutes * 60_000)
  const use = (link: string, when: Date): Promise<boolean> => signIn(db, link, when).then(() => true, () => false)
  const used = await createLink(db, now)
  assert.ok(await use(used, at(1)))
  for (const when of [at(1), at(-60), at(525_600)]) assert.ok(!(await use(used, when)))
  const early = await createLink(db, at(525_600))
  assert.ok(!(await use(early, at(1))), 'made while the clock was a year ahead')
  const late = await createLink(db, now)
  it.clock.now = at(16)
  await endDue(it.ctx)
  assert.ok(!(await use(late, at(5))), 'it had ended')
})
