/**
 * Kubernetes manifests and exports (`kubectl get -o yaml` or `-o json`). The files of a directory are read together,
 * because a kustomization, a Namespace or an account beside them says what they leave out.
 */
import type { Observation, Unread } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { directoryOf } from '../files/paths.ts'
import { ALONE, type FileReader, type ReaderResult, type Surroundings } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import { TEMPLATE_REASON } from '../files/yaml.ts'
import { mentionOf, namespaceObserved, observeAccount, tokenOf } from './accounts.ts'
import { Directory } from './directory.ts'
import { includedBy, isKustomization, kustomizationOf, Kustomizer, ownFilesOf } from './kustomize.ts'
import { manifestsOf, type Manifest } from './manifest.ts'
import { bindingOf, roleOf } from './rbac.ts'
import { usesOf } from './workloads.ts'

const ENDINGS = ['.yaml', '.yml', '.json']

/** Kinds that matter by themselves; a Secret only when it holds a token, other kinds only when they name an account. */
const KIND = new RegExp(
  `\\bkind["']?\\s*:\\s*["']?(?:${[
    'Namespace',
    'Project',
    'ServiceAccount',
    '(?:Cluster)?Role(?:Binding)?(?:List)?',
    'Pod',
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'ReplicaSet',
    'ReplicationController',
    '(?:Cron)?Job',
    'Rollout',
    'DeploymentConfig',
    'ServiceAccountList',
    'NamespaceList',
    'PodList',
    'DeploymentList',
    'StatefulSetList',
    'DaemonSetList',
    'ReplicaSetList',
    '(?:Cron)?JobList',
  ].join('|')})\\b`,
)

export const kubernetesReader: FileReader = {
  name: 'kubernetes',
  blind: [
    'objects made in the cluster that no file shows, and changes made by hand',
    'charts and templates that are not rendered, and what generators and plug-ins of kustomizations make',
    'members of groups: bindings only name them',
    'values of secrets, and who reads a token from its secret',
  ],
  // `kubectl get -o yaml` of a large cluster; read in pieces, ten seconds and 400 MB.
  maxBytes: 64 * 1024 * 1024,
  wantsPath: (path) => ENDINGS.some((ending) => path.endsWith(ending)),
  wants,
  unitOf: directoryOf,
  includes: {
    mayName: isKustomization,
    of: (files, surroundings) =>
      files.flatMap((file) => {
        const kustomization = kustomizationOf(file)
        return kustomization ? includedBy(kustomization, surroundings) : []
      }),
  },
  read,
}

function wants({ path, text }: TextFile): boolean {
  if (isKustomization(path)) return /\b(?:namespace|resources|bases|components|patches\w*)["']?\s*:/.test(text)
  if (!text.includes('apiVersion') || !text.includes('kind')) return false
  if (KIND.test(text)) return true
  if (text.includes('CustomResourceDefinition')) return false // large, and the fields it describes are nobody's
  return (
    text.includes('serviceAccount') ||
    text.includes('kubernetes.io/service-account-token') ||
    text.includes('serving.knative.dev/')
  )
}

function read(files: TextFile[], surroundings: Surroundings = ALONE): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  const { manifests, origins } = manifestsIn(files, surroundings, result.unread)
  const directory = new Directory(files, manifests)
  const unit: Unit = { directory, mentioned: new Mentions(directory, result.observations), uses: new Set(), ...result }
  for (const manifest of manifests) {
    observe(manifest, unit)
    const origin = origins.get(manifest)
    if (origin && manifest.kind === 'ServiceAccount' && manifest.group === '') {
      const account = { namespace: directory.namespaceOf(manifest), name: manifest.name }
      result.observations.push(mentionOf(manifest, directory, account, origin))
    }
  }
  return result
}

/** The objects of a directory: as its kustomization makes them, and those that it does not take up as they are. */
function manifestsIn(
  files: readonly TextFile[],
  surroundings: Surroundings,
  unread: Unread[],
): { manifests: Manifest[]; origins: ReadonlyMap<Manifest, Place> } {
  const problems: Unread[] = []
  const [kustomization] = files.flatMap((file) => (isKustomization(file.path) ? (kustomizationOf(file) ?? []) : []))
  const taken = kustomization ? ownFilesOf(kustomization) : new Set<string>()
  const rest = files.flatMap((file) => {
    const manifests = isKustomization(file.path) ? [] : manifestsOf(file, problems)
    return taken.has(file.path) || surroundings.isIncluded(file.path) ? [] : manifests
  })
  for (const problem of withTemplatesAsOne(problems)) unread.push(problem)
  if (!kustomization || surroundings.isIncluded(kustomization.directory)) return { manifests: rest, origins: new Map() }
  const { manifests, origins } = new Kustomizer(surroundings, files).render(kustomization)
  return { manifests: [...manifests, ...rest], origins }
}

/** The templates of a chart are one thing that is not read, however many files it has. */
function withTemplatesAsOne(problems: readonly Unread[]): Unread[] {
  const templates = problems.filter((one) => one.reason === TEMPLATE_REASON)
  const [first] = templates
  if (!first || templates.length < 3) return [...problems]
  const reason = `${templates.length} templates of this directory (Helm, Jinja or the like); render them first`
  return [...problems.filter((one) => one.reason !== TEMPLATE_REASON), { ...first, reason }]
}

/** `uses`: what was said of each workload, because the pods of one controller say it again. */
type Unit = ReaderResult & { directory: Directory; mentioned: Mentions; uses: Set<string> }

function observe(manifest: Manifest, unit: Unit): void {
  const { directory, mentioned, observations, unread } = unit
  switch (manifest.kind) {
    case 'Namespace':
      if (manifest.group === '') observations.push(namespaceObserved(manifest))
      return
    case 'Project':
      if (manifest.group === 'project.openshift.io') observations.push(namespaceObserved(manifest))
      return
    case 'ServiceAccount':
      if (manifest.group === '') observations.push(...observeAccount(manifest, directory))
      return
    case 'Role':
    case 'ClusterRole':
      if (isRbac(manifest)) observations.push(roleOf(manifest, directory))
      return
    case 'RoleBinding':
    case 'ClusterRoleBinding': {
      const binding = isRbac(manifest) ? bindingOf(manifest, directory, unread) : null
      if (!binding) return
      observations.push(binding)
      for (const { kind, name, namespace, line } of binding.subjects) {
        if (kind === 'ServiceAccount' && namespace !== null)
          mentioned.add(manifest, { namespace, name }, { file: manifest.file, line })
      }
      return
    }
    case 'Secret': {
      const token = tokenOf(manifest, directory, unread)
      if (!token) return
      mentioned.add(manifest, token.account, token.credential.place)
      observations.push(token.credential)
      return
    }
    default:
      observeUses(manifest, unit)
  }
}

function observeUses(manifest: Manifest, { directory, mentioned, uses, observations }: Unit): void {
  for (const { account, by, place, unlessAccountKeepsToken, projected } of usesOf(manifest, directory)) {
    const identity = directory.accountRef(manifest, account.namespace, account.name)
    const key = JSON.stringify([identity.realm, identity.path, by.name])
    if (uses.has(key)) continue
    uses.add(key)
    mentioned.add(manifest, account, place)
    observations.push({
      type: 'use',
      identity,
      by,
      place,
      ...(unlessAccountKeepsToken ? { unlessAccountKeepsToken } : {}),
    })
    for (const { name, place: at } of projected)
      observations.push({ type: 'credential', identity, kind: 'federated', name, kept: [], place: at })
  }
}

/** Other systems have roles too: Crossplane's are in AWS. */
function isRbac(manifest: Manifest): boolean {
  return (
    manifest.group === 'rbac.authorization.k8s.io' ||
    manifest.group === 'authorization.openshift.io' ||
    manifest.group === ''
  )
}

/** Accounts that something names: once for each file, and not where the same directory defines them. */
class Mentions {
  readonly #directory: Directory
  readonly #observations: Observation[]
  readonly #seen = new Set<string>()

  constructor(directory: Directory, observations: Observation[]) {
    this.#directory = directory
    this.#observations = observations
  }

  add(manifest: Manifest, account: { namespace: string; name: string }, place: Place): void {
    const key = JSON.stringify([manifest.file, this.#directory.realmOf(manifest), account.namespace, account.name])
    if (this.#seen.has(key) || this.#directory.definesAccount(account.namespace, account.name)) return
    this.#seen.add(key)
    this.#observations.push(mentionOf(manifest, this.#directory, account, place))
  }
}
