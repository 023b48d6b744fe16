/** Which repositories are connected: by who operates, until they or GitHub end it. */
import { MAX_TOKEN_DAYS } from '@onus/core/contract/session-routes.ts'
import type { GithubRepository } from '@onus/core/contract/github-routes.ts'
import { sql } from 'kysely'
import type { Context } from '../context.ts'
import type { Read, Tx } from '../db/database.ts'
import type { GithubEnd } from '../db/github-tables.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'
import { append } from '../ledger/index.ts'
import type { NewEntry } from '../ledger/index.ts'
import { notify } from '../notifications/notices.ts'
import { createTokenIn, revokeTokenIn } from '../sessions/index.ts'
import { connectionByRepository } from './store.ts'
import type { Connection } from './store.ts'

type By = NewEntry['actor']
type Ctx = Pick<Context, 'clock'>
/** As GitHub says it, where the App is installed. */
export type Found = { id: number; full_name: string; default_branch: string; installation: number }

const DAYS = Math.min(365, MAX_TOKEN_DAYS)
const GITHUB: By = { kind: 'job', id: 'github' }

export async function listRepositories(read: Read | Tx, id: string | null = null): Promise<GithubRepository[]> {
  let query = read
    .selectFrom('github_repository as r')
    .innerJoin('github_state as s', 's.connection_id', 'r.id')
    .innerJoin('api_token as t', 't.id', 'r.token_id')
    .selectAll('r')
    .select(['s.full_name', 's.default_branch', 's.last_at', 's.last_problem', 't.expires_at'])
    .select([
      sql<string>`(select count(*) from github_job j where j.connection_id = r.id and not is_dead)`.as('waiting'),
      sql<string>`(select count(*) from github_job j where j.connection_id = r.id and is_dead)`.as('dead'),
    ])
  if (id !== null) query = query.where('r.id', '=', id)
  const rows = await query.orderBy('r.connected_at').orderBy('r.id').execute()
  return rows.map((row) => ({
    id: row.id,
    repositoryId: Number(row.repository_id),
    fullName: row.full_name,
    defaultBranch: row.default_branch,
    manifest: row.manifest,
    connectedBy: row.connected_by,
    connectedAt: row.connected_at.toISOString(),
    proposesUntil: row.expires_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    ended: row.ended,
    waiting: Number(row.waiting),
    dead: Number(row.dead),
    lastAt: row.last_at?.toISOString() ?? null,
    lastProblem: row.last_problem,
  }))
}

/** Throws `Refused` (`not-found`). */
async function findRepositoryRow(read: Read | Tx, id: string): Promise<GithubRepository> {
  const [row] = await listRepositories(read, id)
  if (!row) throw new Refused('not-found', 'no repository has this id')
  return row
}

/** Connects it, or connects it anew with another manifest and a token that lives for a year. */
export async function connect(ctx: Ctx, tx: Tx, by: By, found: Found, manifest: string): Promise<GithubRepository> {
  const now = ctx.clock()
  await sql`select pg_advisory_xact_lock(hashtextextended(${`github ${found.id}`}, 0))`.execute(tx)
  const known = await connectionByRepository(tx, found.id)
  const token = await createTokenIn(tx, { purpose: `GitHub: ${found.full_name}`, days: DAYS, scopes: ['propose'], team: null }, by, now)
  const after = { repository: found.id, manifest, token: token.id }
  if (known) {
    await revokeTokenIn(tx, known.token, by, now)
    await tx.updateTable('github_repository').set({ manifest, token_id: token.id }).where('id', '=', known.id).execute()
    await setState(tx, known.id, found)
    await append(tx, [entry('github.connect', by, known.id, { manifest: known.manifest, token: known.token }, after)], now)
    return findRepositoryRow(tx, known.id)
  }
  const id = newId('ghr')
  await tx
    .insertInto('github_repository')
    .values({ id, repository_id: found.id, manifest, token_id: token.id, connected_by: by.id, connected_at: now })
    .execute()
  await setState(tx, id, found)
  await append(tx, [entry('github.connect', by, id, null, after)], now)
  return findRepositoryRow(tx, id)
}

async function setState(tx: Tx, id: string, found: Found): Promise<void> {
  const state = { installation_id: found.installation, full_name: found.full_name, default_branch: found.default_branch }
  await tx
    .insertInto('github_state')
    .values({ connection_id: id, ...state })
    .onConflict((conflict) => conflict.column('connection_id').doUpdateSet(state))
    .execute()
}

/** Throws `Refused` (`not-found`). */
export async function disconnectById(ctx: Ctx, tx: Tx, by: By, id: string): Promise<void> {
  const row = await tx.selectFrom('github_repository').select('token_id').where('id', '=', id).where('ended_at', 'is', null).forUpdate().executeTakeFirst()
  if (!row) throw new Refused('not-found', 'no repository that is connected has this id')
  await end(tx, id, row.token_id, 'disconnected', by, ctx.clock())
}

/** GitHub says that it is gone. Who operates hears of it. */
export async function disconnectedByGithub(tx: Tx, { id, token, fullName }: Connection, why: Exclude<GithubEnd, 'disconnected'>, now: Date): Promise<void> {
  await end(tx, id, token, why, GITHUB, now)
  const how = { uninstalled: 'the App is not installed there any more', deleted: 'it was deleted', transferred: 'it belongs to another owner now' }[why]
  await notify(tx, [{ to: { power: 'operate' }, text: `The repository \`${fullName}\` is not connected any more: ${how}`, path: '/' }], now)
}

async function end(tx: Tx, id: string, token: string, why: GithubEnd, by: By, now: Date): Promise<void> {
  await tx.updateTable('github_repository').set({ ended_at: now, ended: why }).where('id', '=', id).execute()
  await tx.deleteFrom('github_job').where('connection_id', '=', id).execute()
  await append(tx, [entry('github.disconnect', by, id, { token }, { why })], now)
  await revokeTokenIn(tx, token, by, now)
}

/** Throws `Refused` (`not-found`). */
export async function retry(ctx: Ctx, tx: Tx, id: string): Promise<GithubRepository> {
  await tx.updateTable('github_job').set({ is_dead: false, attempts: 0, next_at: ctx.clock() }).where('connection_id', '=', id).where('is_dead', '=', true).execute()
  return findRepositoryRow(tx, id)
}

const entry = (action: string, by: By, id: string, before: NewEntry['before'], after: NewEntry['after']): NewEntry => ({
  action,
  actor: by,
  capacity: by.kind === 'person' ? 'operate' : 'none',
  subject: { kind: 'repository', id },
  before: before ?? null,
  after: after ?? null,
})
