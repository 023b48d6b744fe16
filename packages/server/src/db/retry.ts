/** A transaction that PostgreSQL ended because of others is made again; nothing of it happened. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Refused } from '../http/refused.ts'
import type { Database, Tx } from './database.ts'

/** Serialization failure and deadlock: the only two after which the same transaction may succeed. */
const AGAIN = new Set(['40001', '40P01'])
const LOCK_NOT_AVAILABLE = '55P03'
const MOST_TRIES = 6
const DEADLINE_MS = 5_000

/**
 * Runs `work` in a transaction, again after a deadlock or a serialization failure, at most six times in five seconds.
 * Throws `Refused` (`busy`) when it is given up or a lock was not had in time. `work` may run more than once.
 */
export async function retried<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  const end = performance.now() + DEADLINE_MS
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.tx(work)
    } catch (error) {
      const code = (error as { code?: unknown }).code
      if (code === LOCK_NOT_AVAILABLE) throw busy()
      if (typeof code !== 'string' || !AGAIN.has(code)) throw error
      // Twice as long each time, and never the same for two that met.
      const pause = 10 * 2 ** attempt * (0.5 + Math.random())
      if (attempt >= MOST_TRIES || performance.now() + pause > end) throw busy()
      await sleep(pause)
    }
  }
}

const busy = (): Refused => new Refused('busy', 'others decide on the same at this moment; try again')
