/** Roles and bindings as written; `access/kubernetes-rbac` in core joins them (rbac.authorization.k8s.io/v1). */
import type { KubernetesBindingObserved, KubernetesRoleObserved, Unread } from '@onus/core/observation.ts'
import { isRecord, mapAt, textOf, textsOf } from '../ci/scalars.ts'
import type { Directory } from './directory.ts'
import { hasPlaceholder, listOf, namePlace, type Manifest } from './manifest.ts'

type Subject = KubernetesBindingObserved['subjects'][number]

export function roleOf(manifest: Manifest, directory: Directory): KubernetesRoleObserved {
  const namespace = manifest.kind === 'ClusterRole' ? null : directory.namespaceOf(manifest)
  return {
    type: 'kubernetes-role',
    realm: directory.realmOf(manifest),
    namespace,
    name: manifest.name,
    place: namePlace(manifest),
    rules: listOf(manifest.body['rules'])
      .filter(isRecord)
      .map((rule) => ({
        apiGroups: textsOf(rule['apiGroups']),
        resources: textsOf(rule['resources']),
        verbs: textsOf(rule['verbs']),
        resourceNames: textsOf(rule['resourceNames']),
      })),
  }
}

/** null when the binding names no role, with the reason in `unread` unless it is a patch. */
export function bindingOf(
  manifest: Manifest,
  directory: Directory,
  unread: Unread[],
): KubernetesBindingObserved | null {
  const namespace = manifest.kind === 'ClusterRoleBinding' ? null : directory.namespaceOf(manifest)
  const roleRef = mapAt(manifest.body, 'roleRef')
  const name = textOf(roleRef['name'])
  if (!name) {
    if (!directory.isPatch(manifest))
      unread.push({ ...namePlace(manifest), reason: `a ${manifest.kind} without a role` })
    return null
  }
  return {
    type: 'kubernetes-binding',
    realm: directory.realmOf(manifest),
    namespace,
    name: manifest.name,
    place: namePlace(manifest),
    // OpenShift's own bindings leave the kind out; there a role of the cluster is meant.
    role: { kind: textOf(roleRef['kind']) === 'Role' ? 'Role' : 'ClusterRole', name },
    subjects: listOf(manifest.body['subjects']).flatMap((subject, index) => {
      const read = isRecord(subject)
        ? subjectOf(subject, directory.namespaceOf(manifest), manifest.place(['subjects', index, 'name']).line)
        : null
      return read ? [read] : []
    }),
  }
}

/** `home`: where an account is that names no namespace. Accounts are also written as the user names they sign in with. */
function subjectOf(subject: Record<string, unknown>, home: string, line: number): Subject | null {
  const name = textOf(subject['name'])
  const kind = textOf(subject['kind'])
  if (!name || hasPlaceholder(name)) return null
  if (kind === 'ServiceAccount') return { kind, name, namespace: textOf(subject['namespace']) || home, line }
  if (kind !== 'User' && kind !== 'Group') return null
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  if (kind === 'User' && account)
    return { kind: 'ServiceAccount', name: account[2] ?? '', namespace: account[1] ?? '', line }
  return { kind, name, namespace: null, line }
}
