/** The whole ledger as a file for verifiers, a page at a time: rows are only added, so no long transaction is needed. */
import { sql } from 'kysely'
import { checkpointLine, entryLine, headerLine } from '@onus/core/ledger/export.ts'
import type { ShownPersonal } from '@onus/core/ledger/export.ts'
import type { Read } from '../db/database.ts'
import { listKeys, originOf } from './keys.ts'

/** An alteration that only checkpoints show is told apart to so many entries. */
const CHECKPOINT_EVERY = 256
/** A multiple of it. */
const PAGE = 1_024

export type LastCheckpoint = { size: number; root: Buffer; at: Date; note: string }

export async function lastCheckpoint(read: Read): Promise<LastCheckpoint | null> {
  const row = await read
    .selectFrom('ledger_checkpoint')
    .select(['size', 'root', 'at', 'note'])
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? { ...row, size: Number(row.size) } : null
}

/** Personal values that were not erased, by entry. */
export async function shownPersonal(read: Read, entries: readonly string[]): Promise<Map<string, ShownPersonal>> {
  const shown = new Map<string, ShownPersonal>()
  if (entries.length === 0) return shown
  const rows = await read
    .selectFrom('ledger_personal')
    .select(['entry_id', 'slot', 'salt', 'value'])
    .where('entry_id', '=', sql<string>`any(${entries}::text[])`)
    .orderBy('entry_id')
    .orderBy('slot')
    .execute()
  for (const { entry_id: entry, slot, salt, value } of rows) {
    const values = shown.get(entry) ?? {}
    values[slot] = { salt: salt.toString('hex'), value }
    shown.set(entry, values)
  }
  return shown
}

/** Checkpoints over more than `from` and up to `to` entries: the last in each stretch, and every turn of keys. */
async function checkpointsWithin(read: Read, from: number, to: number): Promise<Map<number, string>> {
  const rows = await read
    .selectFrom('ledger_checkpoint')
    .select(['size', 'note', 'is_turn'])
    .where('size', '>', String(from))
    .where('size', '<=', String(to))
    .orderBy('size')
    .execute()
  const stretch = (row: (typeof rows)[number] | undefined): number =>
    Math.ceil(Number(row?.size ?? Number.POSITIVE_INFINITY) / CHECKPOINT_EVERY)
  const chosen = rows.filter((row, at) => row.is_turn || stretch(row) !== stretch(rows[at + 1]))
  return new Map(chosen.map(({ size, note }) => [Number(size), note]))
}

/** Yields the export as text, some lines at a time; nothing when nothing was signed yet. */
export async function* exportLedger(read: Read): AsyncGenerator<string, void, void> {
  const last = await lastCheckpoint(read)
  if (!last) return
  const keys = (await listKeys(read)).map(({ vkey }) => vkey)
  yield `${headerLine({ origin: await originOf(read), size: last.size, checkpoint: last.note, keys })}\n`
  for (let from = 0; from < last.size; from += PAGE) {
    const to = Math.min(last.size, from + PAGE)
    const checkpoints = await checkpointsWithin(read, from, Math.min(to, last.size - 1))
    const rows = await read
      .selectFrom('ledger_leaf')
      .leftJoin('ledger_entry', 'ledger_entry.seq', 'ledger_leaf.seq')
      .select(['ledger_leaf.index', 'ledger_leaf.hash', 'ledger_entry.id', 'ledger_entry.body'])
      .where('ledger_leaf.index', '>=', String(from))
      .where('ledger_leaf.index', '<', String(to))
      .orderBy('ledger_leaf.index')
      .execute()
    const personal = await shownPersonal(
      read,
      rows.flatMap(({ id }) => id ?? []),
    )
    let text = ''
    for (const { index, hash, id, body } of rows) {
      const place = Number(index)
      text += `${entryLine({ index: place, leaf: hash, personal: personal.get(id ?? '') ?? {}, text: body })}\n`
      const note = checkpoints.get(place + 1)
      if (note !== undefined) text += `${checkpointLine(note)}\n`
    }
    yield text
  }
}
