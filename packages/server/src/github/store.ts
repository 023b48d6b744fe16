/** All statements about connected repositories, their pull requests and what is to be done there. */
import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { Read, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import type { Place } from './api.ts'
import type { Github } from './client.ts'

/** A repository that is connected, as GitHub said last. */
export type Connection = {
  id: string
  repositoryId: number
  installation: number
  fullName: string
  defaultBranch: string
  manifest: string
  token: string
}
export type PullRow = Selectable<Tables['github_pull']>
export type JobKind = Tables['github_job']['kind']

const connections = (read: Read | Tx) =>
  read
    .selectFrom('github_repository as r')
    .innerJoin('github_state as s', 's.connection_id', 'r.id')
    .select(['r.id', 'r.repository_id', 'r.manifest', 'r.token_id', 's.installation_id', 's.full_name', 's.default_branch'])
    .where('r.ended_at', 'is', null)

type Row = Awaited<ReturnType<ReturnType<typeof connections>['executeTakeFirstOrThrow']>>
const connectionOf = (row: Row): Connection => ({
  id: row.id,
  repositoryId: Number(row.repository_id),
  installation: Number(row.installation_id),
  fullName: row.full_name,
  defaultBranch: row.default_branch,
  manifest: row.manifest,
  token: row.token_id,
})

/** The connection by GitHub's number of the repository; null: none. */
export async function connectionByRepository(read: Read | Tx, repository: number): Promise<Connection | null> {
  const row = await connections(read).where('r.repository_id', '=', String(repository)).executeTakeFirst()
  return row ? connectionOf(row) : null
}

export async function connectionById(read: Read | Tx, id: string): Promise<Connection | null> {
  const row = await connections(read).where('r.id', '=', id).executeTakeFirst()
  return row ? connectionOf(row) : null
}

export async function connectionsOfInstallation(read: Read | Tx, installation: number): Promise<Connection[]> {
  return (await connections(read).where('s.installation_id', '=', String(installation)).execute()).map(connectionOf)
}

/** Any place from which accounts can be asked about. */
export async function anyConnection(read: Read): Promise<Connection | null> {
  const row = await connections(read).orderBy('r.connected_at').limit(1).executeTakeFirst()
  return row ? connectionOf(row) : null
}

export const placeOf = (github: Github, { installation, fullName }: Connection): Place => ({ github, installation, fullName })

/** What GitHub says of the repository now. */
export async function saveFacts(
  tx: Tx,
  id: string,
  facts: { fullName?: string; defaultBranch?: string; installation?: number },
): Promise<void> {
  const { fullName, defaultBranch, installation } = facts
  const set = {
    ...(fullName === undefined ? {} : { full_name: fullName }),
    ...(defaultBranch === undefined ? {} : { default_branch: defaultBranch }),
    ...(installation === undefined ? {} : { installation_id: installation }),
  }
  if (Object.keys(set).length > 0) await tx.updateTable('github_state').set(set).where('connection_id', '=', id).execute()
}

export async function pullRow(read: Read | Tx, connection: string, number: number): Promise<PullRow | null> {
  const row = await read.selectFrom('github_pull').selectAll().where('connection_id', '=', connection).where('number', '=', number).executeTakeFirst()
  return row ?? null
}

/** The row of a pull request, locked; made when Onus meets it first, with `until` as the end of what it asks for. */
export async function lockPull(tx: Tx, connection: string, number: number, head: string, until: Date): Promise<PullRow> {
  await tx
    .insertInto('github_pull')
    .values({ connection_id: connection, number, head_sha: head, until, shown: '{}', withheld: '[]' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return tx
    .selectFrom('github_pull')
    .selectAll()
    .where('connection_id', '=', connection)
    .where('number', '=', number)
    .forUpdate()
    .executeTakeFirstOrThrow()
}

export async function savePull(tx: Tx, row: PullRow, set: Partial<PullSet>): Promise<void> {
  await tx.updateTable('github_pull').set(set).where('connection_id', '=', row.connection_id).where('number', '=', row.number).execute()
}
type PullSet = {
  head_sha: string
  until: Date
  shown: string
  check_run_id: number | null
  comment_id: number | null
  writers: string[]
  changes: string[]
  withheld: string
  merged_at: Date
  is_settled: boolean
}

/** An account pushed to the pull request: what was opened at `to`, or went on from `from`. */
export async function addPush(tx: Tx, row: PullRow, { account, from, to }: { account: number; from: string | null; to: string }): Promise<void> {
  const heard = from === null ? (row.heard_sha ?? to) : row.heard_sha === from ? to : ''
  await sql`update github_pull set heard_sha = ${heard}, pushers = array(select distinct unnest(pushers || ${account}::bigint)),
    writers = array(select distinct unnest(writers || ${account}::bigint))
    where connection_id = ${row.connection_id} and number = ${row.number}`.execute(tx)
}

type Wanted = { connection: string; number: number; kind: JobKind; ref?: string; body?: string }

/** Asked for twice before it is done, it is done once; asked for while it is being done, it is done again. */
export async function want(tx: Tx, { connection, number, kind, ref = '', body }: Wanted, now: Date): Promise<void> {
  await tx
    .insertInto('github_job')
    .values({ connection_id: connection, number, kind, ref, body: body ?? null, next_at: now })
    .onConflict((conflict) =>
      conflict.columns(['connection_id', 'number', 'kind', 'ref']).doUpdateSet({
        wanted: sql`github_job.wanted + 1`,
        attempts: 0,
        is_dead: false,
        next_at: now,
      }),
    )
    .execute()
}

export type Job = { connection: string; number: number; kind: JobKind; ref: string; body: string | null; wanted: number; attempts: number }
/** Longer than any job takes: a manifest of 2,000 identities, a hundred requests. */
const CLAIM_MS = 600_000

/** The next job that is due, for this caller alone; of one pull request one at a time, a merge before its check. */
export async function claim(tx: Tx, now: Date): Promise<Job | null> {
  const { rows } = await sql<Job & { connection_id: string }>`
    with due as (
      select j.connection_id, j.number, j.kind, j.ref from github_job j
      where not j.is_dead and j.next_at <= ${now} and (j.claimed_until is null or j.claimed_until <= ${now})
        and not exists (select from github_job b where b.connection_id = j.connection_id and b.number = j.number
          and (b.kind, b.ref) <> (j.kind, j.ref) and not b.is_dead
          and (b.claimed_until > ${now} or (b.kind = 'merge' and j.kind = 'check')))
      order by j.next_at, j.connection_id, j.number, j.kind desc limit 1 for update of j skip locked
    )
    update github_job j set claimed_until = ${new Date(now.getTime() + CLAIM_MS)}, attempts = attempts + 1
    from due where j.connection_id = due.connection_id and j.number = due.number and j.kind = due.kind and j.ref = due.ref
    returning j.connection_id as connection, j.number, j.kind, j.ref, j.body, j.wanted, j.attempts`.execute(tx)
  return rows[0] ?? null
}

const jobs = (tx: Tx, { connection, number, kind, ref }: Job) =>
  tx
    .updateTable('github_job')
    .where('connection_id', '=', connection)
    .where('number', '=', number)
    .where('kind', '=', kind)
    .where('ref', '=', ref)

export async function done(tx: Tx, job: Job, now: Date): Promise<void> {
  const again = await jobs(tx, job).set({ claimed_until: null, attempts: 0, problem: null }).where('wanted', '>', job.wanted).returning('kind').execute()
  if (again.length === 0)
    await tx
      .deleteFrom('github_job')
      .where('connection_id', '=', job.connection)
      .where('number', '=', job.number)
      .where('kind', '=', job.kind)
      .where('ref', '=', job.ref)
      .execute()
  await tx.updateTable('github_state').set({ last_at: now, last_problem: null }).where('connection_id', '=', job.connection).execute()
}

/** `isFree`: it failed for no fault of its own, such as a limit, and the try does not count. */
export async function failed(
  tx: Tx,
  job: Job,
  { problem, nextAt, isDead, isFree }: { problem: string; nextAt: Date; isDead: boolean; isFree: boolean },
  now: Date,
): Promise<void> {
  const attempts = isFree ? job.attempts - 1 : job.attempts
  await jobs(tx, job).set({ claimed_until: null, next_at: nextAt, is_dead: isDead, problem, attempts }).execute()
  await tx.updateTable('github_state').set({ last_at: now, last_problem: problem }).where('connection_id', '=', job.connection).execute()
}

/** Pull requests whose changes stand otherwise than when their check was made last get another. */
export async function wantMoved(tx: Tx, now: Date): Promise<void> {
  const { rows } = await sql<{ connection_id: string; number: number }>`
    with stands as (
      select p.connection_id, p.number, bool_and(c.state <> 'open') as is_settled,
        md5(string_agg(concat_ws(' ', c.id, c.state, c.revision, (select string_agg(d.id, ',' order by d.id)
          from change_decision d where d.change_id = c.id and d.voided_at is null)), ';' order by c.id)) as seen
      from github_pull p cross join unnest(p.changes) as asked (id) join change_request c on c.id = asked.id
      where not p.is_settled group by p.connection_id, p.number
    )
    update github_pull p set seen = s.seen, is_settled = s.is_settled from stands s
    where p.connection_id = s.connection_id and p.number = s.number and (p.seen <> s.seen or s.is_settled)
    returning p.connection_id, p.number`.execute(tx)
  for (const { connection_id: connection, number } of rows) await want(tx, { connection, number, kind: 'check' }, now)
}

const DELIVERY_DAYS = 7
/** GitHub delivers again for three days. */
export async function forgetDeliveries(tx: Tx, now: Date): Promise<void> {
  await tx.deleteFrom('github_delivery').where('at', '<', new Date(now.getTime() - DELIVERY_DAYS * 86_400_000)).execute()
}

/** false: this delivery, or the same content under another id, was taken before. */
export async function takeDelivery(tx: Tx, id: string, digest: Buffer, now: Date): Promise<boolean> {
  const taken = await tx
    .insertInto('github_delivery')
    .values({ id, digest, at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return taken !== undefined
}
