/** Writing people. One write at a time: who is a member, and whether a name is free, is asked and then acted on. */
import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'
import type { DirectoryOrigin } from '../db/tables.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'
import { onDirectoryChange } from './change.ts'
import type { DirectoryChange, Doer, Writing } from './change.ts'
import { nameKey, nameOf } from './names.ts'
import { lifeless, personOf, teamsOf } from './read.ts'
import type { Person } from './read.ts'

/** Any constant serves, as long as no one else uses it: "dire" in ASCII. */
const DIRECTORY_LOCK = 0x64697265

/** Begins a write of the directory in `tx`; another one waits until this transaction ends. */
export async function writing(tx: Tx, now: Date, by: Doer): Promise<Writing> {
  await sql`select pg_advisory_xact_lock(${DIRECTORY_LOCK})`.execute(tx)
  return { tx, now, by }
}

/** Whoever decides reads the directory: a write of it waits until this transaction ends. Taken before any row is locked. */
export async function shareDirectory(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${DIRECTORY_LOCK})`.execute(tx)
}

export type NewPerson = {
  userName: string
  displayName: string
  email: string | null
  externalId: string | null
  origin: DirectoryOrigin
  /** Issuer and subject, for somebody who came by signing in. */
  oidc: { issuer: string; subject: string } | null
}

async function checkNameIsFree({ tx }: Writing, userName: string, except: string | null): Promise<void> {
  const taken = await tx
    .selectFrom('person')
    .select('id')
    .where('name_key', '=', nameKey(userName))
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (taken && taken.id !== except)
    throw new Refused('name-taken', 'a person of this user name is here already', [
      { field: 'userName', reason: 'is taken' },
    ])
}

/** Adds somebody who is here. Throws `Refused` (`name-taken`, `invalid-request`). */
export async function addPerson(w: Writing, given: NewPerson): Promise<Person> {
  const userName = nameOf(given.userName, 'userName')
  await checkNameIsFree(w, userName, null)
  const row = await w.tx
    .insertInto('person')
    .values({
      id: newId('per'),
      user_name: userName,
      name_key: nameKey(userName),
      display_name: nameOf(given.displayName, 'displayName'),
      email: given.email,
      external_id: given.externalId,
      oidc_issuer: given.oidc?.issuer ?? null,
      oidc_subject: given.oidc?.subject ?? null,
      origin: given.origin,
      is_active: true,
      created_at: w.now,
      changed_at: w.now,
      left_at: null,
      deleted_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await openActivity(w, [row.id])
  await onDirectoryChange(w, [{ kind: 'person-added', person: row.id }])
  return personOf(row)
}

/** What may change about somebody; what is left out stays. */
export type PersonFields = Partial<
  Pick<NewPerson, 'userName' | 'displayName' | 'email' | 'externalId' | 'origin' | 'oidc'>
>

/** Changes how somebody is called. Throws `Refused` (`name-taken`, `invalid-request`). */
export async function changePerson(w: Writing, id: string, fields: PersonFields): Promise<void> {
  const userName = fields.userName === undefined ? undefined : nameOf(fields.userName, 'userName')
  if (userName !== undefined) await checkNameIsFree(w, userName, id)
  const { oidc } = fields
  await w.tx
    .updateTable('person')
    .set({
      ...(userName === undefined ? {} : { user_name: userName, name_key: nameKey(userName) }),
      ...(fields.displayName === undefined ? {} : { display_name: nameOf(fields.displayName, 'displayName') }),
      ...(fields.email === undefined ? {} : { email: fields.email }),
      ...(fields.externalId === undefined ? {} : { external_id: fields.externalId }),
      ...(fields.origin === undefined ? {} : { origin: fields.origin }),
      ...(oidc === undefined ? {} : { oidc_issuer: oidc?.issuer ?? null, oidc_subject: oidc?.subject ?? null }),
      changed_at: w.now,
      revision: sql<number>`revision + 1`,
    })
    .where('id', '=', id)
    .execute()
  await onDirectoryChange(w, [{ kind: 'person-changed', person: id }])
}

/**
 * Somebody leaves, at once: their sessions are gone, their memberships count no more, and what follows from it happens
 * in this transaction. Their id stays. `isDeleted`: the directory forgets them, and another may get the name. Nothing
 * happens for somebody who has left already.
 */
export async function personLeft(w: Writing, id: string, { isDeleted = false } = {}): Promise<void> {
  const teams = await teamsOf(w.tx, id)
  const person = await w.tx
    .updateTable('person')
    .set({ is_active: false, left_at: w.now, changed_at: w.now, revision: sql<number>`revision + 1` })
    .where('id', '=', id)
    .where('is_active', '=', true)
    .returning('id')
    .executeTakeFirst()
  if (isDeleted) await forget(w, id)
  if (!person) return
  await w.tx
    .updateTable('person_activity')
    // A clock that was set back must not make a period that ends before it begins.
    .set({ valid_to: sql<Date>`greatest(valid_from, ${w.now})` })
    .where('person_id', '=', id)
    .where('valid_to', 'is', null)
    .execute()
  await w.tx.deleteFrom('session').where('person_id', '=', id).execute()
  await w.tx.deleteFrom('sign_in_link').where('person_id', '=', id).execute()
  const ids = teams.map((team) => team.id)
  const left: DirectoryChange = { kind: 'person-left', person: id, teams: ids }
  await onDirectoryChange(w, [left, ...(await emptied(w, ids))])
}

/** Their memberships end with them, and the subject is free for the next who has it. */
async function forget({ tx, now }: Writing, id: string): Promise<void> {
  await tx.updateTable('person').set({ deleted_at: now }).where('id', '=', id).where('deleted_at', 'is', null).execute()
  await tx
    .updateTable('membership')
    .set({ valid_to: sql<Date>`greatest(valid_from, ${now})` })
    .where('person_id', '=', id)
    .where('valid_to', 'is', null)
    .execute()
}

/** Somebody who had left, and was not forgotten, is here again, with the memberships that did not end meanwhile. */
export async function personReturned(w: Writing, id: string): Promise<void> {
  const person = await w.tx
    .updateTable('person')
    .set({ is_active: true, left_at: null, changed_at: w.now, revision: sql<number>`revision + 1` })
    .where('id', '=', id)
    .where('is_active', '=', false)
    .where('deleted_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (!person) return
  await openActivity(w, [id])
  await onDirectoryChange(w, [{ kind: 'person-returned', person: id }])
}

async function openActivity({ tx, now }: Writing, ids: readonly string[]): Promise<void> {
  await tx
    .insertInto('person_activity')
    .values(ids.map((id) => ({ person_id: id, valid_from: now, valid_to: null })))
    .execute()
}

/** Of teams that just lost somebody, those that are not dissolved and have no member any more. */
export async function emptied({ tx }: Writing, teams: readonly string[]): Promise<DirectoryChange[]> {
  const empty = await lifeless(tx, teams)
  if (empty.length === 0) return []
  const rows = await tx
    .selectFrom('directory_team')
    .select('id')
    .where('id', 'in', empty)
    .where('is_active', '=', true)
    .execute()
  return rows.map(({ id }) => ({ kind: 'team-emptied', team: id }))
}
