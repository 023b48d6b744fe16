/** Runs the sequencer of this server: each second, and at once when asked. */
import { sequence } from './sequence.ts'
import type { SequenceOptions } from './sequence.ts'
import type { Database } from '../db/database.ts'

export type Sequencer = {
  /** Sequences now; resolves when what was queued at the call is signed, or another server is at it, or it failed. */
  poke(): Promise<void>
  stop(): Promise<void>
}
export type SequencerOptions = Omit<SequenceOptions, 'now'> & {
  db: Database
  clock: () => Date
  onError: (error: unknown) => void
  everyMs?: number
}

const EVERY_MS = 1_000

/** Entries are signed within about a second. An error is told and tried again: entries wait, and none is lost. */
export function startSequencer({ db, clock, onError, everyMs = EVERY_MS, ...options }: SequencerOptions): Sequencer {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  let again: Promise<void> | null = null

  const round = async (): Promise<void> => {
    try {
      if ((await db.read.selectFrom('ledger_queue').select('seq').limit(1).execute()).length === 0) return
      for (let isMore = true; isMore && !isStopped; ) {
        const done = await sequence(db, { ...options, now: clock() })
        isMore = done.state === 'done' && done.isMore
      }
    } catch (error) {
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
