/** Rows into a table by COPY, in the text format of PostgreSQL. */
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

export type Cell = string | number | boolean | null
/** Enough for a write of a few milliseconds; less would pay a round trip through the stream for each row. */
const BUFFER_CHARS = 256 * 1024
/** What may be on its way to the database: it stores while the next rows are read, and neither waits for the other. */
const UNDERWAY_BYTES = 8 * 2 ** 20

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\u{fffd}' }

function cellText(cell: Cell): string {
  if (cell === null) return '\\N'
  if (typeof cell !== 'string') return String(cell)
  return /[\\\t\n\r\0]/.test(cell) ? cell.replaceAll(/[\\\t\n\r\0]/g, (found) => ESCAPES[found] ?? found) : cell
}

export type Copy = {
  add(cells: Cell[]): Promise<void>
  end(): Promise<void>
  /** Gives up: without it the connection would wait for more rows, and a rollback behind it for ever. */
  abort(): void
}

/** `into` is written by us: `table (column, …)`. One COPY at a time on a connection. */
export function copyInto(client: pg.ClientBase, into: string): Copy {
  const stream = client.query(copyFrom(`copy ${into} from stdin`, { highWaterMark: UNDERWAY_BYTES }))
  // An error also ends the wait of `end`; without a listener of its own it would end the process first.
  let failure: Error | null = null
  stream.on('error', (error) => {
    failure = error
  })
  let buffer = ''
  const flush = async (): Promise<void> => {
    if (failure) throw failure
    const text = buffer
    buffer = ''
    if (text !== '' && !stream.write(text)) await once(stream, 'drain')
  }
  return {
    async add(cells) {
      buffer += `${cells.map(cellText).join('\t')}\n`
      if (buffer.length > BUFFER_CHARS) await flush()
    },
    async end() {
      await flush()
      stream.end()
      await finished(stream)
    },
    abort() {
      stream.destroy()
    },
  }
}
