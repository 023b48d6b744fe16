/**
 * Departures that a directory reports: applied at once, unless so many at once stop answering for something that it is
 * more likely the directory that is wrong. Then they are held until a person has looked.
 */
import { sql } from 'kysely'
import type { DirectoryOrigin } from '../db/tables.ts'
import { newId } from '../ids.ts'
import { append } from '../ledger/index.ts'
import { notify } from '../notifications/notices.ts'
import type { Writing } from './change.ts'
import { personLeft } from './people.ts'
import { leaveTeam, teamDissolved } from './teams.ts'

export type Departure =
  | { kind: 'person-left' | 'person-deleted'; person: string }
  | { kind: 'member-left'; person: string; team: string }
  | { kind: 'team-dissolved'; team: string }

/** What one run of a directory takes: Entra and Okta send a cycle within minutes. */
export const WINDOW_MS = 10 * 60_000
export const MOST_OWNERS = 20
export const MOST_SHARE = 0.05
/** A share says nothing about a small company: one of ten is a tenth, and one leaver. */
export const LEAST_FOR_SHARE = 5

/** A membership through which somebody answers for something today. */
type Owning = { person: string; team: string }
type Counted = Departure & { owners: string[] }

/**
 * Who answers for something: people who are here, in teams that a present identity names. The registry keeps the
 * accountable team of an identity in the same column.
 */
async function ownings({ tx }: Writing): Promise<Owning[]> {
  // One look into the index a team: a plain `exists` may read every identity, for each leaver.
  const { rows } = await sql<Owning>`
    select membership.person_id as person, membership.team_id as team
    from directory_team
    cross join lateral (
      select from identity where identity.team = directory_team.id and identity.vanished_at is null limit 1) as answers
    join membership on membership.team_id = directory_team.id and membership.valid_to is null
    join person on person.id = membership.person_id and person.is_active
    where directory_team.is_active`.execute(tx)
  return rows
}

function counted(departure: Departure, owning: readonly Owning[]): Counted {
  const ends = owning.filter(({ person, team }) => {
    if (departure.kind === 'team-dissolved') return team === departure.team
    if (departure.kind === 'member-left') return team === departure.team && person === departure.person
    return person === departure.person
  })
  return { ...departure, owners: [...new Set(ends.map(({ person }) => person))] }
}

/** Teams that this write leaves without anybody though it does not dissolve them: an empty page of a directory. */
function emptiedAtOnce(departures: readonly Counted[], owning: readonly Owning[]): string[] {
  const leaving = new Map<string, number>()
  for (const departure of departures) {
    if (departure.kind === 'member-left' && departure.owners.length > 0)
      leaving.set(departure.team, (leaving.get(departure.team) ?? 0) + 1)
  }
  return [...leaving].flatMap(([team, count]) =>
    count >= 2 && owning.filter((each) => each.team === team).length === count ? [team] : [],
  )
}

async function recentOwners({ tx, now }: Writing): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('departure')
    .select('owners')
    .where('at', '>', new Date(now.getTime() - WINDOW_MS))
    .where('state', 'in', ['applied', 'held'])
    .execute()
  return new Set(rows.flatMap(({ owners }) => owners))
}

/** Why these are too many at once, in words for the person who is asked; null when they are not. */
async function reasonToHold(
  w: Writing,
  departures: readonly Counted[],
  owning: readonly Owning[],
): Promise<string | null> {
  const emptied = emptiedAtOnce(departures, owning)
  if (emptied.length > 0) return 'one write took every member out of a team that answers for identities'
  const now = departures.flatMap(({ owners }) => owners)
  if (now.length === 0) return null
  const recent = await recentOwners(w)
  const gone = new Set([...recent, ...now])
  const all = new Set([...owning.map(({ person }) => person), ...recent])
  const isMany = gone.size > MOST_OWNERS || (gone.size >= LEAST_FOR_SHARE && gone.size > all.size * MOST_SHARE)
  return isMany ? `${gone.size} of ${all.size} people who answer for identities left within 10 minutes` : null
}

/** The open hold of this window, or a new one; what the window already applied is noted with it, so it can be undone. */
async function holdFor(w: Writing, reason: string): Promise<string> {
  const since = new Date(w.now.getTime() - WINDOW_MS)
  const open = await w.tx
    .selectFrom('directory_hold')
    .innerJoin('departure', 'departure.hold_id', 'directory_hold.id')
    .select('directory_hold.id')
    .where('directory_hold.state', '=', 'open')
    .where('departure.at', '>', since)
    .limit(1)
    .executeTakeFirst()
  const id = open?.id ?? newId('hold')
  if (open) await w.tx.updateTable('directory_hold').set({ reason }).where('id', '=', id).execute()
  else {
    await w.tx
      .insertInto('directory_hold')
      .values({ id, opened_at: w.now, reason, decided_at: null, decided_by: null, note: null })
      .execute()
    await append(
      w.tx,
      [
        {
          action: 'directory.hold',
          actor: w.by,
          capacity: 'none',
          subject: { kind: 'directory-hold', id },
          after: { reason },
        },
      ],
      w.now,
    )
    const text = `Departures are held until somebody has looked: ${reason}`
    await notify(w.tx, [{ to: { power: 'operate' }, text, path: '/directory/holds', isUrgent: true }], w.now)
  }
  await w.tx
    .updateTable('departure')
    .set({ hold_id: id })
    .where('state', '=', 'applied')
    .where('hold_id', 'is', null)
    .where('at', '>', since)
    .execute()
  return id
}

async function record(
  { tx, now }: Writing,
  departures: readonly Counted[],
  origin: DirectoryOrigin,
  as: { state: 'applied'; hold: null } | { state: 'held'; hold: string },
): Promise<void> {
  if (departures.length === 0) return
  await tx
    .insertInto('departure')
    .values(
      departures.map((departure) => ({
        at: now,
        kind: departure.kind,
        person_id: 'person' in departure ? departure.person : null,
        team_id: 'team' in departure ? departure.team : null,
        origin,
        owners: departure.owners,
        state: as.state,
        hold_id: as.hold,
      })),
    )
    .execute()
}

/** Lets them go, with everything that follows. Members of one team are one write. */
export async function applyDepartures(w: Writing, departures: readonly Departure[]): Promise<void> {
  const members = new Map<string, string[]>()
  for (const departure of departures) {
    if (departure.kind === 'member-left')
      members.set(departure.team, [...(members.get(departure.team) ?? []), departure.person])
    else if (departure.kind === 'team-dissolved') await teamDissolved(w, departure.team)
    else await personLeft(w, departure.person, { isDeleted: departure.kind === 'person-deleted' })
  }
  for (const [team, people] of members) await leaveTeam(w, team, people)
}

const keyOf = (departure: Departure): string =>
  `${departure.kind} ${'person' in departure ? departure.person : ''} ${'team' in departure ? departure.team : ''}`

/** Departures that wait for a decision, also those of this very kind that a directory sends again. */
export async function heldDepartures({ tx }: Pick<Writing, 'tx'>): Promise<Departure[]> {
  const rows = await tx
    .selectFrom('departure')
    .select(['kind', 'person_id', 'team_id'])
    .where('state', '=', 'held')
    .execute()
  return rows.map(departureOf)
}

export function departureOf(row: {
  kind: Departure['kind']
  person_id: string | null
  team_id: string | null
}): Departure {
  // The columns that a kind needs are written with it.
  if (row.kind === 'team-dissolved') return { kind: row.kind, team: row.team_id as string }
  if (row.kind === 'member-left')
    return { kind: row.kind, person: row.person_id as string, team: row.team_id as string }
  return { kind: row.kind, person: row.person_id as string }
}

/**
 * Takes what one write of a directory says of people going. Applied in this transaction, or held: when more than 20
 * people, or more than a twentieth of all (and at least 5), stop answering for something within 10 minutes, or when one
 * write empties a team. Whoever answers for nothing goes in any case.
 */
export async function depart(w: Writing, said: readonly Departure[], origin: DirectoryOrigin): Promise<void> {
  const waiting = new Set((await heldDepartures(w)).map(keyOf))
  const departures = said.filter((departure) => !waiting.has(keyOf(departure)))
  if (departures.length === 0) return
  const owning = await ownings(w)
  const all = departures.map((departure) => counted(departure, owning))
  const ofOwners = all.filter(({ owners }) => owners.length > 0)
  const reason = await reasonToHold(w, all, owning)
  if (reason === null) {
    await record(w, ofOwners, origin, { state: 'applied', hold: null })
    await applyDepartures(w, all)
    return
  }
  await record(w, ofOwners, origin, { state: 'held', hold: await holdFor(w, reason) })
  await applyDepartures(
    w,
    all.filter(({ owners }) => owners.length === 0),
  )
}

/** The directory takes back what is held: somebody is active again, is a member again, the team is there again. */
export async function withdraw(w: Writing, departures: readonly Departure[]): Promise<void> {
  for (const departure of departures) {
    await w.tx
      .updateTable('departure')
      .set({ state: 'withdrawn' })
      .where('state', '=', 'held')
      .where('kind', '=', departure.kind)
      .where('person_id', 'is not distinct from', 'person' in departure ? departure.person : null)
      .where('team_id', 'is not distinct from', 'team' in departure ? departure.team : null)
      .execute()
  }
}
