/** People as SCIM sees them: those of directories and of sign-in; a held departure reads as if it had happened. */
import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { Read, Tx } from '../../db/database.ts'
import type { Tables } from '../../db/tables.ts'
import { MAX_NAME_LENGTH, nameKey } from '../names.ts'
import { addPerson, changePerson, depart, personReturned, withdraw } from '../index.ts'
import type { PersonFields, Writing } from '../index.ts'
import { equalIn } from './schema.ts'
import type { PersonData, readFilter } from './schema.ts'

type Row = Selectable<Tables['person']> & { is_said_active: boolean }
type Filter = ReturnType<typeof readFilter>

/** People of the machine and of the example company are not the directory's. */
function visible(read: Read | Tx) {
  return read
    .selectFrom('person')
    .selectAll('person')
    .select(
      sql<boolean>`is_active and not exists (select from departure where departure.person_id = person.id
        and departure.state = 'held' and departure.kind = 'person-left')`.as('is_said_active'),
    )
    .where('origin', 'in', ['scim', 'oidc'])
    .where('deleted_at', 'is', null)
    .where(
      sql<boolean>`not exists (select from departure where departure.person_id = person.id
        and departure.state = 'held' and departure.kind = 'person-deleted')`,
    )
}

const dataOf = (row: Row): PersonData => ({
  id: row.id,
  ...(row.external_id === null ? {} : { externalId: row.external_id }),
  userName: row.user_name,
  displayName: row.display_name,
  active: row.is_said_active,
  ...(row.email === null ? {} : { emails: [{ value: row.email, type: 'work', primary: true }] }),
  meta: {
    created: row.created_at.toISOString(),
    lastModified: row.changed_at.toISOString(),
    version: `W/"${row.revision}${row.is_said_active === row.is_active ? '' : '-held'}"`,
  },
})

export async function findUser(read: Read | Tx, id: string): Promise<PersonData | null> {
  const row = await visible(read).where('id', '=', id).executeTakeFirst()
  return row ? dataOf(row) : null
}

/** Those that may match: what the filter says must be equal is asked of the database, the rest of the filter is not. */
export async function listUsers(
  read: Read,
  filter: Filter | undefined,
  page: { offset: number; limit: number } | null,
): Promise<PersonData[]> {
  const id = equalIn(filter, 'id')
  const userName = equalIn(filter, 'username')
  const externalId = equalIn(filter, 'externalid')
  const rows = await visible(read)
    .$if(id !== undefined, (query) => query.where('id', '=', id ?? ''))
    .$if(userName !== undefined, (query) => query.where('name_key', '=', nameKey(userName ?? '')))
    .$if(externalId !== undefined, (query) => query.where(sql`lower(external_id)`, '=', externalId ?? ''))
    .orderBy('created_at')
    .orderBy('id')
    .$if(page !== null, (query) => query.offset(page?.offset ?? 0).limit(page?.limit ?? 0))
    .execute()
  return rows.map(dataOf)
}

export async function countUsers(read: Read): Promise<number> {
  const row = await visible(read)
    .clearSelect()
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** What somebody is called: as said, or put together as people do. */
function displayNameOf(data: PersonData): string {
  const { formatted, givenName, familyName } = data.name ?? {}
  const together = [givenName, familyName].filter((part) => part !== undefined && part !== '').join(' ')
  return (
    [data.displayName, formatted, together].find((name) => name !== undefined && name.trim() !== '') ?? data.userName
  )
}

function emailOf(data: PersonData): string | null {
  const emails = data.emails ?? []
  const chosen = emails.find(({ primary }) => primary) ?? emails.find(({ type }) => type === 'work') ?? emails[0]
  return chosen?.value?.slice(0, MAX_NAME_LENGTH) ?? null
}

/** Adds somebody; `active: false` adds one who has left. Answers the id. Throws `Refused` (`name-taken`). */
export async function addUser(w: Writing, data: PersonData): Promise<string> {
  const { id } = await addPerson(w, {
    userName: data.userName,
    displayName: displayNameOf(data),
    email: emailOf(data),
    externalId: data.externalId ?? null,
    origin: 'scim',
    oidc: null,
  })
  if (data.active === false) await depart(w, [{ kind: 'person-left', person: id }], 'scim')
  return id
}

/** Makes somebody what the directory says now; leaving and returning take effect in this transaction, or are held. */
export async function changeUser(w: Writing, id: string, before: PersonData, after: PersonData): Promise<void> {
  const wanted: PersonFields = {
    userName: after.userName,
    displayName: displayNameOf(after),
    email: emailOf(after),
    externalId: after.externalId ?? null,
  }
  const isSame =
    wanted.userName === before.userName &&
    wanted.displayName === before.displayName &&
    wanted.email === emailOf(before) &&
    wanted.externalId === (before.externalId ?? null)
  // Whoever a directory writes is the directory's from now on, also when they came by signing in.
  await changePerson(w, id, isSame ? { origin: 'scim' } : { ...wanted, origin: 'scim' })
  const isActive = after.active ?? before.active
  if (isActive === before.active) return
  if (isActive === false) return depart(w, [{ kind: 'person-left', person: id }], 'scim')
  await withdraw(w, [{ kind: 'person-left', person: id }])
  await personReturned(w, id)
}

export async function removeUser(w: Writing, id: string): Promise<void> {
  await depart(w, [{ kind: 'person-deleted', person: id }], 'scim')
}
