/** Stops one of two requests before a chosen statement, until the other is done or waits for it. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

type Run = { statements: number; before?: (statement: number) => Promise<void> | void }
const running = new AsyncLocalStorage<Run>()

const query = pg.Client.prototype.query
// The driver's own method, with a look before it; calls outside of a run pass as they are.
pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
  const run = running.getStore()
  const call = (): unknown => Reflect.apply(query, this, given)
  if (!run?.before) return call()
  run.statements += 1
  const wait = run.before(run.statements)
  return wait instanceof Promise ? wait.then(call) : call()
} as typeof query

/** Runs `work`, calling `before` ahead of each of its statements. Answers how many there were. */
export async function watched(work: () => Promise<unknown>, before: NonNullable<Run['before']>): Promise<number> {
  const run: Run = { statements: 0, before }
  await running.run(run, work)
  return run.statements
}

/**
 * Starts `first`; ahead of its statement number `at` it pauses, `second` begins, and `first` goes on when `second` is done
 * or waits for a lock, as `isWaiting` says.
 */
export async function interleave(
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
  at: number,
  isWaiting: () => Promise<boolean>,
): Promise<void> {
  let other: Promise<unknown> | null = null
  await watched(first, (statement) => {
    if (statement !== at) return
    // Outside of the run of `first`: its statements are not counted here.
    return running.exit(async () => {
      let isDone = false
      other = second().finally(() => (isDone = true))
      while (!isDone && !(await isWaiting())) await Promise.race([other, sleep(5)])
    })
  })
  await (other ?? second())
}
