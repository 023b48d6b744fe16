import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '@onus/core/contract/client.ts'
import type { Client } from '@onus/core/contract/client.ts'
import { givePower, leaveTeam, personLeft, teamDissolved } from '../directory/index.ts'
import { approve, estate, inDays, propose } from '../changes/testing/estate.ts'
import { testDatabases } from '../testing/database.ts'
import { testCompany } from '../testing/company.ts'
import type { Company } from '../testing/company.ts'
import { identity, report } from '../testing/reports.ts'
import { escalate } from './escalate.ts'
import { lapseByTime, settle } from './lapse.ts'
import { saveReassignDays } from './orphans.ts'
import { tellRenewals } from './renewals.ts'

const databases = await testDatabases()
const ANSWERS = { purpose: 'Posts parcels', function: { name: 'Delivery' }, sponsor: null, revocation: 'Delete the account' }

async function company() {
  const it = await testCompany(await databases.fresh())
  const payments = await it.team('Payments')
  const ada = await it.join('ada', payments)
  const billing = await it.team('Billing')
  const ben = await it.join('ben', billing)
  const put = (names: Parameters<typeof identity>[0][], source = 'one') =>
    it.client.importReport({ query: { source }, body: report({ path: `/estates/${source}`, identities: names.map((wish) => identity(wish)) }) })
  return { ...it, payments, ada, billing, ben, put }
}
const idOf = (name: string): string => identity({ name }).id
const stateOf = async (client: Client, id: string) => {
  const { identity: it } = await client.identity({ params: { id } })
  return [it.accountability.state, it.accountability.team, it.purpose]
}
const refused = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(() => null, (thrown: unknown) => thrown)
  assert.ok(error instanceof ApiError, 'was not refused')
  return `${error.problem.code}: ${error.problem.detail}`
}
const accept = (client: Client, team: string, identities: string[], rest = {}) =>
  client.acceptIdentities({ body: { team, chosen: { identities }, answers: ANSWERS, ...rest } })
async function settleAll({ ctx }: Company): Promise<void> {
  while ((await settle(ctx)) > 0);
}
const actions = async ({ ctx }: Company, id: string): Promise<string[]> =>
  (await ctx.db.read.selectFrom('ledger_entry').select('action').where('subject_id', '=', id).orderBy('seq').execute()).map(({ action }) => action)

test('a team that a source names accepts, and is accountable from then on', async () => {
  const it = await company()
  await it.put([{ name: 'poster', team: 'payments' }])
  const id = idOf('poster')
  assert.deepEqual((await stateOf(it.client, id))[0], 'claimed')
  const before = it.clock.now.toISOString()
  await it.turn('2026-04-02T00:00:00Z')
  const preview = await accept(it.ada.client, it.payments.id, [id], { isDryRun: true })
  assert.deepEqual([preview.decided, preview.batch, (await stateOf(it.client, id))[0]], [1, null, 'claimed'])
  const outcome = await accept(it.ada.client, it.payments.id, [id])
  assert.deepEqual([outcome.decided, outcome.refused], [1, 0])
  assert.deepEqual(await stateOf(it.client, id), ['accountable', it.payments.id, 'Posts parcels'])
  assert.deepEqual(await actions(it, id), ['acceptance.accept'])
  const then = await it.client.accountability({ params: { id }, query: { asOf: before } })
  assert.deepEqual([then.state, then.acceptance, then.ledger], ['claimed', null, []])
  const now = await it.client.accountability({ params: { id } })
  assert.deepEqual([now.state, now.team?.name, now.acceptance?.acceptedBy, now.people[it.ada.id], now.ledger.length], ['accountable', 'Payments', it.ada.id, 'ada', 1])
  const overview = await it.client.overview()
  assert.deepEqual([overview.byState.accountable, overview.byState.claimed, overview.identities], [1, 0, 1])
  const findings = await it.client.listFindings({ query: { rule: 'no-purpose' } })
  assert.equal(findings.total, 0)
  const { items } = await it.client.identityTimeline({ params: { id } })
  assert.deepEqual(items.map(({ kind }) => kind), ['changed', 'appeared'])
})

test('law 3: a re-import, also a changed one, never overwrites a decision', async () => {
  const it = await company()
  await it.put([{ name: 'poster', team: 'payments' }, { name: 'other', team: 'payments' }])
  const id = idOf('poster')
  await accept(it.ada.client, it.payments.id, [id])
  await it.turn('2026-04-03T00:00:00Z')
  await it.put([{ name: 'poster', team: 'payments' }])
  assert.deepEqual(await stateOf(it.client, id), ['accountable', it.payments.id, 'Posts parcels'])
  await it.turn('2026-04-04T00:00:00Z')
  // The source now names another team, and says another purpose.
  await it.put([{ name: 'poster', team: 'billing', purpose: 'as the source says', line: 99 }])
  assert.deepEqual(await stateOf(it.client, id), ['accountable', it.payments.id, 'Posts parcels'])
  assert.deepEqual((await it.client.overview()).byState.accountable, 1)
  const row = (await it.client.listIdentities({ query: { state: 'accountable' } })).items[0]
  assert.deepEqual([row?.id, row?.team?.name, row?.line], [id, 'Payments', 99])
  // Vanished and back again.
  await it.turn('2026-04-05T00:00:00Z')
  await it.put([])
  await it.turn('2026-04-06T00:00:00Z')
  await it.put([{ name: 'poster', team: 'billing' }])
  assert.deepEqual((await stateOf(it.client, id))[0], 'accountable')
})

const NOT_THEIRS: [name: string, work: (it: Awaited<ReturnType<typeof company>>) => Promise<unknown>, says: RegExp][] = [
  ['a member of another team', (it) => accept(it.ben.client, it.payments.id, [idOf('poster')]), /forbidden: the rule `answer-for-ones-team` asks for a member of the team/],
  ['the administrator', (it) => accept(it.client, it.payments.id, [idOf('poster')]), /forbidden/],
  ['a team that is not there', (it) => accept(it.ada.client, 'tm_nowhere', [idOf('poster')]), /not-found/],
  ['a sponsor who accepts', (it) => accept(it.ada.client, it.payments.id, [idOf('poster')], { answers: { ...ANSWERS, sponsor: it.ada.id } }), /not-found: the sponsor must be another/],
  ['an end too far away', (it) => accept(it.ada.client, it.payments.id, [idOf('poster')], { until: '2030-01-01T00:00:00.000Z' }), /invalid-request: until/],
]
for (const [name, work, says] of NOT_THEIRS) {
  test(`nothing is accepted by or with ${name}`, async () => {
    const it = await company()
    await it.put([{ name: 'poster', team: 'payments' }])
    assert.match(await refused(work(it)), says)
    assert.equal((await stateOf(it.client, idOf('poster')))[0], 'claimed')
    assert.deepEqual(await actions(it, idOf('poster')), [])
  })
}

test('of many, those that may are accepted and the others are told why', async () => {
  const it = await company()
  await it.put([{ name: 'mine', team: 'payments' }, { name: 'theirs', team: 'billing' }, { name: 'nobodys', team: null }, { name: 'held', team: 'payments' }])
  const id = idOf
  await it.put([])
  await it.put([{ name: 'mine', team: 'payments' }, { name: 'theirs', team: 'billing' }, { name: 'nobodys', team: null }])
  await accept(it.ben.client, it.billing.id, [id('theirs')])
  const outcome = await accept(it.ada.client, it.payments.id, ['mine', 'theirs', 'nobodys', 'held'].map(id))
  assert.deepEqual([outcome.decided, outcome.refused], [1, 3])
  assert.deepEqual(Object.fromEntries(outcome.left.map(({ identity: each, code }) => [each, code])), {
    [id('theirs')]: 'held-by-another',
    [id('nobodys')]: 'not-offered',
    [id('held')]: 'not-here',
  })
})

test('three hundred of one namespace are offered as one and accepted in one decision', async () => {
  const it = await company()
  await it.put(Array.from({ length: 300 }, (_, n) => ({ name: `n${n}`, team: 'payments', namespace: n < 290 ? 'parcels' : 'else' })))
  const queue = await it.ada.client.queue()
  assert.deepEqual(queue.items.map((item) => item.kind === 'offer' && [item.offer.namespace, item.offer.identities, item.offer.missing.why]), [['parcels', 290, 290], ['else', 10, 10]])
  assert.deepEqual((await it.ben.client.queue()).items, [])
  const [item] = queue.items
  assert.ok(item?.kind === 'offer')
  const outcome = await it.ada.client.acceptIdentities({ body: { team: it.payments.id, chosen: { source: item.offer.source.id, namespace: 'parcels' }, answers: ANSWERS } })
  assert.equal(outcome.decided, 290)
  const after = await it.ada.client.queue()
  assert.deepEqual([after.items.length, after.accountable, after.functions], [1, 290, 1])
  assert.equal((await it.client.listIdentities({ query: { state: 'accountable' } })).total, 290)
})

test('a refused claim names nobody, and the team that was named instead is asked', async () => {
  const it = await company()
  await it.put([{ name: 'poster', team: 'payments' }])
  const id = idOf('poster')
  const refuse = (client: Client, team: string, rest = {}) => client.refuseIdentities({ body: { team, chosen: { identities: [id] }, reason: 'moved to billing', ...rest } })
  assert.match(await refused(refuse(it.ben.client, it.payments.id)), /forbidden/)
  assert.match(await refused(refuse(it.ada.client, it.payments.id, { suggested: it.payments.id })), /not-found/)
  assert.equal((await refuse(it.ada.client, it.payments.id, { suggested: it.billing.id })).decided, 1)
  assert.deepEqual((await stateOf(it.client, id)).slice(0, 2), ['unowned', null])
  const { items } = await it.ben.client.queue()
  assert.deepEqual(items.map((item) => item.kind === 'offer' && item.offer.suggestedBy), [[{ id: it.payments.id, name: 'Payments' }]])
  assert.deepEqual((await it.ada.client.queue()).items, [])
  await accept(it.ben.client, it.billing.id, [id])
  assert.deepEqual((await stateOf(it.client, id)).slice(0, 2), ['accountable', it.billing.id])
  assert.deepEqual(await actions(it, id), ['acceptance.refuse', 'acceptance.accept'])
})

test('T33 a team that is dissolved, or that its last member left, answers no more: lapsed, with a day by which somebody takes over', async () => {
  for (const how of ['dissolved', 'left', 'no member']) {
    const it = await company()
    await it.put([{ name: 'poster', team: 'payments' }])
    const id = idOf('poster')
    await accept(it.ada.client, it.payments.id, [id])
    await it.turn('2026-04-10T00:00:00Z')
    await it.change((w) => (how === 'dissolved' ? teamDissolved(w, it.payments.id) : how === 'left' ? personLeft(w, it.ada.id) : leaveTeam(w, it.payments.id, [it.ada.id]).then(() => {})))
    await settleAll(it)
    assert.deepEqual((await stateOf(it.client, id)).slice(0, 2), ['lapsed', it.payments.id], how)
    const { items } = await it.client.queue()
    assert.deepEqual(items.map((item) => item.kind === 'orphan' && [item.identity.id, item.at]), [[id, '2026-04-24T00:00:00.000Z']], how)
    assert.deepEqual(await actions(it, id), ['acceptance.accept', 'acceptance.lapse'])
    const at = await it.client.accountability({ params: { id }, query: { asOf: '2026-04-09T00:00:00.000Z' } })
    assert.deepEqual([at.state, at.acceptance?.ended], ['accountable', null], how)
    assert.match(await refused(accept(it.ada.client, it.payments.id, [id])), /not-found|not-signed-in/, how)
  }
})

test('an acceptance runs out by itself, is asked for again before, and a renewal keeps what was said', async () => {
  const it = await company()
  await it.put([{ name: 'poster', team: 'payments' }])
  const id = idOf('poster')
  await accept(it.ada.client, it.payments.id, [id], { until: '2026-06-01T00:00:00.000Z' })
  assert.deepEqual([(await it.ada.client.queue()).items.length, (await it.ada.client.queue()).next], [0, '2026-05-02T00:00:00.000Z'])
  await it.turn('2026-05-20T00:00:00Z')
  const ada = await it.join('anna', it.payments)
  const [renewal] = (await ada.client.queue()).items
  assert.deepEqual(renewal?.kind === 'renewal' && [renewal.count, renewal.identities[0]?.name, renewal.at], [1, 'poster', '2026-06-01T00:00:00.000Z'])
  const nothing = { purpose: null, function: null, sponsor: null, revocation: null }
  const outcome = await accept(ada.client, it.payments.id, [id], { answers: nothing, until: '2026-07-01T00:00:00.000Z' })
  assert.deepEqual([outcome.decided, outcome.renewed], [1, 1])
  assert.deepEqual(await stateOf(it.client, id), ['accountable', it.payments.id, 'Posts parcels'])
  await it.turn('2026-07-01T00:00:00Z')
  assert.equal(await it.ctx.db.tx((tx) => lapseByTime(tx, it.clock.now)), 1)
  assert.equal(await it.ctx.db.tx((tx) => lapseByTime(tx, it.clock.now)), 0)
  await settleAll(it)
  assert.equal((await it.ctx.db.read.selectFrom('identity').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state, 'lapsed')
  assert.deepEqual(await actions(it, id), ['acceptance.accept', 'acceptance.renew', 'acceptance.lapse'])
})

test('two teams that both are named accept at once: one of them answers', async () => {
  const it = await company()
  const made = Array.from({ length: 20 }, (_, n) => {
    const each = identity({ name: `both-${n}`, team: 'payments' })
    const [claim] = each.accountability.claims
    assert.ok(claim)
    each.accountability.claims.push({ ...claim, team: it.billing.id, raw: 'billing' })
    return each
  })
  await it.client.importReport({ query: { source: 'both' }, body: report({ path: '/estates/both', identities: made }) })
  for (const { id } of made) {
    const outcomes = await Promise.all([accept(it.ada.client, it.payments.id, [id]), accept(it.ben.client, it.billing.id, [id])])
    assert.deepEqual(outcomes.map(({ decided }) => decided).sort(), [0, 1])
    assert.equal((await it.client.accountability({ params: { id } })).history.length, 1)
  }
})

test('a member who leaves in the same moment accepts before or not at all', async () => {
  const it = await company()
  await it.put(Array.from({ length: 20 }, (_, n) => ({ name: `n${n}`, team: 'payments' })))
  for (let round = 0; round < 20; round += 1) {
    const member = await it.join(`m${round}`, it.payments)
    const id = idOf(`n${round}`)
    const [outcome] = await Promise.all([
      accept(member.client, it.payments.id, [id]).then(() => 'accepted', (error: unknown) => (error instanceof ApiError ? error.problem.code : 'broke')),
      it.change((w) => personLeft(w, member.id)),
    ])
    assert.ok(['accepted', 'forbidden', 'not-signed-in'].includes(outcome), outcome)
    const entries = await it.ctx.db.read.selectFrom('ledger_entry').select(['action', 'seq']).where('actor_id', '=', member.id).execute()
    const left = await it.ctx.db.read.selectFrom('ledger_entry').select('seq').where('subject_id', '=', member.id).where('action', '=', 'directory.person-left').executeTakeFirstOrThrow()
    assert.equal(entries.length, outcome === 'accepted' ? 1 : 0)
    for (const entry of entries) assert.ok(BigInt(entry.seq) < BigInt(left.seq))
  }
})

/** Everything the escalation has to do at the time of the clock. */
async function escalateAll({ ctx }: Company): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) if ((await ctx.db.tx((tx) => escalate(tx, ctx.clock()))) === 0) return
  assert.fail('it does not come to an end')
}

/** Payments has accepted `poster` in production, with Sam as sponsor; Gil guards. Then the team is dissolved. */
async function orphaned(wish: Parameters<typeof identity>[0] = { name: 'poster', team: 'payments' }) {
  const it = await company()
  const sam = await it.join('sam', null)
  const gil = await it.join('gil', await it.team('security', 'security'))
  await it.change((w) => givePower(w, 'guard', { person: gil.id }))
  await it.put([wish])
  const id = identity(wish).id
  await accept(it.ada.client, it.payments.id, [id], { answers: { ...ANSWERS, sponsor: sam.id } })
  await it.turn('2026-05-01T00:00:00Z')
  await it.change((w) => teamDissolved(w, it.payments.id))
  await settleAll(it)
  return { ...it, sam, gil, id }
}
const askedOf = async (client: Client, id: string) => {
  const { escalation } = await client.accountability({ params: { id } })
  return [escalation?.step ?? null, escalation?.asked.map(({ name }) => name).sort() ?? []]
}
const inQueue = async (client: Client): Promise<unknown[]> =>
  (await client.queue()).items.flatMap((item) => (item.kind === 'orphan' ? [[item.identity.id, item.step, item.isSuspendDue]] : []))

test('T33 a lapse asks who was in the team, then the sponsor, then security, each once, reminds, and ends as to be suspended', async () => {
  const it = await orphaned()
  const days: [day: string, step: string | null, asked: string[]][] = [
    ['2026-05-01T00:00:00Z', 'team', ['ada']],
    ['2026-05-05T00:00:00Z', 'team', ['ada']],
    ['2026-05-06T00:00:00Z', 'sponsor', ['ada', 'sam']],
    ['2026-05-11T00:00:00Z', 'security', ['ada', 'gil', 'sam']],
    ['2026-05-13T00:00:00Z', 'reminder', ['ada', 'gil', 'sam']],
    ['2026-05-15T00:00:00Z', 'suspend-due', ['ada', 'gil', 'sam']],
    ['2026-07-01T00:00:00Z', 'suspend-due', ['ada', 'gil', 'sam']],
  ]
  for (const [day, step, asked] of days) {
    await it.turn(day)
    await escalateAll(it)
    await escalateAll(it)
    assert.deepEqual(await askedOf(it.client, it.id), [step, asked], day)
  }
  assert.deepEqual(await actions(it, it.id), ['acceptance.accept', 'acceptance.lapse', ...Array<string>(3).fill('escalation.ask'), 'escalation.remind', 'escalation.suspend-due'])
  for (const client of [it.gil.client, it.sam.client, it.ada.client]) assert.deepEqual(await inQueue(client), [[it.id, 'suspend-due', true]])
  assert.deepEqual(await inQueue(it.ben.client), [], 'who has nothing to do with it is not asked')
  assert.deepEqual((await stateOf(it.client, it.id)).slice(0, 2), ['lapsed', it.payments.id], 'nobody was made accountable in silence')
})

test('T33 whoever has left is not asked: without team and sponsor it is security at once', async () => {
  const it = await company()
  const sam = await it.join('sam', null)
  const gil = await it.join('gil', null)
  await it.change((w) => givePower(w, 'guard', { person: gil.id }))
  await it.put([{ name: 'poster', team: 'payments' }])
  const id = idOf('poster')
  await accept(it.ada.client, it.payments.id, [id], { answers: { ...ANSWERS, sponsor: sam.id } })
  await it.change((w) => personLeft(w, sam.id))
  await it.change((w) => personLeft(w, it.ada.id))
  await escalateAll(it)
  assert.deepEqual(await askedOf(it.client, id), ['security', ['gil']])
})

test('T33 a team that takes over ends the escalation, and a later lapse begins anew', async () => {
  const it = await orphaned()
  await escalateAll(it)
  await accept(it.ben.client, it.billing.id, [it.id]).then(({ decided }) => assert.equal(decided, 0, 'nothing names Billing for it yet'))
  await it.turn('2026-05-02T00:00:00Z')
  await it.put([{ name: 'poster', team: 'billing' }])
  assert.equal((await accept(it.ben.client, it.billing.id, [it.id])).decided, 1)
  assert.deepEqual(await askedOf(it.client, it.id), [null, []])
  await it.turn('2026-06-01T00:00:00Z')
  await escalateAll(it)
  assert.deepEqual(await inQueue(it.gil.client), [])
  await it.change((w) => teamDissolved(w, it.billing.id))
  await escalateAll(it)
  assert.deepEqual(await askedOf(it.client, it.id), ['team', ['ben']])
})

test('T44 what an important function needs is decided sooner, what is not production later; the queue says what would break', async () => {
  const it = await company()
  const uses = [{ kind: 'workload' as const, name: 'parcel-printer', namespace: null, environment: null, file: 'd.yaml', line: 3 }]
  const staging = { ...identity({ name: 'trial', team: 'payments', environment: 'staging' }), isProduction: false, uses }
  await it.client.importReport({ query: { source: 'one' }, body: report({ path: '/estates/one', identities: [staging, identity({ name: 'poster', team: 'payments' })] }) })
  await it.ctx.db.tx((tx) => saveReassignDays(tx, { critical: 2, production: 5, other: 9 }))
  await accept(it.ada.client, it.payments.id, [staging.id, idOf('poster')])
  await it.change((w) => personLeft(w, it.ada.id))
  const { items } = await it.client.queue()
  assert.deepEqual(
    items.map((item) => item.kind === 'orphan' && [item.identity.name, item.at, item.dependents.function?.name, item.dependents.uses]),
    [['poster', '2026-04-06T12:00:00.000Z', 'Delivery', []], ['trial', '2026-04-10T12:00:00.000Z', 'Delivery', [{ kind: 'workload', name: 'parcel-printer' }]]],
  )
})

test('T78 two clocks that run at once take each step once', async () => {
  const it = await orphaned()
  const turn = () => it.ctx.db.tx((tx) => escalate(tx, it.clock.now))
  await Promise.all(Array.from({ length: 6 }, turn))
  assert.deepEqual((await actions(it, it.id)).filter((action) => action.startsWith('escalation')), ['escalation.ask'])
})

test('a team hears once, a month before, what it is to accept again; what was renewed is another acceptance', async () => {
  const it = await company()
  await it.put(['one', 'two', 'three'].map((name) => ({ name, team: 'payments' })))
  await accept(it.ada.client, it.payments.id, ['one', 'two'].map(idOf), { until: '2026-07-01T00:00:00.000Z' })
  await accept(it.ada.client, it.payments.id, [idOf('three')], { until: '2026-09-01T00:00:00.000Z' })
  const told = async (): Promise<unknown[]> => {
    await Promise.all([1, 2].map(() => it.ctx.db.tx((tx) => tellRenewals(tx, it.clock.now))))
    return (await it.ctx.db.read.selectFrom('notice').select(['team_id', 'text']).orderBy('id').execute()).map((row) => [row.team_id, row.text])
  }
  await it.turn('2026-05-31T00:00:00Z')
  assert.deepEqual(await told(), [])
  await it.turn('2026-06-02T00:00:00Z')
  const [first, ...more] = await told()
  assert.deepEqual(more, [])
  assert.match(JSON.stringify(first), /and 1 more: accepted until 2026-07-01; accept again, or they lapse/)
  await it.turn('2026-08-20T00:00:00Z')
  assert.equal((await told()).length, 2)
})

test('T44 what a function of high criticality needs has a week', async () => {
  const it = await estate(await databases.fresh())
  const change = await propose(it.ada, { kind: 'function', id: null, name: 'Monthly invoicing', team: it.payments.id, sponsor: it.sam.id, dataClasses: ['payment'], criticality: 'high' })
  for (const { id } of change.seats) await approve(id.startsWith('sponsor') ? it.sam : it.bob, change.id, id)
  await it.change((w) => teamDissolved(w, it.payments.id))
  const orphans = (await it.gil.client.queue()).items.flatMap((item) => (item.kind === 'orphan' ? [item] : []))
  assert.deepEqual(orphans.map(({ identity: { name }, at }) => [name, at]).toSorted(), [['ledger', inDays(it, 7)], ['worker', inDays(it, 7)]])
  assert.deepEqual(orphans[0]?.dependents.function?.criticality, 'high')
})

test('T43 many at once: what is privileged or near regulated data is left for a decision of its own; the pace is in the ledger', async () => {
  const admin = { permission: '*', resource: '*', level: 'admin', isWildcard: true, environment: null, condition: null, via: 'role', file: 'x.yaml', line: 1 } as const
  const it = await company()
  await it.put([...Array.from({ length: 5 }, (_, n) => ({ name: `n${n}`, team: 'payments' })), { name: 'root', team: 'payments', grants: [admin] }])
  const ids = [...Array.from({ length: 5 }, (_, n) => idOf(`n${n}`)), idOf('root')]
  const many = await accept(it.ada.client, it.payments.id, ids)
  assert.deepEqual([many.decided, many.left.map(({ name, code, reason }) => [name, code, reason])], [5, [['root', 'one-by-one', 'it is privileged: decide on it by itself']]])
  await it.turn(new Date(it.clock.now.getTime() + 2_000).toISOString())
  assert.equal((await accept(it.ada.client, it.payments.id, [idOf('root')])).decided, 1)
  const paces = async (id: string) =>
    (await it.client.listLedger({ query: { subject: id, action: 'acceptance.accept' } })).items.map(({ entry }) => entry.after?.['pace'])
  assert.deepEqual(await paces(idOf('n0')), [{ batchSize: 5, decidedInHour: 0, isOwnWork: null, secondsSinceLast: null }])
  assert.deepEqual(await paces(idOf('root')), [{ batchSize: 1, decidedInHour: 5, isOwnWork: null, secondsSinceLast: 2 }])
})

test('T43 an operator may ask for more: production one by one', async () => {
  const it = await testCompany(await databases.fresh(), { ONUS_ONE_BY_ONE: 'production,regulated,privileged' })
  const payments = await it.team('Payments')
  const ada = await it.join('ada', payments)
  const wishes = ['a', 'b'].map((name) => identity({ name, team: 'payments' }))
  await it.client.importReport({ query: { source: 'one' }, body: report({ path: '/estates/one', identities: wishes }) })
  const ids = wishes.map(({ id }) => id)
  const both = await accept(ada.client, payments.id, ids)
  assert.deepEqual([both.decided, both.left.map(({ code }) => code)], [0, ['one-by-one', 'one-by-one']])
  for (const id of ids) assert.equal((await accept(ada.client, payments.id, [id])).decided, 1)
})

test('T77 an acceptance that is sent again under its key has one effect', async () => {
  const it = await company()
  await it.put([{ name: 'poster', team: 'payments' }])
  const body = JSON.stringify({ team: it.payments.id, chosen: { identities: [idOf('poster')] }, answers: ANSWERS })
  const send = async () => {
    const answer = await fetch(`${it.url}/v1/acceptances`, { method: 'POST', headers: { cookie: it.ada.cookie, 'content-type': 'application/json', 'idempotency-key': '"once"' }, body })
    return [answer.headers.get('idempotency-replayed'), ((await answer.json()) as { batch: string }).batch]
  }
  const first = await send()
  assert.deepEqual(await send(), ['true', first[1]])
  assert.deepEqual(await actions(it, idOf('poster')), ['acceptance.accept'])
})
