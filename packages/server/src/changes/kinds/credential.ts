import type { ContentOf } from '@onus/core/change/content.ts'
import { planCredential } from '@onus/core/change/kinds/credential.ts'
import { newId } from '../../ids.ts'
import { loadSubjects } from '../subjects.ts'
import { tell } from './kind.ts'
import type { Applying, Asking, Prepared } from './kind.ts'

export async function prepareCredential(content: ContentOf<'credential'>, { read, now }: Asking): Promise<Prepared> {
  const [subject = null] = await loadSubjects(read, [content.identity], now)
  const rows = await read
    .selectFrom('decided_credential')
    .select(['name', 'expires_at'])
    .where('identity_id', '=', content.identity)
    .where('ended_at', 'is', null)
    .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .execute()
  const decided = rows.map((row) => ({ name: row.name, expiresAt: row.expires_at?.toISOString() ?? null }))
  return { plan: planCredential(content, { subject, decided, now }), apply: (applying) => apply(content, applying) }
}

async function apply({ identity, credential }: ContentOf<'credential'>, applying: Applying): Promise<void> {
  const { tx, now, change } = applying
  await tx
    .updateTable('decided_credential')
    .set({ ended_at: now })
    .where('identity_id', '=', identity)
    .where('name', '=', credential.name)
    .where('ended_at', 'is', null)
    .execute()
  const { kind, name, purpose, expiresAt, revocation } = credential
  await tx
    .insertInto('decided_credential')
    .values({
      id: newId('cre'),
      identity_id: identity,
      kind,
      name,
      purpose,
      expires_at: expiresAt === null ? null : new Date(expiresAt),
      revocation,
      change_id: change,
      decided_at: now,
      ended_at: null,
    })
    .execute()
  await tell(applying, [
    { action: 'credential.allow', subject: { kind: 'identity', id: identity }, after: { kind, name, expiresAt } },
  ])
}
