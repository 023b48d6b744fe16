/** Everything that was decided about some identities, and what their standing depends on; read for many at once. */
import type { Selectable } from 'kysely'
import type { Acceptance } from '@onus/core/decision/acceptance.ts'
import type { RegisteredIdentity, Standing } from '@onus/core/decision/effective.ts'
import { observedPart } from '@onus/core/decision/effective.ts'
import type { BusinessFunction } from '@onus/core/service.ts'
import type { Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'

export type Standings = { of(identity: string): Standing; nameOf(team: string): string }

/** Ends after which the last acceptance says no more about who answers. */
const GONE = new Set(['renewed', 'handed-over'])

export function acceptanceOf(row: Selectable<Tables['acceptance']>): Acceptance {
  return {
    id: row.id,
    identity: row.identity_id,
    team: { id: row.team_id, name: row.team_name },
    acceptedBy: row.accepted_by,
    acceptedAt: row.accepted_at.toISOString(),
    until: row.until.toISOString(),
    purpose: row.purpose,
    function: row.function_id === null ? null : { id: row.function_id, name: row.function_name ?? row.function_id },
    sponsor: row.sponsor,
    revocation: row.revocation,
    change: row.change_id,
    endedAt: row.ended_at?.toISOString() ?? null,
    ended: row.ended,
  }
}

export async function loadStandings(
  tx: Tx,
  rows: readonly { id: string; document: RegisteredIdentity }[],
): Promise<Standings> {
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return { of: () => emptyStanding(), nameOf: (team) => team }
  const accepted = await tx
    .selectFrom('acceptance')
    .distinctOn('identity_id')
    .selectAll()
    .where('identity_id', 'in', ids)
    .orderBy('identity_id')
    .orderBy('accepted_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  const refused = await tx.selectFrom('refusal').selectAll().where('identity_id', 'in', ids).execute()
  const acceptanceBy = new Map(
    accepted.filter(({ ended }) => !GONE.has(ended ?? '')).map((row) => [row.identity_id, acceptanceOf(row)]),
  )
  const functions = await functionOwners(tx, rows, acceptanceBy)
  const teams = await teamFacts(tx, rows)
  const people = await personNames(tx, [...acceptanceBy.values()])
  const nameOf = (team: string): string => teams.get(team)?.name ?? team
  return {
    nameOf,
    of: (identity) => {
      const owner = functions.get(identity)
      return {
        acceptance: acceptanceBy.get(identity) ?? null,
        refusals: refused
          .filter((row) => row.identity_id === identity)
          .map((row) => ({
            team: { id: row.team_id, name: row.team_name },
            at: row.refused_at.toISOString(),
            by: row.refused_by,
            suggested:
              row.suggested_id === null ? null : { id: row.suggested_id, name: row.suggested_name ?? row.suggested_id },
          })),
        functionOwner: owner ? { id: owner, name: nameOf(owner) } : null,
        kindOf: (team) => teams.get(team)?.kind ?? 'unknown',
        nameOf,
        personName: (person) => people.get(person) ?? person,
      }
    },
  }
}

const emptyStanding = (): Standing => ({
  acceptance: null,
  refusals: [],
  functionOwner: null,
  kindOf: () => 'unknown',
  nameOf: (team) => team,
  personName: (person) => person,
})

/** Who owns the function behind each identity: the team that was decided, else the one that is said to. */
async function functionOwners(
  tx: Tx,
  rows: readonly { id: string; document: RegisteredIdentity }[],
  accepted: ReadonlyMap<string, Acceptance>,
): Promise<Map<string, string>> {
  const functionOf = new Map(
    rows.flatMap(({ id, document }) => {
      const name = accepted.get(id)?.function?.id ?? observedPart(document).function
      return name ? [[id, name] as const] : []
    }),
  )
  if (functionOf.size === 0) return new Map()
  const records = await tx
    .selectFrom('record')
    .select(['id', 'document'])
    .where('kind', '=', 'function')
    .where('id', 'in', [...new Set(functionOf.values())])
    .orderBy('source_id')
    .execute()
  // Documents of a kind were checked against the schema of that kind when they were imported.
  const ownerOf = new Map(records.reverse().map(({ id, document }) => [id, (document as BusinessFunction).team]))
  const decided = await tx
    .selectFrom('decided_function')
    .select(['function_id', 'team_id'])
    .where('function_id', 'in', [...new Set(functionOf.values())])
    .where('valid_to', 'is', null)
    .execute()
  for (const { function_id: id, team_id: team } of decided) ownerOf.set(id, team)
  return new Map(
    [...functionOf].flatMap(([id, name]) => {
      const owner = ownerOf.get(name)
      return owner ? [[id, owner] as const] : []
    }),
  )
}

type TeamFacts = { name: string; kind: 'business' | 'platform' | 'security' | 'unknown' }

/** Names and kinds of the teams that control them; the directory knows better than what was discovered. */
async function teamFacts(tx: Tx, rows: readonly { document: RegisteredIdentity }[]): Promise<Map<string, TeamFacts>> {
  const ids = [
    ...new Set(
      rows.flatMap(({ document: { accountability } }) => [
        ...(accountability.team === null ? [] : [accountability.team]),
        ...accountability.claims.flatMap(({ team }) => team ?? []),
        ...accountability.controllers.flatMap(({ team }) => team ?? []),
      ]),
    ),
  ]
  if (ids.length === 0) return new Map()
  const discovered = await tx.selectFrom('team').select(['id', 'name', 'document']).where('id', 'in', ids).execute()
  const known = await tx.selectFrom('directory_team').select(['id', 'name', 'kind']).where('id', 'in', ids).execute()
  return new Map([
    ...discovered.map(({ id, name, document }) => [id, { name, kind: document.kind }] as const),
    ...known.map(({ id, name, kind }) => [id, { name, kind }] as const),
  ])
}

async function personNames(tx: Tx, accepted: readonly Acceptance[]): Promise<Map<string, string>> {
  const ids = [...new Set(accepted.flatMap(({ sponsor }) => sponsor ?? []))]
  if (ids.length === 0) return new Map()
  const rows = await tx.selectFrom('person').select(['id', 'display_name']).where('id', 'in', ids).execute()
  return new Map(rows.map((row) => [row.id, row.display_name]))
}
