/** `policy_data` of Google IAM policies: the `google_iam_policy` data source, or JSON. */
import type { Place } from '@onus/core/place.ts'
import type { Draft } from './draft.ts'
import { fieldBlocks, fieldShown, fieldsOf, type Fields } from './fields.ts'
import { itemsOf, type Value } from './value.ts'

export type GoogleBinding = { role: string; members: readonly Value[]; place: Place }

export function bindingsOf(policy: Value | undefined, draft: Draft): GoogleBinding[] {
  if (!policy) return []
  const source = policy.refs
    .map(({ address }) => draft.instances.get(address))
    .find((one) => one?.instance.type === 'google_iam_policy')
  if (source) return fieldBlocks(source.fields, 'binding').flatMap(bindingOf)
  const document = policy.data.kind === 'json' ? fieldsOf(policy.data.value) : null
  return document ? fieldBlocks(document, 'bindings').flatMap(bindingOf) : []
}

function bindingOf(fields: Fields): GoogleBinding[] {
  const role = fieldShown(fields, 'role')
  return role === null ? [] : [{ role, members: itemsOf(fields.value('members')), place: fields.place }]
}
