/**
 * Kubernetes manifests and exports: YAML or JSON, several documents, `List` and typed lists. Service accounts, their
 * tokens, roles, bindings, namespaces, and the workloads that run as an account. Values of secrets are never looked at.
 */
import type { FileReader, ReaderResult } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import { isRecord, textOf } from '../ci/scalars.ts'
import { Manifest } from './manifest.ts'
import { readAccount, readNamespace, readTokenSecret } from './accounts.ts'
import { readBinding, readRole } from './rbac.ts'
import { readWorkload } from './workloads.ts'

/** A `kubectl get -o json` of a large cluster holds some tens of thousands of objects. */
const MAX_OBJECTS = 500_000
/** Lists in lists do not occur; a deeper one is made to be walked for ever. */
const MAX_LIST_DEPTH = 3

export const kubernetesReader: FileReader = {
  name: 'kubernetes',
  blind: [
    'objects that were made by hand or by charts and are not in these files',
    'tokens that were requested through the TokenRequest API, and when a token was last used',
    'members of groups: the identity provider knows them',
  ],
  maxBytes: 128 * 1024 * 1024,
  wantsPath: (path) => path.endsWith('.yaml') || path.endsWith('.yml') || path.endsWith('.json'),
  wants: (file) => /(?:^|[\s{,"'])apiVersion["']?\s*:/.test(file.text) && /(?:^|[\s{,"'])kind["']?\s*:/.test(file.text),
  read,
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  for (const file of files) {
    const { documents, problems } = file.yaml()
    for (const { line, reason } of problems) result.unread.push({ file: file.path, line, reason })
    let objects = 0
    for (const document of documents) {
      const pending: { value: unknown; path: (string | number)[]; depth: number }[] = [{ value: document.value, path: [], depth: 0 }]
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        const { value, path, depth } = next
        if (!isRecord(value) || typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') continue
        if (value['kind'].endsWith('List') && Array.isArray(value['items'])) {
          if (depth === MAX_LIST_DEPTH) continue
          const kind = value['kind'].slice(0, -'List'.length)
          // Items of a typed list may leave out what the list already says.
          for (let i = value['items'].length - 1; i >= 0; i--) {
            const item: unknown = value['items'][i]
            if (isRecord(item)) pending.push({ value: kind === '' ? item : { apiVersion: value['apiVersion'], kind, ...item }, path: [...path, 'items', i], depth: depth + 1 })
          }
          continue
        }
        objects += 1
        if (objects > MAX_OBJECTS) {
          result.unread.push({ file: file.path, line: document.line(path), reason: `more than ${MAX_OBJECTS} objects; the rest was left out` })
          break
        }
        readObject(new Manifest(file.path, document, path, value), result)
      }
    }
  }
  return result
}

function readObject(manifest: Manifest, result: ReaderResult): void {
  if (manifest.name === null && textOf(manifest.metadata['generateName']) === null) {
    // Kustomizations and configuration files have the form of objects and no name.
    if (manifest.isCore) result.unread.push({ file: manifest.file, line: manifest.line(), reason: `a ${manifest.kind} without a name` })
    return
  }
  switch (manifest.kind) {
    case 'Namespace': return readNamespace(manifest, result)
    case 'ServiceAccount': return readAccount(manifest, result)
    case 'Secret': return readTokenSecret(manifest, result)
    case 'Role':
    case 'ClusterRole': return manifest.group === 'rbac.authorization.k8s.io' ? readRole(manifest, result) : undefined
    case 'RoleBinding':
    case 'ClusterRoleBinding': return manifest.group === 'rbac.authorization.k8s.io' ? readBinding(manifest, result) : undefined
    default: return readWorkload(manifest, result)
  }
}
