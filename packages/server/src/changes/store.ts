/** All statements about change requests themselves. */
import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { ChangeContent } from '@onus/core/change/content.ts'
import { POWER_WAIT_HOURS } from '@onus/core/change/kinds/power.ts'
import type { SeatPlan } from '@onus/core/change/plan.ts'
import type { ChangeState } from '@onus/core/change/state.ts'
import { lockIdentities, sourcesOf } from '../accountability/store.ts'
import type { Read, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { shareDirectory, writing } from '../directory/index.ts'
import type { Doer } from '../directory/index.ts'
import { lockGuardrails, shareGuardrails } from '../guardrails/store.ts'
import { Refused } from '../http/refused.ts'
import { shareSources } from '../registry/locks.ts'
import type { Assessed } from './assess.ts'
import { identitiesOf } from './kinds/index.ts'
import type { Author } from './people.ts'

export type ChangeRow = Selectable<Tables['change_request']>
export type DecisionRow = Selectable<Tables['change_decision']>

const LOCK_WAIT_MS = 5_000

/** The change, locked: whoever else decides on it waits. Throws `Refused` (`not-found`). */
export async function lockChange(tx: Tx, id: string): Promise<ChangeRow> {
  await sql`set local lock_timeout = ${sql.lit(LOCK_WAIT_MS)}`.execute(tx)
  const row = await tx.selectFrom('change_request').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  if (!row) throw new Refused('not-found', 'no change has this id')
  return row
}

export async function findChange(read: Read | Tx, id: string): Promise<ChangeRow> {
  const row = await read.selectFrom('change_request').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw new Refused('not-found', 'no change has this id')
  return row
}

/**
 * Everything that a decision depends on stays as it is until the transaction ends: people, teams and powers, guardrails,
 * the identities. Always in this order, after the change itself, so that nobody waits in a circle.
 */
export async function lockWorld(tx: Tx, content: ChangeContent, by: Doer, now: Date): Promise<void> {
  // What will be written is locked for writing at once: a shared lock cannot become one while another holds it.
  if (content.kind === 'power') await writing(tx, now, by)
  else await shareDirectory(tx)
  if (content.kind === 'guardrail') await lockGuardrails(tx)
  else await shareGuardrails(tx)
  if (content.kind === 'function')
    await sql`select pg_advisory_xact_lock(hashtextextended(${`function ${content.id ?? content.name.toLowerCase()}`}, 0))`.execute(
      tx,
    )
  const identities = identitiesOf(content)
  if (identities.length === 0) return
  await shareSources(tx, await sourcesOf(tx, identities))
  await lockIdentities(tx, identities)
}

export async function authorsOfChange(read: Read | Tx, id: string): Promise<Author[]> {
  const rows = await read
    .selectFrom('change_author')
    .select(['kind', 'author_id'])
    .where('change_id', '=', id)
    .orderBy('at')
    .orderBy('author_id')
    .execute()
  return rows.map(({ kind, author_id: author }) => ({ kind, id: author }))
}

export async function addAuthors(tx: Tx, change: string, authors: readonly Author[], at: Date): Promise<void> {
  await tx
    .insertInto('change_author')
    .values(authors.map(({ kind, id }) => ({ change_id: change, kind, author_id: id, at })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Oldest first. */
export async function decisionsOf(read: Read | Tx, id: string): Promise<DecisionRow[]> {
  return read
    .selectFrom('change_decision')
    .selectAll()
    .where('change_id', '=', id)
    .orderBy('at')
    .orderBy('id')
    .execute()
}

/** Takes away what `saveOutline` wrote, before it is written anew. */
export async function clearOutline(tx: Tx, change: string): Promise<void> {
  await tx.deleteFrom('change_seat').where('change_id', '=', change).execute()
  await tx.deleteFrom('change_identity').where('change_id', '=', change).execute()
}

/** Seats and identities as they were written, for lists. */
export async function saveOutline(tx: Tx, change: string, { seats, identities }: Assessed): Promise<void> {
  await tx
    .insertInto('change_seat')
    .values(
      seats.map((seat) => ({
        change_id: change,
        seat: seat.id,
        capacity: seat.capacity,
        team_id: seat.team?.id ?? null,
        person_id: seat.person?.id ?? null,
      })),
    )
    .execute()
  if (identities.length > 0)
    await sql`insert into change_identity (change_id, identity_id)
      select ${change}, id from unnest(${identities}::text[]) as given (id)`.execute(tx)
}

/** The seats that are filled now; seats that were not there when it was written join them. */
export async function markSeats(
  tx: Tx,
  change: string,
  seats: readonly SeatPlan[],
  filled: readonly string[],
): Promise<void> {
  if (seats.length > 0)
    await tx
      .insertInto('change_seat')
      .values(
        seats.map((seat) => ({
          change_id: change,
          seat: seat.id,
          capacity: seat.capacity,
          team_id: seat.team?.id ?? null,
          person_id: seat.person?.id ?? null,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  await sql`update change_seat set is_filled = seat = any(${filled}) where change_id = ${change}`.execute(tx)
}

export async function voidDecisions(tx: Tx, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return
  await tx.updateTable('change_decision').set({ voided_at: at }).where('id', 'in', ids).execute()
}

export async function closeChange(
  tx: Tx,
  id: string,
  to: Exclude<ChangeState, 'open'>,
  by: { kind: 'person' | 'token' | 'job'; id: string },
  at: Date,
  plan?: Assessed['kept'],
): Promise<void> {
  const closed = { state: to, closed_at: at, changed_at: at, closed_by_kind: by.kind, closed_by: by.id }
  await tx
    .updateTable('change_request')
    .set({ ...closed, ...(plan ? { plan: JSON.stringify(plan) } : {}) })
    .where('id', '=', id)
    .execute()
}

/**
 * Sponsors of these identities whom one of `authors` named less than a day ago, in place of another or of nobody: somebody
 * whom one has just made a decider does not decide on one's change.
 */
export async function sponsorsNamedByAuthors(
  read: Read | Tx,
  identities: readonly string[],
  authors: readonly string[],
  now: Date,
): Promise<Set<string>> {
  if (identities.length === 0 || authors.length === 0) return new Set()
  const since = new Date(now.getTime() - POWER_WAIT_HOURS * 3_600_000)
  const { rows } = await sql<{ sponsor: string }>`
    select distinct a.sponsor from acceptance a
    where a.identity_id = any(${identities}) and a.ended_at is null and a.sponsor is not null and a.accepted_at > ${since}
      and (a.accepted_by = any(${authors})
        or exists (select from change_author c where c.change_id = a.change_id and c.author_id = any(${authors})))
      and not exists (select from acceptance b where b.identity_id = a.identity_id and b.id <> a.id
        and b.sponsor = a.sponsor and b.accepted_at <= ${since} and b.ended_at >= a.accepted_at)`.execute(read as Tx)
  return new Set(rows.map(({ sponsor }) => sponsor))
}
