/** What sources and other teams offer to a team, a namespace at a time: nobody looks at three hundred rows one by one. */
import { sql } from 'kysely'
import type { Offer } from '@onus/core/contract/accountability-routes.ts'
import type { Read } from '../db/database.ts'
import { liveTeam } from '../directory/index.ts'
import { Refused } from '../http/refused.ts'
import { severityOf } from '../registry/columns.ts'
import { meaningsOf } from './store.ts'

/** A team with more places than this works them off from the top. */
const MOST_PLACES = 200

type Row = {
  source_id: string
  label: string
  namespace: string | null
  identities: number
  is_production: boolean | null
  no_why: number
  no_function: number
  no_revocation: number
  worst: number
  suggested_by: { id: string; name: string }[] | null
  sample: { id: string; name: string; kind: Offer['sample'][number]['kind'] }[]
}

/** Most severe first, then the largest. Throws `Refused` (`not-found`). */
export async function listOffers(read: Read, teamId: string): Promise<Offer[]> {
  const team = await liveTeam(read, teamId)
  if (!team) throw new Refused('not-found', 'no team that can answer has this id')
  const meanings = [...(await meaningsOf(read, team))]
  const offered = sql<Row>`(
    with offered as (
      select i.id, i.name, i.kind, i.namespace, i.source_id, i.is_production, i.worst, v.document,
        r.team_id as refuser, r.team_name as refuser_name
      from identity i
      join identity_version v on v.id = i.version_id
      left join lateral (select team_id, team_name from refusal
        where identity_id = i.id and suggested_id = any(${meanings}) limit 1) r on true
      where i.vanished_at is null and i.state in ('claimed', 'split', 'unowned', 'lapsed')
        and (i.team = any(${meanings}) or r.team_id is not null)
        and not exists (select from acceptance a where a.identity_id = i.id and a.ended_at is null)
    )
    select source_id, source.label, namespace, count(*)::int as identities,
      case when bool_or(is_production) then true when bool_and(is_production is not null) then false end as is_production,
      (count(*) filter (where document->'questions'->'why'->>'answer' is null))::int as no_why,
      (count(*) filter (where document->'questions'->'function'->>'answer' is null))::int as no_function,
      (count(*) filter (where document->'questions'->'revocation'->>'answer' is null))::int as no_revocation,
      max(worst)::int as worst,
      jsonb_agg(distinct jsonb_build_object('id', refuser, 'name', refuser_name))
        filter (where refuser is not null) as suggested_by,
      (array_agg(json_build_object('id', offered.id, 'name', offered.name, 'kind', kind) order by offered.name))[1:5]
        as sample
    from offered join source on source.id = offered.source_id
    group by source_id, source.label, namespace
    order by max(worst) desc, count(*) desc, namespace nulls last
    limit ${MOST_PLACES})`
  const rows = await read.selectFrom(offered.as('places')).selectAll().execute()
  return rows.map((row) => ({
    team: { id: team.id, name: team.name },
    source: { id: row.source_id, name: row.label },
    namespace: row.namespace,
    identities: row.identities,
    isProduction: row.is_production,
    missing: { why: row.no_why, function: row.no_function, revocation: row.no_revocation },
    worst: severityOf(row.worst),
    suggestedBy: row.suggested_by ?? [],
    sample: row.sample,
  }))
}
