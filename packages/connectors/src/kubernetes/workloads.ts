/** Which account a workload runs as. */
import type { Place } from '@onus/core/place.ts'
import { isRecord, mapAt, textOf } from '../ci/scalars.ts'
import type { Directory } from './directory.ts'
import { hasPlaceholder, labelOf, listOf, namePlace, type Manifest } from './manifest.ts'

export type AccountUse = {
  account: { namespace: string; name: string }
  by: { kind: 'workload'; name: string; namespace: string }
  place: Place
  /** The pod leaves it to the account, which these files do not define, whether it gets a token. */
  unlessAccountKeepsToken: boolean
  /** Tokens that the pod asks for by itself: short-lived, for one audience. */
  projected: { name: string; place: Place }[]
}

type Path = readonly (string | number)[]

/** Where a kind has its pod: kinds that always run one, so that leaving the account out means `default`. */
const POD_AT: Readonly<Record<string, Path>> = {
  Pod: ['spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ...Object.fromEntries(
    [
      'Deployment',
      'StatefulSet',
      'DaemonSet',
      'ReplicaSet',
      'ReplicationController',
      'Job',
      'Rollout',
      'DeploymentConfig',
    ].map((kind) => [kind, ['spec', 'template', 'spec']]),
  ),
}
/** Must select their pods; one that does not is a patch of another file. */
const NEEDS_SELECTOR = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'])
/** Describe or configure objects instead of running something. */
const NO_WORKLOADS = new Set(['CustomResourceDefinition', 'ConfigMap', 'Secret', 'ClusterPolicy', 'Policy'])
/** An account's name as the cluster accepts it; other systems have fields of the same name (an address, an id). */
const ACCOUNT_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/
/** Kinds that some other tool defines are searched this far for the account they name. */
const MAX_SEARCHED = 5_000

export function usesOf(manifest: Manifest, directory: Directory): AccountUse[] {
  const pod = podPathOf(manifest)
  if (pod) return usesOfPod(manifest, directory, pod)
  return namesNoAccounts(manifest) ? [] : usesOfCustom(manifest, directory)
}

/** As kubectl takes it: `deployment/web`. */
export function workloadName(kind: string, name: string): string {
  return `${kind.toLowerCase()}/${name}`
}

function namesNoAccounts({ kind, group }: Manifest): boolean {
  if (kind === 'Kustomization') return group !== 'kustomize.toolkit.fluxcd.io'
  return NO_WORKLOADS.has(kind) || group.endsWith('.cnrm.cloud.google.com') // Google's own accounts, as objects
}

function podPathOf(manifest: Manifest): Path | null {
  // Knative; the core kind of the same name runs nothing.
  if (manifest.kind === 'Service' && manifest.group === 'serving.knative.dev') return ['spec', 'template', 'spec']
  return Object.hasOwn(POD_AT, manifest.kind) ? (POD_AT[manifest.kind] ?? null) : null
}

function usesOfPod(manifest: Manifest, directory: Directory, path: Path): AccountUse[] {
  const namespace = directory.namespaceOf(manifest)
  const owner = ownerOf(manifest)
  if (owner && directory.has(owner.kind, namespace, owner.name)) return []
  const pod = at(manifest.body, path)
  const key = textOf(pod['serviceAccountName']) ? 'serviceAccountName' : 'serviceAccount' // the former name of the field
  const stated = textOf(pod[key])
  if (stated !== null && hasPlaceholder(stated)) return []
  const name = stated || 'default'
  const projected = projectedTokens(manifest, pod, path)
  const reach = stated || projected.length > 0 ? 'always' : reachOfDefaultToken(manifest, directory, pod)
  if (reach === 'never') return []
  const place = stated ? manifest.place([...path, key]) : namePlace(manifest)
  const { kind, name: workload } = owner ?? manifest
  return [
    {
      account: { namespace, name },
      by: { kind: 'workload', name: workloadName(kind, workload), namespace },
      place,
      unlessAccountKeepsToken: reach === 'as the account says',
      projected,
    },
  ]
}

/** The default account counts only where its token reaches the pod, and where the manifest is whole. */
function reachOfDefaultToken(
  manifest: Manifest,
  directory: Directory,
  pod: Record<string, unknown>,
): 'always' | 'never' | 'as the account says' {
  if (directory.isPatch(manifest) || !isWhole(manifest, pod)) return 'never'
  const mounts = pod['automountServiceAccountToken']
  if (typeof mounts === 'boolean') return mounts ? 'always' : 'never'
  const byAccount = directory.mountsToken(directory.namespaceOf(manifest), 'default')
  return byAccount === null ? 'as the account says' : byAccount ? 'always' : 'never'
}

/** A patch holds only what differs: it lacks what the cluster would insist on. */
function isWhole(manifest: Manifest, pod: Record<string, unknown>): boolean {
  if (
    manifest.group === 'apps' &&
    NEEDS_SELECTOR.has(manifest.kind) &&
    !isRecord(mapAt(manifest.body, 'spec')['selector'])
  )
    return false
  const containers = pod['containers']
  return (
    Array.isArray(containers) &&
    containers.length > 0 &&
    containers.every((one) => isRecord(one) && textOf(one['image']) !== null)
  )
}

/** The controller that made the object, which would otherwise count once for each pod and old revision. */
function ownerOf(manifest: Manifest): { kind: string; name: string } | null {
  const owner = listOf(manifest.metadata['ownerReferences']).find((one) => isRecord(one) && one['controller'] === true)
  const kind = isRecord(owner) ? textOf(owner['kind']) : null
  const name = isRecord(owner) ? textOf(owner['name']) : null
  if (!kind || !name) return null
  // A Deployment makes a ReplicaSet for each revision, named after itself and the hash that its pods carry as a label.
  const hash = kind === 'ReplicaSet' ? labelOf(manifest, 'pod-template-hash') : null
  return hash && name.endsWith(`-${hash}`)
    ? { kind: 'Deployment', name: name.slice(0, -hash.length - 1) }
    : { kind, name }
}

function projectedTokens(manifest: Manifest, pod: Record<string, unknown>, path: Path): AccountUse['projected'] {
  return listOf(pod['volumes']).flatMap((volume, v) =>
    listOf(mapAt(volume, 'projected')['sources']).flatMap((source, s) => {
      const token = isRecord(source) ? source['serviceAccountToken'] : null
      if (!isRecord(token)) return []
      const audience = textOf(token['audience']) ?? 'the cluster'
      // An hour is what the cluster takes when nothing is said.
      const name = `projected token for ${audience}, ${textOf(token['expirationSeconds']) ?? '3600'} s`
      return [
        { name, place: manifest.place([...path, 'volumes', v, 'projected', 'sources', s, 'serviceAccountToken']) },
      ]
    }),
  )
}

/** Argo, Tekton, Flux, Spark, Prometheus and the like name the account somewhere below `spec`; none named says nothing. */
function usesOfCustom(manifest: Manifest, directory: Directory): AccountUse[] {
  const namespace = directory.namespaceOf(manifest)
  const uses = new Map<string, AccountUse>()
  const pending: { value: unknown; path: (string | number)[] }[] = [{ value: manifest.body['spec'], path: ['spec'] }]
  for (let searched = 0; pending.length > 0 && searched < MAX_SEARCHED; searched++) {
    const { value, path } = pending.pop() ?? { value: null, path: [] }
    for (const [index, item] of listOf(value).entries()) pending.push({ value: item, path: [...path, index] })
    if (!isRecord(value)) continue
    for (const [key, inner] of Object.entries(value)) {
      const account = accountNamed(key, inner, namespace)
      const id = `${account?.namespace}/${account?.name}`
      if (account && !uses.has(id)) {
        const by = { kind: 'workload' as const, name: workloadName(manifest.kind, manifest.name), namespace }
        const place = manifest.place([...path, key])
        uses.set(id, { account, by, place, unlessAccountKeepsToken: false, projected: [] })
      } else if (typeof inner === 'object') pending.push({ value: inner, path: [...path, key] })
    }
  }
  return [...uses.values()]
}

function accountNamed(key: string, value: unknown, namespace: string): AccountUse['account'] | null {
  const isReference = key === 'serviceAccountRef' && isRecord(value)
  const name = isReference
    ? textOf(value['name'])
    : key === 'serviceAccountName' || key === 'serviceAccount'
      ? textOf(value)
      : null
  if (!name || !ACCOUNT_NAME.test(name)) return null
  return { name, namespace: (isReference ? textOf(value['namespace']) : null) || namespace }
}

function at(value: unknown, path: Path): Record<string, unknown> {
  const found = path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value)
  return isRecord(found) ? found : {}
}
