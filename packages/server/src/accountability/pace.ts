/** How fast somebody decides, kept with each decision: for whoever reviews later whether anything was looked at. */
import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'

/** `decidedInHour`: what they decided in the hour before, each identity of a batch counted, at most 1,000. */
export type Pace = { decidedInHour: number; secondsSinceLast: number | null }

const DECISIONS = [
  'acceptance.accept',
  'acceptance.renew',
  'acceptance.refuse',
  'change.approve',
  'change.reject',
  'break-glass.use',
]
const HOUR_MS = 3_600_000
const MOST = 1_000

export async function paceOf(tx: Tx, person: string, now: Date): Promise<Pace> {
  const { rows } = await sql<{ count: number; last: Date | null }>`
    select count(*)::int as count, max(at) as last from (
      select at from ledger_entry where actor_id = ${person} and at > ${new Date(now.getTime() - HOUR_MS)} and at <= ${now}
        and action = any(${DECISIONS}) order by at desc limit ${MOST}) as decided`.execute(tx)
  const { count = 0, last = null } = rows[0] ?? {}
  return { decidedInHour: count, secondsSinceLast: last && Math.round((now.getTime() - last.getTime()) / 1_000) }
}

/** Are all of these answered for by a decision of this person? Null where nobody's decision stands. */
export async function isOwnWork(tx: Tx, person: string, identities: readonly string[]): Promise<boolean | null> {
  if (identities.length === 0) return null
  const { rows } = await sql<{ own: number; all: number }>`
    select count(*) filter (where accepted_by = ${person})::int as own, count(*)::int as all from acceptance
    where identity_id = any(${identities}) and ended_at is null`.execute(tx)
  const { own = 0, all = 0 } = rows[0] ?? {}
  return all === 0 ? null : own === all
}
