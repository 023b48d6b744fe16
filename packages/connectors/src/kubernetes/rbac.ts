import type { KubernetesBindingObserved } from '@onus/core/observation.ts'
import { kubernetesRealm } from '@onus/core/realm.ts'
import type { ReaderResult } from '../reader.ts'
import { mapAt, textOf, textsOf } from '../ci/scalars.ts'
import { listAt, type Manifest } from './manifest.ts'

export function readRole(manifest: Manifest, result: ReaderResult): void {
  const namespace = manifest.kind === 'Role' ? manifest.namespace : null
  result.observations.push({
    type: 'kubernetes-role', realm: kubernetesRealm(manifest.file, namespace), namespace, name: manifest.name ?? '',
    rules: listAt(manifest.value, 'rules').map((rule) => ({
      apiGroups: texts(rule['apiGroups']), resources: texts(rule['resources']), verbs: texts(rule['verbs']), resourceNames: texts(rule['resourceNames']),
    })),
    place: manifest.place(),
  })
}

export function readBinding(manifest: Manifest, result: ReaderResult): void {
  const role = mapAt(manifest.value, 'roleRef')
  const roleName = textOf(role['name'])
  if (roleName === null) {
    result.unread.push({ file: manifest.file, line: manifest.line(), reason: `a ${manifest.kind} without a role` })
    return
  }
  const namespace = manifest.kind === 'RoleBinding' ? manifest.namespace : null
  const subjects = listAt(manifest.value, 'subjects').flatMap((subject, i) => subjectOf(manifest, subject, i) ?? [])
  result.observations.push({
    type: 'kubernetes-binding', realm: kubernetesRealm(manifest.file, namespace), namespace, name: manifest.name ?? '',
    role: { kind: role['kind'] === 'Role' ? 'Role' : 'ClusterRole', name: roleName }, subjects, place: manifest.place(),
  })
  for (const subject of subjects) {
    if (subject.kind !== 'ServiceAccount') continue
    const home = subject.namespace ?? manifest.namespace
    result.observations.push({
      type: 'identity', ref: manifest.account(subject.name, home), kind: 'service-account', name: subject.name, place: { file: manifest.file, line: subject.line },
      nativeRef: `ServiceAccount ${home}/${subject.name}`, isDefined: false, scope: manifest.scope(home), tags: [],
    })
  }
}

function subjectOf(manifest: Manifest, subject: Record<string, unknown>, i: number): KubernetesBindingObserved['subjects'][number] | null {
  const name = textOf(subject['name'])
  if (name === null) return null
  const line = manifest.line(['subjects', i])
  // The authenticated name of an account, written as a user (Kubernetes documentation, "Referring to subjects").
  const asUser = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  if (subject['kind'] === 'User' && asUser) return { kind: 'ServiceAccount', name: asUser[2] ?? '', namespace: asUser[1] ?? '', line }
  if (subject['kind'] === 'ServiceAccount') return { kind: 'ServiceAccount', name, namespace: textOf(subject['namespace']) ?? manifest.namespace, line }
  if (subject['kind'] === 'Group' || subject['kind'] === 'User') return { kind: subject['kind'], name, namespace: null, line }
  return null
}

/** Lists of words; everything else in their place means nothing. */
function texts(value: unknown): string[] {
  return value === undefined || value === null ? [] : textsOf(value)
}
