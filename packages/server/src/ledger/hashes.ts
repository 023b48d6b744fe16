/** Stored hashes of the tree, and what is folded from them. */
import type { Read, Tx } from '../db/database.ts'
import type { Hash } from '@onus/core/ledger/merkle.ts'

/** Hashes `from` to before `from + count` of a level, in order; fewer when some are missing. */
export async function loadHashes(read: Read | Tx, level: number, from: number, count: number): Promise<Hash[]> {
  if (count === 0) return []
  const rows =
    level === 0
      ? await read
          .selectFrom('ledger_leaf')
          .select('hash')
          .where('index', '>=', String(from))
          .where('index', '<', String(from + count))
          .orderBy('index')
          .execute()
      : await read
          .selectFrom('ledger_node')
          .select('hash')
          .where('level', '=', level)
          .where('index', '>=', String(from))
          .where('index', '<', String(from + count))
          .orderBy('index')
          .execute()
  return rows.map(({ hash }) => hash)
}
