/** What needs a decision of one person: only what changes something when that person decides. */
import { sql } from 'kysely'
import type { Queue, QueueItem } from '@onus/core/contract/accountability-routes.ts'
import type { Read } from '../db/database.ts'
import type { PersonActor } from '../sessions/index.ts'
import { listOffers } from './offers.ts'
import { orphansFor } from './orphans.ts'
import { RENEWAL_DAYS } from './renewals.ts'

const DAY_MS = 86_400_000
const MOST_OF_A_KIND = 100

/** Soonest harm first: what has a date by the date, then offers, the most severe first. */
export async function queueOf(read: Read, actor: PersonActor, now: Date): Promise<Queue> {
  const renewals = await renewalsOf(read, actor.teams, now)
  const seesAll = actor.powers.includes('guard') || actor.powers.includes('operate')
  const orphans = await orphansFor(read, seesAll ? null : actor.id)
  const offers: QueueItem[] = []
  for (const team of actor.teams)
    for (const offer of await listOffers(read, team)) offers.push({ kind: 'offer', at: null, offer })
  const dated = [...renewals, ...orphans].sort((a, b) => (a.at ?? '').localeCompare(b.at ?? ''))
  return { items: [...dated, ...offers], ...(await heldBy(read, actor.teams, now)) }
}

async function renewalsOf(read: Read, teams: readonly string[], now: Date): Promise<QueueItem[]> {
  if (teams.length === 0) return []
  const soon = new Date(now.getTime() + RENEWAL_DAYS * DAY_MS)
  const rows = await read
    .selectFrom('acceptance')
    .innerJoin('identity', 'identity.id', 'acceptance.identity_id')
    .select(['acceptance.team_id', sql<string>`max(acceptance.team_name)`.as('team_name'), sql<Date>`min(until)`.as('first')])
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .select(
      sql<{ id: string; name: string }[]>`(array_agg(json_build_object('id', identity.id, 'name', identity.name)
        order by until, identity.name))[1:${sql.lit(MOST_OF_A_KIND)}]`.as('identities'),
    )
    .where('ended_at', 'is', null)
    .where('vanished_at', 'is', null)
    .where('acceptance.team_id', 'in', [...teams])
    .where('until', '<=', soon)
    .groupBy('acceptance.team_id')
    .execute()
  return rows.map((row) => ({
    kind: 'renewal' as const,
    at: row.first.toISOString(),
    team: { id: row.team_id, name: row.team_name },
    identities: row.identities,
    count: Number(row.count),
  }))
}

async function heldBy(read: Read, teams: readonly string[], now: Date): Promise<Omit<Queue, 'items'>> {
  if (teams.length === 0) return { accountable: 0, functions: 0, next: null }
  const row = await read
    .selectFrom('acceptance')
    .select(({ fn }) => [
      fn.countAll<string>().as('accountable'),
      fn.count<string>('function_id').distinct().as('functions'),
      fn.min('until').as('first'),
    ])
    .where('ended_at', 'is', null)
    .where('team_id', 'in', [...teams])
    .executeTakeFirstOrThrow()
  const next = row.first === null ? null : new Date(Math.max(now.getTime(), row.first.getTime() - RENEWAL_DAYS * DAY_MS))
  return { accountable: Number(row.accountable), functions: Number(row.functions), next: next?.toISOString() ?? null }
}
