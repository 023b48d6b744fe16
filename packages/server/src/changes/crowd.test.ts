/** T37 T68: two hundred people decide at once, through a database with few connections. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CompiledQuery } from 'kysely'
import type { ChangeDetail } from '@onus/core/change/shapes.ts'
import type { Member } from '../testing/company.ts'
import { testDatabases } from '../testing/database.ts'
import { identity, report } from '../testing/reports.ts'
import { estate, grant, propose } from './testing/estate.ts'

const PEOPLE = 200
const CONNECTIONS = 4
/** Each is accepted by three people, and each change wanted by twenty. */
const IDENTITIES = 60
const CHANGES = 10

const it = await estate(await (await testDatabases()).fresh(), [], {}, CONNECTIONS)
const count = async (action: string): Promise<number> => {
  const { rows } = await it.ctx.db.tx((tx) => tx.executeQuery<{ count: number }>(CompiledQuery.raw('select count(*)::int as count from ledger_entry where action = any($1)', [action.split(' ')])))
  return rows[0]?.count ?? 0
}

type Answer = { status: number; code: string | undefined; decided: number; ms: number }
/** Again when the server says that it is busy, as its documentation asks for. */
async function post(by: Member, path: string, body: unknown): Promise<Answer> {
  const from = performance.now()
  for (;;) {
    const answer = await fetch(`${it.url}${path}`, { method: 'POST', headers: { cookie: by.cookie, 'content-type': 'application/json' }, body: JSON.stringify(body) })
    const said = (await answer.json()) as { code?: string; decided?: number }
    if (answer.status !== 503) return { status: answer.status, code: said.code, decided: said.decided ?? 0, ms: performance.now() - from }
    assert.ok(['busy', 'database-unavailable'].includes(said.code ?? ''), said.code)
  }
}

test(`T37 T68 ${PEOPLE} people accept, comment and approve at once over ${CONNECTIONS} connections: each answered decision is in the ledger once`, async (t) => {
  const identities = Array.from({ length: IDENTITIES }, (_, n) => identity({ name: `crowd-${n}`, team: 'payments' }))
  await it.client.importReport({ query: { source: 'crowd' }, body: report({ path: '/crowd', identities }) })
  const people = await Promise.all(Array.from({ length: PEOPLE }, (_, n) => it.join(`person-${n}`, it.payments, `person-${n}@pay.example`)))
  const changes: ChangeDetail[] = []
  for (let n = 0; n < CHANGES; n += 1) changes.push(await propose(it.ada, grant(it, it.worker, { resource: `crowded-${n}` })))
  const answers = { purpose: 'Posts invoices', function: null, sponsor: null, revocation: 'delete it' }
  const before = { accepted: await count('acceptance.accept acceptance.renew'), approved: await count('change.approve') }
  const asked = people.flatMap((who, n) => {
    const change = changes[n % CHANGES] ?? assert.fail()
    return [
      post(who, '/v1/acceptances', { team: it.payments.id, chosen: { identities: [identities[n % IDENTITIES]?.id] }, answers }),
      post(who, `/v1/changes/${change.id}/comments`, { text: 'seen' }),
      post(who, `/v1/changes/${change.id}/approve`, { digest: change.digest }),
    ]
  })
  const done = await Promise.all(asked)
  const of = (kind: number): Answer[] => done.filter((_, n) => n % 3 === kind)
  assert.deepEqual([...new Set(of(0).map(({ status }) => status))], [200])
  assert.equal((await count('acceptance.accept acceptance.renew')) - before.accepted, of(0).reduce((sum, { decided }) => sum + decided, 0))
  // Whoever comes after the approval that applied it is told so.
  for (const { status, code } of [...of(1), ...of(2)]) assert.ok(status === 200 || (status === 409 && ['not-open', 'already-decided', 'world-moved'].includes(code ?? '')), `${status} ${code}`)
  assert.equal(await count('change.comment'), of(1).filter(({ status }) => status === 200).length)
  const approved = of(2).filter(({ status }) => status === 200).length
  assert.equal((await count('change.approve')) - before.approved, approved)
  assert.equal(await count('change.apply'), approved)
  assert.ok(approved > 0)
  const times = done.map(({ ms }) => ms).toSorted((a, b) => a - b)
  t.diagnostic(`${done.length} requests at once: p50 ${times[times.length >> 1]?.toFixed()} ms, p95 ${times[Math.floor(times.length * 0.95)]?.toFixed()} ms`)
  assert.ok(!it.logged().includes('"bug"'), 'nothing was unexpected')
})
