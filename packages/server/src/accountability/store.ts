/** All statements about acceptances, refusals and what was left without a team. */
import { sql } from 'kysely'
import type { RegisteredIdentity } from '@onus/core/decision/effective.ts'
import type { AcceptanceEnd } from '@onus/core/decision/acceptance.ts'
import type { Read, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import type { Insertable } from 'kysely'
import { looseFormOf } from './meanings.ts'

export type Held = { id: string; source_id: string; name: string; document: RegisteredIdentity }

/**
 * Ids under which sources name a team: its own, and those of discovered teams whose name means the same. A name that also
 * means another team of the directory belongs to neither.
 */
export async function meaningsOf(read: Read | Tx, team: { id: string; name: string }): Promise<Set<string>> {
  const wanted = looseFormOf(team.name)
  const teams = await read.selectFrom('directory_team').select(['id', 'name']).where('is_active', '=', true).execute()
  const others = new Set(teams.filter(({ id }) => id !== team.id).map(({ id }) => id))
  const isShared = teams.some(({ id, name }) => id !== team.id && looseFormOf(name) === wanted)
  if (isShared) return new Set([team.id])
  const discovered = await read.selectFrom('team').select(['id', 'name']).distinct().execute()
  const same = discovered.filter(({ id, name }) => !others.has(id) && looseFormOf(name) === wanted)
  return new Set([team.id, ...same.map(({ id }) => id)])
}

/** The identities, with what stands for each, locked until the transaction ends. In the order of their ids. */
export async function lockIdentities(tx: Tx, ids: readonly string[]): Promise<Held[]> {
  // Apart from reading: a row for which one waited is joined with what was there before.
  await sql`select from identity where id = any(${ids}) order by id for update`.execute(tx)
  const { rows } = await sql<Held>`
    select i.id, i.source_id, i.name, v.document
    from identity i join identity_version v on v.id = i.version_id
    where i.id = any(${ids}) and i.vanished_at is null order by i.id`.execute(tx)
  return rows
}

export async function sourcesOf(read: Read | Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await read.selectFrom('identity').select('source_id').distinct().where('id', 'in', ids).execute()
  return rows.map(({ source_id }) => source_id)
}

export async function runningAcceptances(read: Read | Tx, ids: readonly string[]) {
  return read
    .selectFrom('acceptance')
    .selectAll()
    .where('identity_id', 'in', ids)
    .where('ended_at', 'is', null)
    .execute()
}

export async function refusalsOf(read: Read | Tx, ids: readonly string[]) {
  return read.selectFrom('refusal').selectAll().where('identity_id', 'in', ids).execute()
}

export async function endAcceptances(tx: Tx, ids: readonly string[], ended: AcceptanceEnd, at: Date): Promise<void> {
  if (ids.length === 0) return
  await tx.updateTable('acceptance').set({ ended_at: at, ended }).where('id', 'in', ids).execute()
}

const IN_ONE_STATEMENT = 1_000

export async function saveAcceptances(tx: Tx, rows: readonly Insertable<Tables['acceptance']>[]): Promise<void> {
  for (let start = 0; start < rows.length; start += IN_ONE_STATEMENT)
    await tx
      .insertInto('acceptance')
      .values(rows.slice(start, start + IN_ONE_STATEMENT))
      .execute()
  const ids = rows.map(({ identity_id: id }) => id)
  const team = rows[0]?.team_id
  if (team === undefined) return
  await tx.deleteFrom('refusal').where('identity_id', 'in', ids).where('team_id', '=', team).execute()
  await tx.deleteFrom('orphaned').where('identity_id', 'in', ids).execute()
}

export async function saveRefusals(tx: Tx, rows: readonly Insertable<Tables['refusal']>[]): Promise<void> {
  if (rows.length === 0) return
  await tx
    .insertInto('refusal')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['identity_id', 'team_id']).doUpdateSet(({ ref }) => ({
        refused_by: ref('excluded.refused_by'),
        refused_at: ref('excluded.refused_at'),
        suggested_id: ref('excluded.suggested_id'),
        suggested_name: ref('excluded.suggested_name'),
      })),
    )
    .execute()
}

/** Ids of what is offered in one namespace of a source to whoever is meant by `meanings`. */
export async function offeredIn(
  read: Read | Tx,
  meanings: readonly string[],
  place: { source: string; namespace: string | null },
  most: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select i.id from identity i
    where i.vanished_at is null and i.state <> 'accountable' and i.source_id = ${place.source}
      and i.namespace is not distinct from ${place.namespace}
      and (i.team = any(${meanings}) or exists (select from refusal r
        where r.identity_id = i.id and r.suggested_id = any(${meanings})))
    order by i.id limit ${most}`.execute(read as Tx)
  return rows.map(({ id }) => id)
}
