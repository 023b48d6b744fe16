import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { readCheckpoint, readVerifierKey } from '@onus/core/ledger/checkpoint.ts'
import { verifyExport } from '@onus/core/ledger/verify.ts'
import { openDatabase } from '../db/database.ts'
import { sha256 } from '../ledger/append.ts'
import { exportLedger } from '../ledger/export.ts'
import { listKeys } from '../ledger/index.ts'
import { verifySignature } from '../ledger/testing/ledger.ts'
import type { Connection } from '../postgres/cluster.ts'
import { openSealer } from '../seal/index.ts'
import { approve, estate, grant, propose } from '../changes/testing/estate.ts'
import { testApp } from '../testing/app.ts'
import { testDatabases } from '../testing/database.ts'
import { backup } from './backup.ts'
import { LEFT_OUT } from './format.ts'
import { restore } from './restore.ts'

const databases = await testDatabases()
const folder = await mkdtemp(join(tmpdir(), 'onus-backup-'))
after(() => rm(folder, { recursive: true, force: true }))
const NOW = new Date('2026-04-05T00:00:00Z')
const quiet = { onTable: () => {} }

/** A database without anything, as a new host has it. */
async function empty(): Promise<Connection> {
  const connection = await databases.fresh()
  await ask(connection, 'drop schema public cascade; create schema public; create extension if not exists pg_trgm')
  return connection
}
async function ask(connection: Connection, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    const answers = await client.query(text)
    return (Array.isArray(answers) ? answers.at(-1) : answers).rows
  } finally {
    await client.end()
  }
}
async function everything(connection: Connection): Promise<Map<string, string>> {
  const tables = await ask(connection, `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`)
  const sums = new Map<string, string>()
  for (const { table_name: table } of tables)
    if (!LEFT_OUT.has(String(table))) {
      const [row] = await ask(connection, `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as sum from "${String(table)}" t`)
      sums.set(String(table), String(row?.['sum']))
    }
  return sums
}

async function company() {
  const connection = await databases.fresh()
  const it = await estate(connection)
  const { id } = await propose(it.ada, grant(it, it.worker, { resource: 'back\\slash\ttab\nline\\.' }))
  await approve(it.bob, id)
  await it.ctx.sequencer.poke()
  return { it, connection }
}

test('T108 a backup that is restored elsewhere holds the same, proves the same ledger, and goes on', async () => {
  const { it, connection } = await company()
  const file = join(folder, 'whole.onus')
  const made = await backup(connection, file, { version: '0.0.0-test', now: NOW, ...quiet })
  assert.ok(made.tables > 30 && made.bytes > 1_000)
  const before = await everything(connection)
  const there = await empty()
  const done = await restore(there, file, { sealer: it.ctx.sealer, ...quiet })
  assert.deepEqual([done.tables, done.madeAt, done.version], [made.tables, NOW.toISOString(), '0.0.0-test'])
  assert.deepEqual(await everything(there), before)
  assert.deepEqual(await ask(there, 'select count(*)::int as sessions from session'), [{ sessions: 0 }], 'nobody is signed in by a backup')

  const again = await testApp(there, { env: { ONUS_MASTER_KEY_FILE: join(it.ctx.config.dataDir, 'master.key') } })
  const old = await it.client.ledgerState()
  // It counts on where it stood, and guards as before.
  await again.ctx.sequencer.poke()
  const later = await again.client.ledgerState()
  assert.equal(later.origin, old.origin)
  assert.ok(later.size > old.size && later.trouble === null, 'the sign-in after the restore is an entry')
  await assert.rejects(ask(there, 'delete from ledger_entry'), /ledger/)
  assert.equal((await again.client.identity({ params: { id: it.worker.id } })).identity.accountability.state, 'accountable')
})

test('T109 a backup of before brings back what was taken away since; a checkpoint that somebody kept tells that decisions are missing', async () => {
  const { it, connection } = await company()
  const file = join(folder, 'before.onus')
  await backup(connection, file, { version: '0.0.0-test', now: NOW, ...quiet })
  const [held] = (await ask(connection, 'select permission, resource, environment from decided_grant where ended_at is null')) as { permission: string; resource: string; environment: string | null }[]
  const { id } = await propose(it.ada, { kind: 'scope', identity: it.worker.id, add: [], remove: [held ?? assert.fail()] })
  await approve(it.bob, id)
  await it.ctx.sequencer.poke()
  const kept = readCheckpoint(await it.client.ledgerCheckpoint())
  assert.ok(kept)
  const there = await empty()
  await restore(there, file, { sealer: it.ctx.sealer, ...quiet })
  assert.equal((await ask(there, 'select from decided_grant where ended_at is null')).length, 1)
  const db = openDatabase(there, () => {})
  try {
    let text = ''
    for await (const piece of exportLedger(db.read)) text += piece
    const keys = (await listKeys(db.read)).flatMap(({ vkey }) => readVerifierKey(vkey, sha256) ?? [])
    const check = (since: typeof kept | null) => verifyExport([Buffer.from(text)], { sha256, verifySignature, keys, since })
    assert.equal((await check(null)).state, 'verified', 'by itself it is a whole ledger')
    const verdict = await check(kept)
    assert.deepEqual([verdict.state, 'code' in verdict && verdict.code], ['altered', 'history-rewritten'], JSON.stringify(verdict))
  } finally {
    await db.close()
  }
})

test('a backup is one instant: what commits while it is written is not in it', async () => {
  const { it, connection } = await company()
  const file = join(folder, 'instant.onus')
  let isDone = false
  await backup(connection, file, {
    version: '0.0.0-test',
    now: NOW,
    onTable: () => {
      if (isDone) return
      isDone = true
      void propose(it.ada, grant(it, it.ledger, { resource: 'meanwhile' }))
    },
  })
  const text = gunzipSync(await readFile(file)).toString('utf8')
  assert.ok(text.includes('back'))
  assert.ok(!text.includes('meanwhile'))
})

test('what cannot be restored is refused, with the reason, and leaves no row behind', async () => {
  const { it, connection } = await company()
  const file = join(folder, 'good.onus')
  await backup(connection, file, { version: '0.0.0-test', now: NOW, ...quiet })
  const text = gunzipSync(await readFile(file)).toString('latin1')
  const packed = (changed: string): Buffer => gzipSync(Buffer.from(changed, 'latin1'))
  const raw = await readFile(file)
  const stranger = await openSealer({ keyFile: null, dataDir: await mkdtemp(join(folder, 'stranger-')) })
  const cases: [name: string, bytes: Buffer, says: RegExp, sealer?: typeof stranger][] = [
    ['no backup at all', Buffer.from('hello\n'), /no backup of Onus/],
    ['another gzip', gzipSync('hello\n'), /no backup of Onus/],
    ['an empty one', gzipSync(''), /no backup of Onus/],
    ['cut off', raw.subarray(0, raw.length - 200), /cut off/],
    ['cut off between two tables', packed(text.slice(0, text.lastIndexOf('{"table"'))), /cut off/],
    ['one letter altered', packed(text.replace('acceptance.accept', 'acceptance.accepd')), /digest does not match/],
    ['from a newer version', packed(text.replace('0001-registry.sql', '9999-later.sql')), /schema that this version does not have: there is no migration 9999-later\.sql/],
    ['a table nobody knows', packed(text.replace('{"table":"person"', '{"table":"persons"')), /a table `persons`/],
    ['a name that is no name', packed(text.replace('{"table":"person"', '{"table":"person; drop"')), /damaged/],
    ['another master key', raw, /the master key does not open/, stranger],
  ]
  for (const [name, bytes, says, sealer = it.ctx.sealer] of cases) {
    const bad = join(folder, 'bad.onus')
    await writeFile(bad, bytes)
    const there = await empty()
    await assert.rejects(restore(there, bad, { sealer, ...quiet }), says, name)
    const isMade = (await ask(there, `select to_regclass('person') is not null as made`))[0]?.['made']
    const [people] = isMade ? await ask(there, "select count(*)::int as count from person where user_name = 'ada'") : [{ count: 0 }]
    assert.equal(people?.['count'], 0, name)
    // The next try is not held up by what the failed one left.
    assert.ok((await restore(there, file, { sealer: it.ctx.sealer, ...quiet })).tables > 30, name)
  }
  await assert.rejects(restore(connection, file, { sealer: it.ctx.sealer, ...quiet }), /not empty/)
})
