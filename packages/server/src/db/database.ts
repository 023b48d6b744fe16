/** The one way to the database: reads through `Read`, writes only inside `tx`. The pool itself is not given out. */
import { Kysely, PostgresDialect } from 'kysely'
import type { Transaction } from 'kysely'
import type { ReadonlyKysely } from 'kysely/readonly'
import pg from 'pg'
import type { Connection } from '../postgres/cluster.ts'
import type { Tables } from './tables.ts'

export type Address = Connection | { connectionString: string }
export type Read = ReadonlyKysely<Tables>
export type Tx = Transaction<Tables>
export type Database = {
  read: Read
  tx<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** The transaction that is open on a connection, for code that is shared with requests. */
export function onConnection(client: pg.ClientBase): Tx {
  const pool = {
    connect: () => Promise.resolve({ query: client.query.bind(client), release: () => {} } as unknown as pg.PoolClient),
    end: () => Promise.resolve(),
    options: {},
  }
  // Its methods for transactions are not called: whoever opened it ends it.
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }) as unknown as Tx
}

/** No connection was had. */
export class DatabaseUnavailable extends Error {}

/** A statement of a request that takes longer is ended: a page waits for it, and it would hold a connection. */
const STATEMENT_TIMEOUT_MS = 20_000

export function openDatabase(address: Address, onError: (error: Error) => void, connections = 10): Database {
  const pool = new pg.Pool({
    ...address,
    max: connections,
    connectionTimeoutMillis: 10_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'onus',
  })
  // A connection that breaks (the database restarts, or ends it for idling) must not end the server, whether it is in
  // use or not; the pool opens another, and tells of idle ones besides.
  pool.on('connect', (client) => client.on('error', onError))
  pool.on('error', () => {})
  const connecting = {
    connect: () =>
      pool.connect().catch((cause: unknown) => {
        throw new DatabaseUnavailable('no connection to the database', { cause })
      }),
    end: () => pool.end(),
    options: pool.options,
  }
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: connecting }) })
  return {
    // The same object under a type that has no writes.
    read: kysely as unknown as Read,
    tx: (work) => kysely.transaction().execute(work),
    close: () => kysely.destroy(),
  }
}
