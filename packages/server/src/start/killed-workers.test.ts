/**
 * T63: what runs by itself is cut off from its database at every step: the sequencer, the clocks of acceptances,
 * escalation, changes and exceptions, notifications and webhooks, simulations. `ONUS_KILLS=all` takes every step.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CompiledQuery } from 'kysely'
import { settleDue } from '../accountability/lapse.ts'
import { endDue } from '../changes/clock.ts'
import { mulberry } from '../changes/testing/dice.ts'
import { approve, enforce, estate, grant, inDays, propose } from '../changes/testing/estate.ts'
import type { Context } from '../context.ts'
import { openDatabase } from '../db/database.ts'
import { personLeft } from '../directory/index.ts'
import { sequence } from '../ledger/sequence.ts'
import { hookSink, mailSink } from '../notifications/testing/sinks.ts'
import { deliverDue as notifyDue, senderOf } from '../notifications/worker.ts'
import { testDatabases } from '../testing/database.ts'
import { deliverDue as hooksDue } from '../webhooks/worker.ts'
import { databaseDoor } from './testing/database-door.ts'
import { live } from './testing/life.ts'

const KILLS_ALL = process.env['ONUS_KILLS'] === 'all'
const SEED = Number(process.env['ONUS_FUZZ_SEED'] ?? 20261124) || 20261124
const CUTS = 8

const mails = await mailSink()
const hooks = await hookSink()
const connection = await (await testDatabases()).fresh()
const it = await estate(connection, [], {
  ONUS_SMTP_URL: mails.url,
  ONUS_MAIL_FROM: 'Onus <onus@company.example>',
  ONUS_OUTBOUND_ALLOW_PRIVATE: 'true',
  ONUS_PUBLIC_URL: 'http://127.0.0.1',
})
await it.ctx.sequencer.stop()

type Row = Record<string, unknown>
const ask = (text: string, values: unknown[] = []): Promise<Row[]> =>
  it.ctx.db.tx(async (tx) => (await tx.executeQuery(CompiledQuery.raw(text, values))).rows as Row[])
const later = (days: number): Promise<void> => it.turn(inDays(it, days))

/** Everything that the server does by itself, once, in the order in which one leads to another. */
async function turn(ctx: Context): Promise<void> {
  await settleDue(ctx)
  await endDue(ctx)
  await sequence(ctx.db, { sealer: ctx.sealer, now: ctx.clock() })
  await notifyDue(ctx, senderOf(ctx))
  await hooksDue(ctx)
}

/** A turn of a server that dies at that step. Answers how many steps it came to. */
async function turnUntil(step: number): Promise<number> {
  const door = await databaseDoor(connection)
  door.shutAt(step, () => {})
  const db = openDatabase(door.connection, () => {}, 4)
  await turn({ ...it.ctx, db }).catch(() => {})
  const steps = door.steps()
  door.shut()
  await db.close()
  return steps
}

/** Until nothing is left to do. What the dead had claimed is free after two minutes. */
async function recover(): Promise<void> {
  for (let tries = 0; tries < 12; tries += 1) {
    await later(5 / 1_440)
    await turn(it.ctx)
    await keepSent()
    const [left] = await ask(`select (select count(*)::int from ledger_queue) + (select count(*)::int from restanding)
      + (select count(*)::int from notice where told_at is null) + (select count(*)::int from message where state = 'waiting')
      + (select count(*)::int from webhook_event) as count`)
    if (left?.['count'] === 0) return
  }
  assert.fail('something is never done')
}

const LIMIT = `@id("no-orders") @title("No orders") @found("resource.on") @allowed("anything but orders")
forbid (principal, action == Onus::Action::"grant", resource) when { resource.on like "orders-*" };`

let round = 0
/** An acceptance that runs out, a change that expires, an exception that ends, and one team that loses its last member. */
async function makeDue(): Promise<void> {
  round += 1
  const answers = { purpose: 'Posts invoices', function: { name: 'Monthly invoicing' }, sponsor: it.sam.id, revocation: 'Delete the account' }
  const accept = (by: typeof it.bob, team: string, id: string, days: number) =>
    by.client.acceptIdentities({ body: { team, chosen: { identities: [id] }, answers: { ...answers, sponsor: by === it.bob ? it.sam.id : null }, until: inDays(it, days) } })
  await accept(it.bob, it.payments.id, it.worker.id, 3)
  const content = { kind: 'exception', rule: 'no-orders', identity: it.worker.id, control: 'reviewed by hand', until: inDays(it, 2) } as const
  const exception = await propose(it.ada, content)
  await approve(it.gil, exception.id).catch(() => {})
  await approve(it.bob, exception.id).catch(() => {})
  await it.ada.client.proposeChange({ body: { content: grant(it, it.ledger, { resource: `round-${round}` }), reason: 'for later', expiresInDays: 1 } })
  const lonely = await it.team(`lonely-${round}`)
  const eve = await it.join(`eve-${round}`, lonely, `eve-${round}@pay.example`)
  await it.change((w) => personLeft(w, eve.id))
  // The change and the exception were told of before; what is to come is what is due.
  await recover()
}

/** Message-IDs of what was sent; the rows are forgotten after a time. */
const sent = new Set<string>()
async function keepSent(): Promise<void> {
  for (const { id } of await ask(`select id from message where state = 'sent'`)) sent.add(`<${String(id)}@company.example>`)
}

/** One entry, one notice, one message a cause; every message and every event arrived, and twice only under one id. */
async function check(name: string): Promise<void> {
  const twice = await ask(`select action, subject_id, count(*) from ledger_entry where action in ('change.expire', 'exception.lapse')
    group by action, subject_id, body::json->>'change', body::json->'before'->>'exception' having count(*) > 1`)
  assert.deepEqual(twice, [], name)
  const [sums] = await ask(`select
    (select count(*)::int from change_request where state = 'expired') as expired,
    (select count(*)::int from ledger_entry where action = 'change.expire') as told_expired,
    (select count(*)::int from acceptance where ended = 'ran-out') as lapsed,
    (select count(*)::int from ledger_entry where action = 'acceptance.lapse') as told_lapsed,
    (select count(*)::int from exception where lapse_told_at is not null) as ended,
    (select count(*)::int from ledger_entry where action = 'exception.lapse') as told_ended,
    (select count(*)::int from orphaned) as orphans`)
  assert.deepEqual([sums?.['expired'], sums?.['lapsed'], sums?.['ended']], [sums?.['told_expired'], sums?.['told_lapsed'], sums?.['told_ended']], name)
  assert.deepEqual([sums?.['expired'], sums?.['lapsed'], sums?.['ended'], sums?.['orphans']], [round, round, round, 1], name)
  const notices = await ask(`select text from notice group by text, path, person_id, team_id, power, at having count(*) > 1`)
  assert.deepEqual(notices, [], `${name}: nobody is told twice of one thing`)
  const totals = `select rule, max(severity) as severity, sum(fail)::int as fail from rule_count group by rule having sum(fail) > 0 order by rule`
  assert.deepEqual(await ask('select rule, severity, fail::int from rule_total where fail > 0 order by rule'), await ask(totals), `${name}: sums of rules`)
}

/** Over all rounds: at least once, and under one id. */
async function checkArrived(): Promise<{ mails: number; events: number }> {
  assert.deepEqual([...new Set(mails.mails.map(({ id }) => id))].toSorted(), [...sent].toSorted())
  const bodies = new Map<string, string>()
  for (const { id, raw } of mails.mails) {
    const text = raw.slice(raw.indexOf('\r\n\r\n'))
    assert.equal(bodies.get(id) ?? text, text, 'the same id says the same')
    bodies.set(id, text)
  }
  const firsts = [...new Map(hooks.hooks.map(({ headers, body }) => [String(headers['webhook-id']), JSON.parse(body) as { data: { sequence: number; subject: { id: string } } }])).entries()]
  const wanted = (await ask(`select e.id from ledger_leaf l join ledger_entry e using (seq) where l.index >= $1 order by l.index`, [firstIndex])).map(({ id }) => id)
  assert.deepEqual(firsts.map(([id]) => id).toSorted(), wanted.toSorted())
  const last = new Map<string, number>()
  for (const [, { data }] of firsts) {
    assert.ok((last.get(data.subject.id) ?? -1) < data.sequence, 'in order for each object')
    last.set(data.subject.id, data.sequence)
  }
  return { mails: mails.mails.length - sent.size, events: hooks.hooks.length - wanted.length }
}

let firstIndex = 0
test(`T63 what runs by itself is cut off at any step: each end once in the ledger, each message under one id (seed ${SEED})`, async (t) => {
  await enforce(it, 'no-orders', LIMIT, 'warn')
  await recover()
  const { webhook } = await it.olga.client.createWebhook({ body: { url: hooks.url, purpose: 'tickets', actions: [] } })
  firstIndex = Number((await ask('select next_index from webhook_progress where webhook_id = $1', [webhook.id]))[0]?.['next_index'])
  await recover()
  await makeDue()
  await later(4)
  const steps = await turnUntil(Number.POSITIVE_INFINITY)
  await recover()
  await check('undisturbed')
  const dice = mulberry(SEED)
  const all = Array.from({ length: steps }, (_, n) => ({ step: n + 1, at: dice() })).toSorted((a, b) => a.at - b.at)
  const chosen = all.slice(0, KILLS_ALL ? steps : CUTS)
  for (const { step } of chosen) {
    await makeDue()
    await later(4)
    await turnUntil(step)
    // And once more, on what the first left behind.
    await turnUntil(1 + Math.floor(dice() * steps))
    await recover()
    await check(`cut off at ${step}`)
  }
  const more = await checkArrived()
  t.diagnostic(`${chosen.length * 2} cuts of ${steps} steps; ${more.mails} mails and ${more.events} events came twice, under their ids`)
})

test('T63 a simulation whose server dies says so after the next start, and leaves nothing running', async () => {
  const env = { ONUS_MASTER_KEY_FILE: `${it.ctx.config.dataDir}/master.key` }
  const wish = { kind: 'cut', connection, env, now: it.clock.now } as const
  const ids = new Set<string>()
  for (const step of [10, 14, 17, 20, 24, 30]) {
    const life = (await live(wish)) ?? assert.fail('it did not start')
    life.door.shutAt(life.door.steps() + step, () => void life.kill())
    const body = JSON.stringify({ id: 'no-orders', text: LIMIT })
    const headers = { cookie: it.gil.cookie, 'content-type': 'application/json' }
    await fetch(`${life.url}/v1/guardrails/simulate`, { method: 'POST', signal: life.ended, headers, body }).catch(() => null)
    await sleep(200)
    await life.kill()
    const next = (await live(wish)) ?? assert.fail('it did not start again')
    for (const { id, state, message } of await ask(`select id, state, message from job where kind = 'simulation'`)) {
      ids.add(String(id))
      assert.ok(state === 'done' || (state === 'failed' && /Onus stopped before this was done/.test(String(message))), `${step}: ${String(state)} ${String(message)}`)
    }
    await next.kill()
  }
  assert.ok(ids.size > 0)
})
