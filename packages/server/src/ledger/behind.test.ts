import assert from 'node:assert/strict'
import test from 'node:test'
import { estate, grant, outcome, propose } from '../changes/testing/estate.ts'
import { connect, testDatabases } from '../testing/database.ts'
import { behind, watch } from './behind.ts'
import type { Seen, Waiting } from './behind.ts'

const databases = await testDatabases()
const LIMITS = { entries: 100, minutes: 10 }
const AT = new Date('2026-04-01T12:00:00.000Z')
const waits = (wish: Partial<Waiting> = {}): Waiting => ({ oldest: '7', at: AT, isTooMany: false, ...wish })
const MINUTE = 60_000

const CASES: [name: string, seen: Seen | null, waiting: Waiting | null, monotonic: number, minutes: number, isBehind: boolean][] = [
  ['nothing waits', null, null, 0, 0, false],
  ['an entry has just come', { oldest: '7', since: 0 }, waits(), 100, 0, false],
  ['too many wait', { oldest: '7', since: 0 }, waits({ isTooMany: true }), 0, 0, true],
  ['one has waited for as long as may be', { oldest: '7', since: 0 }, waits(), 10 * MINUTE, 10, false],
  ['and longer', { oldest: '7', since: 0 }, waits(), 10 * MINUTE + 1, 11, true],
  ['T75 the clock of the machine is put forward a year: nothing has waited for that', { oldest: '7', since: 0 }, waits(), 900, 525_600, false],
  ['T75 and put back a year: what waits is still too late', { oldest: '7', since: 0 }, waits(), 10 * MINUTE + 1, -525_600, true],
  ['after a restart the age of an entry is not forgotten', { oldest: '7', since: 0 }, waits(), 11_000, 11, true],
]
test('the ledger is behind when too much waits or for too long, by clocks that nobody can set', () => {
  for (const [name, seen, waiting, monotonic, minutes, isBehind] of CASES)
    assert.equal(behind(seen, waiting, LIMITS, { monotonic, now: new Date(AT.getTime() + minutes * MINUTE) }) !== null, isBehind, name)
})

test('another oldest entry means that the sequencer works', () => {
  const first = watch(null, waits(), 5)
  assert.deepEqual(watch(first, waits(), 50), { oldest: '7', since: 5 })
  assert.deepEqual(watch(first, waits({ oldest: '8' }), 50), { oldest: '8', since: 50 })
  assert.equal(watch(first, null, 50), null)
})

test('nobody decides while the ledger is behind; reading, signing out and taking access away go on; then it goes on', async () => {
  const connection = await databases.fresh()
  const it = await estate(connection, [], { ONUS_LEDGER_LIMITS: 'entries=3,minutes=10' })
  await it.ctx.sequencer.poke()
  const { id, digest } = await propose(it.ada, grant(it, it.worker))
  const look = await connect(connection)
  const swap = (hash: string): string => `begin; set local session_replication_role = replica; update ledger_leaf set hash = ${hash} where index = 0; commit`
  await look.query('create table kept as select hash from ledger_leaf where index = 0')
  // The sequencer finds a tree that was altered and signs no more.
  await look.query(swap('sha256(hash)'))
  for (let n = 0; n < 4; n += 1) await it.ada.client.commentOnChange({ params: { id }, body: { text: 'please' } })
  await it.ctx.sequencer.poke()
  const approve = () => it.bob.client.approveChange({ params: { id }, body: { digest } })
  assert.equal(await outcome(approve()), 'ledger-behind')
  assert.equal(await outcome(propose(it.ada, grant(it, it.worker, { resource: 'other' }))), 'ledger-behind')
  const accept = { team: it.payments.id, chosen: { identities: [it.worker.id] }, answers: { purpose: null, function: null, sponsor: null, revocation: null } }
  const answer = await fetch(`${it.url}/v1/acceptances`, { method: 'POST', headers: { cookie: it.bob.cookie, 'content-type': 'application/json' }, body: JSON.stringify(accept) })
  const problem = (await answer.json()) as { code: string; detail: string }
  assert.deepEqual([answer.status, answer.headers.get('retry-after'), problem.code, problem.detail], [503, '2', 'ledger-behind', 'more than 3 entries wait to be signed; nobody decides until they are'])
  assert.equal((await it.ada.client.change({ params: { id } })).state, 'open')
  assert.equal(await outcome(it.dan.client.signOut()), 'ok')
  await look.query(swap('(select hash from kept)'))
  await it.ctx.sequencer.poke()
  assert.equal((await approve()).state, 'applied')
})
