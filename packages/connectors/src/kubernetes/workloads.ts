import type { ReaderResult } from '../reader.ts'
import { isRecord, mapAt, textOf } from '../ci/scalars.ts'
import type { Manifest } from './manifest.ts'

/** Built-in kinds whose pods run as `default` when they name no account. Of other kinds only stated accounts count. */
const WORKLOAD_KINDS = new Set(['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job', 'CronJob'])
/** Kinds that carry a pod template without being workloads that run. */
const NO_WORKLOADS = new Set(['PodTemplate', 'ConfigMap', 'Secret', 'CustomResourceDefinition'])

type PodSpec = { spec: Record<string, unknown>; path: (string | number)[] }

/**
 * Who runs as which account. Custom workloads (Argo Workflow, Knative Service, Tekton, Spark ...) are met through the
 * field that all of them use, `serviceAccountName`, at the places where they have it.
 */
export function readWorkload(manifest: Manifest, result: ReaderResult): void {
  if (NO_WORKLOADS.has(manifest.kind)) return
  const name = manifest.name ?? textOf(manifest.metadata['generateName']) ?? ''
  const isBuiltIn = WORKLOAD_KINDS.has(manifest.kind) && ['', 'apps', 'batch', 'extensions'].includes(manifest.group)
  for (const { spec, path } of podSpecs(manifest, isBuiltIn)) {
    const field = ['serviceAccountName', 'serviceAccount'].find((one) => textOf(spec[one]) !== null)
    const stated = field === undefined ? null : textOf(spec[field])
    if (stated === null && !isBuiltIn) continue
    const account = stated === null || stated === '' ? 'default' : stated
    // Without a mounted token the pod cannot act as the default account it did not ask for.
    if (account === 'default' && spec['automountServiceAccountToken'] === false) continue
    const place = manifest.place(field === undefined ? path : [...path, field])
    const ref = manifest.account(account)
    result.observations.push(
      { type: 'identity', ref, kind: 'service-account', name: account, place, nativeRef: `ServiceAccount ${manifest.namespace}/${account}`, isDefined: false, scope: manifest.scope(), tags: [] },
      { type: 'use', identity: ref, by: { kind: 'workload', name, namespace: manifest.namespace }, place },
    )
  }
}

function podSpecs(manifest: Manifest, isBuiltIn: boolean): PodSpec[] {
  const candidates: (string | number)[][] = isBuiltIn
    ? [manifest.kind === 'Pod' ? ['spec'] : manifest.kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template', 'spec'] : ['spec', 'template', 'spec']]
    : [['spec'], ['spec', 'template', 'spec'], ['spec', 'taskRunTemplate'], ['spec', 'workflowSpec'], ['spec', 'driver'], ['spec', 'jobTemplate', 'spec', 'template', 'spec']]
  return candidates.flatMap((path) => {
    let node: unknown = manifest.value
    for (const step of path) node = isRecord(node) ? mapAt(node, String(step)) : undefined
    return isRecord(node) && Object.keys(node).length > 0 ? [{ spec: node, path }] : []
  })
}
