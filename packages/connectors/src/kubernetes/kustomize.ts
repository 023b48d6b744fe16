/**
 * Kustomize (kubectl.docs.kubernetes.io, "kustomization"): objects of a base as each overlay that includes it makes
 * them. Nothing is run or fetched; generators, transformers of plug-ins and charts are not followed.
 */
import type { Place } from '@onus/core/place.ts'
import { isRecord, mapAt, textOf } from '../ci/scalars.ts'
import { baseOf, directoryOf, joinPath, resolvePath } from '../files/paths.ts'
import type { TextFile } from '../files/text-file.ts'
import type { Surroundings } from '../reader.ts'
import { applyPatch, isFor, patchesOf, type Patch } from './kustomize-patches.ts'
import { renameReferences, type Renaming } from './kustomize-names.ts'
import { hasPlaceholder, listOf, manifestsOf, withBody, type Manifest } from './manifest.ts'

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
const OUTSIDE_NAMESPACES = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'PersistentVolume',
  'StorageClass',
])
/** Overlays of overlays. */
const MAX_DEPTH = 12
/** What one overlay makes; real ones make some hundred. */
const MAX_OBJECTS = 20_000

type Fields = Record<string, unknown>
type Kustomization = {
  path: string
  directory: string
  fields: Fields
  line(path: readonly (string | number)[]): number
}
type Made = {
  manifest: Manifest
  /** Those it had in the layers below; patches may still use them. */
  names: string[]
  /** Where it is written, when that is not where it is placed. */
  origin: Place | null
}

export function isKustomization(path: string): boolean {
  return NAMES.includes(baseOf(path))
}

/** The kustomization in a file; null when it is none. */
export function kustomizationOf(file: TextFile): Kustomization | null {
  const [document] = file.yaml().documents
  if (!document || !isRecord(document.value)) return null
  return {
    path: file.path,
    directory: directoryOf(file.path),
    fields: document.value,
    line: (path) => document.line(path),
  }
}

/** Directories of other kustomizations and files elsewhere that a kustomization is made of. */
export function includedBy({ fields, directory }: Kustomization, surroundings: Surroundings): string[] {
  return [...entriesOf(fields), ...patchFilesOf(fields).map((path) => ({ path }))].flatMap(({ path }) => {
    const target = resolvePath(directory, path)
    if (target === null || target === directory) return []
    if (kustomizationIn(target, surroundings) !== null) return [target]
    // Its own files are its own affair; what others keep there stays theirs.
    return surroundings.namesIn(directoryOf(target)).includes(baseOf(target)) ? [target] : []
  })
}

/** `resources` and what it was called before, in order. */
function entriesOf(fields: Fields): { path: string; at: (string | number)[] }[] {
  return ['resources', 'bases', 'components'].flatMap((key) =>
    listOf(fields[key]).flatMap((entry, index) => {
      const path = textOf(entry)
      return path === null || isRemote(path) || hasPlaceholder(path) ? [] : [{ path, at: [key, index] }]
    }),
  )
}

function isRemote(path: string): boolean {
  return path.includes('://') || path.includes('?ref=') || /^[\w.-]+\.[a-z]+\/|^git@/i.test(path)
}

function patchFilesOf(fields: Fields): string[] {
  const merges = listOf(fields['patchesStrategicMerge']).flatMap((one) => textOf(one) ?? [])
  const entries = [...listOf(fields['patches']), ...listOf(fields['patchesJson6902'])]
  const paths = entries.flatMap((one) => (isRecord(one) ? (textOf(one['path']) ?? []) : []))
  return [...merges, ...paths].filter((path) => !path.includes('\n'))
}

function kustomizationIn(directory: string, surroundings: Surroundings): TextFile | null {
  const name = surroundings.namesIn(directory).find((one) => NAMES.includes(one))
  return name === undefined ? null : surroundings.open(joinPath(directory, name))
}

/** Files of the kustomization's own directory that it takes up: they say nothing apart from it. */
export function ownFilesOf({ fields, directory }: Kustomization): Set<string> {
  const paths = [...entriesOf(fields).map((entry) => entry.path), ...patchFilesOf(fields)]
  return new Set(paths.flatMap((path) => resolvePath(directory, path) ?? []))
}

export class Kustomizer {
  readonly #surroundings: Surroundings
  readonly #own: ReadonlyMap<string, TextFile>
  #count = 0

  /** `own`: the files of the unit, by path. */
  constructor(surroundings: Surroundings, own: readonly TextFile[]) {
    this.#surroundings = surroundings
    this.#own = new Map(own.map((file) => [file.path, file]))
  }

  /**
   * The objects that a kustomization makes. One that is written outside the directory of what includes it is placed
   * where it is included; `origins` says where it is written.
   */
  render(kustomization: Kustomization): { manifests: Manifest[]; origins: Map<Manifest, Place> } {
    const made = this.#apply(kustomization, [], [])
    return {
      manifests: made.map(({ manifest }) => manifest),
      origins: new Map(made.flatMap(({ manifest, origin }) => (origin ? [[manifest, origin]] : []))),
    }
  }

  #apply(kustomization: Kustomization, start: readonly Made[], trail: readonly string[]): Made[] {
    const { fields, directory, path } = kustomization
    if (trail.includes(path) || trail.length >= MAX_DEPTH) return [...start]
    const below = [...trail, path]
    let made = [...start]
    for (const entry of entriesOf(fields)) {
      if (entry.at[0] === 'components') continue
      const line = kustomization.line(entry.at)
      for (const one of this.#resource(directory, entry.path, below)) made.push(movedInto(kustomization, line, one))
    }
    for (const entry of entriesOf(fields)) {
      const component = entry.at[0] === 'components' ? this.#kustomizationAt(directory, entry.path) : null
      const line = kustomization.line(entry.at)
      if (component) made = this.#apply(component, made, below).map((one) => movedInto(kustomization, line, one))
    }
    for (const patch of patchesOf(fields, (one) => this.#documents(directory, one))) made = patched(made, patch)
    return transformed(made, fields)
  }

  #resource(directory: string, path: string, trail: readonly string[]): Made[] {
    const inner = this.#kustomizationAt(directory, path)
    if (inner) return this.#apply(inner, [], trail)
    const target = resolvePath(directory, path)
    const file = target === null ? null : this.#open(target)
    if (!file || this.#count >= MAX_OBJECTS) return []
    const manifests = manifestsOf(file, []) // whoever reads the file itself says what is wrong with it
    this.#count += manifests.length
    return manifests.map((manifest) => ({ manifest, names: [manifest.name], origin: null }))
  }

  #kustomizationAt(directory: string, path: string): Kustomization | null {
    const target = resolvePath(directory, path)
    const file = target === null ? null : kustomizationIn(target, this.#surroundings)
    return file ? kustomizationOf(file) : null
  }

  #documents(directory: string, path: string): unknown[] {
    const target = resolvePath(directory, path)
    const file = target === null ? null : this.#open(target)
    return file ? file.yaml().documents.map((document) => document.value) : []
  }

  #open(path: string): TextFile | null {
    return this.#own.get(path) ?? this.#surroundings.open(path)
  }
}

/** What lies outside the directory counts where it is included; the rest stays where it is. */
function movedInto({ path, directory }: Kustomization, line: number, made: Made): Made {
  const { manifest } = made
  if (directory === '' || manifest.file.startsWith(`${directory}/`)) return made
  const place = (): Place => ({ file: path, line })
  const origin = made.origin ?? manifest.place(['metadata', 'name'])
  return { ...made, manifest: { ...manifest, file: path, world: path, place }, origin }
}

function patched(made: readonly Made[], patch: Patch): Made[] {
  return made.flatMap((one) => {
    const { manifest } = one
    if (!isFor(patch.target, manifest.kind, one.names, manifest.namespace)) return [one]
    const body = applyPatch(manifest.body, patch)
    const changed = body && withBody(manifest, body)
    return changed ? [{ ...one, manifest: changed, names: [...one.names, changed.name] }] : []
  })
}

/** Namespace, prefix, suffix, labels and annotations of one layer; references follow what they mean. */
function transformed(made: readonly Made[], fields: Fields): Made[] {
  const namespace = textOf(fields['namespace'])
  const prefix = textOf(fields['namePrefix']) ?? ''
  const suffix = textOf(fields['nameSuffix']) ?? ''
  const labels = labelsOf(fields)
  const annotations = mapAt(fields, 'commonAnnotations')
  const renamings: Renaming[] = made.map(({ manifest: { kind, name, namespace: before } }) => {
    const isNamespace = kind === 'Namespace' && namespace !== null
    return {
      kind,
      before: { name, namespace: before },
      after: {
        name: isNamespace
          ? namespace
          : kind === 'Namespace' || kind === 'CustomResourceDefinition'
            ? name
            : `${prefix}${name}${suffix}`,
        namespace: OUTSIDE_NAMESPACES.has(kind) || kind === 'Namespace' ? null : (namespace ?? before),
      },
    }
  })
  const isRenaming = namespace !== null || prefix !== '' || suffix !== ''
  return made.flatMap((one, index) => {
    const { after } = renamings[index] ?? { after: one.manifest }
    const { metadata, body } = one.manifest
    const renamed = isRenaming ? renameReferences(body, one.manifest, renamings) : body
    const changed = withBody(one.manifest, {
      ...renamed,
      metadata: {
        ...(isRenaming ? mapAt(renamed, 'metadata') : metadata),
        name: after.name,
        ...(after.namespace === null ? {} : { namespace: after.namespace }),
        labels: { ...mapAt(metadata, 'labels'), ...labels },
        annotations: { ...mapAt(isRenaming ? mapAt(renamed, 'metadata') : metadata, 'annotations'), ...annotations },
      },
    })
    return changed ? [{ ...one, manifest: changed, names: [...new Set([...one.names, changed.name])] }] : []
  })
}

/** `commonLabels`, and the newer `labels: [{ pairs }]`. */
function labelsOf(fields: Fields): Fields {
  const pairs = listOf(fields['labels']).map((one) => mapAt(one, 'pairs'))
  return Object.assign({}, mapAt(fields, 'commonLabels'), ...pairs) as Fields // maps of maps
}
