/** Held departures, for the person who decides: let them go, or keep everybody, also those who went just before. */
import { sql } from 'kysely'
import type { Read, Tx } from '../db/database.ts'
import type { DirectoryOrigin } from '../db/tables.ts'
import { Refused } from '../http/refused.ts'
import { append } from '../ledger/index.ts'
import { onDirectoryChange } from './change.ts'
import type { Writing } from './change.ts'
import { applyDepartures, departureOf } from './departures.ts'
import type { Departure } from './departures.ts'
import { nameKey } from './names.ts'
import { personReturned } from './people.ts'
import { joinTeam } from './teams.ts'

export type Hold = {
  id: string
  openedAt: Date
  reason: string
  state: 'open' | 'released' | 'discarded'
  decidedAt: Date | null
  decidedBy: string | null
  note: string | null
  /** What is held, and what the same window had applied before it was noticed. */
  departures: { kind: Departure['kind']; state: string; person: Named | null; team: Named | null }[]
}
type Named = { id: string; name: string }

/** A list longer than this helps nobody; the count is in the reason. */
const MOST_TOLD = 500

/** Holds, open ones first, then newest. */
export async function listHolds(read: Read): Promise<Hold[]> {
  const holds = await read
    .selectFrom('directory_hold')
    .selectAll()
    .orderBy(sql`state <> 'open'`)
    .orderBy('opened_at', 'desc')
    .limit(50)
    .execute()
  return Promise.all(
    holds.map(async (hold) => ({
      id: hold.id,
      openedAt: hold.opened_at,
      reason: hold.reason,
      state: hold.state,
      decidedAt: hold.decided_at,
      decidedBy: hold.decided_by,
      note: hold.note,
      departures: await departuresOf(read, hold.id),
    })),
  )
}

async function departuresOf(read: Read, hold: string): Promise<Hold['departures']> {
  const rows = await read
    .selectFrom('departure')
    .leftJoin('person', 'person.id', 'departure.person_id')
    .leftJoin('directory_team', 'directory_team.id', 'departure.team_id')
    .select(['departure.kind', 'departure.state', 'person_id', 'display_name', 'team_id', 'directory_team.name'])
    .where('hold_id', '=', hold)
    .orderBy('departure.id')
    .limit(MOST_TOLD)
    .execute()
  return rows.map((row) => ({
    kind: row.kind,
    state: row.state,
    person: row.person_id === null ? null : { id: row.person_id, name: row.display_name ?? '' },
    team: row.team_id === null ? null : { id: row.team_id, name: row.name ?? '' },
  }))
}

type Decision = { state: 'released' | 'discarded'; note: string }

async function decide(w: Writing, id: string, { state, note }: Decision): Promise<void> {
  const row = await w.tx
    .updateTable('directory_hold')
    .set({ state, note, decided_at: w.now, decided_by: w.by.id })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .returning('id')
    .executeTakeFirst()
  if (!row) throw new Refused('not-found', 'no open hold has this id; perhaps somebody has just decided it')
  await append(
    w.tx,
    [
      {
        action: state === 'released' ? 'directory.release' : 'directory.discard',
        actor: w.by,
        capacity: 'operate',
        subject: { kind: 'directory-hold', id },
        personal: { reason: { value: note, about: null } },
      },
    ],
    w.now,
  )
}

type Turned = Departure & { origin: DirectoryOrigin }

async function turn(tx: Tx, hold: string, from: 'held' | 'applied', to: 'released' | 'discarded'): Promise<Turned[]> {
  const { rows } = await sql<Parameters<typeof departureOf>[0] & { origin: DirectoryOrigin }>`
    with turned as (update departure set state = ${to} where hold_id = ${hold} and state = ${from}
      returning id, kind, person_id, team_id, origin)
    select kind, person_id, team_id, origin from turned order by id`.execute(tx)
  return rows.map((row) => ({ ...departureOf(row), origin: row.origin }))
}

/** The directory was right: everything that is held happens now. Throws `Refused` (`not-found`). */
export async function releaseHold(w: Writing, id: string, note: string): Promise<void> {
  await decide(w, id, { state: 'released', note })
  await applyDepartures(w, await turn(w.tx, id, 'held', 'released'))
}

/**
 * The directory was wrong: nothing that is held happens, and what the same window had applied is undone as far as it can
 * be: people, memberships and teams are there again; what a team had accepted has lapsed and is asked for again. Throws
 * `Refused` (`not-found`).
 */
export async function discardHold(w: Writing, id: string, note: string): Promise<void> {
  await decide(w, id, { state: 'discarded', note })
  await turn(w.tx, id, 'held', 'discarded')
  for (const departure of await turn(w.tx, id, 'applied', 'discarded')) await undo(w, departure)
}

async function undo(w: Writing, departure: Turned): Promise<void> {
  if (departure.kind === 'team-dissolved') return form(w, departure.team)
  if (departure.kind === 'member-left') {
    await joinTeam(w, departure.team, [departure.person], departure.origin)
    return
  }
  if (departure.kind === 'person-deleted') await remember(w, departure.person)
  await personReturned(w, departure.person)
}

/** Who was forgotten is known again, unless somebody else has the name by now. */
async function remember({ tx, now }: Pick<Writing, 'tx' | 'now'>, id: string): Promise<void> {
  const person = await tx.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const other = await tx
    .selectFrom('person')
    .select('id')
    .where('name_key', '=', nameKey(person.user_name))
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (other || person.deleted_at === null) return
  await tx.updateTable('person').set({ deleted_at: null }).where('id', '=', id).execute()
  await reopen({ tx, now }, person.deleted_at, { person: id })
}

async function form(w: Writing, id: string): Promise<void> {
  const team = await w.tx.selectFrom('directory_team').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const other = await w.tx
    .selectFrom('directory_team')
    .select('id')
    .where('slug', '=', team.slug)
    .where('is_active', '=', true)
    .executeTakeFirst()
  if (other || team.dissolved_at === null) return
  await w.tx
    .updateTable('directory_team')
    .set({ is_active: true, dissolved_at: null, changed_at: w.now, revision: sql<number>`revision + 1` })
    .where('id', '=', id)
    .execute()
  await reopen(w, team.dissolved_at, { team: id })
  await onDirectoryChange(w, [{ kind: 'team-formed', team: id }])
}

/** Memberships that ended with somebody or with a team go on, as new periods. */
async function reopen(
  { tx, now }: Pick<Writing, 'tx' | 'now'>,
  ended: Date,
  of: { person: string } | { team: string },
): Promise<void> {
  const column = 'person' in of ? sql.ref('membership.person_id') : sql.ref('membership.team_id')
  const id = 'person' in of ? of.person : of.team
  await sql`
    insert into membership (team_id, person_id, origin, valid_from)
    select team_id, person_id, membership.origin, ${now} from membership
    join directory_team on directory_team.id = team_id and directory_team.is_active
    join person on person.id = person_id and person.deleted_at is null
    where ${column} = ${id} and valid_to = ${ended}
    on conflict (team_id, person_id) where valid_to is null do nothing`.execute(tx)
}
