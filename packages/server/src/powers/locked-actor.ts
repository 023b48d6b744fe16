/**
 * Who decides, as they are in this transaction: what a request knew of them a moment ago may have ended. Their person,
 * memberships and powers stay as they are until it ends.
 */
import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'
import { findPerson, heldPowers, teamsOf } from '../directory/index.ts'
import { Refused } from '../http/refused.ts'
import type { Actor } from '../sessions/index.ts'

/** The actor with the teams and powers of now. Throws `Refused` (`forbidden`) when they are not here any more. */
export async function lockedActor(tx: Tx, actor: Actor): Promise<Actor> {
  if (actor.kind === 'token') {
    await sql`select from api_token where id = ${actor.id} for share`.execute(tx)
    return actor
  }
  await sql`select from person where id = ${actor.id} for share`.execute(tx)
  await sql`select from membership where person_id = ${actor.id} and valid_to is null for share`.execute(tx)
  const person = await findPerson(tx, actor.id)
  if (!person?.isActive) throw new Refused('forbidden', 'this person is not here any more')
  const teams = (await teamsOf(tx, actor.id)).filter(({ isActive }) => isActive).map(({ id }) => id)
  await sql`select from power_holder where valid_to is null and (person_id = ${actor.id} or team_id = any(${teams}))
    for share`.execute(tx)
  return { ...actor, teams, powers: await heldPowers(tx, actor.id) }
}
