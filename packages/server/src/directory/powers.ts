/** Giving and ending the powers that are held. Who may do so is decided before; here it is written. */
import { sql } from 'kysely'
import { newId } from '../ids.ts'
import { onDirectoryChange } from './change.ts'
import type { Writing } from './change.ts'
import type { HeldPower } from './read.ts'

/** One of them. */
export type Holder = { team: string } | { person: string }

const columns = (holder: Holder): { team: string | null; person: string | null } => ({
  team: 'team' in holder ? holder.team : null,
  person: 'person' in holder ? holder.person : null,
})

/** Gives a power to a team or a person. `byChange` is the decision it follows from. Nothing happens when they hold it. */
export async function givePower(
  w: Writing,
  power: HeldPower,
  holder: Holder,
  byChange: string | null = null,
): Promise<void> {
  const { team, person } = columns(holder)
  const { rows } = await sql`
    insert into power_holder (id, team_id, person_id, power, valid_from, by_change)
    values (${newId('pow')}, ${team}, ${person}, ${power}, ${w.now}, ${byChange})
    on conflict do nothing returning id`.execute(w.tx)
  if (rows.length > 0) await onDirectoryChange(w, [{ kind: 'power-given', power, person, team }])
}

/** Ends a power of a team or a person. From the next request on nobody has it through them. */
export async function endPower(w: Writing, power: HeldPower, holder: Holder): Promise<void> {
  const { team, person } = columns(holder)
  const ended = await w.tx
    .updateTable('power_holder')
    .set({ valid_to: sql<Date>`greatest(valid_from, ${w.now})` })
    .where('power', '=', power)
    .where('team_id', 'is not distinct from', team)
    .where('person_id', 'is not distinct from', person)
    .where('valid_to', 'is', null)
    .returning('id')
    .execute()
  if (ended.length > 0) await onDirectoryChange(w, [{ kind: 'power-ended', power, person, team }])
}
