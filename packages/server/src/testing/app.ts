/** The API on a database of its own, signed in, with a clock that the test turns. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import pino from 'pino'
import { createClient } from '@onus/core/contract/client.ts'
import type { Client } from '@onus/core/contract/client.ts'
import { readConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { openDatabase } from '../db/database.ts'
import { createApp } from '../http/app.ts'
import type { App } from '../http/app.ts'
import { createJobs } from '../jobs/index.ts'
import { openLedger } from '../ledger/index.ts'
import type { Connection } from '../postgres/cluster.ts'
import { openSealer } from '../seal/index.ts'
import { sessionCookieName } from '../sessions/cookies.ts'
import { createLink, signIn } from '../sessions/index.ts'

export type TestApp = {
  app: App
  ctx: Context
  /** `http://127.0.0.1:PORT` */
  url: string
  /** Signed in as the administrator. */
  client: Client
  cookie: string
  /** Everything that was logged, as text. */
  logged(): string
  clock: { now: Date }
}
export type AppWish = { env?: Record<string, string>; exampleDir?: string; dist?: string; connections?: number }

export async function testApp(connection: Connection, wish: AppWish = {}): Promise<TestApp> {
  const dataDir = await mkdtemp(join(tmpdir(), 'onus-app-'))
  const reading = readConfig({ ONUS_DATA_DIR: dataDir, ...wish.env }, dataDir)
  if (!reading.ok) throw new Error(JSON.stringify(reading.complaints))
  const lines: string[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) })
  const clock = { now: new Date('2026-04-01T12:00:00.000Z') }
  const db = openDatabase(connection, (error) => log.error(error), wish.connections)
  const jobs = await createJobs({
    db,
    address: connection,
    clock: () => clock.now,
    onError: (error) => log.error({ err: error }),
  })
  const sealer = await openSealer({ keyFile: reading.config.masterKeyFile, dataDir })
  const sequencer = await openLedger({
    db,
    sealer,
    clock: () => clock.now,
    onError: (error) => log.error({ err: error }),
    limits: reading.config.ledgerLimits,
    // A test that wants it pokes.
    everyMs: 3_600_000,
  })
  const { cursor_key: cursorKey } = await db.read
    .selectFrom('installation')
    .select('cursor_key')
    .executeTakeFirstOrThrow()
  const ctx: Context = {
    db,
    address: connection,
    config: reading.config,
    clock: () => clock.now,
    log,
    jobs,
    sealer,
    sequencer,
    cursorKey,
    version: '0.0.0-test',
    exampleDir: wish.exampleDir ?? null,
  }
  const app = await createApp(ctx, wish.dist ?? join(dataDir, 'no-console'))
  const url = await app.server.listen({ host: '127.0.0.1', port: 0 })
  after(async () => {
    await app.server.close()
    await jobs.stop()
    await sequencer.stop()
    await db.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const { secret } = await signIn(db, await createLink(db, clock.now), clock.now)
  const cookie = `${sessionCookieName(ctx.config)}=${secret}`
  return { app, ctx, url, client: createClient(url, fetch, { cookie }), cookie, logged: () => lines.join(''), clock }
}
