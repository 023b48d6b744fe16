/** Does what is to be done on GitHub, until stopped. What does not work is tried again, later and later. */
import type { Context } from '../context.ts'
import { Refused } from '../http/refused.ts'
import { backoffMs } from '../net/backoff.ts'
import { startTurns } from '../turns.ts'
import type { Turns } from '../turns.ts'
import { addComment } from './api.ts'
import { check } from './check.ts'
import { GithubFailed, openGithub } from './client.ts'
import type { Github } from './client.ts'
import { merge } from './merge.ts'
import * as store from './store.ts'
import type { Job } from './store.ts'

const EVERY_MS = 1_000
const AT_ONCE = 3
const STOP_MS = 5_000
/** Over about five hours; of what GitHub refuses, which may be a permission that comes, over a few minutes. */
export const MOST_ATTEMPTS = { later: 12, refused: 4 } as const

/** Does one thing that is due. Answers whether there was one. */
export async function workNext(ctx: Context, github: Github): Promise<boolean> {
  const job = await ctx.db.tx((tx) => store.claim(tx, ctx.clock()))
  if (!job) return false
  try {
    await work(ctx, github, job)
  } catch (error) {
    await ctx.db.tx((tx) => store.failed(tx, job, failureOf(ctx, job, error), ctx.clock()))
    if (!(error instanceof GithubFailed || error instanceof Refused))
      ctx.log.error({ err: error, kind: job.kind }, 'GitHub work failed')
    return true
  }
  await ctx.db.tx((tx) => store.done(tx, job, ctx.clock()))
  return true
}

async function work(ctx: Context, github: Github, job: Job): Promise<void> {
  const connection = await store.connectionById(ctx.db.read, job.connection)
  // Disconnected meanwhile.
  if (!connection) return
  const place = store.placeOf(github, connection)
  switch (job.kind) {
    case 'check':
      return check(ctx, place, connection, job.number)
    case 'merge':
      return merge(ctx, place, connection, job.number)
    case 'say':
      await addComment(place, job.number, job.body ?? '')
  }
}

function failureOf(ctx: Context, { attempts }: Job, error: unknown): Parameters<typeof store.failed>[2] {
  const isKnown = error instanceof GithubFailed || error instanceof Refused
  const problem = isKnown ? error.message.slice(0, 300) : 'something went wrong here; the log has it'
  const retryAt = error instanceof GithubFailed ? error.retryAt : null
  if (retryAt !== null) return { problem, nextAt: retryAt, isDead: false, isFree: true }
  const most = error instanceof GithubFailed && error.fault === 'refused' ? MOST_ATTEMPTS.refused : MOST_ATTEMPTS.later
  const nextAt = new Date(ctx.clock().getTime() + backoffMs(attempts))
  return { problem, nextAt, isDead: attempts >= most, isFree: false }
}

/** Everything that is due now. */
export async function workDue(ctx: Context, github: Github, isStopped: () => boolean = () => false): Promise<void> {
  await ctx.db.tx((tx) => store.wantMoved(tx, ctx.clock()))
  const lane = async (): Promise<void> => {
    while (!isStopped() && (await workNext(ctx, github)));
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  await ctx.db.tx((tx) => store.forgetDeliveries(tx, ctx.clock()))
}

/** Nothing where GitHub is not set up. */
export function startGithub(ctx: Context): Turns {
  const { github: config } = ctx.config
  if (config === null) return { stop: async () => {} }
  const opened = openGithub(config, ctx.clock)
  return startTurns(
    ctx,
    { everyMs: EVERY_MS, stopMs: STOP_MS, trouble: 'GitHub was not heard or told' },
    async (isStopped) => {
      const github = await opened
      if (github) await workDue(ctx, github, isStopped)
    },
  )
}
