/** People as they are now, for deciding: who is the same human, which teams and powers they have, which are new. */
import { sql } from 'kysely'
import { POWER_WAIT_HOURS } from '@onus/core/change/kinds/power.ts'
import type { Read, Tx } from '../db/database.ts'
import type { HeldPower } from '../directory/index.ts'
import type { Actor, PersonActor } from '../sessions/index.ts'

export type PersonNow = {
  actor: PersonActor
  /** Any of them in common: the same human. */
  humans: readonly string[]
  /** Powers that a change gave less than a day ago, and nothing else gives. */
  fresh: HeldPower[]
}

type Row = {
  id: string
  name: string
  email: string | null
  user_name: string
  teams: string[]
  powers: HeldPower[]
  settled: HeldPower[]
}

/** Of `ids`, the people who may act: here, and not about to leave as far as the directory says. */
export async function peopleNow(read: Read | Tx, ids: readonly string[], now: Date): Promise<Map<string, PersonNow>> {
  if (ids.length === 0) return new Map()
  const settledSince = new Date(now.getTime() - POWER_WAIT_HOURS * 3_600_000)
  const { rows } = await sql<Row>`
    with acting as (
      select id, display_name as name, email, user_name from person
      where id = any(${[...new Set(ids)]}) and is_active
        and not exists (select from departure where state = 'held' and departure.person_id = person.id
          and kind in ('person-left', 'person-deleted'))
    ), belonging as (
      select acting.id as person_id, membership.team_id from acting
      join membership on membership.person_id = acting.id and membership.valid_to is null
      join directory_team on directory_team.id = membership.team_id and directory_team.is_active
      where not exists (select from departure where state = 'held' and departure.team_id = membership.team_id
        and (kind = 'team-dissolved' or departure.person_id = acting.id))
    ), holding as (
      select acting.id as person_id, power, bool_or(by_change is null or valid_from <= ${settledSince}) as is_settled
      from acting join power_holder on valid_to is null and (power_holder.person_id = acting.id
        or power_holder.team_id in (select team_id from belonging where belonging.person_id = acting.id))
      group by acting.id, power
    )
    select acting.*,
      array(select team_id from belonging where person_id = acting.id order by team_id) as teams,
      array(select power from holding where person_id = acting.id order by power) as powers,
      array(select power from holding where person_id = acting.id and is_settled order by power) as settled
    from acting`.execute(read as Tx)
  return new Map(
    rows.map(({ id, name, email, user_name: userName, teams, powers, settled }) => [
      id,
      {
        actor: { kind: 'person', id, name, teams, powers, session: '', behind: null },
        humans: humansOf({ id, email, userName }),
        fresh: powers.filter((power) => !settled.includes(power)),
      },
    ]),
  )
}

/**
 * What names a human, whatever account they use: the account, and every address that it carries. Addresses that differ in
 * case or in what follows a `+` are one mailbox.
 */
export function humansOf(person: { id: string; email: string | null; userName: string }): string[] {
  const addresses = [person.email, person.userName].flatMap((text) => {
    const address = text?.normalize('NFKC').trim().toLowerCase() ?? ''
    return /^[^@\s]+@[^@\s]+$/.test(address) ? [address.replace(/\+[^@]*(?=@)/, '')] : []
  })
  return [...new Set([person.id, ...addresses])]
}

/** The name under which `person` is one of `humans`; else their account. */
export function humanAmong(person: Pick<PersonNow, 'humans' | 'actor'>, humans: ReadonlySet<string>): string {
  return person.humans.find((name) => humans.has(name)) ?? person.actor.id
}

/** All names of these people, also of those who left: what they wrote stays theirs. */
export async function allHumans(read: Read | Tx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await read
    .selectFrom('person')
    .select(['id', 'email', 'user_name as userName'])
    .where('id', 'in', [...new Set(ids)])
    .execute()
  return new Set(rows.flatMap(humansOf))
}

/** Names of people and tokens, for showing. */
export async function namesOf(read: Read | Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const people = await read.selectFrom('person').select(['id', 'display_name as name']).where('id', 'in', ids).execute()
  const others = ids.filter((id) => !people.some((person) => person.id === id))
  if (others.length === 0) return new Map(people.map(({ id, name }) => [id, name]))
  const tokens = await read.selectFrom('api_token').select(['id', 'purpose as name']).where('id', 'in', others).execute()
  return new Map([...people, ...tokens].map(({ id, name }) => [id, name]))
}

export type Author = { kind: 'person' | 'token'; id: string }

/** Whoever writes, and the person who made the token that writes. */
export async function authorsOf(read: Read | Tx, actor: Actor): Promise<Author[]> {
  if (actor.kind === 'person') return [{ kind: 'person', id: actor.id }]
  const token = await read.selectFrom('api_token').select('created_by').where('id', '=', actor.id).executeTakeFirst()
  return [{ kind: 'token', id: actor.id }, ...(token ? [{ kind: 'person' as const, id: token.created_by }] : [])]
}
