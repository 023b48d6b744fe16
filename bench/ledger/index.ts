/**
 * What the ledger costs a decision, and how fast it is signed, written out and verified. ONUS_BENCH_ENTRIES is the size
 * of the ledger that is verified (default 500,000).
 */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { acceptCost } from './accept.ts'
import { run as onus } from '../../packages/cli/src/run.ts'
import { openDatabase } from '@onus/server/db/database.ts'
import type { Database, Tx } from '@onus/server/db/database.ts'
import { migrate } from '@onus/server/db/migrate.ts'
import { append } from '@onus/server/ledger/append.ts'
import type { NewEntry } from '@onus/server/ledger/append.ts'
import { exportLedger } from '@onus/server/ledger/export.ts'
import { listKeys, openKeys } from '@onus/server/ledger/keys.ts'
import { sequence } from '@onus/server/ledger/sequence.ts'
import { startCluster } from '@onus/server/postgres/cluster.ts'
import { accountFor } from '@onus/server/postgres/binaries.ts'
import { makeDataDir } from '@onus/server/postgres/data-place.ts'
import { openSealer } from '@onus/server/seal/index.ts'
import type { Sealer } from '@onus/server/seal/index.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ENTRIES = Number(process.env['ONUS_BENCH_ENTRIES'] ?? 500_000)
const ROUNDS = 15
const ROUND_MS = 700
const IDENTITIES = 20_000
const AT = new Date('2026-04-01T12:00:00.000Z')
const UNTIL = new Date('2027-04-01T12:00:00.000Z')
const DOCUMENT = JSON.stringify({ text: 'y'.repeat(1_500) })
const APPEND_TARGET = 0.15
const VERIFY_TARGET = 100_000

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start) / 1e9
}

const entryOf = (n: number): NewEntry => ({
  action: 'acceptance.accept',
  actor: { kind: 'person', id: `per_${n % 500}` },
  capacity: 'answer',
  subject: { kind: 'identity', id: `idn_${n % IDENTITIES}` },
  change: `chg_${n}`,
  digest: `sha256:${'0a'.repeat(32)}`,
  before: { state: 'claimed', team: null },
  after: { state: 'accountable', team: 'tm_parcels', purpose: 'prints labels', function: 'fn_shipping', endsAt: AT.toISOString() },
  personal: { reason: { value: 'it is ours since the move to the new hub', about: `per_${n % 500}` } },
})

/** An estate in the real tables, with all their indexes; what only differs in its text is made up in SQL. */
const ESTATE = `
  insert into person (id, user_name, name_key, display_name, origin, is_active, created_at, changed_at)
    values ('per_1', 'ada', 'ada', 'Ada', 'example', true, now(), now());
  insert into directory_team (id, name, slug, kind, origin, is_active, created_at, changed_at)
    values ('tm_parcels', 'Parcels', 'parcels', 'business', 'example', true, now(), now());
  insert into identity_version (identity_id, source_id, valid_from, opened_by, kind, state, search, sort_name, document)
    select 'idn_' || n, 'src', now(), 'imp', 'service-account', 'claimed', 'account ' || n, 'account ' || n,
      json_build_object('id', n, 'text', repeat('x', 1500))
    from generate_series(0, ${IDENTITIES - 1}) n;
  insert into identity (id, source_id, version_id, system, kind, name, namespace, environment, state, file, line, credentials,
      meaning_hash, document_hash, first_seen_at, last_seen_at, search, sort_name, sort_namespace, sort_team, state_rank, rotated_key)
    select identity_id, source_id, id, 'kubernetes', kind, sort_name, 'ns-' || id % 300, 'production', state, 'f.yaml', 1, 1,
      sha256(identity_id::bytea), sha256(identity_id::bytea), now(), now(), search, sort_name, 'ns-' || id % 300, '', 2, id
    from identity_version;
  analyze`

/** What accepting one identity writes, without its entry: less than the feature does, which also judges again. */
async function decide(tx: Tx, n: number): Promise<void> {
  const id = `idn_${n % IDENTITIES}`
  await tx.selectFrom('directory_team').select('id').where('id', '=', 'tm_parcels').forShare().execute()
  const held = await tx.selectFrom('identity').select('version_id').where('id', '=', id).forUpdate().executeTakeFirstOrThrow()
  const current = tx.selectFrom('acceptance').select('id').where('identity_id', '=', id).where('ended_at', 'is', null)
  await current.execute()
  const ended = tx.updateTable('acceptance').set({ ended_at: AT, ended: 'renewed' })
  await ended.where('identity_id', '=', id).where('ended_at', 'is', null).execute()
  await tx.insertInto('acceptance').values(acceptanceOf(id)).execute()
  await tx.updateTable('identity_version').set({ valid_to: AT }).where('id', '=', held.version_id).execute()
  const version = await tx.insertInto('identity_version').values(versionOf(id)).returning('id').executeTakeFirstOrThrow()
  const standing = { state: 'accountable', state_rank: 0, team: 'tm_parcels', team_name: 'Parcels', sort_team: 'parcels' }
  await tx.updateTable('identity').set({ ...standing, version_id: version.id }).where('id', '=', id).execute()
}

const acceptanceOf = (id: string) => ({
  id: `acc_${randomUUID()}`,
  batch: 'bat',
  identity_id: id,
  team_id: 'tm_parcels',
  team_name: 'Parcels',
  accepted_by: 'per_1',
  accepted_at: AT,
  until: UNTIL,
  purpose: 'prints labels',
  function_id: null,
  function_name: null,
  sponsor: null,
  revocation: null,
  change_id: null,
  ended_at: null,
  ended: null,
})

const versionOf = (id: string) => ({
  identity_id: id,
  source_id: 'src',
  valid_from: AT,
  valid_to: null,
  opened_by: 'bat',
  closed_by: null,
  kind: 'service-account',
  namespace: null,
  environment: null,
  state: 'accountable',
  team: 'tm_parcels',
  team_name: 'Parcels',
  search: id,
  sort_name: id,
  document: DOCUMENT,
  findings_digest: '',
})

/** Decisions a second by so many at once. */
async function decisions(db: Database, clients: number, isWritten: boolean, from: number): Promise<number> {
  const until = process.hrtime.bigint() + BigInt(ROUND_MS) * 1_000_000n
  let done = 0
  const taken = await seconds(() =>
    Promise.all(
      Array.from({ length: clients }, async () => {
        while (process.hrtime.bigint() < until) {
          const n = from + (done += 1)
          await db.tx(async (tx) => {
            await decide(tx, n)
            if (isWritten) await append(tx, [entryOf(n)], AT)
          })
        }
      }),
    ),
  )
  return done / taken
}

async function benchAccept(dataDir: string): Promise<void> {
  for (const clients of [1, 8]) {
    const { requestMs, statements, ledgerMs, share } = await acceptCost(ROOT, join(dataDir, `accept-${clients}`), clients)
    say(
      `accepting an identity through the API, ${clients} at once: ${requestMs.toFixed(1)} ms, ${statements.toFixed(0)} statements; ` +
        `the entry takes ${ledgerMs.toFixed(2)} ms, ${(share * 100).toFixed(1)} %, target below ${APPEND_TARGET * 100} %: ` +
        (share < APPEND_TARGET ? 'met' : 'MISSED'),
    )
  }
}

async function benchAppend(db: Database, sealer: Sealer): Promise<void> {
  for (const clients of [1, 8]) {
    const without: number[] = []
    const within: number[] = []
    // Side by side, so that what else the machine does weighs on both. The first round warms up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const pair = [await decisions(db, clients, false, round * 7_919), await decisions(db, clients, true, round * 7_919 + 3_000)]
      // What was queued is signed outside of both.
      await sequenceAll(db, sealer)
      if (round === 0) continue
      without.push(pair[0] ?? 0)
      within.push(pair[1] ?? 0)
    }
    const shares = within.map((rate, at) => 1 - rate / (without[at] ?? rate))
    const share = median(shares)
    say(
      `barest decision (8 statements, no judging, no HTTP), ${clients} at once: ${Math.round(median(without))}/s without an entry, ` +
        `${Math.round(median(within))}/s with one; the entry takes ${(share * 100).toFixed(1)} % (median of ${ROUNDS} pairs)`,
    )
  }
}

async function sequenceAll(db: Database, sealer: Sealer): Promise<number> {
  for (;;) {
    const done = await sequence(db, { sealer, now: AT })
    if (done.state === 'done' && !done.isMore) return done.size
  }
}

async function benchSequence(db: Database, sealer: Sealer): Promise<number> {
  let size = await sequenceAll(db, sealer)
  let spentAppending = 0
  let spentSequencing = 0
  const before = size
  while (size < ENTRIES) {
    const count = Math.min(10_000, ENTRIES - size)
    const entries = Array.from({ length: count }, (_, n) => entryOf(size + n))
    spentAppending += await seconds(() => db.tx((tx) => append(tx, entries, AT)))
    spentSequencing += await seconds(async () => {
      size = await sequenceAll(db, sealer)
    })
  }
  say(`append in bulk: ${Math.round((size - before) / spentAppending)} entries/s`)
  say(`sequence and sign: ${Math.round((size - before) / spentSequencing)} entries/s, up to ${size} entries`)
  return size
}

async function benchVerify(db: Database, file: string, size: number): Promise<void> {
  const written = await seconds(() => pipeline(Readable.from(exportLedger(db.read)), createWriteStream(file)))
  const { size: bytes } = await stat(file)
  say(`export: ${Math.round(size / written)} entries/s, ${Math.round(bytes / size)} bytes an entry`)
  const key = (await listKeys(db.read))[0]?.vkey ?? ''
  const rates: number[] = []
  const perCpu: number[] = []
  const peak = process.memoryUsage().rss
  for (let round = 0; round < 5; round += 1) {
    let said = ''
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        said += String(chunk)
        done()
      },
    })
    const { signal } = new AbortController()
    const io = { stdout, stderr: process.stderr, env: {}, signal, now: () => AT }
    const before = process.cpuUsage()
    const taken = await seconds(() => onus(['ledger', 'verify', file, '--key', key], io))
    const { user, system } = process.cpuUsage(before)
    perCpu.push((size * 1e6) / (user + system))
    if (!said.startsWith('verified')) throw new Error(said)
    rates.push(size / taken)
  }
  const rate = median(rates)
  say(
    `onus ledger verify: ${Math.round(rate)} entries/s (median of ${rates.length}; ${rates.map(Math.round).join(', ')}), target ${VERIFY_TARGET}: ` +
      `${rate >= VERIFY_TARGET ? 'met' : 'MISSED'}; ${Math.round(median(perCpu))} a second of CPU; memory grew by ${Math.round((process.memoryUsage().rss - peak) / 2 ** 20)} MB`,
  )
}

export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'onus-bench-'))
  const dataDir = await makeDataDir(folder, accountFor(process.getuid?.()))
  const cluster = await startCluster(dataDir)
  const db = openDatabase(cluster.connection, (error) => say(error.message))
  try {
    await migrate(cluster.connection)
    const client = new pg.Client(cluster.connection)
    await client.connect()
    await client.query(ESTATE)
    await client.end()
    const sealer = await openSealer({ keyFile: null, dataDir })
    await openKeys(db, sealer, AT)
    await benchAccept(folder)
    await benchAppend(db, sealer)
    const size = await benchSequence(db, sealer)
    await benchVerify(db, join(folder, 'ledger.ndjson'), size)
  } finally {
    await db.close()
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
