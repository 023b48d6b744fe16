/** A real PostgreSQL for a test file: one server, a migrated template, a database of its own for each that asks. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import pg from 'pg'
import { migrate } from '../db/migrate.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Connection } from '../postgres/cluster.ts'
import { makeDataDir } from '../postgres/data-place.ts'
import { accountFor } from '../postgres/binaries.ts'

export type TestServer = { fresh(): Promise<Connection>; dataDir: string }

/** Starts the server for the calling file and stops it after its last test. */
export async function testDatabases(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'onus-test-'))
  const dataDir = await makeDataDir(folder, accountFor(process.getuid?.()))
  const cluster = await startCluster(dataDir, false)
  const clients: pg.Client[] = []
  const admin = new pg.Client({ ...cluster.connection, database: 'postgres' })
  await admin.connect()
  clients.push(admin)
  after(async () => {
    for (const client of clients) await client.end()
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  })
  await migrate(cluster.connection)
  let count = 0
  return {
    dataDir,
    async fresh() {
      const database = `test_${(count += 1)}`
      await admin.query(`create database ${database} template ${cluster.connection.database}`)
      return { ...cluster.connection, database }
    },
  }
}

/** A plain connection for looking at the tables; ended with the test file's `after`. */
export async function connect(connection: Connection): Promise<pg.Client> {
  const client = new pg.Client(connection)
  await client.connect()
  after(() => client.end())
  return client
}
