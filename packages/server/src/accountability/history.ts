/** Who answered for an identity on a day. Acceptances and versions are dated, so the past is read, not guessed. */
import type { AccountabilityAt } from '@onus/core/contract/accountability-routes.ts'
import type { Acceptance } from '@onus/core/decision/acceptance.ts'
import type { Read } from '../db/database.ts'
import { identityDetail } from '../registry/identities.ts'
import { escalationOf } from './orphans.ts'
import { acceptanceOf } from '../registry/standings.ts'

const MOST_ENTRIES = 100

/** Throws `Refused` (`not-found`) when the registry did not hold it then. */
export async function accountabilityAt(read: Read, id: string, asOf: Date | null, now: Date): Promise<AccountabilityAt> {
  const at = asOf ?? now
  const { identity, team } = await identityDetail(read, id, asOf)
  const rows = await read
    .selectFrom('acceptance')
    .selectAll()
    .where('identity_id', '=', id)
    .where('accepted_at', '<=', at)
    .orderBy('accepted_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  // What ended later had not ended then.
  const history = rows.map(acceptanceOf).map((each): Acceptance =>
    each.endedAt !== null && Date.parse(each.endedAt) > at.getTime() ? { ...each, endedAt: null, ended: null } : each,
  )
  const { accountability, decision } = identity
  const refusals = decision?.refusals ?? []
  return {
    asOf: at.toISOString(),
    state: accountability.state,
    team:
      accountability.team === null
        ? null
        : { id: accountability.team, name: team?.name ?? decision?.acceptance?.team.name ?? accountability.team },
    disagreement: accountability.disagreement,
    acceptance: history.find(({ endedAt, until }) => endedAt === null && Date.parse(until) > at.getTime()) ?? null,
    refusals,
    escalation: asOf === null ? await escalationOf(read, id) : null,
    history,
    people: await namesOf(read, [
      ...history.flatMap(({ acceptedBy, sponsor }) => [acceptedBy, ...(sponsor === null ? [] : [sponsor])]),
      ...refusals.map(({ by }) => by),
    ]),
    ledger: await entriesAbout(read, id, at),
  }
}

async function namesOf(read: Read, ids: readonly string[]): Promise<Record<string, string>> {
  if (ids.length === 0) return {}
  const rows = await read.selectFrom('person').select(['id', 'display_name']).where('id', 'in', [...new Set(ids)]).execute()
  return Object.fromEntries(rows.map((row) => [row.id, row.display_name]))
}

async function entriesAbout(read: Read, id: string, at: Date): Promise<string[]> {
  const rows = await read
    .selectFrom('ledger_entry')
    .select('id')
    .where('subject_kind', '=', 'identity')
    .where('subject_id', '=', id)
    .where('at', '<=', at)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(MOST_ENTRIES)
    .execute()
  return rows.map((row) => row.id)
}
