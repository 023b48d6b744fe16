/** What directories send that the standard does not say, brought into the form it does. Pure. */
import { KINDS, ScimError } from './schema.ts'
import type { KindName } from './schema.ts'

export type Operation = { op: string; path?: string; value?: unknown }

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const MOST_OPERATIONS = 1_000
const MOST_PATH_LENGTH = 300
/** Attributes that are kept; an operation on another one is accepted and does nothing. */
const KEPT: Record<KindName, ReadonlySet<string>> = {
  Users: new Set(['username', 'displayname', 'active', 'emails', 'externalid']),
  Groups: new Set(['displayname', 'members', 'externalid']),
}
/** An id as it is written in members, and so within filters. */
const ID = /^[\w-]{1,64}$/

/** Entra sends `"False"`, also where it says that it follows the standard. */
function booleanOf(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const word = value.trim().toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : value
}

/** The body of a POST or PUT. */
export function forgiveBody(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const given = Object.entries(body as Record<string, unknown>).map(([name, value]) => {
    if (name.toLowerCase() === 'active') return ['active', booleanOf(value)] as const
    if (name.toLowerCase() === 'members') return ['members', membersOf(value)] as const
    return [name, value] as const
  })
  return Object.fromEntries(given)
}

/** Members as `{ value }`; their ids become part of filters, so only what an id looks like passes. */
function membersOf(value: unknown): unknown {
  if (value === undefined || value === null) return []
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.map((member) => {
    const id: unknown = typeof member === 'object' && member !== null ? (member as { value?: unknown }).value : member
    if (typeof id !== 'string' || !ID.test(id))
      throw new ScimError(400, 'invalidValue', 'a member has no id that is one of ours')
    return { value: id }
  })
}

/** `urn:…:User:userName` is `userName`; what comes after it is a path within. */
function rootOf(kind: KindName, path: string): { root: string; path: string } {
  const prefix = `${KINDS[kind].definition.id}:`
  const plain = path.toLowerCase().startsWith(prefix.toLowerCase()) ? path.slice(prefix.length) : path
  return { root: /^[^.[]*/.exec(plain)?.[0].toLowerCase() ?? '', path: plain }
}

/** One operation on one attribute; none when the attribute is not kept. */
function forgiveOne(kind: KindName, op: string, path: string, value: unknown): Operation[] {
  const { root, path: plain } = rootOf(kind, path)
  if (!KEPT[kind].has(root)) return []
  if (root === 'active') return [{ op, path: plain, value: booleanOf(value) }]
  if (root === 'members') {
    if (value === undefined || (op === 'remove' && value === null)) return [{ op, path: plain }]
    return [{ op, path: plain, value: membersOf(value) }]
  }
  if (root === 'emails') return emailOf(op, plain, value)
  if (op === 'remove' || value === null || value === undefined) return [{ op: 'remove', path: plain }]
  return [{ op, path: plain, value }]
}

/** One address is kept. `emails[type eq "work"].value` names it, whether or not there is one yet. */
function emailOf(op: string, path: string, value: unknown): Operation[] {
  const isWhole = path.toLowerCase() === 'emails'
  if (op === 'remove') return [{ op, path: 'emails' }]
  if (isWhole) return [{ op: 'replace', path: 'emails', value: Array.isArray(value) ? value : [value] }]
  const isWork = !/\[/.test(path) || /type\s+eq\s+"work"|primary\s+eq\s+true/i.test(path)
  if (!isWork || !/\.value$/i.test(path)) return []
  if (value === null || value === undefined || value === '') return [{ op: 'remove', path: 'emails' }]
  return [{ op: 'replace', path: 'emails', value: [{ value, type: 'work', primary: true }] }]
}

/**
 * The operations of a PATCH, one attribute each. Throws `ScimError` for what is no PATCH at all; an operation on an
 * attribute that is not kept is left out, as the attribute is left out of a POST.
 */
export function forgivePatch(kind: KindName, body: unknown): Operation[] {
  const { schemas, Operations: given } = (body ?? {}) as { schemas?: unknown; Operations?: unknown }
  if (!Array.isArray(schemas) || !schemas.includes(PATCH_OP))
    throw new ScimError(400, 'invalidSyntax', `\`schemas\` must have ${PATCH_OP}`)
  if (!Array.isArray(given) || given.length === 0 || given.length > MOST_OPERATIONS)
    throw new ScimError(400, 'invalidSyntax', `\`Operations\` must have 1 to ${MOST_OPERATIONS} operations`)
  return given.flatMap((each: unknown) => {
    const { op, path, value } = (each ?? {}) as { op?: unknown; path?: unknown; value?: unknown }
    const verb = typeof op === 'string' ? op.toLowerCase() : ''
    if (verb !== 'add' && verb !== 'remove' && verb !== 'replace')
      throw new ScimError(400, 'invalidSyntax', '`op` is add, remove or replace')
    if (path === undefined || path === null || path === '') {
      if (verb === 'remove') throw new ScimError(400, 'noTarget', 'a remove needs a `path`')
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new ScimError(400, 'invalidValue', 'without a `path` the `value` is an object of attributes')
      return Object.entries(value).flatMap(([name, inner]) => forgiveOne(kind, verb, name, inner))
    }
    if (typeof path !== 'string' || path.length > MOST_PATH_LENGTH)
      throw new ScimError(400, 'invalidPath', '`path` cannot be read')
    return forgiveOne(kind, verb, path, value)
  })
}
