/** Teams as SCIM sees them: groups of directories and of sign-in; a held departure reads as if it had happened. */
import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { Read, Tx } from '../../db/database.ts'
import type { Tables } from '../../db/tables.ts'
import { addTeam, changeTeam, depart, joinTeam, leaveTeam, withdraw } from '../index.ts'
import type { Departure, Writing } from '../index.ts'
import { findTeamByName } from '../teams.ts'
import { membersOf } from '../read.ts'
import { BASE, ScimError, equalIn } from './schema.ts'
import type { GroupData, readFilter } from './schema.ts'

type Row = Selectable<Tables['directory_team']>
type Filter = ReturnType<typeof readFilter>

const isGoing = sql<boolean>`exists (select from departure where departure.team_id = directory_team.id
  and departure.state = 'held' and departure.kind = 'team-dissolved')`

function visible(read: Read | Tx) {
  return read
    .selectFrom('directory_team')
    .selectAll('directory_team')
    .where('origin', 'in', ['scim', 'oidc'])
    .where('is_active', '=', true)
    .where(sql<boolean>`not ${isGoing}`)
}

/** Members of teams, also those who have left: a directory says separately who is active. */
async function membersBy(
  read: Read | Tx,
  teams: readonly string[],
): Promise<Map<string, { id: string; name: string }[]>> {
  const members = new Map<string, { id: string; name: string }[]>()
  if (teams.length === 0) return members
  const rows = await read
    .selectFrom('membership')
    .innerJoin('person', 'person.id', 'membership.person_id')
    .select(['team_id', 'person_id', 'display_name'])
    .where('team_id', 'in', teams)
    .where('valid_to', 'is', null)
    .where('deleted_at', 'is', null)
    .where(
      sql<boolean>`not exists (select from departure where departure.person_id = membership.person_id
        and departure.state = 'held'
        and (departure.kind = 'person-deleted' or departure.team_id = membership.team_id))`,
    )
    .orderBy('person_id')
    .execute()
  for (const row of rows)
    members.set(row.team_id, [...(members.get(row.team_id) ?? []), { id: row.person_id, name: row.display_name }])
  return members
}

const dataOf = (row: Row, members: { id: string; name: string }[] | null): GroupData => ({
  id: row.id,
  ...(row.external_id === null ? {} : { externalId: row.external_id }),
  displayName: row.name,
  ...(members === null
    ? {}
    : {
        members: members.map(({ id, name }) => ({
          value: id,
          display: name,
          type: 'User',
          $ref: `${BASE}/Users/${id}`,
        })),
      }),
  meta: {
    created: row.created_at.toISOString(),
    lastModified: row.changed_at.toISOString(),
    version: `W/"${row.revision}"`,
  },
})

export async function findGroup(read: Read | Tx, id: string, hasMembers = true): Promise<GroupData | null> {
  const row = await visible(read).where('id', '=', id).executeTakeFirst()
  if (!row) return null
  return dataOf(row, hasMembers ? ((await membersBy(read, [id])).get(id) ?? []) : null)
}

/** Those that may match; as `listUsers`. */
export async function listGroups(
  read: Read,
  filter: Filter | undefined,
  page: { offset: number; limit: number } | null,
  hasMembers: boolean,
): Promise<GroupData[]> {
  const id = equalIn(filter, 'id')
  const displayName = equalIn(filter, 'displayname')
  const externalId = equalIn(filter, 'externalid')
  const rows = await visible(read)
    .$if(id !== undefined, (query) => query.where('id', '=', id ?? ''))
    .$if(displayName !== undefined, (query) => query.where(sql`lower(name)`, '=', displayName ?? ''))
    .$if(externalId !== undefined, (query) => query.where(sql`lower(external_id)`, '=', externalId ?? ''))
    .orderBy('created_at')
    .orderBy('id')
    .$if(page !== null, (query) => query.offset(page?.offset ?? 0).limit(page?.limit ?? 0))
    .execute()
  const members = hasMembers
    ? await membersBy(
        read,
        rows.map((row) => row.id),
      )
    : null
  return rows.map((row) => dataOf(row, members && (members.get(row.id) ?? [])))
}

export async function countGroups(read: Read): Promise<number> {
  const row = await visible(read)
    .clearSelect()
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

const idsOf = (data: GroupData): string[] => [
  ...new Set((data.members ?? []).flatMap(({ value }) => (value === undefined ? [] : [value]))),
]

async function checkPeople({ tx }: Writing, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const rows = await tx
    .selectFrom('person')
    .select('id')
    .where('id', 'in', ids)
    .where('deleted_at', 'is', null)
    .execute()
  if (rows.length < ids.length)
    throw new ScimError(400, 'invalidValue', `${ids.length - rows.length} of the members are not known here`)
}

/**
 * Adds a group. One of the same name that the example company brought, or whose dissolution is held, is taken over.
 * Answers the id. Throws `Refused` (`name-taken`).
 */
export async function addGroup(w: Writing, data: GroupData): Promise<string> {
  const before = await findTeamByName(w, data.displayName)
  const isHeld = before !== null && (await visible(w.tx).where('id', '=', before.id).executeTakeFirst()) === undefined
  const people = idsOf(data)
  await checkPeople(w, people)
  if (before === null || !isHeld || before.origin === 'local') {
    const given = {
      name: data.displayName,
      externalId: data.externalId ?? null,
      origin: 'scim',
      escalation: null,
    } as const
    const { id } = await addTeam(w, given)
    await joinTeam(w, id, people, 'scim')
    return id
  }
  await withdraw(w, [{ kind: 'team-dissolved', team: before.id }])
  await changeTeam(w, before.id, { name: data.displayName, externalId: data.externalId ?? null, origin: 'scim' })
  if (before.origin === 'example')
    await leaveTeam(
      w,
      before.id,
      (await membersOf(w.tx, before.id)).map(({ id }) => id),
    )
  await setMembers(w, before.id, idsOf((await findGroup(w.tx, before.id)) ?? data), people)
  return before.id
}

async function setMembers(
  w: Writing,
  team: string,
  before: readonly string[],
  after: readonly string[],
): Promise<void> {
  const was = new Set(before)
  const will = new Set(after)
  const joining = after.filter((id) => !was.has(id))
  const leaving = before.filter((id) => !will.has(id))
  await checkPeople(w, joining)
  const membership = (person: string): Departure => ({ kind: 'member-left', person, team })
  await withdraw(w, joining.map(membership))
  await joinTeam(w, team, joining, 'scim')
  await depart(w, leaving.map(membership), 'scim')
}

/** Makes the group what the directory says now. Members stay when `after` says nothing of them. */
export async function changeGroup(w: Writing, id: string, before: GroupData, after: GroupData): Promise<void> {
  const isSame = after.displayName === before.displayName && (after.externalId ?? null) === (before.externalId ?? null)
  await changeTeam(
    w,
    id,
    isSame ? { origin: 'scim' } : { name: after.displayName, externalId: after.externalId ?? null, origin: 'scim' },
  )
  if (after.members !== undefined) await setMembers(w, id, idsOf(before), idsOf(after))
}

export async function removeGroup(w: Writing, id: string): Promise<void> {
  await depart(w, [{ kind: 'team-dissolved', team: id }], 'scim')
}
