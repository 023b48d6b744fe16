/** Consumers of the Kong Ingress Controller: objects in a cluster, with their credentials in Secrets. */
import type { CredentialObserved, IdentityRef } from '@onus/core/observation.ts'
import { textOf, textsOf } from '../ci/scalars.ts'
import type { TextFile } from '../files/text-file.ts'
import { Directory } from '../kubernetes/directory.ts'
import { createdAt, labelOf, manifestsOf, namePlace, tagsOf, type Manifest } from '../kubernetes/manifest.ts'
import type { ReaderResult } from '../reader.ts'
import { CREDENTIAL_LABELS } from './credentials.ts'
import { grant } from './declarative.ts'

export function observeIngress(files: readonly TextFile[], result: ReaderResult): void {
  const manifests = files.flatMap((file) => manifestsOf(file, result.unread))
  const directory = new Directory(files, manifests)
  const secrets = new Map(
    manifests
      .filter(({ kind }) => kind === 'Secret')
      .map((secret) => [`${directory.namespaceOf(secret)}/${secret.name}`, secret]),
  )
  for (const manifest of manifests) {
    if (manifest.kind === 'KongConsumer' && manifest.group === 'configuration.konghq.com')
      observeConsumer(manifest, directory, secrets, result)
  }
}

function observeConsumer(
  manifest: Manifest,
  directory: Directory,
  secrets: ReadonlyMap<string, Manifest>,
  result: ReaderResult,
): void {
  const namespace = directory.namespaceOf(manifest)
  const name = textOf(manifest.body['username']) || textOf(manifest.body['custom_id'])
  if (!name) {
    result.unread.push({ ...namePlace(manifest), reason: 'a KongConsumer without username or custom_id' })
    return
  }
  const identity: IdentityRef = {
    system: 'kong',
    realm: directory.realmOf(manifest),
    path: `consumer/${namespace}/${name}`,
  }
  result.observations.push({
    type: 'identity',
    ref: identity,
    kind: 'api-key',
    name,
    place: namePlace(manifest),
    nativeRef: `KongConsumer ${namespace}/${manifest.name}`,
    isDefined: true,
    scope: directory.scopeRef(manifest, namespace),
    tags: tagsOf(manifest),
    ...createdAt(manifest),
  })
  for (const [index, secret] of listAt(manifest, 'credentials').entries()) {
    const credential = credentialOf(identity, namespace, secret, secrets.get(`${namespace}/${secret}`))
    if (credential) result.observations.push({ ...credential, place: manifest.place(['credentials', index]) })
  }
  for (const [index, group] of listAt(manifest, 'consumerGroups').entries()) {
    result.observations.push(
      grant(identity, `consumer group ${group}`, 'gateway', manifest.place(['consumerGroups', index])),
    )
  }
}

/** null for a Secret that only says which group the consumer is in. A Secret that was not read is taken for a key, the most common. */
function credentialOf(
  identity: IdentityRef,
  namespace: string,
  name: string,
  secret: Manifest | undefined,
): Omit<CredentialObserved, 'place'> | null {
  const label = secret ? labelOf(secret, 'konghq.com/credential') : null
  if (label === 'acl') return null
  return {
    type: 'credential',
    identity,
    kind: CREDENTIAL_LABELS.get(label ?? '') ?? 'api-key',
    name,
    kept: [{ kind: 'kubernetes-secret', name: `${namespace}/${name}` }],
    ...(secret ? createdAt(secret) : {}),
    revocation: `kubectl delete secret ${name} --namespace ${namespace}`,
  }
}

function listAt(manifest: Manifest, key: string): string[] {
  const list = manifest.body[key]
  return Array.isArray(list) ? textsOf(list) : []
}
