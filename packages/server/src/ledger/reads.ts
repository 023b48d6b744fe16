/** What the ledger has, for people and for verifiers. */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { ROUTES } from '@onus/core/contract/routes.ts'
import type { Entry } from '@onus/core/ledger/entry.ts'
import { consistencyParts, inclusionParts } from '@onus/core/ledger/merkle.ts'
import type { Hash } from '@onus/core/ledger/merkle.ts'
import type { LedgerConsistency, LedgerDetail, LedgerRow, LedgerState } from '@onus/core/ledger/shapes.ts'
import { entryBundle, hasTile, TILE_WIDTH } from '@onus/core/ledger/tiles.ts'
import type { Tile } from '@onus/core/ledger/tiles.ts'
import type { Read } from '../db/database.ts'
import { Refused } from '../http/refused.ts'
import { readCursor, writeCursor } from '../registry/cursor.ts'
import type { Page } from '../registry/page.ts'
import { lastCheckpoint, shownPersonal } from './export.ts'
import type { LastCheckpoint } from './export.ts'
import { foldParts, LedgerDamaged, loadHashes } from './hashes.ts'
import { listKeys, originOf } from './keys.ts'
import type { Trouble } from './sequencer.ts'

/** Counting more would cost more than the page. */
const MAX_COUNT = 10_000

const hex = (hash: Hash): string => Buffer.from(hash).toString('hex')

type Ask = z.output<(typeof ROUTES)['listLedger']['query']>

function entriesOf(read: Read, ask: Omit<Ask, 'cursor' | 'limit'>) {
  let query = read.selectFrom('ledger_entry').leftJoin('ledger_leaf', 'ledger_leaf.seq', 'ledger_entry.seq')
  if (ask.subject !== undefined) query = query.where('subject_id', '=', ask.subject)
  if (ask.actor !== undefined) query = query.where('actor_id', '=', ask.actor)
  if (ask.action !== undefined) query = query.where('action', '=', ask.action)
  if (ask.change !== undefined) query = query.where('change_id', '=', ask.change)
  if (ask.from !== undefined) query = query.where('at', '>=', new Date(ask.from))
  if (ask.to !== undefined) query = query.where('at', '<', new Date(ask.to))
  return query
}

async function rowsOf(
  read: Read,
  rows: readonly { id: string; body: string; index: string | null }[],
): Promise<LedgerRow[]> {
  const personal = await shownPersonal(
    read,
    rows.map(({ id }) => id),
  )
  // Written by `append`; whether it is still what was written is for a verifier to say.
  const entries = rows.map(({ body }) => JSON.parse(body) as Entry)
  const names = await actorNames(
    read,
    entries.map(({ actor }) => actor.id),
  )
  return rows.map(({ id, index }, at) => ({
    index: index === null ? null : Number(index),
    stage: index === null ? 'queued' : 'published',
    // Made from the same rows.
    entry: entries[at] as Entry,
    actorName: names.get((entries[at] as Entry).actor.id) ?? null,
    personal: Object.fromEntries(Object.entries(personal.get(id) ?? {}).map(([slot, { value }]) => [slot, value])),
  }))
}

/** Names of people and tokens: the entries have their ids alone, so that a name can be erased. */
async function actorNames(read: Read, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const people = await read.selectFrom('person').select(['id', 'display_name as name']).where('id', 'in', ids).execute()
  const tokens = await read.selectFrom('api_token').select(['id', 'purpose as name']).where('id', 'in', ids).execute()
  return new Map([...people, ...tokens].map(({ id, name }) => [id, name]))
}

/** Entries, newest first, queued ones among them. Totals beyond 10,000 are not counted out. */
export async function listEntries(read: Read, cursorKey: Buffer, ask: Ask): Promise<Page<LedgerRow>> {
  const { cursor, limit, ...list } = ask
  const position = readCursor(cursorKey, list, cursor)
  let query = entriesOf(read, list).select([
    'ledger_entry.id',
    'ledger_entry.seq',
    'ledger_entry.at',
    'ledger_entry.body',
    'ledger_leaf.index',
  ])
  if (position)
    query = query.where(
      sql<boolean>`(ledger_entry.at, ledger_entry.seq) < (${position.after}::timestamptz, ${position.id}::bigint)`,
    )
  const rows = await query
    .orderBy('ledger_entry.at', 'desc')
    .orderBy('ledger_entry.seq', 'desc')
    .limit(limit + 1)
    .execute()
  const counted =
    position?.total ??
    (
      await read
        .selectFrom(
          entriesOf(read, list)
            .select('ledger_entry.seq')
            .limit(MAX_COUNT + 1)
            .as('some'),
        )
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow()
    ).count
  const total = Math.min(Number(counted), MAX_COUNT)
  const isTotalExact = position?.isTotalExact ?? Number(counted) <= MAX_COUNT
  const last = rows.length > limit ? rows[limit - 1] : undefined
  const next = last && { after: last.at.toISOString(), id: last.seq, total, isTotalExact }
  return {
    items: await rowsOf(read, rows.slice(0, limit)),
    nextCursor: next ? writeCursor(cursorKey, list, next) : null,
    total,
    isTotalExact,
  }
}

async function signed(read: Read): Promise<LastCheckpoint> {
  const last = await lastCheckpoint(read)
  if (!last) throw new Refused('not-found', 'nothing was signed yet; ask again in a second')
  return last
}

/** One entry with its proof. Throws `Refused` (`not-found`). */
export async function oneEntry(read: Read, id: string): Promise<LedgerDetail> {
  const row = await entriesOf(read, {})
    .select(['ledger_entry.id', 'ledger_entry.body', 'ledger_leaf.index', 'ledger_leaf.hash'])
    .where('ledger_entry.id', '=', id)
    .executeTakeFirst()
  const [told] = row ? await rowsOf(read, [row]) : []
  if (!row || !told) throw new Refused('not-found', 'no entry has this id')
  if (told.index === null || !row.hash) return { ...told, inclusion: null }
  // After the row: it has every leaf that the row can have.
  const { size, note: checkpoint } = await signed(read)
  const proof = (await foldParts(read, inclusionParts(told.index, size))).map(hex)
  return { ...told, inclusion: { text: row.body, leaf: hex(row.hash), index: told.index, size, proof, checkpoint } }
}

/** Throws `Refused` (`invalid-request`) when the ledger has not grown to `oldSize` yet. */
export async function consistency(read: Read, oldSize: number): Promise<LedgerConsistency> {
  const { size, note: checkpoint } = await signed(read)
  if (oldSize > size)
    throw new Refused('invalid-request', `the ledger has ${size} entries`, [
      { field: 'oldSize', reason: `is more than ${size}` },
    ])
  return { oldSize, size, proof: (await foldParts(read, consistencyParts(oldSize, size))).map(hex), checkpoint }
}

export async function checkpointNote(read: Read): Promise<string> {
  return (await signed(read)).note
}

/** The bytes of a tile or bundle, or null when the signed tree has not so much. */
export async function tileBytes(read: Read, tile: Tile): Promise<Buffer | null> {
  if (!hasTile(tile, (await lastCheckpoint(read))?.size ?? 0)) return null
  const from = tile.index * TILE_WIDTH
  if (tile.level !== 'entries') return Buffer.concat(await loadHashes(read, tile.level, from, tile.width))
  const rows = await read
    .selectFrom('ledger_leaf')
    .innerJoin('ledger_entry', 'ledger_entry.seq', 'ledger_leaf.seq')
    .select('ledger_entry.body')
    .where('ledger_leaf.index', '>=', String(from))
    .where('ledger_leaf.index', '<', String(from + tile.width))
    .orderBy('ledger_leaf.index')
    .execute()
  if (rows.length < tile.width) throw new LedgerDamaged(`entries are missing from ${from} on`)
  return Buffer.from(entryBundle(rows.map(({ body }) => Buffer.from(body))))
}

export async function ledgerState(read: Read, trouble: Trouble | null): Promise<LedgerState> {
  const [origin, last, keys] = await Promise.all([originOf(read), signed(read), listKeys(read)])
  const queue = await read
    .selectFrom('ledger_queue')
    .innerJoin('ledger_entry', 'ledger_entry.seq', 'ledger_queue.seq')
    .select(({ fn }) => [fn.countAll<string>().as('count'), fn.min('at').as('oldest')])
    .executeTakeFirstOrThrow()
  return {
    origin,
    size: last.size,
    root: hex(last.root),
    signedAt: last.at.toISOString(),
    queued: Number(queue.count),
    oldestQueuedAt: queue.oldest?.toISOString() ?? null,
    trouble: trouble && { ...trouble, since: trouble.since.toISOString() },
    keys: keys.map(({ vkey, createdAt, retiredAt }) => ({
      vkey,
      createdAt: createdAt.toISOString(),
      retiredAt: retiredAt?.toISOString() ?? null,
    })),
  }
}
