import type { ContentOf } from '@onus/core/change/content.ts'
import { planOwnership } from '@onus/core/change/kinds/ownership.ts'
import { refusal } from '@onus/core/change/plan.ts'
import { missingAnswers } from '@onus/core/decision/plan-acceptance.ts'
import { stableId } from '@onus/core/ids.ts'
import type { BusinessFunction } from '@onus/core/service.ts'
import type { Read, Tx } from '../../db/database.ts'
import { liveTeam } from '../../directory/index.ts'
import { endAcceptances, saveAcceptances } from '../../accountability/store.ts'
import { newId } from '../../ids.ts'
import { loadEstate } from '../../registry/estates.ts'
import { restand } from '../../registry/restand.ts'
import { peopleNow } from '../people.ts'
import { loadSubjects } from '../subjects.ts'
import type { Subject } from '../subjects.ts'
import { decidedFunction } from './function.ts'
import { tell } from './kind.ts'
import type { Applying, Asking, Prepared } from './kind.ts'

type Content = ContentOf<'ownership'>
type Serves = { id: string; name: string } | null

export async function prepareOwnership(content: Content, { read, now }: Asking): Promise<Prepared> {
  const subjects = await loadSubjects(read, content.identities, now)
  const team = await liveTeam(read, content.team)
  const serves = await functionOf(read, content)
  const wanted = content.answers.sponsor
  const sponsor = wanted === null ? undefined : (await peopleNow(read, [wanted], now)).get(wanted)
  const plan =
    serves === undefined
      ? refusal('not-found', 'no business function has the id of `answers.function`')
      : planOwnership(content, {
          subjects: subjects.map((subject) => ({
            ...subject,
            owner: subject.holder,
            missing: missingAnswers({ identity: subject.document, current: subject.acceptance }, content.answers),
          })),
          team: team && { id: team.id, name: team.name, kind: team.kind },
          sponsor: sponsor ? { id: sponsor.actor.id, name: sponsor.actor.name } : null,
          now,
        })
  return {
    plan,
    async apply(applying) {
      // The plan refuses a team that cannot answer and a function that is not known.
      if (team) await apply(content, team, serves ?? null, subjects, applying)
    },
  }
}

/** undefined: there is none of this id. */
async function functionOf(read: Read | Tx, { answers: { function: asked } }: Content): Promise<Serves | undefined> {
  if (asked === null) return null
  if ('name' in asked) return { id: stableId('fn', 'declared', asked.name.toLowerCase()), name: asked.name }
  const decided = await decidedFunction(read, asked.id)
  if (decided) return { id: decided.id, name: decided.name }
  const row = await read
    .selectFrom('record')
    .select('document')
    .where('kind', '=', 'function')
    .where('id', '=', asked.id)
    .limit(1)
    .executeTakeFirst()
  // Documents of a kind were checked against the schema of that kind when they were imported.
  return row && { id: asked.id, name: (row.document as BusinessFunction).name }
}

async function apply(
  content: Content,
  team: { id: string; name: string },
  serves: Serves,
  subjects: readonly Subject[],
  applying: Applying,
): Promise<void> {
  const { ctx, tx, now, change, deciders } = applying
  const ids = subjects.map(({ id }) => id)
  const acceptedBy = deciders.get(`answer:${team.id}`)
  if (acceptedBy === undefined) throw new Error('an ownership is applied without the receiving team')
  const running = await tx
    .selectFrom('acceptance')
    .select('id')
    .where('identity_id', 'in', ids)
    .where('ended_at', 'is', null)
    .execute()
  await endAcceptances(
    tx,
    running.map(({ id }) => id),
    'handed-over',
    now,
  )
  const batch = newId('bat')
  const { answers } = content
  await saveAcceptances(
    tx,
    subjects.map(({ id, acceptance: before }) => ({
      id: newId('acc'),
      batch,
      identity_id: id,
      team_id: team.id,
      team_name: team.name,
      accepted_by: acceptedBy,
      accepted_at: now,
      until: new Date(content.until),
      purpose: answers.purpose ?? before?.purpose ?? null,
      function_id: serves?.id ?? before?.function?.id ?? null,
      function_name: serves?.name ?? before?.function?.name ?? null,
      // Nobody vouches for another team because they vouched for the one before.
      sponsor: answers.sponsor,
      revocation: answers.revocation ?? before?.revocation ?? null,
      change_id: change,
      ended_at: null,
      ended: null,
    })),
  )
  await tell(
    applying,
    subjects.map(({ id, holder }) => ({
      action: 'acceptance.hand-over',
      subject: { kind: 'identity', id },
      before: { team: holder?.id ?? null },
      after: {
        team: team.id,
        until: content.until,
        batch,
        acceptedBy,
        function: serves?.id ?? null,
        sponsor: answers.sponsor,
      },
    })),
  )
  await restand(tx, ids, { now, by: batch, estateOf: (source) => loadEstate(tx, source, null, ctx.db.read) })
}
