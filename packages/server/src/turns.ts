/** What a server does by itself: a turn every so often, never two at once, until it is stopped. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from './context.ts'

export type Turns = { stop(): Promise<void> }

type Rules = {
  everyMs: number
  /** For the log, when a turn fails; the next one tries again. */
  trouble: string
  /** How long a stop waits for the turn that runs; without it, to its end. What is cut off is done again at the next start. */
  stopMs?: number
}

/** A turn is told how to ask whether it should end early. */
export function startTurns(
  ctx: Pick<Context, 'log'>,
  rules: Rules,
  turn: (isStopped: () => boolean) => Promise<void>,
): Turns {
  let isStopped = false
  let running: Promise<void> | null = null
  const timer = setInterval(() => {
    running ??= turn(() => isStopped)
      .catch((error: unknown) => ctx.log.error({ err: error }, rules.trouble))
      .finally(() => {
        running = null
      })
  }, rules.everyMs)
  timer.unref()
  return {
    async stop() {
      isStopped = true
      clearInterval(timer)
      await (rules.stopMs === undefined
        ? running
        : Promise.race([running, sleep(rules.stopMs, undefined, { ref: false })]))
    },
  }
}
