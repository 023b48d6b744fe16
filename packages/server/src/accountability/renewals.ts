/** A team is told that acceptances of its own are to be given again: once, well before they end. */
import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'
import { notify } from '../notifications/notices.ts'

/** An acceptance is asked for again so long before it ends. */
export const RENEWAL_DAYS = 30
/** Acceptances of one transaction. */
export const RENEWALS_AT_ONCE = 1_000
const DAY_MS = 86_400_000

type Soon = { id: string; team_id: string; until: Date; name: string; path: string }

/** One notice a team, however many there are. Answers how many were told. */
export async function tellRenewals(tx: Tx, now: Date): Promise<number> {
  const soon = new Date(now.getTime() + RENEWAL_DAYS * DAY_MS)
  const { rows } = await sql<Soon>`
    select a.id, a.team_id, a.until, i.name, '/identities/' || i.id as path
    from acceptance a join identity i on i.id = a.identity_id and i.vanished_at is null
    where a.ended_at is null and a.until > ${now} and a.until <= ${soon}
      and not exists (select from renewal_told t where t.acceptance_id = a.id)
    order by a.until, a.id limit ${RENEWALS_AT_ONCE} for update of a skip locked`.execute(tx)
  if (rows.length === 0) return 0
  await sql`insert into renewal_told (acceptance_id, at)
    select id, ${now} from unnest(${rows.map(({ id }) => id)}::text[]) as given (id)`.execute(tx)
  const teams = new Map<string, [Soon, ...Soon[]]>()
  for (const row of rows) {
    const known = teams.get(row.team_id)
    if (known) known.push(row)
    else teams.set(row.team_id, [row])
  }
  await notify(
    tx,
    [...teams].map(([team, [first, ...others]]) => ({
      to: { team },
      text:
        `\`${first.name}\`${others.length > 0 ? ` and ${others.length} more` : ''}: accepted until ` +
        `${first.until.toISOString().slice(0, 10)}; accept again, or ${others.length > 0 ? 'they lapse' : 'it lapses'}`,
      path: others.length > 0 ? '/queue' : first.path,
    })),
    now,
  )
  return rows.length
}
