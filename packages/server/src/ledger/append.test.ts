import assert from 'node:assert/strict'
import test from 'node:test'
import { sql } from 'kysely'
import { commitmentOf, Entry } from '@onus/core/ledger/entry.ts'
import { openDatabase } from '../db/database.ts'
import { connect, testDatabases } from '../testing/database.ts'
import { append, sha256 } from './append.ts'
import type { NewEntry } from './append.ts'

const databases = await testDatabases()
const AT = new Date('2026-04-01T12:00:00.000Z')

async function ledger() {
  const connection = await databases.fresh()
  const db = openDatabase(connection, () => {})
  test.after(() => db.close())
  return { db, look: await connect(connection), connection }
}

const accepted = (wish: Partial<NewEntry> = {}): NewEntry => ({
  action: 'acceptance.accept',
  actor: { kind: 'person', id: 'per_1' },
  capacity: 'answer',
  subject: { kind: 'identity', id: 'idn_1' },
  ...wish,
})

test('an entry is kept with its decision, as canonical JSON that the schema reads', async () => {
  const { db, look } = await ledger()
  const [id] = await db.tx((tx) => append(tx, [accepted({ change: 'chg_1', before: null, after: { team: 'tm_1', days: 30 } })], AT))
  const { rows } = await look.query('select * from ledger_entry')
  assert.equal(rows.length, 1)
  assert.deepEqual(Entry.parse(JSON.parse(rows[0].body)), {
    v: 1, id, at: AT.toISOString(), action: 'acceptance.accept', actor: { kind: 'person', id: 'per_1' }, capacity: 'answer',
    subject: { kind: 'identity', id: 'idn_1' }, change: 'chg_1', digest: null, before: null, after: { team: 'tm_1', days: 30 }, personal: {},
  })
  assert.equal((await look.query('select seq from ledger_queue')).rows[0].seq, rows[0].seq)
})

test('a reason stands beside the entry, not in it', async () => {
  const { db, look } = await ledger()
  const reason = 'Ada said so\0 \ud800'
  await db.tx((tx) => append(tx, [accepted({ personal: { reason: { value: reason, about: 'per_1' } } })], AT))
  const { rows: [row] } = await look.query('select body from ledger_entry')
  assert.doesNotMatch(row.body, /Ada/)
  const { rows: [kept] } = await look.query('select * from ledger_personal')
  assert.equal(kept.value, 'Ada said so\ufffd \ufffd')
  assert.equal(JSON.parse(row.body).personal.reason, commitmentOf(kept.salt, kept.value, sha256))
})

test('a thousand entries keep their order and are one statement', async () => {
  const { db, look } = await ledger()
  const ids = await db.tx((tx) => append(tx, Array.from({ length: 1_000 }, (_, n) => accepted({ subject: { kind: 'identity', id: `idn_${n}` } })), AT))
  const { rows } = await look.query('select id from ledger_entry order by seq')
  assert.deepEqual(rows.map((row) => row.id), ids)
})

test('T99: a decision whose entry cannot be written does not happen', async () => {
  const { db, look } = await ledger()
  await look.query('create table decision (id text); alter table ledger_entry add constraint no_room check (false) not valid')
  const decide = (onError: (error: unknown) => void) =>
    db.tx(async (tx) => {
      await sql`insert into decision values ('d1')`.execute(tx)
      await append(tx, [accepted()], AT).catch(onError)
    })
  await assert.rejects(decide((error) => { throw error }), /no_room/)
  await assert.rejects(decide(() => {}), /rolled back/, 'whoever swallows the refusal commits nothing either, and hears of it')
  assert.equal((await look.query('select from decision')).rowCount, 0)
})

test('T99: a table of decisions refuses a change without an entry, and takes one with it', async () => {
  const { db, look } = await ledger()
  await look.query(`create table decision (id text); create constraint trigger must after insert or update or delete on decision
    deferrable initially deferred for each row execute function ledger_required()`)
  await assert.rejects(look.query(`insert into decision values ('d1')`), /needs an entry of the ledger/)
  await db.tx(async (tx) => {
    await sql`insert into decision values ('d1')`.execute(tx)
    await append(tx, [accepted()], AT)
  })
  await assert.rejects(look.query(`delete from decision`), /needs an entry of the ledger/, 'the mark ends with its transaction')
  await assert.rejects(
    db.tx(async (tx) => {
      await sql`savepoint half`.execute(tx)
      await append(tx, [accepted()], AT)
      await sql`rollback to savepoint half`.execute(tx)
      await sql`delete from decision`.execute(tx)
    }),
    /needs an entry of the ledger/,
    'an entry that was taken back counts for nothing',
  )
  assert.equal((await look.query('select from decision')).rowCount, 1)
})

test('T99: rows of the ledger are neither changed nor removed', async () => {
  const { db, look } = await ledger()
  await db.tx((tx) => append(tx, [accepted({ personal: { reason: { value: 'because', about: 'per_1' } } })], AT))
  for (const statement of [
    `update ledger_entry set body = 'x'`, 'delete from ledger_entry', 'truncate ledger_entry', `update ledger_queue set seq = 9`, 'truncate ledger_queue',
    'update ledger_leaf set index = 9', 'delete from ledger_leaf', 'truncate ledger_leaf', 'delete from ledger_node', 'delete from ledger_checkpoint',
    'truncate ledger_checkpoint', `update ledger_personal set value = 'x'`, 'truncate ledger_personal', `update ledger set origin = 'x'`, 'delete from ledger_key',
  ])
    await assert.rejects(look.query(statement), /the ledger is only added to/, statement)
  await assert.rejects(look.query('delete from ledger_queue'), /only into the tree/)
  await assert.rejects(look.query('delete from ledger_personal'), /needs an entry of the ledger/)
})
