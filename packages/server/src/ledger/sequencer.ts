/** Runs the sequencer of this server: each second, and at once when asked. */
import { sql } from 'kysely'
import { LEDGER_LIMITS, behind, watch } from './behind.ts'
import type { LedgerLimits, Seen, Waiting } from './behind.ts'
import { LedgerDamaged } from './hashes.ts'
import { sequence } from './sequence.ts'
import type { SequenceOptions } from './sequence.ts'
import type { Database } from '../db/database.ts'

export type Sequencer = {
  /** Sequences now; resolves when what was queued at the call is signed, or another server is at it, or it failed. */
  poke(): Promise<void>
  /** Since when it fails to sign, and why; null while it works. */
  trouble(): Trouble | null
  /** Why nobody decides before it has caught up; null: it is not behind. As of its last round. */
  behind(): string | null
  stop(): Promise<void>
}
export type Trouble = { since: Date; isDamaged: boolean; reason: string }
export type SequencerOptions = Omit<SequenceOptions, 'now'> & {
  db: Database
  clock: () => Date
  onError: (error: unknown) => void
  everyMs?: number
  limits?: LedgerLimits
}

const EVERY_MS = 1_000

/** Only what we say ourselves: the words of a driver can hold more than people should see. */
function troubleOf(error: unknown, since: Date): Trouble {
  const isDamaged = error instanceof LedgerDamaged
  return {
    since,
    isDamaged,
    reason: isDamaged ? error.message : 'the database did not take it; see the log of the server',
  }
}

/** What waits now. */
async function waitingIn(db: Database, { entries }: LedgerLimits): Promise<Waiting | null> {
  const { rows } = await db.tx((tx) =>
    sql<{ oldest: string; at: Date; isTooMany: boolean }>`
      select q.seq as oldest, e.at, exists (select from ledger_queue offset ${entries}) as "isTooMany"
      from ledger_queue q join ledger_entry e on e.seq = q.seq order by q.seq limit 1`.execute(tx),
  )
  return rows[0] ?? null
}

/** Entries are signed within about a second. An error is told and tried again: entries wait, and none is lost. */
export function startSequencer({
  db,
  clock,
  onError,
  everyMs = EVERY_MS,
  limits = LEDGER_LIMITS,
  ...options
}: SequencerOptions): Sequencer {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  let again: Promise<void> | null = null
  let trouble: Trouble | null = null
  let waiting: Waiting | null = null
  let seen: Seen | null = null

  const look = (found: Waiting | null): void => {
    waiting = found
    seen = watch(seen, found, performance.now())
  }
  const round = async (): Promise<void> => {
    try {
      const queued = await db.read.selectFrom('ledger_queue').select('seq').limit(1).execute()
      let isIdle = queued.length === 0
      for (let isMore = !isIdle; isMore && !isStopped;) {
        const done = await sequence(db, { ...options, now: clock() })
        isMore = done.state === 'done' && done.isMore
        isIdle = done.state === 'done' && !isMore
      }
      trouble = null
      if (isIdle) return look(null)
    } catch (error) {
      trouble = troubleOf(error, trouble?.since ?? clock())
      onError(error)
    }
    // Of a database that does not answer, the last look stands: nobody decides there either.
    look(await waitingIn(db, limits).catch(() => waiting))
  }
  const run = (): Promise<void> => {
    running = round().finally(() => {
      running = null
      clearTimeout(timer)
      if (!isStopped) timer = setTimeout(run, everyMs).unref()
    })
    return running
  }
  timer = setTimeout(run, everyMs).unref()
  return {
    trouble: () => trouble,
    behind: () => behind(seen, waiting, limits, { monotonic: performance.now(), now: clock() }),
    poke() {
      if (isStopped) return Promise.resolve()
      // A round that runs may have read the queue before the caller's entry came in.
      again ??= (running ?? Promise.resolve()).then(() => {
        again = null
        return isStopped ? undefined : run()
      })
      return again
    },
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}
