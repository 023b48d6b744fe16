/** A backup file into an empty database, all of it or nothing. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { onConnection } from '../db/database.ts'
import type { Address } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { loadSigners } from '../ledger/keys.ts'
import { MasterKeyUnusable, SealBroken } from '../seal/index.ts'
import type { Sealer } from '../seal/index.ts'
import { BackupUnusable, END_OF_ROWS, EndLine, Header, TableLine } from './format.ts'

export type Restored = { tables: number; madeAt: string; version: string }

/** The longest header or name of a table; a row may be longer. */
const MAX_LINE_BYTES = 1024 * 1024
const END_BYTE = 0x0a

/**
 * Fills an empty database from `file`, in one transaction. Rejects with `BackupUnusable` when the database is not empty,
 * when the file is no backup, is cut off, was altered or comes from a newer version, and when the master key does not
 * open what is sealed in it; nothing is kept then but an empty schema.
 */
export async function restore(
  address: Address,
  file: string,
  { sealer, onTable }: { sealer: Sealer; onTable(name: string): void },
): Promise<Restored> {
  const reader = createLineReader(file)
  const client = new pg.Client({ ...address, application_name: 'onus restore' })
  await client.connect()
  try {
    const header = parseLine(Header, await reader.line(), 'the file is no backup of Onus')
    await refuseUnlessEmpty(client, header)
    await migrate(address, header.migrations).catch((error: unknown) => {
      throw new BackupUnusable(`the backup needs a schema that this version does not have: ${messageOf(error)}`)
    })
    await client.query('begin')
    const tables = await fill(client, reader, onTable)
    await refuseUnlessOpened(client, sealer)
    await client.query('commit')
    // What came since the version that made it.
    await migrate(address)
    return { tables, madeAt: header.madeAt, version: header.version }
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    reader.close()
    await client.end()
  }
}

/** Without a table; or with the schema alone that an earlier try made: a server that ever ran there has made its key. */
async function refuseUnlessEmpty(client: pg.Client, { migrations }: Header): Promise<void> {
  const { rows } = await client.query<{ tables: number; isSchema: boolean }>(`
    select count(*)::int as tables, to_regclass('ledger_key') is not null and to_regclass('migration') is not null as "isSchema"
    from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name <> 'migration'`)
  if (rows[0]?.tables === 0) return
  if (rows[0]?.isSchema) {
    const { rows: made } = await client.query<{ isNew: boolean }>(
      `select not exists (select from ledger_key) and not exists (select from migration where name <> all ($1)) as "isNew"`,
      [migrations],
    )
    if (made[0]?.isNew) return
  }
  throw new BackupUnusable('the database is not empty: restore into a new folder (ONUS_DATA_DIR) or a new database')
}

async function fill(client: pg.Client, reader: LineReader, onTable: (name: string) => void): Promise<number> {
  const { rows } = await client.query<{ table: string }>(
    `select table_name::text as table from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE'`,
  )
  const known = new Set(rows.map(({ table }) => table))
  const all = [...known].filter((table) => table !== 'migration').map((table) => `"${table}"`)
  // Triggers guard what people do; here rows come back that they let pass before.
  for (const table of all) await client.query(`alter table ${table} disable trigger user`)
  await client.query(`truncate ${all.join(', ')}`)
  await client.query('set constraints all deferred')
  let count = 0
  for (;;) {
    const digest = reader.digest()
    const text = await reader.line()
    const end = EndLine.safeParse(text)
    if (end.success) {
      if (end.data.end.sha256 !== digest || end.data.end.tables !== count)
        throw new BackupUnusable('the file was altered, or damaged on its way: its digest does not match')
      break
    }
    const { table, columns } = parseLine(TableLine, text, 'the file is damaged, or cut off')
    if (!known.has(table)) throw new BackupUnusable(`the file holds a table \`${table}\` that its schema does not have`)
    onTable(table)
    await copyRows(client, `"${table}" (${columns.map((name) => `"${name}"`).join(', ')})`, reader)
    count += 1
  }
  await client.query('set constraints all immediate')
  await setCounters(client)
  for (const table of all) await client.query(`alter table ${table} enable trigger user`)
  return count
}

async function copyRows(client: pg.Client, into: string, reader: LineReader): Promise<void> {
  const stream = client.query(copyFrom(`copy ${into} from stdin`))
  let failure: Error | null = null
  stream.on('error', (error) => {
    failure = error
  })
  for await (const rows of reader.rows()) {
    if (failure) throw failure
    if (!stream.write(rows)) await once(stream, 'drain')
  }
  stream.end()
  await finished(stream)
}

/** Each counter goes on behind the highest value that it gave. */
async function setCounters(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `select table_name::text as table, column_name::text as column from information_schema.columns
     where table_schema = current_schema() and is_identity = 'YES'`,
  )
  for (const { table, column } of rows)
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce((select max("${column}") from "${table}"), 0) + 1, false)`,
      [`"${table}"`, column],
    )
}

async function refuseUnlessOpened(client: pg.Client, sealer: Sealer): Promise<void> {
  await loadSigners(onConnection(client), sealer).catch((error: unknown) => {
    if (error instanceof SealBroken || error instanceof MasterKeyUnusable)
      throw new BackupUnusable(
        'the master key does not open what is sealed in the backup: bring the `master.key` of the server that made it',
      )
    throw error
  })
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function parseLine<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  value: unknown,
  otherwise: string,
): T {
  const read = schema.safeParse(value)
  if (!read.success) throw new BackupUnusable(otherwise)
  return read.data
}

type LineReader = {
  /** The next line, as JSON; null at the end and for what is none. */
  line(): Promise<unknown>
  /** The rows of a table up to its end. */
  rows(): AsyncGenerator<Buffer>
  /** Of everything that was read so far, in hexadecimal. */
  digest(): string
  close(): void
}

function createLineReader(file: string): LineReader {
  const source = createReadStream(file)
  const unzipped = source.pipe(createGunzip())
  source.on('error', (error) => unzipped.destroy(error))
  // Whoever reads is told; until somebody does, it must not end the process.
  unzipped.on('error', () => {})
  const chunks = unzipped[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const hash = createHash('sha256')
  let rest: Buffer = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const next = await chunks.next().catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'EISDIR')
        throw new BackupUnusable(`the file cannot be read (${error.code})`)
      throw new BackupUnusable('the file is no backup of Onus, is damaged, or is cut off')
    })
    if (next.done) return false
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value])
    return true
  }
  const take = (length: number): Buffer => {
    const bytes = rest.subarray(0, length)
    rest = rest.subarray(length)
    hash.update(bytes)
    return bytes
  }
  return {
    digest: () => hash.copy().digest('hex'),
    close: () => source.destroy(),
    async line() {
      let at = rest.indexOf(END_BYTE)
      while (at < 0) {
        if (rest.length > MAX_LINE_BYTES || !(await more())) return null
        at = rest.indexOf(END_BYTE)
      }
      const text = take(at + 1).toString('utf8')
      try {
        return JSON.parse(text)
      } catch {
        return null
      }
    },
    async *rows() {
      while (rest.length < END_OF_ROWS.length && (await more()));
      if (rest.subarray(0, END_OF_ROWS.length).equals(END_OF_ROWS)) {
        take(END_OF_ROWS.length)
        return
      }
      for (;;) {
        const at = rest.indexOf(END_OF_LAST_ROW)
        if (at >= 0) {
          yield take(at + 1)
          take(END_OF_ROWS.length)
          return
        }
        // The mark may lie across two chunks.
        const sure = rest.length - END_OF_LAST_ROW.length
        if (sure > 0) yield take(sure)
        if (!(await more())) throw new BackupUnusable('the file is cut off')
      }
    },
  }
}

const END_OF_LAST_ROW = Buffer.concat([Buffer.from('\n'), END_OF_ROWS])
