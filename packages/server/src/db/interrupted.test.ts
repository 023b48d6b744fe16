/** What happens to the schema and to decisions when a process or the database goes away in the middle. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { estate, grant } from '../changes/testing/estate.ts'
import { accountFor } from '../postgres/binaries.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Connection } from '../postgres/cluster.ts'
import { makeDataDir } from '../postgres/data-place.ts'
import { testDatabases } from '../testing/database.ts'
import { migrate } from './migrate.ts'

const databases = await testDatabases()

async function ask(connection: Connection, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
const schemaOf = (connection: Connection): Promise<Record<string, unknown>[]> =>
  ask(connection, `select table_name, column_name, data_type, is_nullable from information_schema.columns where table_schema = 'public' order by 1, ordinal_position`)

test('T107 a migration that is killed at any moment is taken up again by the next start', async () => {
  const whole = await databases.fresh()
  const wanted = await schemaOf(whole)
  const names = await ask(whole, 'select name from migration order by name')
  const module = new URL('./migrate.ts', import.meta.url).href
  const script = `const { migrate } = await import(process.argv[1]); process.stdout.write('at'); await migrate(JSON.parse(process.argv[2]))`
  let killed = 0
  for (let round = 0; round < 12; round += 1) {
    const there = await databases.fresh()
    await ask(there, 'drop schema public cascade').then(() => ask(there, 'create schema public'))
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, module, JSON.stringify(there)], { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    await sleep(round * 25)
    child.kill('SIGKILL')
    const [, signal] = await ended
    if (signal === 'SIGKILL') killed += 1
    await migrate(there)
    assert.deepEqual(await schemaOf(there), wanted)
    assert.deepEqual(await ask(there, 'select name from migration order by name'), names)
  }
  assert.ok(killed > 2, 'the kill came before the end')
})

test('T66 a database that restarts in the middle of decisions: each key has one effect, and whoever asks again is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onus-restart-'))
  const dataDir = await makeDataDir(folder, accountFor(process.getuid?.()))
  // Durable, as in production: what was answered is on the disk.
  let cluster = await startCluster(dataDir)
  after(async () => {
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  })
  await migrate(cluster.connection)
  const it = await estate(cluster.connection)
  const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`)
  const send = async (key: string): Promise<number> => {
    const content = grant(it, it.worker, { resource: `on-${key}` })
    const answer = await fetch(`${it.url}/v1/changes`, {
      method: 'POST',
      headers: { cookie: it.ada.cookie, 'content-type': 'application/json', 'idempotency-key': `"${key}"` },
      body: JSON.stringify({ content, reason: 'while the database restarts' }),
    }).catch(() => null)
    await answer?.text()
    return answer?.status ?? 0
  }
  const answered: number[] = []
  const waiting = [...keys]
  const sending = Promise.all(Array.from({ length: 4 }, async () => {
    for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
      answered.push(await send(key))
      // Nobody asks faster than that, and those who were refused leave some for later.
      await sleep(30)
    }
  }))
  while (answered.length < 5) await sleep(5)
  await cluster.stop()
  cluster = await startCluster(dataDir)
  await sending
  assert.ok(answered.includes(201) && answered.includes(503), `some before, some in between: ${answered.join(' ')}`)
  assert.ok(answered.every((status) => status === 201 || status === 503), answered.join(' '))
  const again: number[] = []
  for (const key of keys) again.push(await send(key))
  assert.ok(again.every((status) => status === 201), again.join(' '))
  const rows = await ask(cluster.connection, `select content->'add'->0->>'resource' as resource, count(*)::int as count from change_request group by 1 order by 1`)
  assert.deepEqual(rows.map(({ count }) => count), keys.map(() => 1))
})
