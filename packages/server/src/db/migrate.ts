import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import type { Address } from './database.ts'

const FOLDER = new URL('./migrations/', import.meta.url)
/** Any constant serves, as long as no one else uses it: "onus" in ASCII. */
const MIGRATION_LOCK = 0x6f6e7573

/** The files of `db/migrations` in order: `0001-registry.sql`. */
async function migrations(): Promise<string[]> {
  return (await readdir(FOLDER)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).sort()
}

/**
 * Brings the database to the schema of this version and answers the migrations it ran. Each runs in a transaction of
 * its own under an advisory lock, so two servers that start at once do not both run it. Rejects, changing nothing,
 * when the database was migrated by a newer version. `only`: no others than these, all of which must be known.
 */
export async function migrate(address: Address, only?: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ ...address, connectionTimeoutMillis: 10_000 })
  // A connection that breaks fails the statement that waits for it; that failure is the one to tell.
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await client.query(
      'create table if not exists migration (name text primary key, at timestamptz not null default now())',
    )
    const done = new Set(
      (await client.query<{ name: string }>('select name from migration')).rows.map(({ name }) => name),
    )
    const known = await migrations()
    const foreign = [...done].filter((name) => !known.includes(name))
    if (foreign.length)
      throw new Error(`the database was migrated by a newer Onus (${foreign.join(', ')}); start that one`)
    const unknown = only?.filter((name) => !known.includes(name)) ?? []
    if (unknown.length) throw new Error(`there is no migration ${unknown.join(', ')}`)
    const missing = known.filter((name) => !done.has(name) && (only === undefined || only.includes(name)))
    for (const name of missing) {
      const text = await readFile(new URL(name, FOLDER), 'utf8')
      await client.query('begin')
      await client.query(text)
      await client.query('insert into migration (name) values ($1)', [name])
      await client.query('commit')
    }
    return missing
  } finally {
    // Ends the transaction and frees the lock, whatever happened.
    await client.end()
  }
}
