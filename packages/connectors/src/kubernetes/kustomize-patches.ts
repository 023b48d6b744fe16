/** Patches of Kustomize: strategic merges as far as names tell which items are meant, and JSON patches (RFC 6902). */
import { isRecord, textOf } from '../ci/scalars.ts'
import { readYaml } from '../files/yaml.ts'
import { listOf } from './manifest.ts'

type Body = Record<string, unknown>
/** Which objects a patch is for; an absent part does not matter. Names are regular expressions of Kustomize's. */
export type Target = { kind: string | null; name: string | null; namespace: string | null; isPattern: boolean }
export type Patch = { target: Target | null; changes: unknown[] }

/** `target` and the content of one entry of `patches`; a merge without a target names the object it changes. */
export function patchesFrom(target: unknown, changes: readonly unknown[]): Patch[] {
  const stated = isRecord(target) ? targetOf(target, true) : null
  const operations = changes.filter((one) => Array.isArray(one))
  const merges = changes.filter(isRecord)
  return [
    ...(stated && operations.length > 0 ? [{ target: stated, changes: operations.flat() }] : []),
    ...merges.map((merge) => ({ target: stated ?? objectNamed(merge), changes: [merge] })),
  ]
}

function objectNamed(merge: Body): Target {
  const metadata = isRecord(merge['metadata']) ? merge['metadata'] : {}
  return targetOf({ kind: merge['kind'], name: metadata['name'], namespace: metadata['namespace'] }, false)
}

function targetOf(target: Body, isPattern: boolean): Target {
  return {
    kind: textOf(target['kind']),
    name: textOf(target['name']),
    namespace: textOf(target['namespace']),
    isPattern,
  }
}

/** The documents of a patch that is written into the kustomization itself. */
export function inlineDocuments(text: string): unknown[] {
  return readYaml(text).documents.map((document) => document.value)
}

/** null: the object is deleted. */
export function applyPatch(body: Body, patch: Patch): Body | null {
  let changed: Body | null = body
  for (const change of patch.changes) {
    if (!changed || !isRecord(change)) continue
    if (typeof change['op'] === 'string') changed = operated(changed, change)
    else changed = change['$patch'] === 'delete' ? null : merged(changed, change)
  }
  return changed
}

function merged(body: Body, change: Body): Body {
  if (change['$patch'] === 'replace') return withoutDirective(change)
  const result: Body = { ...body }
  for (const [key, value] of Object.entries(change)) {
    const before = result[key]
    if (value === null) delete result[key]
    else if (isRecord(value)) result[key] = merged(isRecord(before) ? before : {}, value)
    else result[key] = Array.isArray(value) && Array.isArray(before) ? mergedList(before, value) : value
  }
  return result
}

/** Items with names are the same where the names are; a list of anything else is replaced. */
function mergedList(before: readonly unknown[], change: readonly unknown[]): unknown[] {
  const nameOf = (item: unknown): string | null => (isRecord(item) ? textOf(item['name']) : null)
  if (![...before, ...change].every((item) => nameOf(item) !== null)) return [...change]
  const items = new Map(before.map((item) => [nameOf(item), item]))
  for (const item of change) {
    if (!isRecord(item)) continue
    const known = items.get(nameOf(item))
    if (item['$patch'] === 'delete') items.delete(nameOf(item))
    else items.set(nameOf(item), isRecord(known) ? merged(known, item) : item)
  }
  return [...items.values()]
}

function withoutDirective(change: Body): Body {
  return Object.fromEntries(Object.entries(change).filter(([key]) => key !== '$patch'))
}

/** `add`, `replace` and `remove`; a path that is not there changes nothing. */
function operated(body: Body, operation: Body): Body {
  const path = textOf(operation['path'])
  if (!path?.startsWith('/')) return body
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const op = operation['op']
  if (op !== 'add' && op !== 'replace' && op !== 'remove') return body
  const changed = changedAt(body, steps, op === 'remove' ? undefined : operation['value'], op === 'add')
  return isRecord(changed) ? changed : body
}

function changedAt(value: unknown, steps: readonly string[], to: unknown, isAdded: boolean): unknown {
  const [step, ...rest] = steps
  if (step === undefined) return to
  if (Array.isArray(value)) return changedItem(value, step, rest, to, isAdded)
  if (!isRecord(value)) return value
  if (rest.length > 0 && value[step] === undefined) return value
  const inner = changedAt(value[step], rest, to, isAdded)
  const others = Object.entries(value).filter(([key]) => key !== step)
  return Object.fromEntries(inner === undefined ? others : [...others, [step, inner]])
}

function changedItem(
  items: readonly unknown[],
  step: string,
  rest: readonly string[],
  to: unknown,
  isAdded: boolean,
): unknown[] {
  const at = step === '-' ? items.length : Number(step)
  if (!Number.isInteger(at) || at < 0 || at > items.length) return [...items]
  if (rest.length === 0 && to !== undefined && isAdded) return [...items.slice(0, at), to, ...items.slice(at)]
  const inner = changedAt(items[at], rest, to, isAdded)
  return [...items.slice(0, at), ...(inner === undefined ? [] : [inner]), ...items.slice(at + 1)]
}

/** Whether a patch is for an object of this kind, namespace and one of these names (it may have been renamed before). */
export function isFor(
  target: Target | null,
  kind: string,
  names: readonly string[],
  namespace: string | null,
): boolean {
  if (!target) return false
  const isMeant = (wanted: string | null, actual: string): boolean => {
    if (wanted === null || wanted === '' || wanted === actual) return true
    if (!target.isPattern || !isHarmless(wanted) || actual.length > MAX_NAME) return false
    return new RegExp(`^(?:${wanted})$`).test(actual)
  }
  return (
    isMeant(target.kind, kind) &&
    names.some((name) => isMeant(target.name, name)) &&
    (namespace === null || isMeant(target.namespace, namespace))
  )
}

/** Names of Kubernetes (RFC 1123 subdomain). */
const MAX_NAME = 253

/** A pattern without nesting and with few repetitions, so that it cannot take long. */
function isHarmless(pattern: string): boolean {
  return /^[\w.|*+?^$-]{1,200}$/.test(pattern) && (pattern.match(/[*+?]/g)?.length ?? 0) <= 2
}

/** The content of `patchesStrategicMerge`, `patches` and `patchesJson6902`, with files opened by `documentsOf`. */
export function patchesOf(kustomization: Body, documentsOf: (path: string) => unknown[]): Patch[] {
  const contentOf = (entry: Body): unknown[] => {
    const path = textOf(entry['path'])
    const inline = textOf(entry['patch'])
    return path !== null ? documentsOf(path) : inline !== null ? inlineDocuments(inline) : []
  }
  const merges = listOf(kustomization['patchesStrategicMerge']).flatMap((one) => {
    const text = textOf(one)
    if (text === null) return isRecord(one) ? patchesFrom(null, [one]) : []
    return patchesFrom(null, text.includes('\n') ? inlineDocuments(text) : documentsOf(text))
  })
  const entries = [...listOf(kustomization['patches']), ...listOf(kustomization['patchesJson6902'])].filter(isRecord)
  return [...merges, ...entries.flatMap((entry) => patchesFrom(entry['target'], contentOf(entry)))]
}
