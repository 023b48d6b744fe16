import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContentOf } from '@onus/core/change/content.ts'
import { sql } from 'kysely'
import { ApiError } from '@onus/core/contract/client.ts'
import { mulberry } from './testing/dice.ts'
import { givePower, joinTeam, leaveTeam, personLeft, personReturned } from '../directory/index.ts'
import { retried } from '../db/retry.ts'
import { Refused } from '../http/refused.ts'
import { append } from '../ledger/index.ts'
import type { Actor } from '../sessions/index.ts'
import { testDatabases } from '../testing/database.ts'
import type { Member } from '../testing/company.ts'
import { approve as approveIn, reject as rejectIn } from './decide.ts'
import { peopleNow } from './people.ts'
import { enforce, estate, grant, propose } from './testing/estate.ts'
import { interleave } from './testing/gates.ts'
import { edit as editIn, withdraw as withdrawIn } from './write.ts'

const databases = await testDatabases()
const it = await estate(await databases.fresh())
const eve = await it.join('eve', it.payments, 'eve@pay.example')
const { ctx } = it

const actorOf = async (member: Member): Promise<Actor> => {
  // As a session found them a moment ago; what is so when the transaction runs is for the decision to ask.
  const found = (await peopleNow(ctx.db.read, [member.id], ctx.clock())).get(member.id)
  return found?.actor ?? { kind: 'person', id: member.id, name: '', teams: [it.payments.id], powers: ['guard'], session: '', behind: null }
}
const quietly = async (work: Promise<unknown>): Promise<void> => {
  await work.catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error
  })
}

const LIMIT = `@id("no-orders") @title("No orders") @found("resource.on") @allowed("anything but orders")
forbid (principal, action == Onus::Action::"grant", resource) when { resource.on like "orders-*" };`
await enforce(it, 'no-orders', LIMIT, 'warn')

/** Somebody whom it needs may just have left, or another did it a moment ago. */
const unlessRefused = (error: unknown): { id: string; digest: string; content: unknown } => {
  if (!(error instanceof ApiError)) throw error
  return { id: 'chg_none', digest: '', content: null }
}

type Move = (change: { id: string; digest: string; content: ContentOf<'scope'> }) => Promise<unknown>
const deciding = (member: Member, digestOf?: string): Move => async ({ id, digest }) => {
  const actor = await actorOf(member)
  return quietly(retried(ctx.db, (tx) => approveIn(ctx, tx, actor, id, { digest: digestOf ?? digest })))
}
let edits = 0
/** Everything that may happen to a change at once. */
const MOVES: Record<string, Move> = {
  'bob approves': deciding(it.bob),
  'eve approves': deciding(eve),
  'sam approves': deciding(it.sam),
  'ada approves her own': deciding(it.ada),
  'sam rejects': async ({ id, digest }) => quietly(retried(ctx.db, async (tx) => rejectIn(ctx, tx, await actorOf(it.sam), id, { digest, reason: 'not now' }))),
  'ada edits': async ({ id, digest, content }) => {
    edits += 1
    const next = { ...content, add: content.add.map((wish) => ({ ...wish, permission: `invoices:${edits}` })) }
    return quietly(retried(ctx.db, async (tx) => editIn(ctx, tx, await actorOf(it.ada), id, { digest, content: next, reason: 'better so' })))
  },
  'ada withdraws': async ({ id }) => quietly(retried(ctx.db, async (tx) => withdrawIn(ctx, tx, await actorOf(it.ada), id, undefined))),
  'bob leaves': () => it.change((w) => personLeft(w, it.bob.id)),
  'bob changes teams': () => it.change((w) => leaveTeam(w, it.payments.id, [it.bob.id])),
  'bob gets the power to guard': () => it.change((w) => givePower(w, 'guard', { person: it.bob.id })),
  'sam leaves': () => it.change((w) => personLeft(w, it.sam.id)),
  'security forbids it': () => enforce(it, 'no-orders', LIMIT).catch(unlessRefused),
  'another change of the same identity': async () => {
    const { id, digest, content } = await propose(eve, grant(it, it.ledger, { resource: `other-${(edits += 1)}` })).catch(unlessRefused)
    for (const who of [it.bob, it.sam]) await deciding(who)({ id, digest, content: content as ContentOf<'scope'> })
  },
}

/** As it was before: people, teams, guardrails. */
async function restore(): Promise<void> {
  await it.change(async (w) => {
    for (const each of [it.bob, it.sam]) await personReturned(w, each.id)
    await joinTeam(w, it.payments.id, [it.bob.id], 'scim')
  })
  await ctx.db.tx(async (tx) => {
    await tx.deleteFrom('power_holder').where('person_id', '=', it.bob.id).execute()
    // The limit that was set: what follows is about the next change.
    await tx.deleteFrom('guardrail_version').where('version', '>', 1).execute()
    await tx.updateTable('guardrail_version').set({ valid_to: null }).execute()
    await append(tx, [{ action: 'test.restore', actor: { kind: 'system', id: 'test' }, capacity: 'none', subject: { kind: 'test', id: 'test' } }], ctx.clock())
  })
}

type Told = { seq: string; action: string; actor_id: string; subject_id: string; change_id: string | null; digest: string | null; after: Record<string, unknown> | null; before: Record<string, unknown> | null }

/** Somebody waits for a lock that another holds. */
async function isWaiting(): Promise<boolean> {
  const { rows } = await sql`select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' limit 1`.execute(ctx.db.read as never)
  return rows.length > 0
}

/** I9, from the ledger alone: who had approved what when it was applied, and what was true then. */
async function check(id: string, digest: string, since: string, name: string): Promise<string> {
  const rows = await ctx.db.read.selectFrom('ledger_entry').select(['seq', 'action', 'actor_id', 'subject_id', 'change_id', 'body']).where('seq', '>', since).orderBy('seq').execute()
  const entries = rows.map((row): Told => ({ ...row, ...(JSON.parse(row.body) as Pick<Told, 'digest' | 'before' | 'after'>) }))
  const own = entries.filter((entry) => entry.change_id === id)
  const ends = own.filter(({ action }) => ['change.apply', 'change.reject', 'change.withdraw'].includes(action))
  assert.ok(ends.length <= 1, `${name}: ended ${ends.length} times`)
  const change = await ctx.db.read.selectFrom('change_request').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const granted = await ctx.db.read.selectFrom('decided_grant').select('id').where('change_id', '=', id).execute()
  const applied = own.find(({ action }) => action === 'change.apply')
  assert.equal(change.state === 'applied', applied !== undefined, `${name}: the state is what the ledger says`)
  assert.equal(granted.length, applied ? 1 : 0, `${name}: one effect`)
  if (!applied) return change.state
  assert.equal(change.digest, digest, `${name}: everybody approved what was there before the edit`)
  assert.equal(applied.digest, digest, `${name}: exactly this content`)
  const approvals = applied.after?.['approvals'] as Record<string, string>
  assert.deepEqual(Object.keys(approvals).sort(), [`answer:${it.payments.id}`, `sponsor:${it.sam.id}`], `${name}: every seat`)
  assert.equal(new Set(Object.values(approvals)).size, 2, `${name}: two people`)
  assert.ok(!Object.values(approvals).includes(it.ada.id), `${name}: not the author`)
  const before = entries.filter(({ seq }) => BigInt(seq) < BigInt(applied.seq))
  for (const person of Object.values(approvals)) {
    const given = own.find((entry) => entry.action === 'change.approve' && entry.actor_id === person && entry.digest === change.digest)
    assert.ok(given, `${name}: ${person} approved this digest`)
    assert.ok(!before.some((entry) => entry.action === 'directory.person-left' && entry.subject_id === person), `${name}: an approver had left`)
    assert.ok(!before.some((entry) => entry.action === 'directory.member-left' && entry.before?.['person'] === person), `${name}: an approver had changed teams`)
    assert.ok(!before.some((entry) => entry.action === 'directory.power-given' && entry.subject_id === person), `${name}: an approver had come to guard`)
  }
  assert.ok(!before.some((entry) => entry.action === 'guardrail.publish' && entry.subject_id === 'no-orders'), `${name}: it was forbidden`)
  assert.ok(!before.some((entry) => entry.action === 'scope.grant' && entry.subject_id === it.ledger.id), `${name}: the world had moved`)
  return change.state
}

const given = process.env['ONUS_FUZZ_SEED'] ?? '20261124'
const SEED = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given)
/** More of them when somebody looks for something. */
const ROUNDS = Number(process.env['ONUS_FUZZ_ROUNDS'] ?? 60)

test(`T36 T37 T38 whatever happens to a change at once, I9 holds (${ROUNDS} interleavings, seed ${SEED})`, async () => {
  const dice = mulberry(SEED)
  const names = Object.keys(MOVES)
  const pick = (): string => names[Math.floor(dice() * names.length)] ?? ''
  const ended = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id, digest, content } = await propose(it.ada, grant(it, it.ledger, { resource: `orders-${round}` }))
    const change = { id, digest, content: content as ContentOf<'scope'> }
    const { seq: since } = await ctx.db.read.selectFrom('ledger_entry').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirstOrThrow()
    // Mostly the last approval against something else; sometimes anything against anything.
    if (dice() < 0.7) await deciding(dice() < 0.5 ? it.sam : it.bob)(change)
    const moves = dice() < 0.7 ? [dice() < 0.5 ? 'bob approves' : 'sam approves', pick()] : [pick(), pick()]
    if (dice() < 0.5) moves.reverse()
    const [first = '', second = ''] = moves
    const at = 1 + Math.floor(dice() * 40)
    const name = `round ${round}: ${first} / ${second} at ${at}`
    await interleave(() => MOVES[first]?.(change) ?? Promise.resolve(), () => MOVES[second]?.(change) ?? Promise.resolve(), at, isWaiting)
    // Whoever has not heard of it clicks as well.
    if (dice() < 0.5) for (const who of [it.sam, it.bob]) await deciding(who)(change)
    const state = await check(id, digest, since, name)
    ended.set(state, (ended.get(state) ?? 0) + 1)
    await restore()
  }
  // The dice reached what it is about.
  for (const state of ['applied', 'open', 'rejected', 'withdrawn']) assert.ok((ended.get(state) ?? 0) > 0, `${state}: ${JSON.stringify([...ended])}`)
})

test('T37 many people click at once: one of them fills the seat, once', async () => {
  const crowd = await Promise.all(Array.from({ length: 12 }, (_, n) => it.join(`crowd-${n}`, it.payments, `crowd-${n}@pay.example`)))
  for (let round = 0; round < 10; round += 1) {
    const { id, digest } = await propose(it.ada, grant(it, it.worker, { resource: `crowded-${round}` }))
    const clicks = [...crowd, ...crowd].map((who) => who.client.approveChange({ params: { id }, body: { digest } }).then(() => 1, () => 0))
    const won = (await Promise.all(clicks)).reduce<number>((sum, each) => sum + each, 0)
    assert.equal(won, 1)
    const { items } = await it.client.listLedger({ query: { change: id } })
    assert.deepEqual(items.map(({ entry }) => entry.action), ['scope.grant', 'change.apply', 'change.approve', 'change.propose'])
  }
})
