import type { ContentOf } from '@onus/core/change/content.ts'
import { planScope } from '@onus/core/change/kinds/scope.ts'
import type { HeldGrant } from '@onus/core/change/kinds/scope.ts'
import type { Read, Tx } from '../../db/database.ts'
import { newId } from '../../ids.ts'
import { loadSubjects } from '../subjects.ts'
import type { Subject } from '../subjects.ts'
import { tell } from './kind.ts'
import type { Applying, Asking, Prepared } from './kind.ts'

export async function prepareScope(content: ContentOf<'scope'>, { read, now }: Asking): Promise<Prepared> {
  const [subject = null] = await loadSubjects(read, [content.identity], now)
  const held = subject ? await heldGrants(read, subject, now) : []
  return { plan: planScope(content, { subject, held, now }), apply: (applying) => apply(content, applying) }
}

/** Grants that were decided and have not ended, and those that a source reports and nobody has taken away. */
async function heldGrants(read: Read | Tx, { id, document }: Subject, now: Date): Promise<HeldGrant[]> {
  const decided = await read
    .selectFrom('decided_grant')
    .select(['permission', 'resource', 'environment', 'until'])
    .where('identity_id', '=', id)
    .where('ended_at', 'is', null)
    .where(({ or, eb }) => or([eb('until', 'is', null), eb('until', '>', now)]))
    .execute()
  const removed = await read
    .selectFrom('removed_grant')
    .select(['permission', 'resource', 'environment'])
    .where('identity_id', '=', id)
    .execute()
  const isGone = new Set(removed.map(keyOf))
  return [
    ...decided.map((row) => ({ ...row, until: row.until?.toISOString() ?? null, from: 'decided' as const })),
    ...document.grants
      .filter((grant) => !isGone.has(keyOf(grant)))
      .map(({ permission, resource, environment }) => ({
        permission,
        resource,
        environment,
        until: null,
        from: 'observed' as const,
      })),
  ]
}

type Key = { permission: string; resource: string; environment: string | null }
const keyOf = ({ permission, resource, environment }: Key): string =>
  JSON.stringify([permission, resource, environment])

async function apply({ identity, add, remove }: ContentOf<'scope'>, applying: Applying): Promise<void> {
  const { tx, now, change } = applying
  for (const key of [...remove, ...add]) {
    await tx
      .updateTable('decided_grant')
      .set({ ended_at: now, ended_by: change })
      .where('identity_id', '=', identity)
      .where('permission', '=', key.permission)
      .where('resource', '=', key.resource)
      .where('environment', 'is not distinct from', key.environment)
      .where('ended_at', 'is', null)
      .execute()
  }
  for (const key of remove)
    await tx
      .insertInto('removed_grant')
      .values({ identity_id: identity, ...key, change_id: change, removed_at: now })
      .execute()
  for (const { until, ...wish } of add) {
    await tx
      .deleteFrom('removed_grant')
      .where('identity_id', '=', identity)
      .where('permission', '=', wish.permission)
      .where('resource', '=', wish.resource)
      .where('environment', 'is not distinct from', wish.environment)
      .execute()
    const row = { id: newId('gra'), identity_id: identity, ...wish, until: until === null ? null : new Date(until) }
    await tx
      .insertInto('decided_grant')
      .values({ ...row, change_id: change, granted_at: now, ended_at: null, ended_by: null })
      .execute()
  }
  const subject = { kind: 'identity', id: identity }
  await tell(applying, [
    ...add.map((wish) => ({ action: 'scope.grant', subject, after: { ...wish } })),
    ...remove.map((key) => ({ action: 'scope.remove', subject, before: { ...key } })),
  ])
}
