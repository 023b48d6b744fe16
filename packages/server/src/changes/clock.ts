/**
 * What ends by itself is over on its date, whether or not this runs. Here it is written down and told: changes that
 * expired, exceptions that lapsed, keys of repeated writes that are forgotten.
 */
import { sql } from 'kysely'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { forgetKeys } from '../http/once.ts'
import { append } from '../ledger/index.ts'
import type { NewEntry } from '../ledger/index.ts'
import { notify } from '../notifications/notices.ts'
import { forgetEnded } from '../sessions/index.ts'
import { startTurns } from '../turns.ts'
import type { Turns } from '../turns.ts'
import { decided, exceptionEnds } from './notices.ts'
import type { Ending } from './notices.ts'
import { authorsOfChange } from './store.ts'

const EVERY_MS = 10_000
const BATCH = 500
/** Before the end, or half of the time of a short one. */
const WARN_DAYS = 14
const CLOCK: NewEntry['actor'] = { kind: 'job', id: 'change-clock' }

/** Answers how many. */
export async function expireChanges(tx: Tx, now: Date): Promise<number> {
  const due = await tx
    .selectFrom('change_request')
    .select(['id', 'digest', 'summary', 'expires_at'])
    .where('state', '=', 'open')
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(BATCH)
    .forUpdate()
    .skipLocked()
    .execute()
  for (const { id, expires_at: at } of due)
    await tx
      .updateTable('change_request')
      .set({ state: 'expired', closed_at: at, closed_by_kind: 'job', closed_by: CLOCK.id })
      .where('id', '=', id)
      .execute()
  await append(
    tx,
    due.map(({ id, digest }) => ({
      action: 'change.expire',
      actor: CLOCK,
      capacity: 'none',
      subject: { kind: 'change', id },
      change: id,
      digest,
    })),
    now,
  )
  for (const row of due) await notify(tx, decided(row, 'expired', await authorsOfChange(tx, row.id), CLOCK.id), now)
  return due.length
}

/** Whoever answers for the identity hears that the end is near; of nobody's, security does. Answers how many. */
export async function warnOfLapses(tx: Tx, now: Date): Promise<number> {
  const { rows } = await sql<Ending>`
    select e.id, e.rule, e.until, e.identity_id, i.name, a.team_id
    from exception e
    left join identity i on i.id = e.identity_id
    left join acceptance a on a.identity_id = e.identity_id and a.ended_at is null
    where e.until > ${now} and e.replaced_at is null and e.lapse_told_at is null
      and e.until - least(interval '1 day' * ${WARN_DAYS}, (e.until - e.valid_from) / 2) <= ${now}
      and not exists (select from exception_told t where t.exception_id = e.id)
    order by e.until limit ${BATCH} for update of e skip locked`.execute(tx)
  for (const row of rows) {
    await tx.insertInto('exception_told').values({ exception_id: row.id, at: now }).execute()
    await notify(tx, [exceptionEnds(row, false)], now)
  }
  return rows.length
}

/** Answers how many. */
export async function tellLapses(tx: Tx, now: Date): Promise<number> {
  const due = await tx
    .selectFrom('exception')
    .select(['id', 'identity_id', 'rule', 'until', 'change_id'])
    .where('until', '<=', now)
    .where('lapse_told_at', 'is', null)
    .where('replaced_at', 'is', null)
    .orderBy('until')
    .limit(BATCH)
    .forUpdate()
    .skipLocked()
    .execute()
  if (due.length === 0) return 0
  await tx
    .updateTable('exception')
    .set({ lapse_told_at: now })
    .where(
      'id',
      'in',
      due.map(({ id }) => id),
    )
    .execute()
  await append(
    tx,
    due.map((row) => ({
      action: 'exception.lapse',
      actor: CLOCK,
      capacity: 'none',
      subject: { kind: 'identity', id: row.identity_id },
      change: row.change_id,
      before: { exception: row.id, rule: row.rule, until: row.until.toISOString() },
    })),
    now,
  )
  const owners = await tx
    .selectFrom('acceptance')
    .innerJoin('identity', 'identity.id', 'identity_id')
    .select(['identity_id', 'team_id', 'identity.name'])
    .where(sql<boolean>`identity_id = any(${due.map(({ identity_id: id }) => id)})`)
    .where('ended_at', 'is', null)
    .execute()
  const ownerOf = new Map(owners.map((row) => [row.identity_id, row]))
  const told = due.map((row) => {
    const owner = ownerOf.get(row.identity_id)
    return exceptionEnds({ ...row, name: owner?.name ?? null, team_id: owner?.team_id ?? null }, true)
  })
  await notify(tx, told, now)
  return due.length
}

/** Everything that is due now. */
export async function endDue(ctx: Context): Promise<void> {
  while ((await ctx.db.tx((tx) => expireChanges(tx, ctx.clock()))) === BATCH);
  while ((await ctx.db.tx((tx) => warnOfLapses(tx, ctx.clock()))) === BATCH);
  while ((await ctx.db.tx((tx) => tellLapses(tx, ctx.clock()))) === BATCH);
  await ctx.db.tx((tx) => forgetKeys(tx, ctx.clock()))
  await ctx.db.tx((tx) => forgetEnded(tx, ctx.clock()))
}

/** Runs until stopped. Trouble is told to the log and tried again. */
export function startChangeClock(ctx: Context): Turns {
  return startTurns(ctx, { everyMs: EVERY_MS, trouble: 'what ended was not told' }, () => endDue(ctx))
}
