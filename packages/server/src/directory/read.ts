/** Who is here and who belongs to what, now or on a day. A period holds from its first instant until before its last. */
import type { Selectable } from 'kysely'
import type { Read, Tx } from '../db/database.ts'
import type { DirectoryOrigin, Tables } from '../db/tables.ts'

export type Person = {
  id: string
  userName: string
  displayName: string
  email: string | null
  origin: DirectoryOrigin
  isActive: boolean
  leftAt: Date | null
}
export type DirectoryTeam = {
  id: string
  name: string
  kind: 'business' | 'platform' | 'security'
  origin: DirectoryOrigin
  /** An address or channel for what the team does not answer in time. */
  escalation: string | null
  isActive: boolean
  dissolvedAt: Date | null
}
/** Powers that somebody holds. The power to answer is not held: it follows from membership in the accountable team. */
export type HeldPower = 'operate' | 'guard' | 'audit'

type Asking = Read | Tx

export const personOf = (row: Selectable<Tables['person']>): Person => ({
  id: row.id,
  userName: row.user_name,
  displayName: row.display_name,
  email: row.email,
  origin: row.origin,
  isActive: row.is_active,
  leftAt: row.left_at,
})

export const teamOf = (row: Selectable<Tables['directory_team']>): DirectoryTeam => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  origin: row.origin,
  escalation: row.escalation,
  isActive: row.is_active,
  dissolvedAt: row.dissolved_at,
})

/** The person of this id, also one who has left; the ledger names people for ever. */
export async function findPerson(read: Asking, id: string): Promise<Person | null> {
  const row = await read.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? personOf(row) : null
}

/** Memberships that hold at `at` (default: now): of people who were here then, in teams. By team, then person. */
function memberships(read: Asking, at: Date | undefined) {
  const asked = read
    .selectFrom('membership')
    .innerJoin('directory_team', 'directory_team.id', 'membership.team_id')
    .innerJoin('person', 'person.id', 'membership.person_id')
    .innerJoin('person_activity', 'person_activity.person_id', 'membership.person_id')
  return at === undefined
    ? asked.where('membership.valid_to', 'is', null).where('person_activity.valid_to', 'is', null)
    : asked
        .where('membership.valid_from', '<=', at)
        .where(({ or, eb }) => or([eb('membership.valid_to', 'is', null), eb('membership.valid_to', '>', at)]))
        .where('person_activity.valid_from', '<=', at)
        .where(({ or, eb }) =>
          or([eb('person_activity.valid_to', 'is', null), eb('person_activity.valid_to', '>', at)]),
        )
}

/** The teams that somebody belonged to at `at` (default: now), by name. Nobody who has left belongs to one. */
export async function teamsOf(read: Asking, personId: string, at?: Date): Promise<DirectoryTeam[]> {
  const rows = await memberships(read, at)
    .where('membership.person_id', '=', personId)
    .selectAll('directory_team')
    .orderBy('directory_team.name')
    .orderBy('directory_team.id')
    .execute()
  return rows.map(teamOf)
}

/** The members of a team at `at` (default: now) who were here then, by name. */
export async function membersOf(read: Asking, teamId: string, at?: Date): Promise<Person[]> {
  const rows = await memberships(read, at)
    .where('membership.team_id', '=', teamId)
    .selectAll('person')
    .orderBy('person.display_name')
    .orderBy('person.id')
    .execute()
  return rows.map(personOf)
}

/** The team of this id, also one that was dissolved. */
export async function findTeam(read: Asking, id: string): Promise<DirectoryTeam | null> {
  const row = await read.selectFrom('directory_team').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? teamOf(row) : null
}

/** The team when it can answer: it exists, is not dissolved and has a member who is here. */
export async function liveTeam(read: Asking, id: string): Promise<DirectoryTeam | null> {
  const row = await memberships(read, undefined)
    .where('directory_team.id', '=', id)
    .where('directory_team.is_active', '=', true)
    .selectAll('directory_team')
    .limit(1)
    .executeTakeFirst()
  return row ? teamOf(row) : null
}

/** Of `ids`, the teams that cannot answer any more: dissolved, unknown, or without a member who is here. */
export async function lifeless(read: Asking, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await memberships(read, undefined)
    .where('directory_team.id', 'in', ids)
    .where('directory_team.is_active', '=', true)
    .select('directory_team.id')
    .distinct()
    .execute()
  const live = new Set(rows.map(({ id }) => id))
  return [...new Set(ids)].filter((id) => !live.has(id))
}

/** The powers somebody held at `at` (default: now), in person or through a team. Nobody who has left holds one. */
export async function heldPowers(read: Asking, personId: string, at?: Date): Promise<HeldPower[]> {
  const teams = (await teamsOf(read, personId, at)).map(({ id }) => id)
  const isHere = await wasHere(read, personId, at)
  if (!isHere) return []
  const rows = await read
    .selectFrom('power_holder')
    .select('power')
    .distinct()
    .where(({ or, eb }) => or([eb('person_id', '=', personId), ...(teams.length ? [eb('team_id', 'in', teams)] : [])]))
    .where(({ or, and, eb }) =>
      at === undefined
        ? eb('valid_to', 'is', null)
        : and([eb('valid_from', '<=', at), or([eb('valid_to', 'is', null), eb('valid_to', '>', at)])]),
    )
    .orderBy('power')
    .execute()
  return rows.map(({ power }) => power)
}

async function wasHere(read: Asking, personId: string, at: Date | undefined): Promise<boolean> {
  const asked = read.selectFrom('person_activity').select('id').where('person_id', '=', personId)
  const row = await (
    at === undefined
      ? asked.where('valid_to', 'is', null)
      : asked
          .where('valid_from', '<=', at)
          .where(({ or, eb }) => or([eb('valid_to', 'is', null), eb('valid_to', '>', at)]))
  ).executeTakeFirst()
  return row !== undefined
}
