/** The surroundings that rules judge in: one estate a source, as of the instant its findings were judged for. */
import { judgeIdentity, judgeScope } from '@onus/core/posture/index.ts'
import type { Estate } from '@onus/core/posture/rule.ts'
import type { Finding } from '@onus/core/finding.ts'
import type { Identity } from '@onus/core/identity.ts'
import type { OwnedScope } from '@onus/core/owned-scope.ts'
import type { Read, Tx } from '../db/database.ts'

type Kept = { key: string; estate: Estate }
/** Teams change with an import only; a page of findings must not load thousands of them. Bounded by the sources. */
const kept = new WeakMap<Read | Tx, Map<string, Kept>>()

/**
 * The estate of `sourceId`, judged as of `at`, or as its stored findings were. Null: no such source. A transaction reads
 * through itself (whoever waits for a second connection while holding one may wait for ever) and gives the `Read` for which
 * teams are kept.
 */
export async function loadEstate(
  read: Read | Tx,
  sourceId: string,
  at: Date | null = null,
  keptFor: Read | Tx = read,
): Promise<Estate | null> {
  const source = await read
    .selectFrom('source')
    .select(['judged_as_of', 'last_import_id', 'knows_groups', 'limits'])
    .where('id', '=', sourceId)
    .executeTakeFirst()
  if (!source) return null
  const mine = kept.get(keptFor) ?? new Map<string, Kept>()
  kept.set(keptFor, mine)
  const asOf = at ?? source.judged_as_of
  const known = mine.get(sourceId)
  if (known?.key === source.last_import_id) return { ...known.estate, asOf }
  const teams = await read.selectFrom('team').select(['id', 'document']).where('source_id', '=', sourceId).execute()
  const estate: Estate = {
    asOf,
    teams: new Map(teams.map(({ id, document }) => [id, document])),
    knowsGroups: source.knows_groups,
    usageCoverage: new Map(),
    limits: source.limits,
  }
  mine.set(sourceId, { key: source.last_import_id, estate })
  return estate
}

export type Judged = { identity: Identity } | { scope: OwnedScope }

/** Everything the rules say about a subject, failing and unknown. */
export function judged(subject: Judged, estate: Estate): Finding[] {
  return 'identity' in subject ? judgeIdentity(subject.identity, estate) : judgeScope(subject.scope, estate)
}
