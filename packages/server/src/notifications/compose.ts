/** Notices become messages: what somebody is to hear within a minute comes as one, and after quiet hours. */
import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import { afterQuiet } from './quiet.ts'
import type { QuietHours } from './quiet.ts'
import { bodyOf, subjectOf } from './render.ts'
import type { Told } from './render.ts'

/** A notice waits so long for others to the same person. */
export const GATHER_MS = 60_000
/** Notices of one transaction. */
const BATCH = 2_000

export type ComposeRules = { base: string; quiet: QuietHours | null; hasMail: boolean }
type Row = {
  id: string
  person_id: string | null
  team_id: string | null
  power: 'guard' | 'operate' | null
  except_people: string[]
  text: string
  path: string
  is_urgent: boolean
}
type Place = { channel: 'mail' | 'chat'; person: string | null; team: string | null }

/** Answers how many notices were taken. */
export async function compose(tx: Tx, rules: ComposeRules, now: Date): Promise<number> {
  const { rows } = await sql<Row>`
    select id, person_id, team_id, power, except_people, text, path, is_urgent from notice
    where told_at is null and (is_urgent or at <= ${new Date(now.getTime() - GATHER_MS)})
    order by id limit ${BATCH} for update skip locked`.execute(tx)
  if (rows.length === 0) return 0
  const places = await placesOf(tx, rows)
  const messages = new Map<string, { place: Place; told: Told[]; isUrgent: boolean }>()
  for (const row of rows)
    for (const place of places(row)) {
      if (place.channel === 'mail' && !rules.hasMail) continue
      const key = `${place.channel} ${place.person ?? place.team ?? ''} ${row.is_urgent ? 'now' : ''}`
      const message = messages.get(key) ?? { place, told: [], isUrgent: row.is_urgent }
      // The same sentence for two reasons is said once.
      if (!message.told.some(({ text, path }) => text === row.text && path === row.path)) message.told.push(row)
      messages.set(key, message)
    }
  await save(tx, [...messages.values()], rules, now)
  await sql`update notice set told_at = ${now} where id = any(${rows.map(({ id }) => id)}::bigint[])`.execute(tx)
  return rows.length
}

async function save(
  tx: Tx,
  messages: readonly { place: Place; told: Told[]; isUrgent: boolean }[],
  { base, quiet }: ComposeRules,
  now: Date,
): Promise<void> {
  const rows = messages.map(({ place, told, isUrgent }) => ({
    id: newId('msg'),
    channel: place.channel,
    person_id: place.person,
    team_id: place.team,
    subject: subjectOf(told),
    body: bodyOf(told, base),
    next_at: isUrgent ? now : afterQuiet(now, quiet),
    created_at: now,
  }))
  for (let start = 0; start < rows.length; start += 500)
    await tx.insertInto('message').values(rows.slice(start, start + 500)).execute()
}

/** Who hears, as teams and powers are now: whoever left meanwhile is told nothing. */
async function placesOf(tx: Tx, rows: readonly Row[]): Promise<(row: Row) => Place[]> {
  const teams = [...new Set(rows.flatMap(({ team_id: team }) => team ?? []))]
  const withChannel = new Set(
    (await tx.selectFrom('team_channel').select('team_id').where(sql<boolean>`team_id = any(${teams})`).execute()).map(
      ({ team_id: team }) => team,
    ),
  )
  const { rows: members } = await sql<{ team_id: string; person_id: string }>`
    select team_id, person_id from membership where team_id = any(${teams}) and valid_to is null
    order by team_id, person_id`.execute(tx)
  const { rows: holders } = await sql<{ power: string; person_id: string }>`
    select distinct h.power, coalesce(h.person_id, m.person_id) as person_id from power_holder h
    left join membership m on m.team_id = h.team_id and m.valid_to is null
    where h.valid_to is null and coalesce(h.person_id, m.person_id) is not null
    order by 1, 2`.execute(tx)
  return (row) => {
    if (row.team_id !== null && withChannel.has(row.team_id)) return [{ channel: 'chat', person: null, team: row.team_id }]
    const people =
      row.person_id !== null
        ? [row.person_id]
        : row.team_id !== null
          ? members.filter(({ team_id: team }) => team === row.team_id).map(({ person_id: id }) => id)
          : holders.filter(({ power }) => power === row.power).map(({ person_id: id }) => id)
    return people
      .filter((id) => !row.except_people.includes(id))
      .map((person) => ({ channel: 'mail', person, team: null }))
  }
}

/** What was told long ago is forgotten; what could not be told stays a while longer, to be seen. */
export async function forget(tx: Tx, now: Date): Promise<void> {
  const before = (days: number): Date => new Date(now.getTime() - days * 86_400_000)
  await sql`delete from notice where told_at < ${before(7)}`.execute(tx)
  await sql`delete from message where (state = 'sent' and ended_at < ${before(7)})
    or (state in ('dead', 'nowhere') and ended_at < ${before(90)})`.execute(tx)
}
