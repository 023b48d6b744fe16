import { sql } from 'kysely'
import type { ContentOf } from '@onus/core/change/content.ts'
import { functionId, planFunction } from '@onus/core/change/kinds/function.ts'
import type { DecidedFunction } from '@onus/core/change/kinds/function.ts'
import type { Read, Tx } from '../../db/database.ts'
import { findPerson, findTeam, liveTeam } from '../../directory/index.ts'
import { peopleNow } from '../people.ts'
import { tell } from './kind.ts'
import type { Applying, Asking, Prepared } from './kind.ts'

export async function prepareFunction(content: ContentOf<'function'>, { read, now }: Asking): Promise<Prepared> {
  const id = functionId(content)
  const current = await decidedFunction(read, id)
  const observed = await read
    .selectFrom('record')
    .select('id')
    .where('kind', '=', 'function')
    .where('id', '=', id)
    .limit(1)
    .executeTakeFirst()
  const team = await liveTeam(read, content.team)
  const sponsor = (await peopleNow(read, [content.sponsor], now)).get(content.sponsor)
  const plan = planFunction(content, {
    current,
    isObserved: observed !== undefined,
    team: team && { id: team.id, name: team.name, kind: team.kind },
    sponsor: sponsor ? { id: sponsor.actor.id, name: sponsor.actor.name } : null,
  })
  return { plan, apply: (applying) => apply(content, current, applying) }
}

/** The business function of this id as it was decided last. */
export async function decidedFunction(read: Read | Tx, id: string): Promise<DecidedFunction | null> {
  const row = await read
    .selectFrom('decided_function')
    .selectAll()
    .where('function_id', '=', id)
    .where('valid_to', 'is', null)
    .executeTakeFirst()
  if (!row) return null
  const team = await findTeam(read, row.team_id)
  const sponsor = await findPerson(read, row.sponsor)
  return {
    id,
    name: row.name,
    // Both are referred to by the row, so they are there, though they may have left.
    team: { id: row.team_id, name: team?.name ?? row.team_id, kind: team?.kind ?? 'business' },
    sponsor: { id: row.sponsor, name: sponsor?.displayName ?? row.sponsor },
    dataClasses: row.data_classes,
    criticality: row.criticality,
  }
}

async function apply(
  content: ContentOf<'function'>,
  current: DecidedFunction | null,
  applying: Applying,
): Promise<void> {
  const { tx, now, change } = applying
  const id = functionId(content)
  const closed = await tx
    .updateTable('decided_function')
    .set({ valid_to: now })
    .where('function_id', '=', id)
    .where('valid_to', 'is', null)
    .returning('version')
    .executeTakeFirst()
  const dataClasses = [...new Set(content.dataClasses)].sort()
  await tx
    .insertInto('decided_function')
    .values({
      function_id: id,
      version: (closed?.version ?? 0) + 1,
      name: content.name,
      team_id: content.team,
      sponsor: content.sponsor,
      data_classes: dataClasses,
      criticality: content.criticality,
      change_id: change,
      valid_from: now,
      valid_to: null,
    })
    .execute()
  // Whoever serves it may stand differently now: its owner decides whether accountability is split.
  await sql`insert into restanding (identity_id, since)
    select a.identity_id, ${now}::timestamptz from acceptance a
    left join identity i on i.id = a.identity_id left join identity_version v on v.id = i.version_id
    where a.ended_at is null and (a.function_id = ${id} or (a.function_id is null and v.document ->> 'function' = ${id}))
    on conflict do nothing`.execute(tx)
  const told = (one: { team: string; sponsor: string; dataClasses: readonly string[]; criticality: string }) => ({
    team: one.team,
    sponsor: one.sponsor,
    dataClasses: [...one.dataClasses],
    criticality: one.criticality,
  })
  await tell(applying, [
    {
      action: 'function.decide',
      subject: { kind: 'function', id },
      before: current && told({ ...current, team: current.team.id, sponsor: current.sponsor.id }),
      after: told({ ...content, dataClasses }),
    },
  ])
}
