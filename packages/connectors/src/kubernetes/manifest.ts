/** Kubernetes objects of a file, one by one, with the place of each part. */
import type { RawDate, Tag, Unread } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { isRecord, mapAt, textOf } from '../ci/scalars.ts'
import type { TextFile } from '../files/text-file.ts'
import type { YamlDocument } from '../files/yaml.ts'

export type Manifest = {
  file: string
  /** The file whose place in the estate tells the cluster: of an object of a base, the overlay's. */
  world: string
  /** '' for the core group; no version. */
  group: string
  kind: string
  name: string
  /** As written; null when it is left to whoever applies the file. */
  namespace: string | null
  metadata: Record<string, unknown>
  body: Record<string, unknown>
  /** Where a part of the object stands; [] is its first line. */
  place(path?: readonly (string | number)[]): Place
}

/** Of other kinds nobody expects anything; many, such as tools' configuration, have no name. */
const READ_KINDS = new Set(['Namespace', 'ServiceAccount', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'])
/** Lists inside lists are not a thing; this stops a hostile file that nests them. */
const MAX_LIST_NESTING = 3
/** The longest label, name or note that a person reads; annotations may be a quarter of a megabyte. */
const MAX_TAG_CHARS = 1_000

/**
 * The objects of a file: its documents, and the items of `List`, `RoleBindingList`, OpenShift `Template` and JSON arrays.
 * What has a kind but no usable name is `unread`; what is no Kubernetes object is passed over.
 */
export function manifestsOf(file: TextFile, unread: Unread[]): Manifest[] {
  const { documents, problems } = file.yaml()
  for (const { line, reason } of problems) unread.push({ file: file.path, line, reason })
  const manifests: Manifest[] = []
  let placeholders: Unread | null = null
  for (const document of documents) {
    for (const found of objectsOf(document.value, [], '', 0)) {
      const manifest = manifestOf(file.path, document, found)
      if (manifest === null) {
        if (READ_KINDS.has(found.kind))
          unread.push({ file: file.path, line: document.line(found.path), reason: `a ${found.kind} without a name` })
      } else if (hasPlaceholder(manifest.name) || hasPlaceholder(manifest.namespace ?? '')) {
        placeholders ??= {
          ...manifest.place(['metadata', 'name']),
          reason: 'a name that a tool fills in later; render the file first',
        }
      } else manifests.push(manifest)
    }
  }
  if (placeholders) unread.push(placeholders)
  return manifests
}

/** `{{ … }}`, `${VARIABLE}`, `$(VARIABLE)`, `<% … %>`: written for a tool that has not run yet. */
export function hasPlaceholder(name: string): boolean {
  return name.includes('{{') || name.includes('${') || name.includes('$(') || name.includes('<%')
}

type Found = { value: Record<string, unknown>; kind: string; apiVersion: string; path: (string | number)[] }

function* objectsOf(value: unknown, path: (string | number)[], itemKind: string, nesting: number): Generator<Found> {
  if (nesting > MAX_LIST_NESTING) return
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield* objectsOf(value[i], [...path, i], itemKind, nesting + 1)
    return
  }
  if (!isRecord(value)) return
  const kind = textOf(value['kind']) ?? itemKind
  const apiVersion = textOf(value['apiVersion']) ?? ''
  if (kind.endsWith('List') && Array.isArray(value['items'])) {
    yield* objectsOf(value['items'], [...path, 'items'], kind.slice(0, -'List'.length), nesting)
  } else if (kind === 'Template' && Array.isArray(value['objects'])) {
    yield* objectsOf(value['objects'], [...path, 'objects'], '', nesting)
  } else if (kind !== '' && (apiVersion !== '' || itemKind !== '')) yield { value, kind, apiVersion, path }
}

function manifestOf(file: string, document: YamlDocument, { value, kind, apiVersion, path }: Found): Manifest | null {
  return withBody(
    {
      file,
      world: file,
      kind,
      group: apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '',
      place: (below = []) => ({ file, line: document.line([...path, ...below]) }),
    },
    value,
  )
}

/** The object with another content; null when that has no name. */
export function withBody(
  { file, world, kind, group, place }: Pick<Manifest, 'file' | 'world' | 'kind' | 'group' | 'place'>,
  body: Record<string, unknown>,
): Manifest | null {
  const metadata = mapAt(body, 'metadata')
  const prefix = textOf(metadata['generateName'])
  const name = textOf(metadata['name']) || (prefix ? `${prefix}*` : null)
  return name === null
    ? null
    : { file, world, kind, group, place, name, metadata, namespace: textOf(metadata['namespace']) || null, body }
}

/** Labels and annotations, except the copy of the whole object that kubectl keeps, which repeats secrets. */
export function tagsOf(manifest: Manifest): Tag[] {
  const tags: Tag[] = []
  for (const part of ['labels', 'annotations'] as const) {
    for (const [key, written] of Object.entries(mapAt(manifest.metadata, part))) {
      const value = textOf(written)
      if (value === null || key === 'kubectl.kubernetes.io/last-applied-configuration') continue
      const { line } = manifest.place(['metadata', part, key])
      tags.push({ key, value: value.length > MAX_TAG_CHARS ? `${value.slice(0, MAX_TAG_CHARS)}…` : value, line })
    }
  }
  return tags
}

/** What stands where a list is expected: its items, or nothing. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function annotationOf(manifest: Manifest, key: string): string | null {
  return textOf(mapAt(manifest.metadata, 'annotations')[key]) || null
}

export function labelOf(manifest: Manifest, key: string): string | null {
  return textOf(mapAt(manifest.metadata, 'labels')[key]) || null
}

export function namePlace(manifest: Manifest): Place {
  return manifest.place(['metadata', 'name'])
}

/** A date of the object, ready to be an optional field of an observation. */
export function dated<Field extends string>(
  field: Field,
  raw: string | null,
  place: Place,
): { [F in Field]?: RawDate } {
  // A computed key widens to string; the object has exactly the one field.
  return raw === null ? {} : ({ [field]: { raw, place } } as { [F in Field]?: RawDate })
}

export function createdAt(manifest: Manifest): { createdAt?: RawDate } {
  return dated(
    'createdAt',
    textOf(manifest.metadata['creationTimestamp']) || null,
    manifest.place(['metadata', 'creationTimestamp']),
  )
}
