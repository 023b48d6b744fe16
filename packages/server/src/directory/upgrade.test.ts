import { test } from 'node:test'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { openDatabase } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { actorOfSession, actorOfToken, createLink, signIn } from '../sessions/index.ts'
import { connect, testDatabases } from '../testing/database.ts'

const databases = await testDatabases()
const hash = (secret: string): Buffer => createHash('sha256').update(secret).digest()

test('sessions, links and tokens of the version before work on, and those of its code on the new tables too', async () => {
  const connection = { ...(await databases.fresh()), database: 'before' }
  const admin = await connect({ ...connection, database: 'postgres' })
  await admin.query('create database before')
  const look = await connect(connection)
  await look.query(await readFile(new URL('../db/migrations/0001-registry.sql', import.meta.url), 'utf8'))
  await look.query("create table migration (name text primary key, at timestamptz not null default now()); insert into migration (name) values ('0001-registry.sql')")
  const write = async (n: number): Promise<void> => {
    await look.query("insert into session (token_hash, role, name, created_at, last_seen_at, expires_at) values ($1, 'administrator', 'administrator', now(), now(), now() + interval '1 day')", [hash(`session-${n}`)])
    await look.query("insert into sign_in_link (token_hash, created_at, expires_at) values ($1, now(), now() + interval '1 hour')", [hash(`link-${n}`)])
    await look.query("insert into api_token (id, token_hash, purpose, created_at, expires_at) values ($1, $2, 'CI', now(), now() + interval '1 day')", [`tok_${n}`, hash(`onus_${n}${'a'.repeat(42)}`)])
  }
  await write(1)
  const ran = await migrate(connection)
  assert.ok(ran.includes('0003-directory.sql'))
  await write(2)
  const db = openDatabase(connection, () => {})
  const now = new Date()
  for (const n of [1, 2]) {
    const actor = await actorOfSession(db, `session-${n}`, now)
    assert.deepEqual([actor?.id, actor?.powers], ['per_local', ['operate']])
    assert.ok((await signIn(db, `link-${n}`, now)).secret)
    assert.deepEqual((await actorOfToken(db, `onus_${n}${'a'.repeat(42)}`, now))?.scopes, ['import'])
  }
  assert.ok(await createLink(db, now))
  assert.deepEqual(await migrate(connection), [], 'again is nothing')
  await db.close()
})
