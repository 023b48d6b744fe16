/** Namespaces, service accounts, and what service accounts prove themselves with. */
import type {
  CredentialObserved,
  IdentityObserved,
  IdentityRef,
  Observation,
  ScopeObserved,
  Tag,
  Unread,
} from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { READER_TAGS } from '@onus/core/reader-tags.ts'
import { kubernetesRealm } from '@onus/core/realm.ts'
import { isRecord, textOf } from '../ci/scalars.ts'
import type { Directory } from './directory.ts'
import { annotationOf, createdAt, dated, labelOf, listOf, namePlace, tagsOf, type Manifest } from './manifest.ts'
import { workloadName } from './workloads.ts'

export function namespaceObserved(manifest: Manifest): ScopeObserved {
  return {
    type: 'scope',
    ref: { kind: 'kubernetes-namespace', realm: kubernetesRealm(manifest.world, manifest.name), name: manifest.name },
    place: namePlace(manifest),
    isDefined: true,
    tags: tagsOf(manifest),
    ...createdAt(manifest),
  }
}

/** The account, the cloud identities it becomes, and the tokens it lists. */
export function observeAccount(manifest: Manifest, directory: Directory): Observation[] {
  const namespace = directory.namespaceOf(manifest)
  const uid = textOf(manifest.metadata['uid'])
  const ref: IdentityRef = { ...directory.accountRef(manifest, namespace, manifest.name), ...(uid ? { uid } : {}) }
  const account: IdentityObserved = {
    type: 'identity',
    ref,
    kind: 'service-account',
    name: manifest.name,
    place: namePlace(manifest),
    nativeRef: `ServiceAccount ${namespace}/${manifest.name}`,
    isDefined: true,
    scope: directory.scopeRef(manifest, namespace),
    tags: [...tagsOf(manifest), ...factsOf(manifest)],
    ...createdAt(manifest),
  }
  return [account, ...federationOf(manifest, namespace, ref), ...listedTokens(manifest, namespace, ref)]
}

/** An account that something names and that may be defined elsewhere. */
export function mentionOf(
  manifest: Manifest,
  directory: Directory,
  account: { namespace: string; name: string },
  place: Place,
): IdentityObserved {
  const { namespace, name } = account
  return {
    type: 'identity',
    ref: directory.accountRef(manifest, namespace, name),
    kind: 'service-account',
    name,
    place,
    nativeRef: `ServiceAccount ${namespace}/${name}`,
    isDefined: false,
    scope: directory.scopeRef(manifest, namespace),
    tags: [],
  }
}

function factsOf(manifest: Manifest): Tag[] {
  const tags: Tag[] = []
  const mounts = manifest.body['automountServiceAccountToken']
  if (typeof mounts === 'boolean')
    tags.push({
      key: READER_TAGS.mountsToken,
      value: String(mounts),
      line: manifest.place(['automountServiceAccountToken']).line,
    })
  for (const [index, owner] of listOf(manifest.metadata['ownerReferences']).entries()) {
    const name = isRecord(owner) ? textOf(owner['name']) : null
    const kind = isRecord(owner) ? textOf(owner['kind']) : null
    if (name && kind)
      tags.push({
        key: READER_TAGS.managedBy,
        value: `${kind} ${name}`,
        line: manifest.place(['metadata', 'ownerReferences', index]).line,
      })
  }
  return tags
}

/** Annotations by which clouds let an account sign in as an identity of theirs, without a stored key. */
const CLOUDS = [
  { annotation: 'eks.amazonaws.com/role-arn', what: 'AWS role', target: awsRole },
  { annotation: 'iam.gke.io/gcp-service-account', what: 'Google service account', target: googleAccount },
  { annotation: 'azure.workload.identity/client-id', what: 'Azure application', target: () => null },
] as const

function awsRole(arn: string): IdentityRef | null {
  const match = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:[^/]+\/)*([^/]+)$/.exec(arn)
  return match ? { system: 'aws', realm: match[1] ?? '', path: `role/${match[2] ?? ''}` } : null
}

function googleAccount(email: string): IdentityRef | null {
  return /^[^@\s]+@[^@\s]+\.gserviceaccount\.com$/.test(email) ? { system: 'google', realm: '', path: email } : null
}

function federationOf(manifest: Manifest, namespace: string, identity: IdentityRef): Observation[] {
  return CLOUDS.flatMap(({ annotation, what, target }): Observation[] => {
    const written = annotationOf(manifest, annotation)
    if (written === null) return []
    const place = manifest.place(['metadata', 'annotations', annotation])
    const other = target(written)
    const user = workloadName('ServiceAccount', manifest.name)
    return [
      { type: 'credential', identity, kind: 'federated', name: `${what} ${written}`, kept: [], place },
      {
        type: 'grant',
        identity,
        permission: `assumes ${what}`,
        resource: written,
        level: 'unknown',
        isWildcard: false,
        via: annotation,
        place,
      },
      ...(other
        ? [{ type: 'use' as const, identity: other, by: { kind: 'workload' as const, name: user, namespace }, place }]
        : []),
    ]
  })
}

/** Clusters before 1.24 made a token for every account and listed it; other secrets in the list only may be mounted. */
function listedTokens(manifest: Manifest, namespace: string, identity: IdentityRef): CredentialObserved[] {
  return listOf(manifest.body['secrets']).flatMap((secret, index) => {
    const name = isRecord(secret) ? textOf(secret['name']) : null
    return name?.startsWith(`${manifest.name}-token-`)
      ? [token(name, namespace, identity, manifest.place(['secrets', index]))]
      : []
  })
}

function token(name: string, namespace: string, identity: IdentityRef, place: Place): CredentialObserved {
  return {
    type: 'credential',
    identity,
    kind: 'service-account-token',
    name,
    neverExpires: true,
    kept: [{ kind: 'kubernetes-secret', name: `${namespace}/${name}` }],
    revocation: `kubectl delete secret ${name} --namespace ${namespace}`,
    place,
  }
}

/** A Secret that holds a token without end for an account; null for every other Secret. Its data is never looked at. */
export function tokenOf(
  manifest: Manifest,
  directory: Directory,
  unread: Unread[],
): { credential: CredentialObserved; account: { namespace: string; name: string } } | null {
  if (textOf(manifest.body['type']) !== 'kubernetes.io/service-account-token') return null
  const name = annotationOf(manifest, 'kubernetes.io/service-account.name')
  if (name === null) {
    unread.push({ ...namePlace(manifest), reason: 'a token Secret that does not name its service account' })
    return null
  }
  const namespace = directory.namespaceOf(manifest)
  // The cluster writes the uid: a token of an account that was deleted and made again belongs to the former.
  const uid = annotationOf(manifest, 'kubernetes.io/service-account.uid')
  const identity: IdentityRef = { ...directory.accountRef(manifest, namespace, name), ...(uid ? { uid } : {}) }
  const used = 'kubernetes.io/legacy-token-last-used'
  const isInvalid = labelOf(manifest, 'kubernetes.io/legacy-token-invalid-since') !== null
  return {
    account: { namespace, name },
    credential: {
      ...token(manifest.name, namespace, identity, namePlace(manifest)),
      ...createdAt(manifest),
      ...dated('lastUsedAt', labelOf(manifest, used), manifest.place(['metadata', 'labels', used])),
      ...(isInvalid ? { isActive: false } : {}),
    },
  }
}
