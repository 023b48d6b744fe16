import assert from 'node:assert/strict'
import test from 'node:test'
import { readCheckpoint } from '@onus/core/ledger/checkpoint.ts'
import type { SignedCheckpoint } from '@onus/core/ledger/checkpoint.ts'
import type { Altered, Verified } from '@onus/core/ledger/verify.ts'
import { MasterKeyUnusable, openSealer, SealBroken } from '../seal/index.ts'
import { testDatabases } from '../testing/database.ts'
import { append } from './append.ts'
import { lastCheckpoint } from './export.ts'
import { LEDGER_LOCK, openKeys, rotateKey } from './keys.ts'
import { LedgerDamaged } from './hashes.ts'
import { sequence } from './sequence.ts'
import { startSequencer } from './sequencer.ts'
import { accepted, AT, testLedger } from './testing/ledger.ts'

const databases = await testDatabases()
const ledger = async () => testLedger(await databases.fresh())
const checkpointOf = async (from: Awaited<ReturnType<typeof ledger>>): Promise<SignedCheckpoint> => readCheckpoint((await lastCheckpoint(from.db.read))?.note ?? '') as SignedCheckpoint

test('entries come into the tree in the order they were appended, whatever the batches, and verify', async () => {
  const it = await ledger()
  const ids: string[] = []
  for (const count of [1, 254, 1, 1, 300]) {
    ids.push(...(await it.add(count)))
    await it.sequenceAll()
  }
  const { rows } = await it.look.query('select id from ledger_leaf join ledger_entry using (seq) order by index offset 1')
  assert.deepEqual(rows.map(({ id }) => id), ids)
  const verdict = (await it.check(await it.exported(), { keys: await it.keys() })) as Verified
  assert.deepEqual([verdict.state, verdict.size], ['verified', 558], JSON.stringify(verdict))
  assert.equal((await it.look.query('select from ledger_queue')).rowCount, 0)
})

test('sizes around the width of a tile: the tree goes on where it ended', async () => {
  const it = await ledger()
  await it.add(65_278)
  let size = await it.sequenceAll()
  assert.equal(size, 65_279)
  for (const count of [1, 255, 1, 1, 1]) {
    await it.add(count)
    size = await it.sequenceAll()
  }
  assert.equal(size, 65_538)
  const verdict = (await it.check(await it.exported())) as Verified
  assert.deepEqual([verdict.state, verdict.size], ['verified', 65_538], JSON.stringify(verdict))
  assert.deepEqual((await it.look.query('select level, count(*)::int as n from ledger_node group by level order by level')).rows, [{ level: 1, n: 256 }, { level: 2, n: 1 }])
})

test('T24: an entry that commits late, with a smaller number than others, is not lost', async () => {
  const it = await ledger()
  let letGo = (): void => {}
  const waiting = new Promise<void>((resolve) => { letGo = resolve })
  let isIn = (): void => {}
  const inserted = new Promise<void>((resolve) => { isIn = resolve })
  const late = it.db.tx(async (tx) => {
    const [id] = await append(tx, [accepted({ subject: { kind: 'identity', id: 'late' } })], AT)
    isIn()
    await waiting
    return id
  })
  await inserted
  await it.add(10)
  assert.equal(await it.sequenceAll(), 11)
  letGo()
  const id = await late
  assert.equal(await it.sequenceAll(), 12)
  const { rows } = await it.look.query('select id, index::int from ledger_leaf join ledger_entry using (seq) order by index desc limit 1')
  assert.deepEqual(rows, [{ id, index: 11 }])
  assert.equal((await it.check(await it.exported())).state, 'verified')
})

test('an entry whose transaction is rolled back is in no tree', async () => {
  const it = await ledger()
  await assert.rejects(it.db.tx(async (tx) => {
    await append(tx, [accepted()], AT)
    throw new Error('the decision failed')
  }))
  assert.equal(await it.sequenceAll(), 1)
})

test('while one sequencer is at work another does nothing', async () => {
  const it = await ledger()
  await it.add(1)
  await it.look.query(`begin; select pg_advisory_xact_lock(${LEDGER_LOCK})`)
  assert.deepEqual(await sequence(it.db, { sealer: it.sealer, now: AT }), { state: 'busy' })
  await it.look.query('rollback')
  assert.deepEqual(await sequence(it.db, { sealer: it.sealer, now: AT }), { state: 'done', size: 2, added: 2, isMore: false })
})

test('a sequencer that is stuck in its transaction loses it, and the next goes on', async () => {
  const it = await ledger()
  await it.add(3)
  const stuck = it.db.tx(async (tx) => {
    const { sql } = await import('kysely')
    await sql`select set_config('idle_in_transaction_session_timeout', '50', true), pg_advisory_xact_lock(${LEDGER_LOCK})`.execute(tx)
    await new Promise((resolve) => setTimeout(resolve, 400))
    await sql`insert into ledger_leaf (index, seq, hash) select 0, seq, sha256('x') from ledger_queue limit 1`.execute(tx)
  })
  await assert.rejects(stuck)
  assert.equal(await it.sequenceAll(), 4)
  assert.equal((await it.check(await it.exported())).state, 'verified')
})

test('the running sequencer signs what is queued, at once when it is asked', async () => {
  const it = await ledger()
  const errors: unknown[] = []
  const sequencer = startSequencer({ db: it.db, sealer: it.sealer, clock: () => AT, onError: (error) => errors.push(error), everyMs: 3_600_000, batch: 7 })
  await Promise.all([it.add(20), it.add(20)])
  await Promise.all([sequencer.poke(), sequencer.poke()])
  assert.equal((await lastCheckpoint(it.db.read))?.size, 41)
  await it.add(1)
  await sequencer.poke()
  assert.equal((await lastCheckpoint(it.db.read))?.size, 42)
  await sequencer.stop()
  await it.add(1)
  await sequencer.poke()
  assert.equal((await lastCheckpoint(it.db.read))?.size, 42, 'a stopped one does nothing')
  assert.deepEqual(errors, [])
})

test('keys: the private key lies sealed, and under another master key the ledger does not open', async () => {
  const it = await ledger()
  const { rows } = await it.look.query('select sealed from ledger_key')
  assert.throws(() => it.sealer.unseal('something else', rows[0].sealed), SealBroken)
  const { mkdtemp, rm } = await import('node:fs/promises')
  const { tmpdir } = await import('node:os')
  const folder = await mkdtemp(`${tmpdir()}/onus-other-`)
  const other = await openSealer({ keyFile: null, dataDir: folder })
  await assert.rejects(openKeys(it.db, other, AT), MasterKeyUnusable)
  await assert.rejects(rotateKey(it.db, other, { actor: { kind: 'system', id: 'onus' }, now: AT }), MasterKeyUnusable, 'nor does it get a key that the server could not open')
  await rm(folder, { recursive: true })
})

test('keys: in a turn the checkpoint that announces the new key is signed by both, the next by the new one alone', async () => {
  const it = await ledger()
  await it.add(3)
  await it.sequenceAll()
  const first = await it.keys()
  const by = { actor: { kind: 'person', id: 'per_local' } as const, now: new Date(AT.getTime() + 1_000) }
  const second = await rotateKey(it.db, it.sealer, by)
  assert.ok(second)
  assert.equal(await rotateKey(it.db, it.sealer, by), null, 'one turn at a time')
  await it.add(3)
  await it.sequenceAll()
  await it.add(3)
  await it.sequenceAll()
  const { rows } = await it.look.query('select size::int, is_turn, note from ledger_checkpoint order by size')
  assert.deepEqual(rows.map(({ size, is_turn, note }) => [size, is_turn, note.match(/^— /gm).length]), [[4, false, 1], [8, true, 2], [11, false, 1]])
  const keys = (await it.look.query('select sealed is null as forgotten, retired_at is not null as retired from ledger_key order by created_at')).rows
  assert.deepEqual(keys, [{ forgotten: true, retired: true }, { forgotten: false, retired: false }])
  const file = await it.exported()
  for (const trusted of [first, [second]]) {
    const verdict = (await it.check(file, { keys: trusted })) as Verified
    assert.equal(verdict.state, 'verified', JSON.stringify(verdict))
    assert.deepEqual(verdict.signers.map(({ text }) => text), [second.text])
  }
})

test('T71: a row that a superuser changed, removed or emptied is named', async () => {
  for (const [statement, code, first] of [
    [`update ledger_entry set body = replace(body, 'per_1', 'per_2') where seq = (select seq from ledger_leaf where index = 7)`, 'entry-altered', 7],
    [`delete from ledger_entry where seq = (select seq from ledger_leaf where index = 7)`, 'entry-missing', 7],
    [`update ledger_leaf set hash = sha256('x') where index = 7`, 'entry-altered', 7],
    [`delete from ledger_leaf where index = 7`, 'entry-missing', 7],
    [`delete from ledger_leaf where index >= 15`, 'entry-missing', 15],
    [`update ledger_personal set value = 'another reason' where entry_id = (select id from ledger_entry join ledger_leaf using (seq) where index = 7)`, 'personal-altered', 7],
    ['truncate ledger_entry', 'entry-missing', 0],
    ['truncate ledger_leaf', 'entry-missing', 0],
    [`update ledger_checkpoint set note = replace(note, '2', '3')`, 'checkpoint-altered', null],
  ] as const) {
    const it = await ledger()
    await it.add(20, () => ({ personal: { reason: { value: 'because', about: null } } }))
    await it.sequenceAll()
    assert.equal((await it.check(await it.exported())).state, 'verified')
    await it.meddle(statement)
    const verdict = (await it.check(await it.exported())) as Altered
    assert.deepEqual([verdict.state, verdict.code, verdict.first], ['altered', code, first], statement)
  }
})

test('T71: an entry that was changed together with its hash is bounded by the signatures around it', async () => {
  const it = await ledger()
  for (let round = 0; round < 4; round += 1) {
    await it.add(250)
    await it.sequenceAll()
  }
  await it.meddle(`update ledger_entry set body = replace(body, 'per_1', 'per_2') where seq = (select seq from ledger_leaf where index = 600);
    update ledger_leaf set hash = sha256(decode('00', 'hex') || convert_to((select body from ledger_entry where ledger_entry.seq = ledger_leaf.seq), 'UTF8')) where index = 600`)
  const verdict = (await it.check(await it.exported())) as Altered
  assert.deepEqual([verdict.code, verdict.first, verdict.last], ['root-differs', 501, 750])
})

test('T71: nothing is signed over a tree that was changed', async () => {
  for (const statement of [`update ledger_leaf set hash = sha256('x') where index = 299`, 'delete from ledger_leaf where index = 299', 'delete from ledger_node', `update ledger_node set hash = sha256('x')`, 'delete from ledger_checkpoint']) {
    const it = await ledger()
    await it.add(299)
    await it.sequenceAll()
    await it.meddle(statement)
    await it.add(1)
    await assert.rejects(sequence(it.db, { sealer: it.sealer, now: AT }), LedgerDamaged, statement)
  }
  const it = await ledger()
  await it.add(1)
  await it.meddle('delete from ledger_entry')
  await assert.rejects(sequence(it.db, { sealer: it.sealer, now: AT }), LedgerDamaged)
})

test('T100: history that the operator rewrote and signed again is refused against an older checkpoint', async () => {
  const it = await ledger()
  await it.add(30)
  await it.sequenceAll()
  const since = await checkpointOf(it)
  await it.add(5)
  await it.sequenceAll()
  assert.equal((await it.check(await it.exported(), { since })).state, 'verified')
  // With the key and the database: the tree is thrown away and built again over changed entries.
  await it.meddle(`update ledger_entry set body = replace(body, 'per_1', 'per_2') where seq = (select seq from ledger_leaf where index = 12);
    insert into ledger_queue select seq from ledger_leaf; delete from ledger_leaf; delete from ledger_node; delete from ledger_checkpoint`)
  await it.sequenceAll()
  const file = await it.exported()
  assert.equal((await it.check(file, { keys: await it.keys() })).state, 'verified', 'by itself it is a ledger')
  const verdict = (await it.check(file, { keys: await it.keys(), since })) as Altered
  assert.deepEqual([verdict.state, verdict.code], ['altered', 'history-rewritten'])
})
