import { setImmediate } from 'node:timers/promises'

/** Long work on the main thread gives way to other work of the thread at least this often. */
const TURN_MS = 20

/** `if (turns.isDue()) await turns.next()` in a loop: asking costs no promise. */
export class Turns {
  #startedAt = performance.now()

  isDue(): boolean {
    return performance.now() - this.#startedAt > TURN_MS
  }

  async next(): Promise<void> {
    await setImmediate()
    this.#startedAt = performance.now()
  }
}
