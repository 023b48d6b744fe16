/**
 * The ledger, given to each webhook in the order of its tree. Events about one object come one after another: a later one
 * waits until the one before it arrived or was given up. An event may come twice, always under the id of its entry.
 */
import { sql } from 'kysely'
import type { Entry } from '@onus/core/ledger/entry.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { backoffMs } from '../net/backoff.ts'
import type { Outbound } from '../net/outbound.ts'
import { signedHeaders } from './sign.ts'
import { SEALED_FOR } from './store.ts'

/** Leaves looked at in one transaction. */
const BATCH = 1_000
/** A webhook that lags so far behind is given no more until some arrived. */
const MOST_WAITING = 5_000
export const MOST_ATTEMPTS = 12
const CLAIM_MS = 120_000

/** Gives new entries to the webhooks that want them. Answers whether there may be more. */
export async function fanOut(tx: Tx, now: Date): Promise<boolean> {
  const { rows } = await sql<{ webhook_id: string; next_index: string; actions: string[]; waiting: string }>`
    select p.webhook_id, p.next_index, w.actions,
      (select count(*) from webhook_event e where e.webhook_id = w.id and not is_dead) as waiting
    from webhook_progress p join webhook w on w.id = p.webhook_id
    where w.is_active and p.gone_at is null and p.next_index <= (select coalesce(max(index), -1) from ledger_leaf)
    order by p.webhook_id for update of p skip locked`.execute(tx)
  const ready = rows.filter(({ waiting }) => Number(waiting) < MOST_WAITING)
  for (const { webhook_id: id, next_index: from, actions } of ready)
    await sql`
      with leaf as (
        select l.index, e.action, e.subject_kind || ' ' || e.subject_id as object
        from ledger_leaf l join ledger_entry e on e.seq = l.seq
        where l.index >= ${from}::bigint and l.index < ${from}::bigint + ${BATCH}
      ), given as (
        insert into webhook_event (webhook_id, index, object, next_at)
        select ${id}, index, object, ${now} from leaf
        where cardinality(${actions}::text[]) = 0 or exists (select from unnest(${actions}::text[]) as wanted
          where action = wanted or starts_with(action, wanted || '.'))
        on conflict do nothing
      )
      update webhook_progress set next_index = coalesce((select max(index) + 1 from leaf), next_index)
      where webhook_id = ${id}`.execute(tx)
  return ready.length > 0
}

type Claimed = { webhook_id: string; index: string; attempts: number; url: string; sealed: Buffer; body: string }

/** The next event that is due and that no other of its object goes before; for this caller alone for two minutes. */
export async function claim(tx: Tx, now: Date): Promise<Claimed | null> {
  const { rows } = await sql<Claimed>`
    with due as (
      select v.webhook_id, v.index from webhook_event v
      join webhook w on w.id = v.webhook_id and w.is_active
      join webhook_progress p on p.webhook_id = w.id and p.gone_at is null
      where not v.is_dead and v.next_at <= ${now} and (v.claimed_until is null or v.claimed_until <= ${now})
        and not exists (select from webhook_event b where b.webhook_id = v.webhook_id and b.object = v.object
          and b.index < v.index and not b.is_dead)
      order by v.next_at, v.index limit 1 for update of v skip locked
    )
    update webhook_event v set claimed_until = ${new Date(now.getTime() + CLAIM_MS)}, attempts = attempts + 1
    from due, webhook w, ledger_leaf l, ledger_entry e
    where v.webhook_id = due.webhook_id and v.index = due.index and w.id = v.webhook_id and l.index = v.index and e.seq = l.seq
    returning v.webhook_id, v.index, v.attempts, w.url, w.sealed, e.body`.execute(tx)
  return rows[0] ?? null
}

/** What is sent: the entry without what is personal, which stays in Onus and can be erased there. */
export function payloadOf(body: string, index: number): string {
  // Written by `append`.
  const { id, at, action, actor, capacity, subject, change, digest, before, after } = JSON.parse(body) as Entry
  return JSON.stringify({ type: action, timestamp: at, data: { id, sequence: index, actor, capacity, subject, change, digest, before, after } })
}

type Delivering = Pick<Context, 'db' | 'clock' | 'sealer'>
type Ended = 'delivered' | 'gone' | { problem: string }

export async function send({ clock, sealer }: Delivering, outbound: Outbound, event: Claimed): Promise<Ended> {
  const payload = payloadOf(event.body, Number(event.index))
  const secret = sealer.unseal(SEALED_FOR, event.sealed).toString('utf8')
  // Written by `append`.
  const { id } = JSON.parse(event.body) as Entry
  const headers = { 'content-type': 'application/json', ...signedHeaders(secret, id, clock(), payload) }
  const answer = await outbound(event.url, { method: 'POST', headers, body: payload }).catch((error: unknown) =>
    error instanceof Error ? error.message : 'no answer',
  )
  if (typeof answer === 'string') return { problem: answer }
  if (answer.ok) return 'delivered'
  return answer.status === 410 ? 'gone' : { problem: `the other side answered ${answer.status}` }
}

/** Sends one event that is due. Answers whether there was one. */
export async function deliverNext(ctx: Delivering, outbound: Outbound): Promise<boolean> {
  const event = await ctx.db.tx((tx) => claim(tx, ctx.clock()))
  if (!event) return false
  const ended = await send(ctx, outbound, event)
  await ctx.db.tx((tx) => note(tx, event, ended, ctx.clock()))
  return true
}

async function note(tx: Tx, { webhook_id: id, index, attempts }: Claimed, ended: Ended, now: Date): Promise<void> {
  const progress = tx.updateTable('webhook_progress').where('webhook_id', '=', id)
  if (ended === 'delivered') {
    await tx.deleteFrom('webhook_event').where('webhook_id', '=', id).where('index', '=', index).execute()
    await progress.set({ delivered: sql`delivered + 1`, last_at: now, last_problem: null }).execute()
    return
  }
  const problem = ended === 'gone' ? 'the other side answered 410: it is gone for ever' : ended.problem.slice(0, 300)
  const next_at = new Date(now.getTime() + backoffMs(attempts))
  await tx
    .updateTable('webhook_event')
    .set({ claimed_until: null, next_at, is_dead: attempts >= MOST_ATTEMPTS })
    .where('webhook_id', '=', id)
    .where('index', '=', index)
    .execute()
  await progress.set({ last_at: now, last_problem: problem, ...(ended === 'gone' ? { gone_at: now } : {}) }).execute()
}
