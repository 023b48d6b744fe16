/**
 * A decision and an import of the same source do not run at once: the import compares what it read with versions that the
 * decision would replace. Decisions share the lock, so they wait for imports and never for each other.
 */
import { sql } from 'kysely'
import type pg from 'pg'
import type { Tx } from '../db/database.ts'
import { Refused } from '../http/refused.ts'

/** Any constant serves, as long as no one else uses it: "deci" in ASCII. */
const CLASS = 0x64656369
const WAIT_MS = 5_000
const LOCK_NOT_AVAILABLE = '55P03'

/** For an import: waits until the decisions of the moment are made. */
export async function lockSource(client: pg.ClientBase, source: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [CLASS, source])
}

/** For a decision about identities of these sources. Throws `Refused` (`busy`) when an import takes longer than a moment. */
export async function shareSources(tx: Tx, sources: readonly string[]): Promise<void> {
  try {
    // In one order, so that two decisions and an import cannot wait in a circle. Mostly it is one, and one round trip.
    for (const source of [...new Set(sources)].sort())
      await sql`select set_config('lock_timeout', ${String(WAIT_MS)}, true),
        pg_advisory_xact_lock_shared(${CLASS}, hashtext(${source})), set_config('lock_timeout', '0', true)`.execute(tx)
  } catch (error) {
    if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error
    throw new Refused('busy', 'an import of these identities is being applied; try again in a minute')
  }
}
