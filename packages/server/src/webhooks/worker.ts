/** Gives and sends until stopped, several at once: one that hangs holds up its own object only. */
import type { Context } from '../context.ts'
import { createOutbound } from '../net/outbound.ts'
import { startTurns } from '../turns.ts'
import type { Turns } from '../turns.ts'
import { deliverNext, fanOut } from './deliver.ts'

const EVERY_MS = 1_000
const AT_ONCE = 4
const STOP_MS = 5_000

/** Everything that is due now. */
export async function deliverDue(ctx: Context, isStopped: () => boolean = () => false): Promise<void> {
  const outbound = createOutbound({ allowPrivate: ctx.config.allowPrivateOutbound })
  while (!isStopped() && (await ctx.db.tx((tx) => fanOut(tx, ctx.clock()))));
  const lane = async (): Promise<void> => {
    while (!isStopped() && (await deliverNext(ctx, outbound)));
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

export function startWebhooks(ctx: Context): Turns {
  const rules = { everyMs: EVERY_MS, stopMs: STOP_MS, trouble: 'webhooks were not sent' }
  return startTurns(ctx, rules, (isStopped) => deliverDue(ctx, isStopped))
}
