/**
 * What follows from a merge: what the manifest asks for is proposed, once, and approvals that the pull request had are
 * given, each by the way of every approval. Whatever is not certain is proposed without that approval.
 */
import { sql } from 'kysely'
import type { JsonObject } from '@onus/core/ledger/canonical-json.ts'
import { approve } from '../changes/decide.ts'
import { peopleNow } from '../changes/people.ts'
import type { Author } from '../changes/people.ts'
import { findChange } from '../changes/store.ts'
import { propose } from '../changes/write.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { retried } from '../db/retry.ts'
import { Refused } from '../http/refused.ts'
import { verdictOf } from '../powers/index.ts'
import type { Actor } from '../sessions/index.ts'
import * as api from './api.ts'
import type { Place, Pull } from './api.ts'
import { approvalsOf } from './approvals.ts'
import type { Approvals, Given } from './approvals.ts'
import { isSince, pullOf, settle } from './check.ts'
import { GithubFailed } from './client.ts'
import { isLinked, peopleOf } from './links.ts'
import { code } from './markdown.ts'
import { openFor, planAt } from './plan.ts'
import type { Asked, Ownership } from './plan.ts'
import * as store from './store.ts'
import type { Connection, PullRow } from './store.ts'

const EXPIRES_DAYS = 30
type Note = { login: string; reason: string }
const note = (reason: string): Note => ({ login: '', reason })

/** Rejects with `GithubFailed`, and with `Refused` (`busy`) when it is to be tried again. Done twice, it does nothing. */
export async function merge(ctx: Context, place: Place, connection: Connection, number: number): Promise<void> {
  const pull = await pullOf(ctx, place, connection, number)
  if (pull === null || !pull.merged || pull.merge_commit_sha === null) return
  if (pull.base.ref !== pull.base.repo.default_branch) return
  // With the day until which the check asked, or one of now where nothing was shown.
  const row = await ctx.db.tx((tx) => settle(tx, connection, pull, ctx.clock()))
  const result = await followUp(ctx, place, connection, { pull, commit: pull.merge_commit_sha, row })
  await ctx.db.tx(async (tx) => {
    const locked = await store.lockPull(tx, connection.id, number, pull.head.sha, ctx.clock())
    const changes = [...new Set([...locked.changes, ...result.changes])]
    const set = { changes, withheld: JSON.stringify(result.notes), merged_at: ctx.clock(), is_settled: changes.length === 0 }
    await store.savePull(tx, locked, set)
  })
}

type Merged = { pull: Pull; commit: string; row: PullRow }
type Followed = { changes: string[]; notes: Note[] }

async function followUp(ctx: Context, place: Place, connection: Connection, { pull, commit, row }: Merged): Promise<Followed> {
  const path = connection.manifest
  const file = await api.fileAt(place, commit, path)
  if (file.kind !== 'text') return { changes: [], notes: file.kind === 'none' ? [] : [note(`the manifest ${file.reason}`)] }
  const now = await api.fileAt(place, await api.tipOf(place, pull.base.ref), path)
  if (now.kind !== 'text' || now.sha !== file.sha)
    return { changes: [], notes: [note('The manifest was changed again since, so nothing of this state is proposed.')] }
  // By the base as it was and as it is: the pull request itself makes nobody an owner.
  const approvals = await approvalsOf(ctx.db.read, place, pull, row, { manifest: path, owningAt: [pull.base.sha, commit] })
  const planned = await planAt(ctx, { text: file.text, path, until: row.until, authors: approvals.authors })
  if (!planned.ok) return { changes: [], notes: planned.problems.map(({ line, message }) => note(`Not proposed: line ${line} of the manifest: ${code(message)}`)) }
  const followed: Followed = { changes: [], notes: [...approvals.withheld] }
  for (const asked of planned.asked) {
    const proposed = await proposeOnce(ctx, connection, { asked, pull, commit, approvals })
    if ('reason' in proposed) {
      followed.notes.push(note(`Not proposed: ${code(proposed.reason)}`))
      continue
    }
    followed.changes.push(proposed.id)
    for (const given of approvals.given) {
      const reason = await giveApproval(ctx, { id: proposed.id, given, row, pull, connection })
      if (reason !== null) followed.notes.push({ login: given.account.login, reason })
    }
  }
  return followed
}

const LEDGER_PAUSE_MS = 60_000

/** Nobody decides while the ledger is behind, here as little as by a request. Rejects with `GithubFailed`. */
function checkLedger({ sequencer, clock }: Context): void {
  const reason = sequencer.behind()
  if (reason !== null) throw new GithubFailed('later', reason, null, new Date(clock().getTime() + LEDGER_PAUSE_MS))
}

type Proposing = { asked: Asked; pull: Pull; commit: string; approvals: Approvals }

/** The open request that asks for the same, or a new one in the name of whoever wrote the pull request. */
async function proposeOnce(ctx: Context, connection: Connection, { asked, pull, commit, approvals }: Proposing): Promise<{ id: string } | { reason: string }> {
  checkLedger(ctx)
  try {
    return await retried(ctx.db, async (tx) => {
      // Two merges that ask for the same are one request.
      await sql`select pg_advisory_xact_lock(hashtextextended(${`github propose ${connection.repositoryId}`}, 0))`.execute(tx)
      const open = await openFor(tx, asked.content, ctx.clock())
      if (open !== null) return { id: open }
      const actor = await proposerOf(ctx, tx, connection, pull)
      const id = await propose(ctx, tx, actor, {
        content: asked.content satisfies Ownership,
        reason: `Merged on GitHub: ${connection.fullName}#${pull.number}`,
        expiresInDays: EXPIRES_DAYS,
        isEmergency: false,
        alsoBy: approvals.authors.filter(({ id: author }: Author) => author !== actor.id),
        source: { ...sourceOf(connection, pull), commit },
      })
      return { id }
    })
  } catch (error) {
    if (!(error instanceof Refused) || error.code === 'busy') throw error
    return { reason: error.message }
  }
}

/** The author of the pull request, who wrote it, where they are known and may; else the token of the connection. */
async function proposerOf(ctx: Context, tx: Tx, connection: Connection, pull: Pull): Promise<Actor> {
  const author = pull.user === null ? undefined : (await peopleOf(tx, [pull.user.id])).get(pull.user.id)
  const person = author === undefined ? undefined : (await peopleNow(tx, [author], ctx.clock())).get(author)
  const ask = { action: 'proposeChange', resource: { kind: 'installation' } } as const
  if (person && verdictOf(person.actor, person.actor.id, ask).isAllowed) return person.actor
  const token = await tx
    .selectFrom('api_token')
    .select(['id', 'purpose'])
    .where('id', '=', connection.token)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', ctx.clock())
    .executeTakeFirst()
  if (!token) throw new GithubFailed('refused', 'the token of the connection has ended: connect the repository again')
  return { kind: 'token', id: token.id, name: token.purpose, team: null, scopes: ['propose'] }
}

const sourceOf = ({ repositoryId }: Connection, { number, head }: Pull): JsonObject => ({
  system: 'github',
  repository: repositoryId,
  pull: number,
  head: head.sha,
})

type Giving = { id: string; given: Given; row: PullRow; pull: Pull; connection: Connection }

/** Approves as the person would here, of exactly what the check showed before the review. Answers why not, or null. */
async function giveApproval(ctx: Context, { id, given, row, pull, connection }: Giving): Promise<string | null> {
  const change = await findChange(ctx.db.read, id)
  const since = row.head_sha === pull.head.sha ? row.shown[change.digest] : undefined
  if (!isSince(given, since)) return 'what is proposed is not what the check showed on the last commit before it'
  const source = { ...sourceOf(connection, pull), review: given.review, account: given.account.id }
  checkLedger(ctx)
  try {
    await retried(ctx.db, async (tx) => {
      if (!(await isLinked(tx, given.account.id, given.person))) throw new Refused('forbidden', 'the account is linked to nobody in Onus')
      const person = (await peopleNow(tx, [given.person], ctx.clock())).get(given.person)
      if (!person) throw new Refused('forbidden', 'the person is not here any more')
      await approve(ctx, tx, person.actor, id, { digest: change.digest, source })
    })
    return null
  } catch (error) {
    if (!(error instanceof Refused) || error.code === 'busy') throw error
    // Applied by an approval before it, or given already.
    return error.code === 'not-open' || error.code === 'already-decided' ? null : error.message
  }
}
