/** Module calls: recognised by their source and arguments when the module itself is not read with them. */
import type { IdentityRef } from '@onus/core/observation.ts'
import { resolvePath } from '../files/paths.ts'
import type { Resource } from './draft.ts'
import { fieldText, type Fields } from './fields.ts'
import { argumentTags, callCredential, callName, createdBy, identityKindOf } from './module-arguments.ts'
import { kindOfArguments, kindOfLabel, kindOfName, nameInLibrary, readSource, type ModuleKind } from './module-kinds.ts'
import { grantArguments, trustArguments } from './module-powers.ts'
import { itemsOf, shownText, textOf } from './value.ts'

/** Something that people write for a date: digits of a year, or a word such as `never`. */
const DATE_LIKE = /\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2}|^never$/i

/**
 * The kind of identity the call makes, or null. A local module is judged by the directory it is in, and only inside a
 * library of modules: the same judgement keeps that directory from being counted by itself (`isTemplate`).
 */
export function kindOfCall({ fields, label }: Resource, directory: string): ModuleKind | null {
  const source = fieldText(fields, 'source')
  if (source === null) return null
  const read = readSource(source)
  if (read.kind === 'local') {
    const target = resolvePath(directory, read.path)
    if (target === null) return kindOfName(read.path) ?? kindOfLabel(label) ?? ofArguments(read.path, fields)
    const name = nameInLibrary(target)
    return name === null ? null : kindOfName(name)
  }
  return kindOfName(read.subject) ?? kindOfLabel(label) ?? ofArguments(read.subject, fields)
}

/** True for a directory whose callers each yield the identity it makes. */
export function isTemplate(directory: string): boolean {
  const name = nameInLibrary(directory)
  return name !== null && kindOfName(name) !== null
}

function ofArguments(name: string, fields: Fields): ModuleKind | null {
  return kindOfArguments(name, fields.names(), (argument) => {
    const value = fields.value(argument)
    if (value?.data.kind === 'scalar') return typeof value.data.value === 'string' && DATE_LIKE.test(value.data.value)
    // A date that only the one who applies it knows is still a date; of an expiry that cannot be told from a length
    // of time.
    return /rotat/i.test(argument) && value !== undefined
  })
}

export type CallIdentity = { resource: Resource; identity: IdentityRef; kind: ModuleKind }

/** Google's module makes one account for each of its `names`. */
export function defineCall(resource: Resource, kind: ModuleKind): CallIdentity[] {
  const names =
    kind === 'service-account' ? itemsOf(resource.fields.value('names')).flatMap((item) => textOf(item) ?? []) : []
  if (names.length === 0) return [defineOne(resource, kind, callName(kind, resource.fields) ?? resource.address)]
  const prefix = fieldText(resource.fields, 'prefix')
  return names.map((name) => defineOne(resource, kind, prefix ? `${prefix}-${name}` : name, name))
}

function defineOne(resource: Resource, kind: ModuleKind, name: string, key?: string): CallIdentity {
  const { fields, draft, address, place } = resource
  const source = fieldText(fields, 'source') ?? ''
  const identity = draft.define(resource, {
    kind: identityKindOf(kind),
    name,
    tags: argumentTags(fields),
    purpose: fieldText(fields, 'description'),
    ...(key === undefined ? createdBy(kind, resource, source) : { key }),
  })
  const credential = callCredential(kind, fields, source)
  if (credential)
    draft.prove(address, identity, { name: key === undefined ? address : `${address}/${key}`, place, ...credential })
  return { resource, identity, kind }
}

export function linkCall({ resource, identity, kind }: CallIdentity): void {
  grantArguments(resource, identity)
  trustArguments(resource, identity, kind === 'ci-role')
}

/** A call that was followed: its arguments say more about what the module made, at addresses with that prefix. */
export function describeFollowed(resource: Resource, prefix: string): void {
  const { fields, draft, address, place } = resource
  const made = draft.identitiesUnder(prefix)
  const tags = argumentTags(fields)
  for (const identity of made) {
    const own = new Set(identity.tags.map((tag) => tag.key))
    for (const tag of tags) if (!own.has(tag.key)) draft.tag(identity.ref, tag)
  }
  const [only] = made
  const name = shownText(fields.value('source')) ?? ''
  const credential = made.length === 1 ? callCredential('credential', fields, name) : null
  if (only && credential && (credential.rotatedAt ?? credential.expiresAt ?? credential.createdAt))
    draft.prove(address, only.ref, { name: address, place, ...credential })
}
