import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity } from '@onus/core/identity.ts'
import { identity, report } from '../testing/reports.ts'
import { testDatabases } from '../testing/database.ts'
import { joinTeam, personLeft } from '../directory/index.ts'
import { expireChanges } from './clock.ts'
import { approve, estate, grant, inDays, outcome, propose } from './testing/estate.ts'
import type { Estate } from './testing/estate.ts'

const databases = await testDatabases()
const own = (name: string): Identity => ({ ...identity({ name, team: 'payments', environment: 'staging' }), isProduction: false })
const repeated = own('repeated')
const paged = own('paged')
/** For tests that leave people, powers and teams as they are; each has changes of its own. */
const shared = await estate(await databases.fresh(), [repeated, paged, ...['one', 'two', 'three'].map(own)])

test('a change is proposed, approved by the team that answers, and applied with its entries', async () => {
  const it = shared
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
  const [row] = await it.ctx.db.read.selectFrom('decided_grant').selectAll().where('change_id', '=', proposed.id).execute()
  assert.deepEqual([row?.identity_id, row?.permission, row?.change_id], [it.worker.id, 'invoices:read', proposed.id])
})

test('production asks for the sponsor too, and nobody fills two seats', async () => {
  const it = shared
  const { id, seats } = await propose(it.ada, grant(it, it.ledger, { resource: 'two-seats' }))
  assert.deepEqual(seats.map((seat) => seat.capacity), ['answer', 'sponsor'])
  assert.equal(await outcome(approve(it.bob, id, `sponsor:${it.sam.id}`)), 'forbidden decide-as-sponsor')
  assert.equal((await approve(it.bob, id)).state, 'open')
  assert.equal((await approve(it.sam, id)).state, 'applied')
})

test('an identity without a team changes nothing until somebody answers for it', async () => {
  const it = shared
  assert.equal(await outcome(propose(it.ada, grant(it, it.stray))), 'change-not-possible not-accountable')
})

test('T35 what only the database knows: tokens, second accounts, gains and sponsors of today', async () => {
  const it = await estate(await databases.fresh())
  const ada2 = await it.join('ada-admin', it.payments, 'ADA+admin@pay.example')
  const byToken = await it.token(it.ada, 'propose')
  const gus2 = await it.join('gus-two', null, 'gus@sec.example')
  const OWN = 'forbidden nobody-decides-on-their-own-change'
  const scope = await propose(it.ada, grant(it, it.worker))
  assert.equal(await outcome(approve(it.ada, scope.id)), OWN)
  assert.equal(await outcome(approve(ada2, scope.id)), OWN, 'a second account')
  const tokened = await propose(byToken, grant(it, it.worker, { resource: 'orders' }))
  assert.equal(tokened.author.kind, 'token')
  assert.equal(await outcome(approve(it.ada, tokened.id)), OWN, 'who made the token')
  assert.equal(await outcome(byToken.client.approveChange({ params: { id: scope.id }, body: { digest: scope.digest } })), 'not-signed-in', 'a token reaches no decision')
  // Somebody edits: from then on they are an author as well.
  const edited = await it.ada.client.editChange({ params: { id: scope.id }, body: { digest: scope.digest, content: grant(it, it.worker, { resource: 'refunds' }), reason: 'better so' } })
  assert.equal(edited.revision, 2)
  assert.equal(await outcome(it.bob.client.editChange({ params: { id: scope.id }, body: { digest: edited.digest, content: scope.content, reason: 'mine now' } })), 'forbidden change-ones-own-proposal')
  // Nobody decides on a power that they would get.
  const power = await propose(it.gil, { kind: 'power', power: 'operate', holder: { person: it.gus.id }, verb: 'give' })
  assert.equal(await outcome(approve(it.gus, power.id)), OWN)
  const toSecond = await propose(it.gil, { kind: 'power', power: 'operate', holder: { person: gus2.id }, verb: 'give' })
  assert.equal(await outcome(approve(it.gus, toSecond.id)), OWN, 'through a second account')
  // A sponsor whom the author has just named waits; one who was there before does not.
  await it.ada.client.acceptIdentities({ body: { team: it.payments.id, chosen: { identities: [it.ledger.id] }, answers: { purpose: null, function: null, revocation: null, sponsor: it.dan.id } } })
  const named = await propose(it.ada, grant(it, it.ledger))
  assert.equal(await outcome(approve(it.dan, named.id)), 'forbidden a-new-power-waits-a-day')
  await it.turn(inDays(it, 1.01))
  assert.equal(await outcome(approve(it.dan, named.id)), 'ok')
})

test('T36 an edit voids approvals, and an approval of what was there before is refused', async () => {
  const it = shared
  const { id, digest } = await propose(it.ada, grant(it, it.ledger, { resource: 'edited' }))
  await approve(it.bob, id)
  const edited = await it.ada.client.editChange({ params: { id }, body: { digest, content: grant(it, it.ledger, { resource: 'edited', level: 'write' }), reason: 'more' } })
  assert.notEqual(edited.digest, digest)
  assert.deepEqual(edited.decisions.map(({ voidedAt, digest: given }) => [voidedAt === null, given]), [[false, digest]])
  assert.ok(edited.seats.every(({ filledBy }) => filledBy === null))
  assert.equal(await outcome(it.sam.client.approveChange({ params: { id }, body: { digest } })), 'content-changed')
  assert.equal((await approve(it.sam, id)).state, 'open')
  assert.equal((await approve(it.bob, id)).state, 'applied')
  assert.equal(await outcome(it.ada.client.editChange({ params: { id }, body: { digest: edited.digest, content: edited.content, reason: 'late' } })), 'not-open')
})

test('T36 what it was written against has changed: it is edited, not applied', async () => {
  const it = shared
  const first = await propose(it.ada, grant(it, it.worker, { resource: 'moving' }))
  const second = await propose(it.ada, grant(it, it.worker, { resource: 'moved' }))
  await approve(it.bob, first.id)
  assert.equal(await outcome(approve(it.bob, second.id)), 'world-moved')
  const seen = await it.bob.client.change({ params: { id: second.id } })
  assert.deepEqual(seen.blocked.map(({ code }) => code), ['world-moved'])
  const { content, digest } = seen
  await it.ada.client.editChange({ params: { id: second.id }, body: { digest, content, reason: 'against today' } })
  assert.equal((await approve(it.bob, second.id)).state, 'applied')
})

test('T38 an approver who leaves before the last approval does not count; who gains the power meanwhile does', async () => {
  const it = await estate(await databases.fresh())
  const { id } = await propose(it.ada, grant(it, it.ledger))
  await approve(it.bob, id)
  await it.change((w) => personLeft(w, it.bob.id))
  const waiting = await approve(it.sam, id)
  assert.equal(waiting.state, 'open')
  assert.deepEqual(waiting.seats.map(({ capacity, filledBy }) => [capacity, filledBy?.name ?? null]), [['answer', null], ['sponsor', 'sam']])
  assert.equal(await outcome(approve(it.dan, id)), 'forbidden decide-as-the-team-that-answers')
  await it.change((w) => joinTeam(w, it.payments.id, [it.dan.id], 'scim'))
  assert.equal((await approve(it.dan, id)).state, 'applied')
  const lapsed = await it.client.listLedger({ query: { change: id, action: 'change.approval-lapse' } })
  assert.deepEqual(lapsed.items.map(({ entry }) => entry.before), [{ person: it.bob.id, seat: `answer:${it.payments.id}` }])
})

test('T39, I10 whoever gets a power by a change decides with it a day later, and the evidence says since when', async () => {
  const it = await estate(await databases.fresh())
  const { id } = await propose(it.gil, { kind: 'power', power: 'guard', holder: { person: it.dan.id }, verb: 'give' })
  assert.equal((await approve(it.gus, id)).state, 'applied')
  const next = await propose(it.gil, { kind: 'power', power: 'operate', holder: { person: it.sam.id }, verb: 'give' })
  assert.equal(await outcome(approve(it.dan, next.id)), 'forbidden a-new-power-waits-a-day')
  const { may } = await it.dan.client.change({ params: { id: next.id } })
  assert.deepEqual(may.approve.map(({ seat, isAllowed, rule }) => [seat, isAllowed, rule]), [['guard', false, 'a-new-power-waits-a-day']])
  const held = (await it.client.listPowers()).items.find(({ holder }) => holder.id === it.dan.id)
  assert.deepEqual([held?.change, held?.decidesFrom], [id, inDays(it, 1)])
  await it.turn(inDays(it, 1.01))
  assert.equal((await approve(it.dan, next.id)).state, 'applied')
})

test('the last who guards is not taken away, and the first is appointed only while nobody guards', async () => {
  const it = await estate(await databases.fresh())
  assert.equal(await outcome(it.client.appointFirst({ body: { power: 'guard', holder: { person: it.dan.id }, reason: 'one more' } })), 'power-held')
  assert.equal(await outcome(it.ada.client.appointFirst({ body: { power: 'guard', holder: { person: it.dan.id }, reason: 'one more' } })), 'forbidden appoint-the-first')
  const security = (await it.client.listPowers()).items.find(({ power }) => power === 'guard')?.holder
  assert.equal(security?.kind, 'team')
  assert.equal(await outcome(propose(it.ada, { kind: 'power', power: 'guard', holder: { team: security?.id ?? '' }, verb: 'end' })), 'change-not-possible power-not-changed')
  await it.change((w) => personLeft(w, it.gil.id))
  await it.change((w) => personLeft(w, it.gus.id))
  const olga2 = await it.join('olga-two', null, 'Olga@ops.example')
  assert.equal(await outcome(it.olga.client.appointFirst({ body: { power: 'guard', holder: { person: it.olga.id }, reason: 'myself' } })), 'forbidden nobody-appoints-themselves')
  assert.equal(await outcome(it.olga.client.appointFirst({ body: { power: 'guard', holder: { person: olga2.id }, reason: 'myself again' } })), 'forbidden nobody-appoints-themselves')
  assert.equal(await outcome(it.olga.client.appointFirst({ body: { power: 'guard', holder: { person: it.dan.id }, reason: 'nobody guards any more' } })), 'ok')
  const { items } = await it.client.listLedger({ query: { action: 'power.appoint-first' } })
  assert.deepEqual(items.map(({ entry }) => entry.subject.kind), ['person', 'person', 'team'])
})

test('T45 a broken glass takes two people, ends within a day, holds no rule back and touches none', async () => {
  const it = shared
  assert.equal(await outcome(propose(it.ada, grant(it, it.ledger, { until: inDays(it, 2) }), true)), 'change-not-possible not-for-emergencies')
  assert.equal(await outcome(propose(it.ada, grant(it, it.ledger, { until: null }), true)), 'change-not-possible not-for-emergencies')
  for (const content of [
    { kind: 'power', power: 'guard', holder: { person: it.dan.id }, verb: 'give' },
    { kind: 'guardrail', id: 'x', text: null, stage: 'off', graceUntil: null },
    { kind: 'exception', rule: 'no-expiry', identity: it.ledger.id, control: 'watched by hand', until: inDays(it, 0.5) },
  ] as const) assert.match(await outcome(propose(it.ada, content, true)), /^change-not-possible/)
  const content = grant(it, it.ledger, { resource: 'emergency', until: inDays(it, 0.5) })
  const { id, seats, summary } = await propose(it.gil, content, true)
  assert.match(summary, /^Emergency: /)
  assert.deepEqual(seats.map((seat) => seat.id), ['guard'])
  assert.equal(await outcome(approve(it.gil, id)), 'forbidden nobody-decides-on-their-own-change')
  assert.equal(await outcome(approve(it.bob, id)), 'forbidden decide-as-security')
  assert.equal((await approve(it.gus, id)).state, 'applied')
  const { items } = await it.client.listLedger({ query: { change: id } })
  assert.deepEqual(items.map(({ entry }) => entry.action), ['scope.grant', 'break-glass.use', 'change.approve', 'break-glass.propose'])
  // The same wish is proposed again when it has ended: what was granted is over by its date.
  await it.turn(inDays(it, 0.6))
  assert.equal(await outcome(propose(it.ada, content)), 'change-not-possible end-out-of-range')
  assert.equal(await outcome(propose(it.ada, grant(it, it.ledger, { resource: 'emergency' }))), 'ok')
})

test('T77 a key has one effect: told again, refused for another request, free after a day', async () => {
  const it = shared
  const send = async (key: string, resource: string): Promise<{ status: number; code: string; id: string; replayed: boolean }> => {
    const answer = await fetch(`${it.url}/v1/changes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: it.ada.cookie, 'idempotency-key': key },
      body: JSON.stringify({ content: grant(it, repeated, { resource, until: '2026-09-01T00:00:00.000Z' }), reason: 'again and again' }),
    })
    const body = (await answer.json()) as { id?: string; code?: string }
    return { status: answer.status, code: body.code ?? '', id: body.id ?? '', replayed: answer.headers.get('idempotency-replayed') === 'true' }
  }
  const first = await send('k-1', 'a')
  const again = await send('k-1', 'a')
  assert.deepEqual([first.status, first.replayed, again.status, again.id, again.replayed], [201, false, 201, first.id, true])
  assert.equal((await send('k-1', 'b')).code, 'idempotency-key-reused')
  const parallel = await Promise.all(Array.from({ length: 8 }, () => send('k-2', 'c')))
  assert.ok(parallel.every(({ status, code }) => status === 201 || code === 'in-flight'))
  assert.equal(new Set(parallel.flatMap(({ id }) => id || [])).size, 1)
  assert.equal((await send('k-3', 'a')).status, 201, 'another key is another request')
  assert.equal((await send('', 'a')).code, 'invalid-request')
  const other = await fetch(`${it.url}/v1/changes`, { method: 'POST', headers: { 'content-type': 'application/json', cookie: it.bob.cookie, 'idempotency-key': 'k-1' }, body: JSON.stringify({ content: grant(it, repeated, { resource: 'z' }), reason: 'of another' }) })
  assert.equal(other.status, 201, 'keys are of their caller')
  await it.turn(inDays(it, 1.1))
  const later = await send('k-1', 'd')
  assert.deepEqual([later.status, later.replayed], [201, false])
  assert.equal((await it.client.listChanges({ query: { identity: repeated.id } })).total, 5)
})

test('T79 pages of a list neither skip nor repeat what was there all the while', async () => {
  const it = shared
  const made: string[] = []
  for (let n = 0; n < 11; n += 1) {
    // Several of one instant among them.
    if (n % 3 === 0) it.clock.now = new Date(it.clock.now.getTime() + 1_000)
    made.push((await propose(it.ada, grant(it, paged, { resource: `r${n}` }))).id)
  }
  const seen: string[] = []
  for (let cursor: string | undefined, n = 0; ; n += 1) {
    const page = await it.bob.client.listChanges({ query: { identity: paged.id, limit: 2, ...(cursor ? { cursor } : {}) } })
    seen.push(...page.items.map(({ id }) => id))
    if (page.nextCursor === null) break
    cursor = page.nextCursor
    it.clock.now = new Date(it.clock.now.getTime() + 1_000)
    await propose(it.ada, grant(it, paged, { resource: `new${n}` }))
  }
  assert.deepEqual(seen.toSorted(), made.toSorted())
  assert.equal(new Set(seen).size, seen.length)
})

test('lists: what waits for me, by state, kind, identity and author', async () => {
  const it = await estate(await databases.fresh())
  const scope = await propose(it.ada, grant(it, it.ledger))
  const power = await propose(it.gil, { kind: 'power', power: 'operate', holder: { person: it.sam.id }, verb: 'give' })
  const ids = async (by: typeof it.ada, query: Parameters<typeof it.client.listChanges>[0]): Promise<string[]> => (await by.client.listChanges(query)).items.map(({ id }) => id)
  const mine = { query: { awaiting: 'me' as const } }
  assert.deepEqual([await ids(it.bob, mine), await ids(it.sam, mine), await ids(it.gus, mine), await ids(it.ada, mine), await ids(it.dan, mine)], [[scope.id], [scope.id], [power.id], [], []])
  await approve(it.bob, scope.id)
  assert.deepEqual([await ids(it.bob, mine), await ids(it.sam, mine)], [[], [scope.id]])
  assert.deepEqual(await ids(it.ada, { query: { identity: it.ledger.id } }), [scope.id])
  assert.deepEqual(await ids(it.ada, { query: { kind: 'power' } }), [power.id])
  assert.deepEqual(await ids(it.ada, { query: { author: it.gil.id, state: 'open' } }), [power.id])
  await it.turn(inDays(it, 15))
  assert.deepEqual([await ids(it.ada, { query: { state: 'open' } }), (await ids(it.ada, { query: { state: 'expired' } })).length], [[], 2])
  assert.equal(await outcome(approve(it.sam, scope.id)), 'not-open', 'on the instant, before any job has run')
  await it.ctx.db.tx((tx) => expireChanges(tx, it.clock.now))
  const { state, closedAt, expiresAt } = await it.ada.client.change({ params: { id: scope.id } })
  assert.deepEqual([state, closedAt], ['expired', expiresAt])
})

test('whoever looks is told what they may do, why not, and who could', async () => {
  const it = shared
  const { id } = await propose(it.ada, grant(it, it.ledger, { resource: 'seen' }))
  const may = async (by: typeof it.ada) => (await by.client.change({ params: { id } })).may
  const seen = await may(it.dan)
  assert.deepEqual(seen.approve.map(({ isAllowed, rule, who }) => [isAllowed, rule, who]), [
    [false, 'decide-as-the-team-that-answers', 'a member of the team that answers'],
    [false, 'decide-as-sponsor', 'the sponsor'],
  ])
  assert.deepEqual([(await may(it.ada)).edit.isAllowed, (await may(it.bob)).edit.isAllowed], [true, false])
  assert.deepEqual((await may(it.bob)).approve.map(({ isAllowed }) => isAllowed), [true, false])
  await it.dan.client.commentOnChange({ params: { id }, body: { text: 'why the ledger?' } })
  assert.equal(await outcome(it.abe.client.commentOnChange({ params: { id }, body: { text: 'I only read' } })), 'forbidden auditors-only-read')
  const { discussion, reason } = await it.ada.client.change({ params: { id } })
  assert.deepEqual([discussion.map(({ by, text }) => [by.name, text]), reason], [[['dan', 'why the ledger?']], 'needed for the release'])
  assert.equal(await outcome(it.dan.client.withdrawChange({ params: { id }, body: {} })), 'forbidden change-ones-own-proposal')
  const gone = await it.ada.client.withdrawChange({ params: { id }, body: { reason: 'not needed' } })
  assert.deepEqual([gone.state, gone.may.approve[0]?.rule, gone.closedBy?.name], ['withdrawn', 'not-open', 'ada'])
})

test('a rejection by whoever could approve ends it', async () => {
  const it = shared
  const { id, digest } = await propose(it.ada, grant(it, it.ledger, { resource: 'rejected' }))
  await approve(it.bob, id)
  assert.equal(await outcome(it.dan.client.rejectChange({ params: { id }, body: { digest, reason: 'not mine to say' } })), 'forbidden decide-as-the-team-that-answers')
  const rejected = await it.sam.client.rejectChange({ params: { id }, body: { digest, reason: 'not before the audit' } })
  assert.deepEqual([rejected.state, rejected.closedBy?.name], ['rejected', 'sam'])
  assert.deepEqual(rejected.discussion.map(({ text }) => text), ['not before the audit'])
  assert.equal(await outcome(approve(it.sam, id)), 'not-open')
})

test('a change that can be applied no more is closed with a reason, by who sat there or by security', async () => {
  const it = await estate(await databases.fresh())
  const first = await propose(it.ada, grant(it, it.worker))
  const second = await propose(it.ada, grant(it, it.worker, { resource: 'second' }))
  const reject = (by: Estate['ada'], { id, digest }: { id: string; digest: string }) => by.client.rejectChange({ params: { id }, body: { digest, reason: 'it is gone' } })
  // The identity vanishes; its team is still there.
  await fetch(`${it.url}/v1/imports`, { method: 'POST', headers: { 'content-type': 'application/json', cookie: it.cookie }, body: JSON.stringify(report({ identities: [it.ledger, it.stray] })) })
  assert.equal(await outcome(approve(it.bob, first.id)), 'change-not-possible not-found')
  assert.equal(await outcome(reject(it.ada, first)), 'forbidden nobody-decides-on-their-own-change')
  assert.match(await outcome(reject(it.dan, first)), /^forbidden decide-as-the-team-that-answers/)
  assert.equal((await reject(it.bob, first)).state, 'rejected')
  assert.equal((await reject(it.gil, second)).state, 'rejected')
  const { items } = await it.client.listLedger({ query: { change: second.id, action: 'change.reject' } })
  assert.deepEqual([items[0]?.entry.after?.['notPossible'], items[0]?.personal['reason']], ['not-found', 'it is gone'])
})
