/** What the files of one directory say about each other: the namespace that is left out, accounts, patches. */
import type { IdentityRef, ScopeRef } from '@onus/core/observation.ts'
import { kubernetesRealm } from '@onus/core/realm.ts'
import { isRecord, textOf } from '../ci/scalars.ts'
import type { TextFile } from '../files/text-file.ts'
import { isKustomization } from './kustomize.ts'
import { hasPlaceholder, listOf, type Manifest } from './manifest.ts'

/** Live outside any namespace, whatever their metadata says. */
const CLUSTER_KINDS = new Set(['ClusterRole', 'ClusterRoleBinding'])

export class Directory {
  readonly #objects = new Set<string>()
  readonly #namespace: string
  readonly #patches: ReadonlySet<string>
  /** `namespace/name` of accounts → whether their token is mounted when the pod does not say */
  readonly #accounts = new Map<string, boolean>()

  constructor(files: readonly TextFile[], manifests: readonly Manifest[]) {
    const kustomizations = files
      .filter((file) => isKustomization(file.path))
      .flatMap((file) => file.yaml().documents.map(({ value }) => value))
    this.#namespace = guessNamespace(files[0]?.path ?? '', kustomizations, manifests)
    this.#patches = new Set(kustomizations.flatMap(patchesOf))
    for (const manifest of manifests) {
      this.#objects.add(objectKey(manifest.kind, this.namespaceOf(manifest), manifest.name))
      if (manifest.kind !== 'ServiceAccount') continue
      this.#accounts.set(
        `${this.namespaceOf(manifest)}/${manifest.name}`,
        manifest.body['automountServiceAccountToken'] !== false,
      )
    }
  }

  /**
   * The namespace of a namespaced object: as written; else what the kustomization of the directory sets; else the
   * directory's own name when a Namespace of that name is defined in it; else the directory below `namespaces/`; else
   * `default`, as kubectl does.
   */
  namespaceOf(manifest: Manifest): string {
    return manifest.namespace ?? this.#namespace
  }

  /** The world of a file, which holds for everything that an object in it names. */
  realmOf(manifest: Manifest): string {
    return kubernetesRealm(manifest.world, CLUSTER_KINDS.has(manifest.kind) ? null : this.namespaceOf(manifest))
  }

  accountRef(manifest: Manifest, namespace: string, name: string): IdentityRef {
    return { system: 'kubernetes', realm: this.realmOf(manifest), path: `${namespace}/${name}` }
  }

  scopeRef(manifest: Manifest, namespace: string): ScopeRef {
    return { kind: 'kubernetes-namespace', realm: this.realmOf(manifest), name: namespace }
  }

  definesAccount(namespace: string, name: string): boolean {
    return this.#accounts.has(`${namespace}/${name}`)
  }

  /** Whether pods get the token of an account when they do not say themselves; null when it is not defined here. */
  mountsToken(namespace: string, name: string): boolean | null {
    return this.#accounts.get(`${namespace}/${name}`) ?? null
  }

  /** Whether an object is among those of this directory. */
  has(kind: string, namespace: string, name: string): boolean {
    return this.#objects.has(objectKey(kind, namespace, name))
  }

  /** A file that a kustomization merges into another holds only what differs. */
  isPatch(manifest: Manifest): boolean {
    return this.#patches.has(manifest.file.slice(manifest.file.lastIndexOf('/') + 1))
  }
}

function objectKey(kind: string, namespace: string, name: string): string {
  return JSON.stringify([kind, namespace, name])
}

function guessNamespace(path: string, kustomizations: readonly unknown[], manifests: readonly Manifest[]): string {
  for (const kustomization of kustomizations) {
    const namespace = isRecord(kustomization) ? textOf(kustomization['namespace']) : null
    if (namespace && !hasPlaceholder(namespace)) return namespace
  }
  const own = path.split('/').at(-2)
  if (own !== undefined && manifests.some(({ kind, name }) => kind === 'Namespace' && name === own)) return own
  return namespaceFromPath(path) ?? 'default'
}

/** `namespaces/<name>/…` and `namespaces/<cluster>/<name>/…` are how repositories lay out namespaces. */
function namespaceFromPath(path: string): string | null {
  const segments = path.split('/').slice(0, -1)
  const at = segments.lastIndexOf('namespaces')
  if (at < 0) return null
  const [first, second] = segments.slice(at + 1)
  // A cluster's name has dots, a namespace's cannot (RFC 1123 label).
  const name = first?.includes('.') ? second : first
  return name !== undefined && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name) ? name : null
}

function patchesOf(kustomization: unknown): string[] {
  if (!isRecord(kustomization)) return []
  const listed = ['patchesStrategicMerge', 'patches', 'patchesJson6902'].flatMap((key) => listOf(kustomization[key]))
  const paths = listed.map((one) => textOf(one) ?? textOf(isRecord(one) ? one['path'] : null) ?? '')
  return paths.map((path) => path.slice(path.lastIndexOf('/') + 1)).filter((name) => name !== '')
}
