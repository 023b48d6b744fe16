import { sql } from 'kysely'
import type { Context } from '../context.ts'
import type { Handlers } from '../http/mount.ts'
import { Refused } from '../http/refused.ts'
import { doerOf, roleOf } from '../sessions/index.ts'
import type { Actor } from '../sessions/index.ts'
import { discardHold, listHolds, releaseHold, writing } from './index.ts'
import type { Writing } from './index.ts'
import { personOf, teamOf } from './read.ts'
import type { Person } from './read.ts'

type Names =
  | 'listPeople'
  | 'listDirectoryTeams'
  | 'listDirectoryHolds'
  | 'releaseDirectoryHold'
  | 'discardDirectoryHold'

const told = (person: Person) => ({ ...person, leftAt: person.leftAt?.toISOString() ?? null })
const like = (text: string): string => `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`

export function directoryHandlers(ctx: Context): Pick<Handlers, Names> {
  const { read } = ctx.db
  const decide = async (actor: Actor, work: (w: Writing) => Promise<void>): Promise<void> => {
    if (roleOf(actor) !== 'administrator')
      throw new Refused('forbidden', 'who holds the power to operate decides what a directory may do')
    await ctx.db.tx(async (tx) => work(await writing(tx, ctx.clock(), doerOf(actor))))
  }
  return {
    async listPeople({ query: { q, team, limit } }) {
      const rows = await read
        .selectFrom('person')
        .selectAll('person')
        .where('is_active', '=', true)
        .$if(q !== undefined, (asked) =>
          asked.where(({ or, eb }) =>
            or([eb(sql`lower(display_name)`, 'like', like(q ?? '')), eb('name_key', 'like', like(q ?? ''))]),
          ),
        )
        .$if(team !== undefined, (asked) =>
          asked.where('id', 'in', (eb) =>
            eb
              .selectFrom('membership')
              .select('person_id')
              .where('team_id', '=', team ?? '')
              .where('valid_to', 'is', null),
          ),
        )
        .orderBy('display_name')
        .orderBy('id')
        .limit(limit)
        .execute()
      return { items: rows.map((row) => told(personOf(row))) }
    },
    async listDirectoryTeams({ query: { q, limit } }) {
      const rows = await read
        .selectFrom('directory_team')
        .selectAll('directory_team')
        .select(
          sql<string>`(select count(*) from membership join person on person.id = person_id and person.is_active
            where team_id = directory_team.id and valid_to is null)`.as('members'),
        )
        .where('is_active', '=', true)
        .$if(q !== undefined, (asked) => asked.where(sql`lower(name)`, 'like', like(q ?? '')))
        .orderBy('name')
        .orderBy('id')
        .limit(limit)
        .execute()
      const items = rows.map((row) => {
        const { id, name, kind, origin, escalation } = teamOf(row)
        return { id, name, kind, origin, escalation, members: Number(row.members) }
      })
      return { items }
    },
    async listDirectoryHolds() {
      const items = (await listHolds(read)).map((hold) => ({
        ...hold,
        openedAt: hold.openedAt.toISOString(),
        decidedAt: hold.decidedAt?.toISOString() ?? null,
      }))
      return { items }
    },
    releaseDirectoryHold: ({ actor, params, body }) => decide(actor, (w) => releaseHold(w, params.id, body.note)),
    discardDirectoryHold: ({ actor, params, body }) => decide(actor, (w) => discardHold(w, params.id, body.note)),
  }
}
