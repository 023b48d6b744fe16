/** Identities with what a change of them depends on, as the registry and the teams' decisions have them now. */
import { sql } from 'kysely'
import type { RegisteredIdentity } from '@onus/core/decision/effective.ts'
import type { Acceptance } from '@onus/core/decision/acceptance.ts'
import { isFederationAvailable } from '@onus/core/change/kinds/subject.ts'
import type { SubjectFacts } from '@onus/core/change/kinds/subject.ts'
import type { TeamFacts } from '@onus/core/change/plan.ts'
import type { Read, Tx } from '../db/database.ts'
import { liveTeam } from '../directory/index.ts'
import { acceptanceOf } from '../registry/standings.ts'
import { peopleNow } from './people.ts'

export type Subject = SubjectFacts & {
  document: RegisteredIdentity
  /** The acceptance that runs, of a team that lives. */
  acceptance: Acceptance | null
  /** Its team, also where something disagrees with it. */
  holder: TeamFacts | null
}

type Row = { id: string; state: string; document: RegisteredIdentity }

/** In the order of their ids; those that are not in the registry, or no longer, are left out. */
export async function loadSubjects(read: Read | Tx, ids: readonly string[], now: Date): Promise<Subject[]> {
  const { rows } = await sql<Row>`
    select i.id, i.state, v.document from identity i join identity_version v on v.id = i.version_id
    where i.id = any(${[...new Set(ids)]}) and i.vanished_at is null order by i.id`.execute(read as Tx)
  const accepted = await read
    .selectFrom('acceptance')
    .selectAll()
    .where(sql<boolean>`identity_id = any(${rows.map(({ id }) => id)})`)
    .where('ended_at', 'is', null)
    .where('until', '>', now)
    .execute()
  const acceptances = new Map(accepted.map((row) => [row.identity_id, acceptanceOf(row)]))
  const teams = new Map<string, TeamFacts>()
  for (const id of new Set(accepted.map(({ team_id: team }) => team))) {
    const team = await liveTeam(read, id)
    if (team) teams.set(id, { id, name: team.name, kind: team.kind })
  }
  const sponsors = await peopleNow(
    read,
    accepted.flatMap(({ sponsor }) => sponsor ?? []),
    now,
  )
  const classes = await dataClassesOf(
    read,
    rows.flatMap(({ id, document }) => acceptances.get(id)?.function?.id ?? document.function ?? []),
  )
  return rows.map(({ id, state, document }): Subject => {
    const given = acceptances.get(id)
    const holder = given ? (teams.get(given.team.id) ?? null) : null
    const acceptance = holder && given ? given : null
    const sponsor = acceptance?.sponsor ?? null
    const person = sponsor === null ? undefined : sponsors.get(sponsor)
    return {
      id,
      name: document.name,
      kind: document.kind,
      environment: document.environment,
      isProduction: document.isProduction,
      isThirdParty: document.isThirdParty,
      team: holder?.id ?? null,
      sponsor,
      dataClasses: classes.get(acceptance?.function?.id ?? document.function ?? '') ?? [],
      isFederationAvailable: isFederationAvailable(document),
      owner: state === 'accountable' && document.accountability.team === holder?.id ? holder : null,
      sponsorPerson: person ? { id: person.actor.id, name: person.actor.name } : null,
      document,
      acceptance,
      holder,
    }
  })
}

/** Data classes of business functions, where somebody has decided them. */
export async function dataClassesOf(read: Read | Tx, functions: readonly string[]): Promise<Map<string, string[]>> {
  if (functions.length === 0) return new Map()
  const rows = await read
    .selectFrom('decided_function')
    .select(['function_id', 'data_classes'])
    .where('function_id', 'in', [...new Set(functions)])
    .where('valid_to', 'is', null)
    .execute()
  return new Map(rows.map((row) => [row.function_id, row.data_classes]))
}
