/**
 * An acceptance ends when its team does, when the last member leaves, or when its time runs out. The end is written in
 * the transaction of what caused it; what follows for each identity is computed right after, from a queue.
 */
import { sql } from 'kysely'
import type { AcceptanceEnd } from '@onus/core/decision/acceptance.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import type { DirectoryChange, Doer, Writing } from '../directory/index.ts'
import { append } from '../ledger/index.ts'
import { loadEstate } from '../registry/estates.ts'
import { shareSources } from '../registry/locks.ts'
import { REFRESH_RULE_TOTALS } from '../registry/import-sql.ts'
import { restand } from '../registry/restand.ts'
import { startTurns } from '../turns.ts'
import type { Turns } from '../turns.ts'
import { escalate, startEscalation, STEPS_AT_ONCE } from './escalate.ts'
import { RENEWALS_AT_ONCE, tellRenewals } from './renewals.ts'
import { sourcesOf } from './store.ts'

/** One transaction of the queue; small, so that no request waits long for a connection or the thread. */
const BATCH = 200
const EVERY_MS = 1_000

type Ended = { id: string; identity_id: string; team_id: string }

/** In the transaction of a change of the directory. */
export async function lapseWithTeam({ tx, now, by }: Writing, changes: readonly DirectoryChange[]): Promise<void> {
  for (const change of changes) {
    if (change.kind === 'team-dissolved') await lapseTeam(tx, change.team, 'team-dissolved', by, now)
    if (change.kind === 'team-emptied') await lapseTeam(tx, change.team, 'team-without-member', by, now)
  }
}

async function lapseTeam(tx: Tx, team: string, ended: AcceptanceEnd, by: Doer, now: Date): Promise<void> {
  const rows = await tx
    .updateTable('acceptance')
    .set({ ended_at: now, ended })
    .where('team_id', '=', team)
    .where('ended_at', 'is', null)
    .returning(['id', 'identity_id', 'team_id'])
    .execute()
  await orphan(tx, rows, ended, by, now)
}

/** Acceptances whose time has run out. Answers how many. */
export async function lapseByTime(tx: Tx, now: Date): Promise<number> {
  const rows = await tx
    .updateTable('acceptance')
    .set({ ended_at: now, ended: 'ran-out' })
    .where('until', '<=', now)
    .where('ended_at', 'is', null)
    .returning(['id', 'identity_id', 'team_id'])
    .execute()
  await orphan(tx, rows, 'ran-out', { kind: 'job', id: 'acceptance-clock' }, now)
  return rows.length
}

/** Somebody must take over by a day; until somebody does, it stands as lapsed. */
async function orphan(tx: Tx, rows: readonly Ended[], ended: AcceptanceEnd, by: Doer, now: Date): Promise<void> {
  if (rows.length === 0) return
  const identities = rows.map(({ identity_id: id }) => id)
  const due = await startEscalation(
    tx,
    rows.map(({ id }) => id),
    now,
  )
  await sql`insert into restanding (identity_id, since) select id, ${now} from unnest(${identities}::text[]) as given (id)
    on conflict (identity_id) do nothing`.execute(tx)
  await append(
    tx,
    rows.map((row) => ({
      action: 'acceptance.lapse',
      actor: by,
      capacity: 'none' as const,
      subject: { kind: 'identity', id: row.identity_id },
      before: { state: 'accountable', team: row.team_id },
      after: { state: 'lapsed', why: ended, reassignBy: due.get(row.identity_id)?.toISOString() ?? null },
    })),
    now,
  )
}

/** Computes what stands for the identities of the queue. Answers how many were taken from it. */
export async function settle(ctx: Context): Promise<number> {
  return ctx.db.tx(async (tx) => {
    const { rows } = await sql<{ identity_id: string }>`
      delete from restanding where identity_id in
        (select identity_id from restanding order by identity_id limit ${BATCH} for update skip locked)
      returning identity_id`.execute(tx)
    const ids = rows.map(({ identity_id: id }) => id)
    if (ids.length === 0) return 0
    await shareSources(tx, await sourcesOf(tx, ids))
    await restand(tx, ids, {
      now: ctx.clock(),
      by: 'lapse',
      estateOf: (source) => loadEstate(tx, source, null, ctx.db.read),
    })
    // With the last of the queue, so that a server that dies in between leaves no sums of before.
    const left = await tx.selectFrom('restanding').select('identity_id').limit(1).execute()
    if (left.length === 0) await refreshTotals(tx)
    return ids.length
  })
}

/** Everything that is due now. `isStopped` is asked between two transactions. */
export async function settleDue(ctx: Context, isStopped: () => boolean = () => false): Promise<void> {
  await ctx.db.tx((tx) => lapseByTime(tx, ctx.clock()))
  while (!isStopped() && (await settle(ctx)) > 0);
  while (!isStopped() && (await ctx.db.tx((tx) => escalate(tx, ctx.clock()))) === STEPS_AT_ONCE);
  while (!isStopped() && (await ctx.db.tx((tx) => tellRenewals(tx, ctx.clock()))) === RENEWALS_AT_ONCE);
}

/** Runs the clock and the queue until stopped. Trouble is told to the log and tried again. */
export function startLapsing(ctx: Context): Turns {
  const rules = { everyMs: EVERY_MS, trouble: 'standings were not settled' }
  return startTurns(ctx, rules, (isStopped) => settleDue(ctx, isStopped))
}

/** Sums over all teams: not in the transaction of a decision, where each would wait for the other. */
async function refreshTotals(tx: Tx): Promise<void> {
  // Two that count at once would both add what the other has not seen.
  await sql`lock table rule_total in exclusive mode`.execute(tx)
  for (const statement of REFRESH_RULE_TOTALS.split(';')) await sql.raw(statement).execute(tx)
}
