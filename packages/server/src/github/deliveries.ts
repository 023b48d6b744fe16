/**
 * What GitHub tells. A delivery is a sign that something happened and no more: what is so is asked of GitHub, over a
 * connection of our own. Only who pushed and who wrote a code are taken from it, for nothing else says so.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { retried } from '../db/retry.ts'
import { disconnectedByGithub } from './connect.ts'
import { COMMAND, finishLink } from './links.ts'
import type { LinkEnd } from './links.ts'
import { SAID } from './markdown.ts'
import * as store from './store.ts'
import type { Connection } from './store.ts'

const Repository = z.object({ id: z.int(), full_name: z.string().max(300), default_branch: z.string().max(300).optional() })
const Sender = z.object({ id: z.int(), login: z.string().max(200) })
const About = z.object({ action: z.string().max(60), repository: Repository, sender: Sender })
const ofPull = About.extend({ before: z.string().max(64).nullish(), pull_request: z.object({ number: z.int(), merged: z.boolean().nullish(), head: z.object({ sha: z.string().max(64) }) }) })
const ofCheckRun = About.extend({ check_run: z.object({ external_id: z.string().nullish(), app: z.object({ id: z.int() }).nullish() }) })
const ofComment = About.extend({
  issue: z.object({ number: z.int(), pull_request: z.object({}).nullish() }),
  comment: z.object({ id: z.int(), body: z.string(), user: Sender.nullish() }),
})
const ofInstallation = z.object({ action: z.string().max(60), installation: z.object({ id: z.int() }) })
const ofRepositories = ofInstallation.extend({ repositories_removed: z.array(z.object({ id: z.int() })) })

export type Delivery = { id: string; event: string; body: Buffer }
type Ctx = Pick<Context, 'db' | 'clock' | 'sequencer'> & { appId: number }
type Handle = (ctx: Ctx, tx: Tx, payload: unknown) => Promise<void>

const CHECKED = new Set(['opened', 'synchronize', 'reopened', 'ready_for_review', 'edited'])
/** Whoever does it put commits there. */
const PUSHED = new Set(['opened', 'synchronize'])
/** Far enough away that the row of a pull request that was just met has an end; the check sets it. */
const DAY_MS = 86_400_000

/** Events that are heard, each with what becomes of it. A payload that is not as documented is left. */
const EVENTS: Record<string, Handle> = {
  pull_request: on(ofPull, async (ctx, tx, { action, before, repository, sender, pull_request: pull }) => {
    const connection = await connected(ctx, tx, repository)
    if (!connection) return
    const now = ctx.clock()
    if (PUSHED.has(action)) {
      const row = await store.lockPull(tx, connection.id, pull.number, pull.head.sha, new Date(now.getTime() + DAY_MS))
      const from = action === 'opened' ? null : (before ?? '')
      await store.addPush(tx, row, { account: sender.id, from, to: pull.head.sha })
    }
    const job = { connection: connection.id, number: pull.number }
    if (CHECKED.has(action)) await store.want(tx, { ...job, kind: 'check' }, now)
    if (action === 'closed' && pull.merged === true) {
      await store.want(tx, { ...job, kind: 'merge' }, now)
      await store.want(tx, { ...job, kind: 'check' }, now)
    }
  }),
  pull_request_review: on(ofPull, async (ctx, tx, { repository, pull_request: { number } }) => {
    const connection = await connected(ctx, tx, repository)
    if (connection) await store.want(tx, { connection: connection.id, number, kind: 'check' }, ctx.clock())
  }),
  check_run: on(ofCheckRun, async (ctx, tx, { action, repository, check_run: { external_id: given, app } }) => {
    if (action !== 'rerequested' || app?.id !== ctx.appId || !/^[1-9]\d{0,8}$/.test(given ?? '')) return
    const connection = await connected(ctx, tx, repository)
    if (connection) await store.want(tx, { connection: connection.id, number: Number(given), kind: 'check' }, ctx.clock())
  }),
  issue_comment: on(ofComment, async (ctx, tx, { action, repository, sender, issue, comment }) => {
    const code = COMMAND.exec(comment.body.trim())?.[1]
    // An edit is done by whoever may write, in the name of whoever commented.
    if (action !== 'created' || code === undefined || !issue.pull_request || comment.user?.id !== sender.id) return
    const connection = await connected(ctx, tx, repository)
    if (!connection) return
    const ended: LinkEnd = await finishLink(ctx, tx, code, sender)
    const said = { connection: connection.id, number: issue.number, kind: 'say', ref: String(comment.id), body: SAID[ended] } as const
    await store.want(tx, said, ctx.clock())
  }),
  installation: on(ofInstallation, async (ctx, tx, { action, installation }) => {
    if (action !== 'deleted' && action !== 'suspend') return
    for (const connection of await store.connectionsOfInstallation(tx, installation.id))
      await disconnectedByGithub(tx, connection, 'uninstalled', ctx.clock())
  }),
  installation_repositories: on(ofRepositories, async (ctx, tx, { repositories_removed: removed }) => {
    for (const { id } of removed) {
      const connection = await store.connectionByRepository(tx, id)
      if (connection) await disconnectedByGithub(tx, connection, 'uninstalled', ctx.clock())
    }
  }),
  repository: on(About, async (ctx, tx, { action, repository }) => {
    const connection = await connected(ctx, tx, repository)
    if (connection && (action === 'deleted' || action === 'transferred')) await disconnectedByGithub(tx, connection, action, ctx.clock())
  }),
}

function on<T extends z.ZodType>(schema: T, work: (ctx: Ctx, tx: Tx, payload: z.output<T>) => Promise<void>): Handle {
  return async (ctx, tx, payload) => {
    const read = schema.safeParse(payload)
    if (read.success) await work(ctx, tx, read.data)
  }
}

/** The connection of the repository, under the name that it has now. */
async function connected(_ctx: Ctx, tx: Tx, { id, full_name: fullName, default_branch: branch }: z.infer<typeof Repository>): Promise<Connection | null> {
  const connection = await store.connectionByRepository(tx, id)
  if (!connection) return null
  await store.saveFacts(tx, connection.id, { fullName, ...(branch === undefined ? {} : { defaultBranch: branch }) })
  return { ...connection, fullName, defaultBranch: branch ?? connection.defaultBranch }
}

/** Of a delivery whose signature holds. Throws `SyntaxError` for a body that is no JSON; then nothing was taken. */
export async function takeIn(ctx: Ctx, { id, event, body }: Delivery): Promise<void> {
  const payload: unknown = JSON.parse(body.toString('utf8'))
  const handle = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined
  if (!handle) return
  const digest = createHash('sha256').update(body).digest()
  await retried(ctx.db, async (tx) => {
    if (await store.takeDelivery(tx, id, digest, ctx.clock())) await handle(ctx, tx, payload)
  })
}
