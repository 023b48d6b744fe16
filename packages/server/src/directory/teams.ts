/** Writing teams and memberships. */
import { sql } from 'kysely'
import { stableId } from '@onus/core/ids.ts'
import type { DirectoryOrigin } from '../db/tables.ts'
import { Refused } from '../http/refused.ts'
import { onDirectoryChange } from './change.ts'
import type { DirectoryChange, Writing } from './change.ts'
import { nameOf, teamKey } from './names.ts'
import { emptied } from './people.ts'
import { membersOf, teamOf } from './read.ts'
import type { DirectoryTeam } from './read.ts'

export type NewTeam = {
  name: string
  /** Default: what sources say of a team of this name, else business. */
  kind?: DirectoryTeam['kind']
  externalId: string | null
  origin: DirectoryOrigin
  escalation: string | null
}

/** The team that is there under this name, in any spelling; null when there is none. */
export async function findTeamByName({ tx }: Writing, name: string): Promise<DirectoryTeam | null> {
  const slug = teamKey(name)?.slug
  if (slug === undefined) return null
  const row = await tx
    .selectFrom('directory_team')
    .selectAll()
    .where('slug', '=', slug)
    .where('is_active', '=', true)
    .executeTakeFirst()
  return row ? teamOf(row) : null
}

function keyOf(name: string): { id: string; slug: string } {
  const key = teamKey(name)
  if (!key)
    throw new Refused('invalid-request', '`displayName` has no letter or digit', [
      { field: 'displayName', reason: 'has no letter or digit' },
    ])
  return key
}

async function checkSlugIsFree({ tx }: Writing, slug: string, except: string | null): Promise<void> {
  const taken = await tx
    .selectFrom('directory_team')
    .select('id')
    .where('slug', '=', slug)
    .where('is_active', '=', true)
    .executeTakeFirst()
  if (taken && taken.id !== except)
    throw new Refused('name-taken', 'a team of this name is here already, perhaps in another spelling', [
      { field: 'displayName', reason: 'is taken' },
    ])
}

async function kindInSources({ tx }: Writing, id: string): Promise<DirectoryTeam['kind']> {
  const rows = await tx.selectFrom('team').select('document').where('id', '=', id).execute()
  const kinds = rows.map(({ document }) => document.kind).filter((kind) => kind !== 'unknown')
  return kinds[0] ?? 'business'
}

/**
 * Forms a team. Its id is that of a discovered team of the same name, so claims that name it meet it; a team that was
 * dissolved and is formed again is the same team, without what it had accepted. Throws `Refused` (`name-taken`).
 */
export async function addTeam(w: Writing, given: NewTeam): Promise<DirectoryTeam> {
  const name = nameOf(given.name, 'displayName')
  const key = keyOf(name)
  await checkSlugIsFree(w, key.slug, null)
  const before = await w.tx.selectFrom('directory_team').selectAll().where('id', '=', key.id).executeTakeFirst()
  // The team that had the name goes on under another one and keeps its id: the new one is not it.
  const id = before?.is_active ? stableId('tm', key.slug, w.now.toISOString()) : key.id
  const values = {
    name,
    slug: key.slug,
    kind: given.kind ?? (await kindInSources(w, key.id)),
    external_id: given.externalId,
    origin: given.origin,
    escalation: given.escalation,
    is_active: true,
    changed_at: w.now,
    dissolved_at: null,
  }
  const row =
    before && id === before.id
      ? await w.tx
          .updateTable('directory_team')
          .set({ ...values, revision: sql<number>`revision + 1` })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow()
      : await w.tx
          .insertInto('directory_team')
          .values({ ...values, id, created_at: w.now })
          .returningAll()
          .executeTakeFirstOrThrow()
  await onDirectoryChange(w, [{ kind: 'team-formed', team: id }])
  return teamOf(row)
}

export type TeamFields = Partial<Pick<NewTeam, 'name' | 'kind' | 'externalId' | 'origin' | 'escalation'>>

/**
 * Changes what a team is called and who speaks for it; its id and what it answers for stay. Throws `Refused`
 * (`name-taken`).
 */
export async function changeTeam(w: Writing, id: string, fields: TeamFields): Promise<void> {
  const name = fields.name === undefined ? undefined : nameOf(fields.name, 'displayName')
  const slug = name === undefined ? undefined : keyOf(name).slug
  if (slug !== undefined) await checkSlugIsFree(w, slug, id)
  await w.tx
    .updateTable('directory_team')
    .set({
      ...(name === undefined || slug === undefined ? {} : { name, slug }),
      ...(fields.kind === undefined ? {} : { kind: fields.kind }),
      ...(fields.externalId === undefined ? {} : { external_id: fields.externalId }),
      ...(fields.origin === undefined ? {} : { origin: fields.origin }),
      ...(fields.escalation === undefined ? {} : { escalation: fields.escalation }),
      changed_at: w.now,
      revision: sql<number>`revision + 1`,
    })
    .where('id', '=', id)
    .execute()
  await onDirectoryChange(w, [{ kind: 'team-changed', team: id }])
}

/** The team is no more, at once: its memberships and powers end, and what follows from it, in this transaction. */
export async function teamDissolved(w: Writing, id: string): Promise<void> {
  const members = await membersOf(w.tx, id)
  const team = await w.tx
    .updateTable('directory_team')
    .set({ is_active: false, dissolved_at: w.now, changed_at: w.now, revision: sql<number>`revision + 1` })
    .where('id', '=', id)
    .where('is_active', '=', true)
    .returning('id')
    .executeTakeFirst()
  if (!team) return
  await w.tx
    .updateTable('membership')
    .set({ valid_to: sql<Date>`greatest(valid_from, ${w.now})` })
    .where('team_id', '=', id)
    .where('valid_to', 'is', null)
    .execute()
  const ended = await w.tx
    .updateTable('power_holder')
    .set({ valid_to: sql<Date>`greatest(valid_from, ${w.now})` })
    .where('team_id', '=', id)
    .where('valid_to', 'is', null)
    .returning('power')
    .execute()
  await onDirectoryChange(w, [
    { kind: 'team-dissolved', team: id },
    ...members.map((member): DirectoryChange => ({ kind: 'member-left', person: member.id, team: id })),
    ...ended.map(({ power }): DirectoryChange => ({ kind: 'power-ended', power, person: null, team: id })),
  ])
}

/** Adds members; who is one already stays one. Ids of people that are not here are left out. Answers who is new. */
export async function joinTeam(
  w: Writing,
  team: string,
  people: readonly string[],
  origin: DirectoryOrigin,
): Promise<string[]> {
  if (people.length === 0) return []
  const { rows } = await sql<{ person_id: string }>`
    insert into membership (team_id, person_id, origin, valid_from)
    select ${team}, person.id, ${origin}, ${w.now}
    from person where person.id = any(${[...people]}::text[]) and person.deleted_at is null
    on conflict (team_id, person_id) where valid_to is null do nothing
    returning person_id`.execute(w.tx)
  const joined = rows.map((row) => row.person_id)
  if (joined.length > 0) await touchTeam(w, team)
  await onDirectoryChange(
    w,
    joined.map((person) => ({ kind: 'member-joined', person, team })),
  )
  return joined
}

/** Ends memberships, at once; what follows from it happens in this transaction. Answers whose. */
export async function leaveTeam(w: Writing, team: string, people: readonly string[]): Promise<string[]> {
  if (people.length === 0) return []
  const rows = await w.tx
    .updateTable('membership')
    .set({ valid_to: sql<Date>`greatest(valid_from, ${w.now})` })
    .where('team_id', '=', team)
    .where('person_id', 'in', people)
    .where('valid_to', 'is', null)
    .returning('person_id')
    .execute()
  const left = rows.map((row) => row.person_id)
  if (left.length === 0) return []
  await touchTeam(w, team)
  await onDirectoryChange(w, [
    ...left.map((person): DirectoryChange => ({ kind: 'member-left', person, team })),
    ...(await emptied(w, [team])),
  ])
  return left
}

async function touchTeam({ tx, now }: Writing, id: string): Promise<void> {
  await tx
    .updateTable('directory_team')
    .set({ changed_at: now, revision: sql<number>`revision + 1` })
    .where('id', '=', id)
    .execute()
}
