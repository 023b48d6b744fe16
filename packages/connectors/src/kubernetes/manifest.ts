import type { IdentityRef, ScopeRef, Tag } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { kubernetesRealm } from '@onus/core/realm.ts'
import { isRecord, mapAt, textOf } from '../ci/scalars.ts'
import type { YamlDocument } from '../files/yaml.ts'

const CORE_KINDS = new Set(['Namespace', 'ServiceAccount', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'])

/** One object with where it stands. */
export class Manifest {
  readonly file: string
  readonly kind: string
  /** API group without version; '' for the core group. */
  readonly group: string
  readonly value: Record<string, unknown>
  readonly metadata: Record<string, unknown>
  readonly name: string | null
  readonly #document: YamlDocument
  readonly #path: (string | number)[]

  constructor(file: string, document: YamlDocument, path: (string | number)[], value: Record<string, unknown>) {
    this.file = file
    this.#document = document
    this.#path = path
    this.value = value
    this.kind = textOf(value['kind']) ?? ''
    const apiVersion = textOf(value['apiVersion']) ?? ''
    this.group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
    this.metadata = mapAt(value, 'metadata')
    this.name = textOf(this.metadata['name'])
  }

  get isCore(): boolean {
    return CORE_KINDS.has(this.kind)
  }

  /**
   * The namespace of the object. A manifest without one is applied to the namespace of the moment, which files do not
   * tell: it is `default` here, as for kubectl, unless a directory above carries the object (see `namespaceFromPath`).
   */
  get namespace(): string {
    return textOf(this.metadata['namespace']) ?? namespaceFromPath(this.file) ?? 'default'
  }

  line(path: readonly (string | number)[] = []): number {
    return this.#document.line([...this.#path, ...path])
  }

  place(path: readonly (string | number)[] = []): Place {
    return { file: this.file, line: this.line(path) }
  }

  /** Labels and annotations, each with its line. Multi-line values (applied configurations) are no conventions. */
  tags(): Tag[] {
    return (['labels', 'annotations'] as const).flatMap((field) =>
      Object.entries(mapAt(this.metadata, field)).flatMap(([key, value]) => {
        const text = textOf(value)
        const isApplied = key === 'kubectl.kubernetes.io/last-applied-configuration' // it may hold values of a Secret
        return text === null || isApplied || text.length > 1_000 ? [] : [{ key, value: text, line: this.line(['metadata', field, key]) }]
      }))
  }

  account(name: string, namespace: string = this.namespace): IdentityRef {
    return { system: 'kubernetes', realm: kubernetesRealm(this.file, namespace), path: `${namespace}/${name}` }
  }

  scope(namespace: string = this.namespace): ScopeRef {
    return { kind: 'kubernetes-namespace', realm: kubernetesRealm(this.file, namespace), name: namespace }
  }

  get createdAt(): { createdAt?: { raw: string; place: Place } } {
    const raw = textOf(this.metadata['creationTimestamp'])
    return raw === null ? {} : { createdAt: { raw, place: this.place(['metadata', 'creationTimestamp']) } }
  }
}

/** `namespaces/<cluster>/<name>/…` and `namespaces/<name>/…` are how repositories lay out namespaces. */
function namespaceFromPath(path: string): string | null {
  const segments = path.split('/').slice(0, -1)
  const at = segments.lastIndexOf('namespaces')
  if (at < 0 || at + 1 >= segments.length) return null
  const below = segments.slice(at + 1)
  // With a cluster between them the name comes second; a cluster's name has dots, a namespace's cannot (RFC 1123 label).
  const name = below[0]?.includes('.') ? below[1] : below[0]
  return name !== undefined && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name) ? name : null
}

export function listAt(value: unknown, key: string): Record<string, unknown>[] {
  const list = isRecord(value) ? value[key] : undefined
  return Array.isArray(list) ? list.filter(isRecord) : []
}
