/** People of the example company, as whom its visitor looks around. They exist only while there is nothing else. */
import { sql } from 'kysely'
import type { Persona } from '@onus/core/contract/session-routes.ts'
import type { Read, Tx } from '../db/database.ts'
import { addPerson, addTeam, givePower, joinTeam, writing } from '../directory/index.ts'
import type { HeldPower, Writing } from '../directory/index.ts'
import { nameKey } from '../directory/names.ts'
import { findTeamByName } from '../directory/teams.ts'
import { Refused } from '../http/refused.ts'

/** As the catalog of the example names them. */
const PERSONAS: Record<Persona, string> = {
  owner: 'mara.lindqvist',
  platform: 'wen.zhao',
  security: 'ada.moss',
  auditor: 'rune.hale',
}
/** Which teams of the example hold which power. */
const POWERS: Record<string, HeldPower> = { platform: 'operate', security: 'guard', 'internal-audit': 'audit' }

/** True while the example is loaded, and neither another source nor a directory of real people is there. */
export async function isOnlyExample(read: Read | Tx): Promise<boolean> {
  const row = await read
    .selectNoFrom(
      sql<boolean>`exists (select from source where is_example) and not exists (select from source where not is_example)
        and not exists (select from person where origin in ('scim', 'oidc') and deleted_at is null)`.as('is_only'),
    )
    .executeTakeFirstOrThrow()
  return row.is_only
}

/** All personas, in the order of the documentation. */
export const personas = (): Persona[] => Object.keys(PERSONAS) as Persona[]

/** Which persona a person is; null for everybody else. */
export async function personaOf(read: Read, person: string): Promise<Persona | null> {
  const row = await read
    .selectFrom('person')
    .select('user_name')
    .where('id', '=', person)
    .where('origin', '=', 'example')
    .executeTakeFirst()
  return personas().find((persona) => PERSONAS[persona] === row?.user_name) ?? null
}

/** The person to look around as, added with everybody else of the example when they are not there yet. */
export async function personBehind(tx: Tx, persona: Persona, now: Date): Promise<string> {
  await fillExample(tx, now)
  const person = await tx
    .selectFrom('person')
    .select('id')
    .where('user_name', '=', PERSONAS[persona])
    .where('origin', '=', 'example')
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (!person) throw new Refused('not-found', 'the example that is loaded has no such person')
  return person.id
}

/** Adds the teams and people of the example's catalog, and gives powers to three of the teams. Again is nothing. */
export async function fillExample(tx: Tx, now: Date): Promise<void> {
  if (!(await isOnlyExample(tx))) return
  const w = await writing(tx, now, { kind: 'system', id: 'example' })
  const rows = await tx
    .selectFrom('team')
    .innerJoin('source', 'source.id', 'team.source_id')
    .select('team.document')
    .where('source.is_example', '=', true)
    .where('team.is_known', '=', true)
    .orderBy('team.id')
    .execute()
  for (const { document } of rows) {
    const kind = document.kind === 'unknown' ? 'business' : document.kind
    const team =
      (await findTeamByName(w, document.name)) ??
      (await addTeam(w, {
        name: document.name,
        kind,
        externalId: null,
        origin: 'example',
        escalation: document.contacts[0] ?? null,
      }))
    const people: string[] = []
    for (const member of document.members) people.push(await memberOf(w, member))
    await joinTeam(w, team.id, people, 'example')
  }
  for (const [name, power] of Object.entries(POWERS)) {
    const team = await findTeamByName(w, name)
    if (team?.origin === 'example') await givePower(w, power, { team: team.id })
  }
}

async function memberOf(w: Writing, userName: string): Promise<string> {
  const known = await w.tx
    .selectFrom('person')
    .select('id')
    .where('name_key', '=', nameKey(userName))
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (known) return known.id
  const displayName = userName.replaceAll(/(?:^|[.])(\w)/g, (_, letter: string) => ` ${letter.toUpperCase()}`).trim()
  const email = `${userName}@lumen-parcel.example`
  return (await addPerson(w, { userName, displayName, email, externalId: null, origin: 'example', oidc: null })).id
}
