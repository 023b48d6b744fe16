import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { ROUTES } from '@onus/core/contract/routes.ts'
import type { RouteName } from '@onus/core/contract/routes.ts'
import { urlOf } from '@onus/core/contract/client.ts'
import { openDatabase } from '../db/database.ts'
import { retried } from '../db/retry.ts'
import { Refused } from '../http/refused.ts'
import { connect, testDatabases } from '../testing/database.ts'
import type { Member } from '../testing/company.ts'
import { approve as approveIn } from './decide.ts'
import { peopleNow } from './people.ts'
import { approve, estate, grant, inDays, outcome, propose } from './testing/estate.ts'
import { watched } from './testing/gates.ts'

const databases = await testDatabases()
const connection = await databases.fresh()
const it = await estate(connection)
const { ctx } = it

type Kind = 'author' | 'member' | 'sponsor' | 'otherTeam' | 'guard' | 'platform' | 'auditor' | 'proposingToken' | 'readingToken' | 'nobody'
const actors: Record<Kind, Member> = {
  author: it.ada,
  member: it.bob,
  sponsor: it.sam,
  otherTeam: it.dan,
  guard: it.gil,
  platform: it.olga,
  auditor: it.abe,
  proposingToken: await it.token(it.ada, 'propose'),
  readingToken: await it.token(it.ada, 'read'),
  nobody: { id: '', cookie: '', client: it.client },
}
const KINDS = Object.keys(actors) as Kind[]
const OWN = 'forbidden nobody-decides-on-their-own-change'
const BUSINESS = 'forbidden operators-do-not-approve-for-business'
const AUDIT = 'forbidden auditors-only-read'
const NOT_IN = 'not-signed-in'
const everyone = (said: string, but: Partial<Record<Kind, string>> = {}): Record<Kind, string> =>
  ({ ...Object.fromEntries(KINDS.map((kind) => [kind, said])), auditor: AUDIT, proposingToken: NOT_IN, readingToken: NOT_IN, nobody: NOT_IN, ...but }) as Record<Kind, string>

type Writing = { name: RouteName; ask: (id: string, digest: string) => { params?: object; body: object }; says: Record<Kind, string> }
/** Each write, asked by each kind of actor about a change of Payments in production that Ada wrote. */
const MATRIX: Writing[] = [
  { name: 'previewChange', ask: () => ({ body: { content: grant(it, it.ledger, { resource: 'p' }) } }), says: everyone('ok', { proposingToken: 'ok' }) },
  { name: 'proposeChange', ask: () => ({ body: { content: grant(it, it.ledger, { resource: 'p' }), reason: 'needed' } }), says: everyone('ok', { proposingToken: 'ok' }) },
  { name: 'editChange', ask: (id, digest) => ({ params: { id }, body: { digest, content: grant(it, it.ledger, { resource: 'q' }), reason: 'better' } }), says: everyone('forbidden change-ones-own-proposal', { author: 'ok' }) },
  { name: 'approveChange', ask: (id, digest) => ({ params: { id }, body: { digest } }), says: everyone('forbidden decide-as-the-team-that-answers', { author: OWN, member: 'ok', sponsor: 'ok', guard: BUSINESS, platform: BUSINESS }) },
  { name: 'rejectChange', ask: (id, digest) => ({ params: { id }, body: { digest, reason: 'not now' } }), says: everyone('forbidden decide-as-the-team-that-answers', { author: OWN, member: 'ok', sponsor: 'ok', guard: BUSINESS, platform: BUSINESS }) },
  { name: 'withdrawChange', ask: (id) => ({ params: { id }, body: {} }), says: everyone('forbidden change-ones-own-proposal', { author: 'ok' }) },
  { name: 'commentOnChange', ask: (id) => ({ params: { id }, body: { text: 'hm' } }), says: everyone('ok') },
  { name: 'simulateGuardrail', ask: () => ({ body: { id: 'x', text: 'forbid (' } }), says: everyone('forbidden simulate-guardrails', { guard: 'ok', auditor: 'forbidden simulate-guardrails' }) },
  { name: 'appointFirst', ask: () => ({ body: { power: 'guard', holder: { person: it.dan.id }, reason: 'why not' } }), says: everyone('forbidden appoint-the-first', { platform: 'power-held' }) },
]

async function call(who: Member, name: RouteName, ask: { params?: object; body: object }): Promise<string> {
  const route = ROUTES[name]
  const anonymous = who === actors.nobody
  const client = who.client as unknown as Record<string, (ask: object) => Promise<unknown>>
  if (!anonymous) return outcome(client[name]?.(ask) ?? Promise.resolve())
  const answer = await fetch(it.url + urlOf(name, ask), { method: route.method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(ask.body) })
  return answer.ok ? 'ok' : ((await answer.json()) as { code: string }).code
}

let fresh = 0
const open = () => propose(it.ada, grant(it, it.ledger, { resource: `matrix-${(fresh += 1)}` }))

for (const { name, ask, says } of MATRIX) {
  test(`T41 ${name}: each kind of actor is answered as the powers say`, async () => {
    for (const kind of KINDS) {
      const { id, digest } = await open()
      assert.equal(await call(actors[kind], name, ask(id, digest)), says[kind], kind)
    }
  })
}

test('T41 a change that is not there is not found, whoever asks, and a write that is new here has a row above', async () => {
  const ids = MATRIX.filter(({ ask }) => ask('', '').params !== undefined)
  for (const { name, ask } of ids)
    for (const kind of ['author', 'otherTeam', 'guard', 'auditor'] as const)
      assert.equal(await call(actors[kind], name, ask('chg_00000000000000000000', `sha256:${'0'.repeat(64)}`)), 'not-found', `${name} ${kind}`)
  const tags = new Set(['changes', 'guardrails', 'exceptions', 'powers'])
  const writes = Object.entries(ROUTES).filter(([, route]) => tags.has(route.tag) && route.method !== 'GET')
  assert.deepEqual(writes.map(([name]) => name).filter((name) => !MATRIX.some((row) => row.name === name)), [])
})

test('T40 a decision that fails at any statement decides nothing, and the next try decides once', async () => {
  const { id, digest } = await propose(it.ada, grant(it, it.worker, { resource: 'faulty' }))
  const actor = (await peopleNow(ctx.db.read, [it.bob.id], ctx.clock())).get(it.bob.id)?.actor ?? assert.fail()
  class Cut extends Error {}
  const before = await ctx.db.read.selectFrom('ledger_entry').select(({ fn }) => fn.countAll<string>().as('count')).executeTakeFirstOrThrow()
  for (let at = 1; ; at += 1) {
    let isCut = false
    await watched(
      () => ctx.db.tx((tx) => approveIn(ctx, tx, actor, id, { digest })).catch((error: unknown) => {
        if (!(error instanceof Cut)) throw error
      }),
      (statement) => {
        if (statement !== at || isCut) return
        isCut = true
        throw new Cut()
      },
    )
    if (!isCut) {
      assert.ok(at > 15, `it takes ${at} statements`)
      break
    }
    const row = await ctx.db.read.selectFrom('change_request').select('state').where('id', '=', id).executeTakeFirstOrThrow()
    // The very last statement is the commit: cut before it, nothing is.
    assert.equal(row.state, 'open', `cut at ${at}`)
    const now = await ctx.db.read.selectFrom('ledger_entry').select(({ fn }) => fn.countAll<string>().as('count')).executeTakeFirstOrThrow()
    assert.equal(now.count, before.count, `cut at ${at}`)
  }
  assert.equal((await it.ada.client.change({ params: { id } })).state, 'applied')
  assert.equal((await ctx.db.read.selectFrom('decided_grant').select('id').where('change_id', '=', id).execute()).length, 1)
})

test('T40 whoever cannot be found in the transaction decides nothing', async () => {
  const { id, digest } = await open()
  const ghost = { kind: 'person' as const, id: 'per_unknown', name: '', teams: [it.payments.id], powers: ['guard' as const], session: '', behind: null }
  await assert.rejects(ctx.db.tx((tx) => approveIn(ctx, tx, ghost, id, { digest })), (error) => error instanceof Refused && error.code === 'forbidden')
})

test('T68 a deadlock is tried again, and a lock that is held for long ends as busy, with nothing done', async () => {
  const db = openDatabase(connection, () => {})
  after(() => db.close())
  const look = await connect(connection)
  await look.query('create table door (id int primary key, opened int not null)')
  await look.query('insert into door values (1, 0), (2, 0)')
  let tries = 0
  let held = 0
  let meet = (): void => {}
  const met = new Promise<void>((resolve) => (meet = resolve))
  const openBoth = (first: number, second: number): Promise<void> =>
    retried(db, async (tx) => {
      tries += 1
      await sql`update door set opened = opened + 1 where id = ${first}`.execute(tx)
      // Both hold their first door before either asks for its second.
      if ((held += 1) === 2) meet()
      await met
      await sql`update door set opened = opened + 1 where id = ${second}`.execute(tx)
    })
  await Promise.all([openBoth(1, 2), openBoth(2, 1)])
  assert.ok(tries > 2, 'they met')
  assert.deepEqual((await look.query('select opened from door order by id')).rows, [{ opened: 2 }, { opened: 2 }])
  const bug = retried(db, () => Promise.reject(new Error('a bug')))
  await assert.rejects(bug, /a bug/)
  const { id } = await open()
  await look.query('begin')
  await look.query('select from change_request where id = $1 for update', [id])
  assert.equal(await outcome(approve(it.bob, id)), 'busy')
  await look.query('rollback')
  assert.equal((await approve(it.bob, id)).state, 'open')
})

test('T99 no row of a decision changes without an entry of the ledger, and no entry is changed', async () => {
  const look = await connect(connection)
  const { id } = await open()
  await approve(it.bob, id)
  const writes = [
    `update change_request set state = 'open' where id = '${id}'`,
    `update change_request set content = '{}' where id = '${id}'`,
    `insert into change_decision values ('dec_x', '${id}', 'sha256:', 'guard', 'approve', '${it.sam.id}', 'x', now())`,
    `delete from change_decision where change_id = '${id}'`,
    `delete from change_author where change_id = '${id}'`,
    `insert into decided_grant (id, identity_id, permission, resource, level, change_id, granted_at) values ('gra_x', '${it.worker.id}', '*', '*', 'admin', '${id}', now())`,
    `insert into decided_credential (id, identity_id, kind, name, purpose, revocation, change_id, decided_at) values ('cre_x', 'x', 'x', 'x', 'x', 'x', '${id}', now())`,
    `insert into guardrail_version values ('g', 1, 't', null, 'off', null, '${id}', now(), null)`,
    `insert into exception values ('exc_x', 'r', 'rule', '${it.worker.id}', 'c', now(), now() + interval '1 day', '${id}', null, null)`,
    `insert into removed_grant values ('${it.worker.id}', 'p', 'r', null, '${id}', now())`,
    `insert into decided_function values ('fn', 1, 'n', '${it.payments.id}', '${it.sam.id}', '{}', 'low', '${id}', now(), null)`,
    `insert into power_holder (id, person_id, power, valid_from) values ('pow_x', '${it.dan.id}', 'guard', now())`,
    `update ledger_entry set body = '{}' where change_id = '${id}'`,
    `delete from ledger_entry where change_id = '${id}'`,
  ]
  for (const text of writes) await assert.rejects(look.query(text), { code: '23001' }, text)
})

test('I9 seats and humans are unique in the database too', async () => {
  const look = await connect(connection)
  const { id } = await open()
  await approve(it.bob, id)
  for (const [seat, human] of [[`answer:${it.payments.id}`, 'somebody'], ['another', 'bob@pay.example']])
    await assert.rejects(look.query("insert into change_decision values ('dec_y', $1, 'sha256:', $2, 'approve', $3, $4, now())", [id, seat, it.sam.id, human]), { code: '23505' })
})

test('what is asked for beyond its limits is refused with the field', async () => {
  const many = Array.from({ length: 51 }, (_, n) => ({ permission: `p${n}`, resource: 'r', environment: null, level: 'read', until: inDays(it, 1) }))
  for (const content of [
    { kind: 'scope', identity: it.worker.id, add: many, remove: [] },
    { kind: 'scope', identity: it.worker.id, add: [], remove: [], extra: 1 },
    { kind: 'power', power: 'answer', holder: { person: 'x' }, verb: 'give' },
    { kind: 'guardrail', id: 'Not Kebab', text: 'x', stage: 'warn', graceUntil: null },
    { kind: 'unknown' },
  ]) {
    const answer = await fetch(`${it.url}/v1/changes`, { method: 'POST', headers: { 'content-type': 'application/json', cookie: it.ada.cookie }, body: JSON.stringify({ content, reason: 'because' }) })
    assert.equal(((await answer.json()) as { code: string }).code, 'invalid-request', JSON.stringify(content).slice(0, 80))
  }
})
