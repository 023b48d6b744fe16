import type { ReaderResult } from '../reader.ts'
import { mapAt, textOf } from '../ci/scalars.ts'
import { listAt, type Manifest } from './manifest.ts'

const TOKEN_SECRET = 'kubernetes.io/service-account-token'

/** Annotations by which an account becomes a cloud principal without a stored key. */
const FEDERATIONS: readonly { key: string; what: string }[] = [
  { key: 'eks.amazonaws.com/role-arn', what: 'AWS role' },
  { key: 'iam.gke.io/gcp-service-account', what: 'Google service account' },
  { key: 'azure.workload.identity/client-id', what: 'Azure client' },
]

export function readNamespace(manifest: Manifest, result: ReaderResult): void {
  const name = manifest.name ?? ''
  result.observations.push({
    type: 'scope', ref: manifest.scope(name), place: manifest.place(), tags: manifest.tags(), isDefined: true, ...manifest.createdAt,
  })
}

export function readAccount(manifest: Manifest, result: ReaderResult): void {
  const name = manifest.name ?? ''
  const uid = textOf(manifest.metadata['uid'])
  const ref = { ...manifest.account(name), ...(uid === null ? {} : { uid }) }
  const tags = manifest.tags()
  result.observations.push({
    type: 'identity', ref, kind: 'service-account', name, place: manifest.place(), nativeRef: `ServiceAccount ${manifest.namespace}/${name}`,
    isDefined: true, scope: manifest.scope(), tags, ...manifest.createdAt,
  })
  for (const { key, what } of FEDERATIONS) {
    const tag = tags.find((one) => one.key === key)
    if (!tag) continue
    const place = { file: manifest.file, line: tag.line }
    result.observations.push(
      { type: 'credential', identity: ref, kind: 'federated', name: `${what} ${tag.value}`, kept: [], place },
      { type: 'grant', identity: ref, permission: `assumes ${what}`, resource: tag.value, level: 'unknown', isWildcard: false, via: key, place },
    )
  }
  // Until Kubernetes 1.24 the cluster made a token Secret for every account and listed it here.
  listAt(manifest.value, 'secrets').forEach((secret, i) => {
    const secretName = textOf(secret['name'])
    if (secretName === null || !secretName.startsWith(`${name}-token-`)) return
    result.observations.push({
      type: 'credential', identity: ref, kind: 'service-account-token', name: secretName, neverExpires: true,
      kept: [{ kind: 'kubernetes-secret', name: `${manifest.namespace}/${secretName}` }],
      revocation: `delete Secret ${manifest.namespace}/${secretName}`, place: manifest.place(['secrets', i]),
    })
  })
}

/** A Secret of the token type is a credential that never expires; no other Secret says whose it is. */
export function readTokenSecret(manifest: Manifest, result: ReaderResult): void {
  if (manifest.value['type'] !== TOKEN_SECRET) return
  const annotations = mapAt(manifest.metadata, 'annotations')
  const account = textOf(annotations['kubernetes.io/service-account.name'])
  const name = manifest.name ?? `${textOf(manifest.metadata['generateName']) ?? ''}…`
  if (account === null) {
    result.unread.push({ file: manifest.file, line: manifest.line(), reason: 'a token Secret that does not name its service account' })
    return
  }
  result.observations.push({
    type: 'credential', identity: manifest.account(account), kind: 'service-account-token', name, neverExpires: true,
    kept: [{ kind: 'kubernetes-secret', name: `${manifest.namespace}/${name}` }],
    revocation: `delete Secret ${manifest.namespace}/${name}`, place: manifest.place(), ...manifest.createdAt,
  })
}
