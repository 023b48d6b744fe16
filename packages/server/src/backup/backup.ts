/** The whole database as one file, as it was at one instant, while the server runs on. */
import { createHash } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Address } from '../db/database.ts'
import { BACKUP_VERSION, END_OF_ROWS, LEFT_OUT } from './format.ts'
import type { Header, TableLine } from './format.ts'

export type Backup = { tables: number; bytes: number }

/**
 * Writes `file` whole or not at all. One snapshot: what commits meanwhile is not in it, and nothing in it is half done.
 * Rejects with what the file system or the database says.
 */
export async function backup(
  address: Address,
  file: string,
  { version, now, onTable }: { version: string; now: Date; onTable(name: string): void },
): Promise<Backup> {
  const client = new pg.Client({ ...address, application_name: 'onus backup' })
  await client.connect()
  const growing = `${file}.part`
  try {
    await client.query('begin isolation level repeatable read read only')
    const tables = await listTables(client)
    const header: Header = {
      onus: { backup: BACKUP_VERSION },
      version,
      madeAt: now.toISOString(),
      migrations: (await client.query<{ name: string }>('select name from migration order by name')).rows.map(
        ({ name }) => name,
      ),
    }
    const handle = await open(growing, 'wx', 0o600)
    const bytes = Readable.from(bytesOf(client, header, tables, onTable), { objectMode: false })
    // Closes the handle at the end, after a flush to the disk.
    await pipeline(bytes, createGzip({ level: 6 }), handle.createWriteStream({ flush: true }))
    await client.query('commit')
    await rename(growing, file)
    return { tables: tables.length, bytes: (await stat(file)).size }
  } catch (error) {
    await rm(growing, { force: true })
    throw error
  } finally {
    await client.end()
  }
}

async function* bytesOf(
  client: pg.Client,
  header: Header,
  tables: readonly TableLine[],
  onTable: (name: string) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  const hashed = (bytes: Buffer): Buffer => {
    hash.update(bytes)
    return bytes
  }
  yield hashed(lineOf(header))
  for (const line of tables) {
    onTable(line.table)
    yield hashed(lineOf(line))
    // Names come from the catalog of this database and are ours.
    const rows = client.query(
      copyTo(`copy "${line.table}" (${line.columns.map((name) => `"${name}"`).join(', ')}) to stdout`),
    )
    for await (const chunk of rows) yield hashed(chunk as Buffer)
    yield hashed(END_OF_ROWS)
  }
  yield lineOf({ end: { tables: tables.length, sha256: hash.digest('hex') } })
}

const lineOf = (value: object): Buffer => Buffer.from(`${JSON.stringify(value)}\n`)

/** With a table behind those that its foreign keys name. */
async function listTables(client: pg.Client): Promise<TableLine[]> {
  const { rows: columns } = await client.query<{ table: string; columns: string[] }>(`
    select table_name::text as table, array_agg(column_name::text order by ordinal_position) as columns
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = current_schema() and table_type = 'BASE TABLE' and is_generated = 'NEVER'
    group by table_name order by table_name`)
  const { rows: keys } = await client.query<{ child: string; parent: string }>(`
    select child.relname::text as child, parent.relname::text as parent
    from pg_constraint join pg_class child on child.oid = conrelid join pg_class parent on parent.oid = confrelid
    where contype = 'f' and conrelid <> confrelid and connamespace = current_schema()::regnamespace and not condeferrable`)
  const left = new Map(columns.filter(({ table }) => !LEFT_OUT.has(table)).map((line) => [line.table, line]))
  const ordered: TableLine[] = []
  while (left.size > 0) {
    const next = [...left.values()].find(
      ({ table }) => !keys.some(({ child, parent }) => child === table && left.has(parent)),
    )
    if (!next) throw new Error('foreign keys of the schema form a ring')
    left.delete(next.table)
    ordered.push(next)
  }
  return ordered
}
