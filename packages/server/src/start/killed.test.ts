/**
 * T63: the server is killed at every step of a change, from its start to its last answer. In a normal run most lives are
 * cut off here and some are processes that are killed; `ONUS_KILLS=all` takes every step, each with a process.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CompiledQuery } from 'kysely'
import { mulberry } from '../changes/testing/dice.ts'
import { estate, grant } from '../changes/testing/estate.ts'
import { readVerifierKey } from '@onus/core/ledger/checkpoint.ts'
import { verifyExport } from '@onus/core/ledger/verify.ts'
import type { Verified } from '@onus/core/ledger/verify.ts'
import { sha256 } from '../ledger/append.ts'
import { exportLedger } from '../ledger/export.ts'
import { listKeys } from '../ledger/index.ts'
import { verifySignature } from '../ledger/testing/ledger.ts'
import type { Member } from '../testing/company.ts'
import { testDatabases } from '../testing/database.ts'
import { live } from './testing/life.ts'
import type { Kind, Life } from './testing/life.ts'

const KILLS_ALL = process.env['ONUS_KILLS'] === 'all'
const SEED = Number(process.env['ONUS_FUZZ_SEED'] ?? 20261124) || 20261124
const CUTS = { starts: 8, changes: 16 }
const PROCESSES = { starts: 1, changes: 1 }

const databases = await testDatabases()
const connection = await databases.fresh()
const it = await estate(connection)
await it.ctx.sequencer.stop()

type Row = Record<string, unknown>
const ask = (text: string, values: unknown[] = []): Promise<Row[]> =>
  it.ctx.db.tx(async (tx) => (await tx.executeQuery(CompiledQuery.raw(text, values))).rows as Row[])

/** One server after another on the same database. */
class Lives {
  current: Life | null = null
  kills = 0
  readonly kind: Kind
  constructor(kind: Kind) {
    this.kind = kind
  }
  async start(killAt?: number): Promise<Life | null> {
    const env = { ONUS_MASTER_KEY_FILE: `${it.ctx.config.dataDir}/master.key` }
    const life = await live({ kind: this.kind, connection, env, now: it.clock.now, ...(killAt === undefined ? {} : { killAt }) })
    if (life === null) this.kills += 1
    return (this.current = life)
  }
  /** Whoever answers; started again when the last one died. */
  async one(): Promise<Life> {
    if (this.current?.ended.aborted) {
      this.kills += 1
      this.current = null
    }
    return this.current ?? (await this.start()) ?? assert.fail('it did not start')
  }
  async end(): Promise<void> {
    await this.current?.kill()
    this.current = null
  }
}

type Asked = { by: Member; method: 'GET' | 'POST'; path: string; body?: unknown; key?: string | null }
type Answer = { status: number; body: Record<string, unknown> & { id: string; digest: string; state: string } }

/** null: no answer came. */
async function send(life: Life, { by, method, path, body, key }: Asked): Promise<Answer | null> {
  try {
    const answer = await fetch(`${life.url}${path}`, {
      method,
      signal: life.ended,
      headers: { cookie: by.cookie, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}), ...(key ? { 'idempotency-key': key } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as Answer['body'] }
  } catch {
    return null
  }
}

/** The four requests of a change, in their order. */
const REQUESTS = ['propose', 'comment', 'approve as owner', 'approve as sponsor'] as const
/** The step of each request at which the server dies that is asked first; 0 or none: it lives. */
type Deaths = readonly number[]

/** As a person does who got no answer: asks again, with the same key; without one, looks first whether it is there. */
async function insist(lives: Lives, asked: Asked, death: number, isDone: () => Promise<boolean>): Promise<number> {
  let steps = 0
  for (let tries = 0; tries < 10; tries += 1) {
    const life = await lives.one()
    const before = life.door.steps()
    if (tries === 0 && death > 0) life.door.shutAt(before + death, () => void life.kill())
    const answer = await send(life, asked)
    steps = life.door.steps() - before
    if (answer && answer.status < 300) return steps
    assert.ok(answer === null || answer.status === 503 || answer.status === 409, `${asked.path}: ${JSON.stringify(answer)}`)
    // The connections of the dead one end when PostgreSQL notices; until then it may hold a lock or a key.
    if (answer?.status === 409) assert.ok((asked.key ? ['in-flight'] : ['already-decided', 'not-open']).includes(String(answer.body['code'])), `${asked.path}: ${JSON.stringify(answer)}`)
    // Whoever gets no answer knows it a moment before the end of the process is told.
    if (answer === null) await Promise.race([life.gone, sleep(5_000)])
    if (!asked.key && (await isDone())) return steps
    if (answer) await sleep(20)
  }
  return assert.fail(`${asked.path} was not answered`)
}

let rounds = 0
/** Proposed, commented, approved by owner and sponsor: applied. Answers what was asked for, and the steps of each request. */
async function change(lives: Lives, isKeyed: boolean, deaths: Deaths = []): Promise<{ resource: string; steps: number[] }> {
  rounds += 1
  const resource = `round-${rounds}`
  const found = async (): Promise<{ id: string; digest: string } | undefined> =>
    (await ask(`select id, digest from change_request where content->'add'->0->>'resource' = $1`, [resource]))[0] as { id: string; digest: string } | undefined
  const has = (action: string, by: Member) => async (): Promise<boolean> =>
    (await ask('select from ledger_entry where change_id = $1 and action = $2 and actor_id = $3', [(await found())?.id, action, by.id])).length > 0
  const steps: number[] = []
  const post = async (by: Member, path: string, body: unknown, isDone: () => Promise<boolean>): Promise<void> => {
    const step = steps.length
    const key = isKeyed ? `${resource} ${REQUESTS[step]}` : null
    steps.push(await insist(lives, { by, method: 'POST', path, body, key }, deaths[step] ?? 0, isDone))
  }
  const content = grant(it, it.ledger, { resource })
  await post(it.ada, '/v1/changes', { content, reason: 'needed for the release' }, async () => (await found()) !== undefined)
  const { id, digest } = (await found()) ?? assert.fail('what was answered is not there')
  await post(it.ada, `/v1/changes/${id}/comments`, { text: 'please today' }, has('change.comment', it.ada))
  await post(it.bob, `/v1/changes/${id}/approve`, { digest }, has('change.approve', it.bob))
  await post(it.sam, `/v1/changes/${id}/approve`, { digest }, has('change.approve', it.sam))
  return { resource, steps }
}

/** Between two lives: what is applied has its effect, and what is not has none. */
async function checkNoHalf(): Promise<void> {
  const halves = await ask(`select c.id, c.state from change_request c where (c.state = 'applied')
    <> (exists (select from decided_grant g where g.change_id = c.id) and exists (select from ledger_entry e where e.change_id = c.id and e.action = 'change.apply'))`)
  assert.deepEqual(halves, [])
}

/** Once each, whatever was sent how often. */
async function checkOnce(resource: string, name: string): Promise<void> {
  const changes = await ask(`select id, state from change_request where content->'add'->0->>'resource' = $1`, [resource])
  assert.deepEqual(changes.map(({ state }) => state), ['applied'], name)
  const id = changes[0]?.['id']
  const entries = await ask('select action from ledger_entry where change_id = $1 order by seq', [id])
  assert.deepEqual(entries.map(({ action }) => action), ['change.propose', 'change.comment', 'change.approve', 'change.approve', 'change.apply', 'scope.grant'], name)
  const decisions = await ask('select seat from change_decision where change_id = $1 and voided_at is null order by seat', [id])
  assert.deepEqual(decisions.map(({ seat }) => seat), [`answer:${it.payments.id}`, `sponsor:${it.sam.id}`], name)
  assert.equal((await ask('select from decided_grant where change_id = $1 and ended_at is null', [id])).length, 1, name)
  assert.equal((await ask('select from decided_grant where resource = $1', [resource])).length, 1, name)
}

/** Every entry has its place, the tree is whole, and an export of it verifies. */
async function checkLedger(lives: Lives): Promise<number> {
  for (let tries = 0; (await ask('select from ledger_queue limit 1')).length > 0; tries += 1) {
    assert.ok(tries < 400, 'the queue is taken into the tree')
    // A death that a request did not come to may still be ahead.
    await lives.one()
    await sleep(50)
  }
  await lives.end()
  const [counts] = await ask('select (select count(*)::int from ledger_entry) as entries, (select count(*)::int from ledger_leaf) as leaves, (select max(index)::int + 1 from ledger_leaf) as size')
  assert.deepEqual([counts?.['leaves'], counts?.['size']], [counts?.['entries'], counts?.['entries']], 'no gap, none twice')
  const keys = (await listKeys(it.ctx.db.read)).flatMap(({ vkey }) => readVerifierKey(vkey, sha256) ?? [])
  let file = ''
  for await (const piece of exportLedger(it.ctx.db.read)) file += piece
  const verdict = (await verifyExport([Buffer.from(file)], { sha256, verifySignature, keys, since: null })) as Verified
  assert.deepEqual([verdict.state, verdict.size], ['verified', counts?.['entries']])
  return verdict.size
}

/** How many steps a start has, and each request after it, when nobody is killed. */
async function countSteps(kind: Kind): Promise<{ ofStart: number; ofRequests: number[] }> {
  const lives = new Lives(kind)
  const life = (await lives.start()) ?? assert.fail()
  const ofStart = life.door.steps()
  // The first change also opens connections.
  await change(lives, true)
  const { resource, steps } = await change(lives, true)
  await checkOnce(resource, 'undisturbed')
  await lives.end()
  return { ofStart, ofRequests: steps }
}

/** Numbers from 1 to `most` in an order of the dice. */
const shuffled = (most: number, dice: () => number): number[] =>
  Array.from({ length: most }, (_, n) => ({ n: n + 1, at: dice() })).toSorted((a, b) => a.at - b.at).map(({ n }) => n)

type Swept = { kills: number; entries: number; ofStart: number; ofRequests: number[] }

/** Kills at so many steps of a start, and in so many changes at a step of each request; null: at every one there is. */
async function sweep(kind: Kind, most: { starts: number; changes: number } | null): Promise<Swept> {
  const { ofStart, ofRequests } = await countSteps(kind)
  const dice = mulberry(SEED)
  const lives = new Lives(kind)
  for (const step of shuffled(ofStart, dice).slice(0, most?.starts)) {
    await lives.end()
    await lives.start(step)
  }
  const longest = Math.max(...ofRequests)
  const deaths = ofRequests.map((count) => {
    const steps = shuffled(count, dice)
    // A shorter request dies at each of its steps more than once.
    return Array.from({ length: longest }, (_, n) => steps[n % count] ?? 1)
  })
  for (let n = 0; n < Math.min(longest, most?.changes ?? longest); n += 1) {
    const dying = deaths.map((steps) => steps[n] ?? 0)
    const { resource } = await change(lives, n % 2 === 0, dying)
    await checkNoHalf()
    await checkOnce(resource, `killed at ${dying.join(', ')}`)
  }
  return { kills: lives.kills, entries: await checkLedger(lives), ofStart, ofRequests }
}

const told = (kind: string, { kills, entries, ofStart, ofRequests }: Swept): string =>
  `${kills} ${kind}; a start has ${ofStart} steps, the requests ${ofRequests.join(', ')}; a ledger of ${entries} entries verifies`

test(`T63 a server that is cut off at any step of a change loses nothing and doubles nothing (seed ${SEED})`, async (t) => {
  const done = await sweep('cut', KILLS_ALL ? null : CUTS)
  t.diagnostic(told('cuts', done))
  assert.ok(done.kills >= CUTS.starts + 2 * CUTS.changes, `${done.kills} cuts`)
})

test(`T63 kill -9 of the process at any step of a change loses nothing and doubles nothing (seed ${SEED})`, async (t) => {
  const done = await sweep('process', KILLS_ALL ? null : PROCESSES)
  t.diagnostic(told('kills', done))
  assert.ok(done.kills >= PROCESSES.starts + PROCESSES.changes, `${done.kills} kills`)
})
