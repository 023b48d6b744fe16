/** Runs the sequencer of this server: each second, and at once when asked. */
import { LedgerDamaged } from './hashes.ts'
import { sequence } from './sequence.ts'
import type { SequenceOptions } from './sequence.ts'
import type { Database } from '../db/database.ts'

export type Sequencer = {
  /** Sequences now; resolves when what was queued at the call is signed, or another server is at it, or it failed. */
  poke(): Promise<void>
  /** Since when it fails to sign, and why; null while it works. */
  trouble(): Trouble | null
  stop(): Promise<void>
}
export type Trouble = { since: Date; isDamaged: boolean; reason: string }
export type SequencerOptions = Omit<SequenceOptions, 'now'> & {
  db: Database
  clock: () => Date
  onError: (error: unknown) => void
  everyMs?: number
}

const EVERY_MS = 1_000

/** Only what we say ourselves: the words of a driver can hold more than people should see. */
function troubleOf(error: unknown, since: Date): Trouble {
  const isDamaged = error instanceof LedgerDamaged
  return { since, isDamaged, reason: isDamaged ? error.message : 'the database did not take it; see the log of the server' }
}

/** Entries are signed within about a second. An error is told and tried again: entries wait, and none is lost. */
export function startSequencer({ db, clock, onError, everyMs = EVERY_MS, ...options }: SequencerOptions): Sequencer {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  let again: Promise<void> | null = null
  let trouble: Trouble | null = null

  const round = async (): Promise<void> => {
    try {
      const queued = await db.read.selectFrom('ledger_queue').select('seq').limit(1).execute()
      for (let isMore = queued.length > 0; isMore && !isStopped; ) {
        const done = await sequence(db, { ...options, now: clock() })
        isMore = done.state === 'done' && done.isMore
      }
      trouble = null
    } catch (error) {
      trouble = troubleOf(error, trouble?.since ?? clock())
      onError(error)
    }
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
