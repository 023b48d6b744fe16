/** Kubernetes resources that Terraform manages itself. */
import type { IdentityRef, KubernetesBindingObserved } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { READER_TAGS } from '@onus/core/reader-tags.ts'
import { kubernetesRealm } from '@onus/core/realm.ts'
import { namespaceScope, type Draft, type Handlers, type Provider, type Resource, type TagAt } from './draft.ts'
import {
  fieldBlock,
  fieldBlocks,
  fieldFlag,
  fieldPlace,
  fieldShown,
  fieldText,
  fieldTexts,
  type Fields,
} from './fields.ts'
import { metadataOf } from './tags.ts'
import type { Value } from './value.ts'

function defineServiceAccount(resource: Resource): void {
  const { fields, label, place, draft, instance } = resource
  const { metadata, tags } = metadataOf(fields)
  const isDefault = instance.type.startsWith('kubernetes_default_')
  const name = isDefault ? 'default' : metadata && fieldText(metadata, 'name')
  const namespace = namespaceOf(metadata)
  draft.define(resource, {
    kind: 'service-account',
    name: name ?? (metadata && fieldShown(metadata, 'name')) ?? label,
    tags: [...tags, ...mountsToken(fields)],
    ...namespaceScope(draft.standing(place), namespace),
    ...(name === null
      ? {}
      : {
          creates: {
            system: 'kubernetes',
            realm: kubernetesRealm(draft.standing(place).file, namespace),
            name,
            namespace,
          },
        }),
  })
}

/** Only what is stated: the provider's own default differs from the cluster's by version. */
function mountsToken(fields: Fields): TagAt[] {
  const mounts = fieldFlag(fields, 'automount_service_account_token')
  if (mounts === null) return []
  const place = fieldPlace(fields, 'automount_service_account_token')
  return [{ key: READER_TAGS.mountsToken, value: String(mounts), ...place }]
}

/** Without the argument the provider uses `default`; with one that is not known here, null. */
function namespaceOf(metadata: Fields | null): string | null {
  if (!metadata) return null
  return metadata.value('namespace') === undefined ? 'default' : fieldText(metadata, 'namespace')
}

function observeNamespace({ fields, place, draft }: Resource): void {
  const { metadata, tags } = metadataOf(fields)
  const name = metadata && fieldText(metadata, 'name')
  if (name === null) return
  draft.add({
    type: 'scope',
    ref: { kind: 'kubernetes-namespace', realm: kubernetesRealm(draft.standing(place).file, name), name },
    place,
    isDefined: true,
    tags: tags.map(({ key, value, line, file }) => ({ key, value, line: file === place.file ? line : place.line })),
  })
}

/** A token that does not expire, made for an account by an annotation on the secret. */
function proveTokenSecret(resource: Resource): void {
  const { fields, draft, address, place } = resource
  if (fieldText(fields, 'type') !== 'kubernetes.io/service-account-token') return
  const { metadata } = metadataOf(fields)
  const annotations = metadata?.value('annotations')
  const account =
    annotations?.data.kind === 'map' ? annotations.data.entries.get('kubernetes.io/service-account.name') : undefined
  const identity = accountOf(draft, account, metadata, place)
  if (!identity) return
  const name = (metadata && fieldShown(metadata, 'name')) ?? address
  draft.prove(address, identity, {
    kind: 'service-account-token',
    name,
    place,
    neverExpires: true,
    kept: [{ kind: 'kubernetes-secret', name }],
    revocation: `delete the secret ${name}`,
  })
}

function accountOf(
  draft: Draft,
  account: Value | undefined,
  metadata: Fields | null,
  place: Place,
): IdentityRef | null {
  const direct = account?.refs.map((ref) => draft.identityAt(ref.address)).find((one) => one !== null)
  if (direct) return direct
  const name = account?.data.kind === 'scalar' ? String(account.data.value) : null
  const namespace = namespaceOf(metadata)
  return name === null || namespace === null ? null : nativeAccount(draft, namespace, name, place)
}

function nativeAccount(draft: Draft, namespace: string, name: string, place: Place): IdentityRef {
  return (
    draft.createdIn(namespace, name) ?? {
      system: 'kubernetes',
      realm: kubernetesRealm(draft.standing(place).file, namespace),
      path: `${namespace}/${name}`,
    }
  )
}

function observeRole(isCluster: boolean) {
  return ({ fields, place, draft }: Resource): void => {
    const { metadata } = metadataOf(fields)
    const name = metadata && fieldText(metadata, 'name')
    const namespace = isCluster ? null : namespaceOf(metadata)
    if (name === null || (!isCluster && namespace === null)) return
    draft.add({
      type: 'kubernetes-role',
      realm: kubernetesRealm(draft.standing(place).file, namespace),
      namespace,
      name,
      place,
      rules: fieldBlocks(fields, 'rule').map((rule) => ({
        apiGroups: fieldTexts(rule, 'api_groups'),
        resources: fieldTexts(rule, 'resources'),
        verbs: fieldTexts(rule, 'verbs'),
        resourceNames: fieldTexts(rule, 'resource_names'),
      })),
    })
  }
}

function linkBinding(isCluster: boolean) {
  return (resource: Resource): void => {
    const { fields, place, draft, label } = resource
    const { metadata } = metadataOf(fields)
    const namespace = isCluster ? null : namespaceOf(metadata)
    const role = fieldBlock(fields, 'role_ref')
    const roleName = role && fieldText(role, 'name')
    if (!role || roleName === null) return
    const kind = fieldText(role, 'kind') === 'Role' ? ('Role' as const) : ('ClusterRole' as const)
    const subjects = fieldBlocks(fields, 'subject').flatMap((subject) => subjectOf(subject, namespace))
    const name = (metadata && fieldShown(metadata, 'name')) ?? label
    if (namespace === null && !isCluster) {
      grantDirectly(resource, `${kind} ${roleName}`, name)
      return
    }
    draft.add({
      type: 'kubernetes-binding',
      realm: kubernetesRealm(draft.standing(place).file, namespace),
      namespace,
      name,
      role: { kind, name: roleName },
      subjects,
      place,
    })
  }
}

function subjectOf(fields: Fields, fallback: string | null): KubernetesBindingObserved['subjects'] {
  const kind = fieldText(fields, 'kind')
  const name = fieldText(fields, 'name')
  if (name === null || (kind !== 'Group' && kind !== 'User' && kind !== 'ServiceAccount')) return []
  // The provider's default namespace of a subject is `default`, which no author means in a namespaced binding.
  const namespace = kind === 'ServiceAccount' ? (fieldText(fields, 'namespace') ?? fallback) : null
  return [{ kind, name, namespace, line: fieldPlace(fields, 'name').line }]
}

/**
 * A binding in a namespace that is only known where it is applied: what it gives to accounts defined here is still
 * told.
 */
function grantDirectly({ fields, draft, place }: Resource, role: string, name: string): void {
  for (const subject of fieldBlocks(fields, 'subject')) {
    const identity = subject
      .value('name')
      ?.refs.map((ref) => draft.identityAt(ref.address))
      .find((one) => one !== null)
    if (!identity) continue
    draft.add({
      type: 'grant',
      identity,
      permission: role,
      resource: 'namespace not known here',
      level: 'unknown',
      isWildcard: false,
      via: `RoleBinding ${name}`,
      place,
    })
  }
}

const WORKLOADS: Readonly<Record<string, string>> = {
  deployment: 'Deployment',
  stateful_set: 'StatefulSet',
  daemonset: 'DaemonSet',
  daemon_set: 'DaemonSet',
  job: 'Job',
  cron_job: 'CronJob',
  pod: 'Pod',
  replication_controller: 'ReplicationController',
}

function linkWorkload(kind: string) {
  return ({ fields, draft, place, label }: Resource): void => {
    const { metadata } = metadataOf(fields)
    const pod = podSpec(fields, 0)
    const account = pod?.value('service_account_name')
    if (!pod) return
    const namespace = namespaceOf(metadata)
    // Unlike the cluster, the provider writes into every pod that it gets the token, unless it is told otherwise.
    const getsDefault = !account && fieldFlag(pod, 'automount_service_account_token') !== false
    const identity =
      getsDefault && namespace !== null
        ? nativeAccount(draft, namespace, 'default', place)
        : accountOf(draft, account, metadata, place)
    if (!identity) return
    const name = (metadata && fieldShown(metadata, 'name')) ?? label
    draft.add({
      type: 'use',
      identity,
      by: { kind: 'workload', name: `${kind}/${name}`, namespace },
      place: account ? fieldPlace(pod, 'service_account_name') : place,
    })
  }
}

/** spec.template.spec, spec.job_template.spec.template.spec, or spec. */
function podSpec(fields: Fields, depth: number): Fields | null {
  if (fields.value('service_account_name') || fieldBlock(fields, 'container')) return fields
  if (depth > 5) return null
  for (const name of ['spec', 'template', 'job_template']) {
    const inner = fieldBlock(fields, name)
    const found = inner ? podSpec(inner, depth + 1) : null
    if (found) return found
  }
  return null
}

/** The provider has each resource twice, with and without a version. */
function bothVersions(handlers: Handlers): Handlers {
  return Object.fromEntries(
    Object.entries(handlers).flatMap(([type, handler]) => [
      [type, handler],
      [`${type}_v1`, handler],
    ]),
  )
}

export const kubernetes: Provider = {
  defines: bothVersions({
    kubernetes_service_account: defineServiceAccount,
    kubernetes_default_service_account: defineServiceAccount,
    kubernetes_namespace: observeNamespace,
  }),
  proves: bothVersions({ kubernetes_secret: proveTokenSecret }),
  links: bothVersions({
    kubernetes_role: observeRole(false),
    kubernetes_cluster_role: observeRole(true),
    kubernetes_role_binding: linkBinding(false),
    kubernetes_cluster_role_binding: linkBinding(true),
    ...Object.fromEntries(Object.entries(WORKLOADS).map(([type, kind]) => [`kubernetes_${type}`, linkWorkload(kind)])),
  }),
}
