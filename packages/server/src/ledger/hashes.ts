/** Stored hashes of the tree, and what is folded from them. */
import type { Read, Tx } from '../db/database.ts'
import { foldPeaks, rootOf, treeHasher } from '@onus/core/ledger/merkle.ts'
import type { Hash, Node } from '@onus/core/ledger/merkle.ts'
import { hashesBelow } from '@onus/core/ledger/tiles.ts'
import { sha256 } from './append.ts'

/** Rows were changed behind our back; nothing more is signed over them. The message names the place. */
export class LedgerDamaged extends Error {}

const hasher = treeHasher(sha256)

/** Hashes `from` to before `from + count` of a level, in order. Rejects with `LedgerDamaged` when some are missing. */
export async function loadHashes(read: Read | Tx, level: number, from: number, count: number): Promise<Hash[]> {
  if (count === 0) return []
  const [first, end] = [String(from), String(from + count)]
  const rows =
    level === 0
      ? await read
          .selectFrom('ledger_leaf')
          .select('hash')
          .where('index', '>=', first)
          .where('index', '<', end)
          .orderBy('index')
          .execute()
      : await read
          .selectFrom('ledger_node')
          .select('hash')
          .where('level', '=', level)
          .where('index', '>=', first)
          .where('index', '<', end)
          .orderBy('index')
          .execute()
  if (rows.length < count) throw new LedgerDamaged(`hashes of level ${level} are missing from ${from} on`)
  return rows.map(({ hash }) => hash)
}

/** The hashes of a proof: each of its parts folded from complete subtrees, and those from stored hashes. */
export async function foldParts(read: Read, parts: readonly Node[][]): Promise<Hash[]> {
  const proof: Hash[] = []
  for (const nodes of parts) {
    const peaks: Hash[] = []
    for (const node of nodes) {
      const { level, from, count } = hashesBelow(node)
      peaks.push(rootOf(await loadHashes(read, level, from, count), hasher))
    }
    proof.push(foldPeaks(peaks, hasher))
  }
  return proof
}
