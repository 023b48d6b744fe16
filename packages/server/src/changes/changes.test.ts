import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabases } from '../testing/database.ts'
import { approve, estate, grant, outcome, propose } from './testing/estate.ts'

const databases = await testDatabases()

test('a change is proposed, approved by the team that answers, and applied with its entries', async () => {
  const it = await estate(await databases.fresh())
  const proposed = await propose(it.ada, grant(it, it.worker))
  assert.equal(proposed.state, 'open')
  assert.deepEqual(proposed.seats.map(({ id, filledBy }) => [id, filledBy]), [[`answer:${it.payments.id}`, null]])
  assert.deepEqual(proposed.diff.map(({ field, before }) => [field, before]), [['invoices:read on invoices (staging)', null]])
  const applied = await approve(it.bob, proposed.id)
  assert.equal(applied.state, 'applied')
  assert.equal(applied.seats[0]?.filledBy?.name, 'bob')
  const { items } = await it.client.listLedger({ query: { change: proposed.id } })
  assert.deepEqual(items.map(({ entry }) => entry.action), ['scope.grant', 'change.apply', 'change.approve', 'change.propose'])
  assert.deepEqual(new Set(items.map(({ entry }) => entry.digest)), new Set([proposed.digest]))
  assert.equal(items[3]?.personal['reason'], 'needed for the release')
  const [row] = await it.ctx.db.read.selectFrom('decided_grant').selectAll().execute()
  assert.deepEqual([row?.identity_id, row?.permission, row?.change_id], [it.worker.id, 'invoices:read', proposed.id])
})

test('production asks for the sponsor too, and nobody fills two seats', async () => {
  const it = await estate(await databases.fresh())
  const { id, seats } = await propose(it.ada, grant(it, it.ledger))
  assert.deepEqual(seats.map((seat) => seat.capacity), ['answer', 'sponsor'])
  assert.equal(await outcome(approve(it.bob, id, `sponsor:${it.sam.id}`)), 'forbidden decide-as-sponsor')
  assert.equal((await approve(it.bob, id)).state, 'open')
  assert.equal((await approve(it.sam, id)).state, 'applied')
})

test('an identity without a team changes nothing until somebody answers for it', async () => {
  const it = await estate(await databases.fresh())
  assert.equal(await outcome(propose(it.ada, grant(it, it.stray))), 'change-not-possible not-accountable')
})
