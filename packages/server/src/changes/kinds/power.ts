import type { ContentOf } from '@onus/core/change/content.ts'
import { planPower } from '@onus/core/change/kinds/power.ts'
import type { Named } from '@onus/core/change/plan.ts'
import type { Read, Tx } from '../../db/database.ts'
import { endPower, findPerson, givePower, liveTeam, membersOf, writing } from '../../directory/index.ts'
import type { Holder } from '../../directory/index.ts'
import { peopleNow } from '../people.ts'
import type { Applying, Asking, Prepared } from './kind.ts'

export async function preparePower(content: ContentOf<'power'>, { read, now }: Asking): Promise<Prepared> {
  const holder = await holderOf(read, content.holder)
  const rows = await liveHolders(read, content.power)
  const isIt = (row: { team_id: string | null; person_id: string | null }): boolean =>
    'team' in content.holder ? row.team_id === content.holder.team : row.person_id === content.holder.person
  const people =
    'team' in content.holder
      ? (await membersOf(read, content.holder.team)).map(({ id }) => id)
      : [content.holder.person]
  const standing = await peopleNow(read, people, now)
  const plan = planPower(content, {
    holder,
    isHeld: (await holdersOf(read, content.power)).some(isIt),
    gains: people.filter((id) => !standing.get(id)?.actor.powers.includes(content.power)),
    othersLeft: rows.filter((row) => !isIt(row)).length,
  })
  return { plan, apply: (applying) => apply(content, applying) }
}

/** A person who is here or a team that lives, by name. */
export async function holderOf(read: Read | Tx, holder: Holder): Promise<Named | null> {
  if ('team' in holder) {
    const team = await liveTeam(read, holder.team)
    return team && { id: team.id, name: team.name }
  }
  const person = await findPerson(read, holder.person)
  return person?.isActive ? { id: person.id, name: person.displayName } : null
}

async function holdersOf(read: Read | Tx, power: ContentOf<'power'>['power']) {
  return read
    .selectFrom('power_holder')
    .select(['id', 'team_id', 'person_id'])
    .where('power', '=', power)
    .where('valid_to', 'is', null)
    .execute()
}

/** Those through whom somebody has the power: people who are here, teams with a member who is here. */
export async function liveHolders(read: Read | Tx, power: ContentOf<'power'>['power']) {
  const live: Awaited<ReturnType<typeof holdersOf>> = []
  for (const row of await holdersOf(read, power)) {
    const holder = row.team_id === null ? { person: row.person_id ?? '' } : { team: row.team_id }
    if (await holderOf(read, holder)) live.push(row)
  }
  return live
}

/** The directory's own writes tell the ledger. */
async function apply({ power, holder, verb }: ContentOf<'power'>, { tx, now, by, change }: Applying): Promise<void> {
  const w = await writing(tx, now, by)
  if (verb === 'give') await givePower(w, power, holder, change)
  else await endPower(w, power, holder)
}
