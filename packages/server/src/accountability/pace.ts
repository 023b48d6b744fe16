/** How fast somebody decides, kept with each decision: for whoever reviews later whether anything was looked at. */
import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'

export type Pace = {
  /** In the hour before, each identity of a batch counted, at most 1,000. */
  decidedInHour: number
  secondsSinceLast: number | null
  /** Does what they decide on stand by their own acceptances alone? Null: by nobody's. */
  isOwnWork: boolean | null
}

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

export async function paceOf(
  tx: Tx,
  person: string,
  now: Date,
  identities: readonly string[],
): Promise<Pace> {
  const { rows } = await sql<{ count: number; last: Date | null; own: number; accepted: number }>`
    select count(*)::int as count, max(at) as last,
      (select count(*) from acceptance where identity_id = any(${identities}) and ended_at is null)::int as accepted,
      (select count(*) from acceptance where identity_id = any(${identities}) and ended_at is null
        and accepted_by = ${person})::int as own
    from (select at from ledger_entry where actor_id = ${person} and at > ${new Date(now.getTime() - HOUR_MS)} and at <= ${now}
      and action = any(${DECISIONS}) order by at desc limit ${MOST}) as decided`.execute(tx)
  const { count = 0, last = null, own = 0, accepted = 0 } = rows[0] ?? {}
  return {
    decidedInHour: count,
    secondsSinceLast: last && Math.round((now.getTime() - last.getTime()) / 1_000),
    isOwnWork: accepted === 0 ? null : own === accepted,
  }
}
