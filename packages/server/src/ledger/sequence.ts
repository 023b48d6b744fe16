/**
 * The sequencer: gives queued entries their place in the tree and signs the new root, in one transaction. So no entry
 * has a place that no signature covers, and a kill at any moment leaves the tree before or after, never between.
 */
import { sql } from 'kysely'
import { isSameHash, treeHasher } from '@onus/core/ledger/merkle.ts'
import type { Hash } from '@onus/core/ledger/merkle.ts'
import { edgeSpans, extendEdge, levelWidth, rootOfEdge } from '@onus/core/ledger/tiles.ts'
import type { Edge } from '@onus/core/ledger/tiles.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Sealer } from '../seal/index.ts'
import { sha256 } from './append.ts'
import { LEDGER_LOCK, loadSigners, originOf, retireOthers, signCheckpoint } from './keys.ts'
import { LedgerDamaged, loadHashes } from './hashes.ts'

/** `busy`: another sequencer is at work. `isMore`: the batch was full. */
export type Sequenced = { state: 'busy' } | { state: 'done'; size: number; added: number; isMore: boolean }
export type SequenceOptions = {
  sealer: Sealer
  now: Date
  /** A sequencer that says nothing to the database for so long loses its transaction, and the next takes over. */
  fenceMs?: number
  batch?: number
}

const FENCE_MS = 10_000
/** Some 10 ms of hashing at once. */
const BATCH = 2_000

const hasher = treeHasher(sha256)

type Head = { size: number; edge: Edge }

/** The right edge of the tree, compared with what was signed last. */
async function loadHead(tx: Tx): Promise<Head> {
  const last = await tx
    .selectFrom('ledger_checkpoint')
    .select(['size', 'root'])
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst()
  const size = Number(last?.size ?? 0)
  const beyond = await tx.selectFrom('ledger_leaf').select('index').where('index', '>=', String(size)).limit(1).execute()
  if (beyond.length > 0) throw new LedgerDamaged(`the tree has leaves beyond the ${size} that were signed`)
  const edge: Edge = []
  for (const { level, from, count } of edgeSpans(size)) edge.push(await loadHashes(tx, level, from, count))
  const signed = last?.root ?? hasher.empty
  if (!isSameHash(rootOfEdge(edge, hasher), signed))
    throw new LedgerDamaged(`the tree of ${size} leaves has not the root that was signed`)
  return { size, edge }
}

type Queued = { seq: string; body: string | null }

async function loadQueue(tx: Tx, limit: number): Promise<Queued[]> {
  return tx
    .selectFrom('ledger_queue')
    .leftJoin('ledger_entry', 'ledger_entry.seq', 'ledger_queue.seq')
    .select(['ledger_queue.seq', 'ledger_entry.body'])
    .orderBy('ledger_queue.seq')
    .limit(limit)
    .execute()
}

type Grown = { seqs: string[]; leaves: Hash[]; nodes: { level: number; index: number; hash: Hash }[] }

/** Extends the edge, in place, by the queued entries. */
function grow({ size, edge }: Head, queued: readonly Queued[]): Grown {
  const grown: Grown = { seqs: [], leaves: [], nodes: [] }
  for (const { seq, body } of queued) {
    if (body === null) throw new LedgerDamaged(`the entry with number ${seq} is gone before it came into the tree`)
    const leaf = hasher.leaf(Buffer.from(body))
    grown.seqs.push(seq)
    grown.leaves.push(leaf)
    for (const [above, hash] of extendEdge(edge, leaf, hasher).entries()) {
      const level = above + 1
      grown.nodes.push({ level, index: levelWidth(level, size + grown.leaves.length) - 1, hash })
    }
  }
  return grown
}

async function save(tx: Tx, from: number, { seqs, leaves, nodes }: Grown): Promise<void> {
  await sql`insert into ledger_leaf (index, seq, hash)
    select ${from} + place - 1, seq, hash from unnest(${seqs}::bigint[], ${leaves}::bytea[])
    with ordinality as leaf (seq, hash, place)`.execute(tx)
  if (nodes.length > 0)
    await sql`insert into ledger_node (level, index, hash) select * from unnest(
      ${nodes.map(({ level }) => level)}::smallint[], ${nodes.map(({ index }) => index)}::bigint[],
      ${nodes.map(({ hash }) => hash)}::bytea[])`.execute(tx)
  await sql`delete from ledger_queue where seq = any(${seqs}::bigint[])`.execute(tx)
}

/**
 * Takes up to a batch of queued entries into the tree and signs it. At most one at a time does so, over all processes:
 * by a lock of the database, and, should it be lost, by the keys of its tables. Rejects with `LedgerDamaged` when the
 * tree is not the one that was signed last.
 */
export async function sequence(db: Database, options: SequenceOptions): Promise<Sequenced> {
  const { sealer, now, fenceMs = FENCE_MS, batch = BATCH } = options
  return db.tx(async (tx) => {
    await sql`select set_config('idle_in_transaction_session_timeout', ${String(fenceMs)}, true)`.execute(tx)
    const lock = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(${LEDGER_LOCK}) as held`.execute(tx)
    if (!lock.rows[0]?.held) return { state: 'busy' }
    const head = await loadHead(tx)
    const queued = await loadQueue(tx, batch)
    if (queued.length === 0) return { state: 'done', size: head.size, added: 0, isMore: false }
    const grown = grow(head, queued)
    await save(tx, head.size, grown)
    const size = head.size + queued.length
    const root = rootOfEdge(head.edge, hasher)
    const signers = await loadSigners(tx, sealer)
    const newest = signers.at(-1)
    if (!newest) throw new Error('the ledger has no key')
    const note = signCheckpoint({ origin: await originOf(tx), size, root }, signers)
    const isTurn = signers.length > 1
    await tx
      .insertInto('ledger_checkpoint')
      .values({ size: String(size), root: Buffer.from(root), at: now, is_turn: isTurn, note })
      .execute()
    if (isTurn) await retireOthers(tx, newest.key, now)
    return { state: 'done', size, added: queued.length, isMore: queued.length === batch }
  })
}
