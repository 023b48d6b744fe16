import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '@onus/core/contract/client.ts'
import { personLeft } from '../directory/index.ts'
import { testDatabases } from '../testing/database.ts'
import { identity, report } from '../testing/reports.ts'
import { estate, grant, inDays, propose } from './testing/estate.ts'
import { watched } from './testing/gates.ts'
import { peopleNow } from './people.ts'
import { changeDetail } from './view.ts'

const databases = await testDatabases()
const ANSWERS = { purpose: 'Posts invoices', function: { name: 'Monthly invoicing' }, sponsor: null, revocation: 'Delete it' }

test('a large change is planned once while nothing happens, and anew when anything did', async () => {
  const it = await estate(await databases.fresh())
  const many = Array.from({ length: 600 }, (_, n) => ({ ...identity({ name: `k${n}`, team: 'payments', environment: 'staging', namespace: 'bulk' }), isProduction: false }))
  await it.client.importReport({ query: { source: 'bulk' }, body: report({ path: '/bulk', identities: many }) })
  const identities = many.map(({ id }) => id)
  await it.bob.client.acceptIdentities({ body: { team: it.payments.id, chosen: { identities }, answers: ANSWERS } })
  const { id } = await propose(it.ada, { kind: 'ownership', identities, team: it.billing.id, until: inDays(it, 100), answers: ANSWERS })
  const { read } = it.ctx.db
  const dan = (await peopleNow(read, [it.dan.id], it.clock.now)).get(it.dan.id)?.actor ?? assert.fail()
  const look = async () => {
    let detail = null as Awaited<ReturnType<typeof changeDetail>> | null
    const statements = await watched(async () => (detail = await changeDetail(read, dan, id, it.clock.now)), () => {})
    return { statements, detail: detail ?? assert.fail() }
  }
  const first = await look()
  const again = await look()
  assert.ok(again.statements < first.statements, `${again.statements} statements after ${first.statements}`)
  assert.deepEqual(again.detail, first.detail)
  assert.deepEqual(first.detail.may.approve.filter(({ isAllowed }) => isAllowed).length, 1, 'Billing takes it')
  await it.change((w) => personLeft(w, it.dan.id))
  const after = await look()
  assert.ok(after.statements > again.statements)
  assert.equal(after.detail.may.approve.filter(({ isAllowed }) => isAllowed).length, 0)
})

test('a change of as many identities as one may name is read whole', async () => {
  const it = await estate(await databases.fresh())
  const identities = Array.from({ length: 10_000 }, (_, n) => `idn_${String(n).padStart(20, '0')}`)
  const content = { kind: 'ownership', identities, team: it.billing.id, until: inDays(it, 100), answers: ANSWERS } as const
  // Nobody knows them; a body that is too large would not have come so far.
  const refused = await propose(it.ada, content).then(() => null, (error: unknown) => error)
  assert.ok(refused instanceof ApiError)
  assert.equal(refused.problem.code, 'change-not-possible', JSON.stringify(refused.problem))
})

test('T43 an approval says how long the content was open, and whether all of it is the work of whoever approves', async () => {
  const it = await estate(await databases.fresh())
  const { id, digest } = await propose(it.ada, grant(it, it.worker))
  await it.turn(new Date(it.clock.now.getTime() + 90_000).toISOString())
  await it.bob.client.approveChange({ params: { id }, body: { digest } })
  const { items } = await it.client.listLedger({ query: { change: id, action: 'change.approve' } })
  // Bob accepted it two days ago.
  assert.deepEqual(items.map(({ entry }) => entry.after?.['pace']), [{ decidedInHour: 0, secondsSinceLast: null, isOwnWork: true, openSeconds: 90 }])
})
