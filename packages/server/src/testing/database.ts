/**
 * A real PostgreSQL for a test file: a migrated template, and a database of its own for each that asks. A run of many
 * files shares one server (`ONUS_TEST_POSTGRES`); a file that runs alone starts its own.
 */
import { after } from 'node:test'
import pg from 'pg'
import type { Connection } from '../postgres/cluster.ts'
import { startTestServer } from './server.ts'

export type TestServer = { fresh(): Promise<Connection> }

/** Databases for the calling file; they are gone after its last test. */
export async function testDatabases(): Promise<TestServer> {
  const shared = process.env['ONUS_TEST_POSTGRES']
  const own = shared === undefined ? await startTestServer() : null
  const connection = own?.connection ?? (JSON.parse(shared ?? '') as Connection)
  const admin = new pg.Client({ ...connection, database: 'postgres' })
  await admin.connect()
  const made: string[] = []
  after(async () => {
    if (!own) for (const database of made) await admin.query(`drop database if exists ${database} with (force)`)
    await admin.end()
    await own?.stop()
  })
  return {
    async fresh() {
      const database = `test_${process.pid}_${made.length + 1}`
      made.push(database)
      await admin.query(`create database ${database} template ${connection.database}`)
      return { ...connection, database }
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
