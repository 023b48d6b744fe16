/** Kubernetes RBAC, joined: which groups control a namespace, and what a service account may do (rbac.authorization.k8s.io/v1). */
import type {
  AccessObserved,
  ControlObserved,
  GrantObserved,
  IdentityRef,
  KubernetesBindingObserved,
  KubernetesRoleObserved,
} from '../observation.ts'
import type { GrantLevel } from '../identity.ts'

type PolicyRule = KubernetesRoleObserved['rules'][number]

/** The roles every cluster has (Kubernetes documentation, "Default roles and role bindings"). */
const BUILT_IN: Readonly<
  Record<string, { level: GrantLevel; controls: ControlObserved['power'] | null; isWildcard: boolean }>
> = {
  'cluster-admin': { level: 'admin', controls: 'admin', isWildcard: true },
  admin: { level: 'admin', controls: 'admin', isWildcard: false },
  edit: { level: 'write', controls: 'write', isWildcard: false },
  view: { level: 'read', controls: null, isWildcard: false },
}

const MUTATING = new Set(['create', 'update', 'patch', 'delete', 'deletecollection', '*'])
/** Changing one of these changes an identity: its account, its tokens, its rights. */
const IDENTITY_RESOURCES = new Set([
  'serviceaccounts',
  'serviceaccounts/token',
  'secrets',
  'rolebindings',
  'roles',
  '*',
])

export type RbacResult = { grants: GrantObserved[]; controls: ControlObserved[]; access: AccessObserved[] }

/**
 * Joins bindings with the roles they name. A role that no file defines is judged by its name only when it is built in or
 * its name says that it administers or edits; else its grants have level `unknown`.
 */
export function joinRbac(
  roles: readonly KubernetesRoleObserved[],
  bindings: readonly KubernetesBindingObserved[],
): RbacResult {
  const byKey = new Map(roles.map((role) => [roleKey(role.realm, role.namespace, role.name), role]))
  const result: RbacResult = { grants: [], controls: [], access: [] }
  for (const binding of bindings) {
    const role = findRole(byKey, binding)
    for (const subject of binding.subjects) {
      if (subject.kind === 'ServiceAccount') addGrants(result, binding, role, subject)
      else addControl(result, binding, role, subject)
    }
  }
  return result
}

function roleKey(realm: string, namespace: string | null, name: string): string {
  return JSON.stringify([realm, namespace, name])
}

function findRole(
  roles: ReadonlyMap<string, KubernetesRoleObserved>,
  binding: KubernetesBindingObserved,
): KubernetesRoleObserved | null {
  const namespace = binding.role.kind === 'Role' ? binding.namespace : null
  return (
    roles.get(roleKey(binding.realm, namespace, binding.role.name)) ??
    roles.get(roleKey('', namespace, binding.role.name)) ??
    null
  )
}

function viaOf(binding: KubernetesBindingObserved): string {
  const kind = binding.namespace === null ? 'ClusterRoleBinding' : 'RoleBinding'
  return `${kind} ${binding.name} → ${binding.role.kind} ${binding.role.name}`
}

function addControl(
  result: RbacResult,
  binding: KubernetesBindingObserved,
  role: KubernetesRoleObserved | null,
  subject: KubernetesBindingObserved['subjects'][number],
): void {
  if (subject.name.startsWith('system:')) return // groups of the cluster itself; nobody's team
  const power = controlOf(binding, role)
  if (power === null) return
  result.controls.push({
    type: 'control',
    // A cluster-wide binding controls every namespace of its realm; reconcile spreads it.
    over: { kind: 'kubernetes-namespace', realm: binding.realm, name: binding.namespace ?? '*' },
    holder: { raw: subject.name, kind: subject.kind === 'Group' ? 'group' : 'person' },
    power,
    via: viaOf(binding),
    place: { file: binding.place.file, line: subject.line },
  })
}

function controlOf(
  binding: KubernetesBindingObserved,
  role: KubernetesRoleObserved | null,
): ControlObserved['power'] | null {
  if (role) {
    if (role.rules.some((rule) => rule.verbs.includes('*') && rule.resources.includes('*'))) return 'admin'
    return role.rules.some(
      (rule) =>
        rule.resourceNames.length === 0 && mutates(rule) && rule.resources.some((name) => IDENTITY_RESOURCES.has(name)),
    )
      ? 'write'
      : null
  }
  if (binding.role.kind === 'ClusterRole') {
    const builtIn = BUILT_IN[binding.role.name]
    if (builtIn) return builtIn.controls
  }
  if (/(?:^|[-_:.])(?:admin|owner|maintain(?:er)?)s?(?:$|[-_:.])/i.test(binding.role.name)) return 'admin'
  return /(?:^|[-_:.])(?:edit(?:or)?|write(?:r)?|deploy(?:er)?)s?(?:$|[-_:.])/i.test(binding.role.name) ? 'write' : null
}

function mutates(rule: PolicyRule): boolean {
  return rule.verbs.some((verb) => MUTATING.has(verb))
}

function addGrants(
  result: RbacResult,
  binding: KubernetesBindingObserved,
  role: KubernetesRoleObserved | null,
  subject: KubernetesBindingObserved['subjects'][number],
): void {
  const identity: IdentityRef = {
    system: 'kubernetes',
    realm: binding.realm,
    path: `${subject.namespace ?? binding.namespace ?? 'default'}/${subject.name}`,
  }
  const place = { file: binding.place.file, line: subject.line }
  const resource = binding.namespace === null ? 'cluster' : `namespace ${binding.namespace}`
  const common = { type: 'grant' as const, identity, resource, via: viaOf(binding), place }
  if (!role) {
    const builtIn = binding.role.kind === 'ClusterRole' ? BUILT_IN[binding.role.name] : undefined
    result.grants.push({
      ...common,
      permission: `${binding.role.kind} ${binding.role.name}`,
      level: builtIn?.level ?? 'unknown',
      isWildcard: builtIn?.isWildcard ?? false,
    })
  } else {
    for (const rule of role.rules)
      result.grants.push({
        ...common,
        permission: permissionText(rule),
        level: levelOf(rule),
        isWildcard: rule.verbs.includes('*') || rule.resources.includes('*'),
      })
  }
  const access = accessOf(binding, role)
  if (access) result.access.push({ type: 'access', identity, ...access, place })
}

function permissionText(rule: PolicyRule): string {
  const groups = rule.apiGroups.filter((group) => group !== '')
  const resources = rule.resources.join(', ') || 'non-resource URLs'
  const names = rule.resourceNames.length > 0 ? ` named ${rule.resourceNames.join(', ')}` : ''
  return `${rule.verbs.join(', ')} ${resources}${groups.length > 0 ? ` (${groups.join(', ')})` : ''}${names}`
}

function levelOf(rule: PolicyRule): GrantLevel {
  if (rule.verbs.includes('*') && rule.resources.includes('*')) return 'admin'
  if (rule.verbs.some((verb) => verb === 'escalate' || verb === 'bind' || verb === 'impersonate')) return 'admin'
  if (mutates(rule))
    return rule.resources.some(
      (name) =>
        name === 'roles' || name === 'rolebindings' || name === 'clusterroles' || name === 'clusterrolebindings',
    )
      ? 'admin'
      : 'write'
  return 'read'
}

/** Ways to raise one's own rights that RBAC itself documents ("Privilege escalation", "Good practices"). */
const ESCALATIONS: readonly { path: string; verbs: readonly string[]; resources: readonly string[] }[] = [
  { path: 'binds or edits roles', verbs: ['bind', 'escalate'], resources: ['roles', 'clusterroles'] },
  { path: 'impersonates others', verbs: ['impersonate'], resources: ['users', 'groups', 'serviceaccounts'] },
  { path: 'mints tokens of other accounts', verbs: ['create'], resources: ['serviceaccounts/token'] },
  {
    path: 'reads secrets, and with them tokens of other accounts',
    verbs: ['get', 'list', 'watch'],
    resources: ['secrets'],
  },
  {
    path: 'starts pods as any account of the namespace',
    verbs: ['create'],
    resources: ['pods', 'deployments', 'daemonsets', 'statefulsets', 'jobs', 'cronjobs', 'replicasets'],
  },
  { path: 'runs commands in other pods', verbs: ['create', 'get'], resources: ['pods/exec', 'pods/attach'] },
]

function accessOf(
  binding: KubernetesBindingObserved,
  role: KubernetesRoleObserved | null,
): Pick<AccessObserved, 'admin' | 'escalations'> | null {
  const isClusterWide = binding.namespace === null
  if (!role) {
    const builtIn = binding.role.kind === 'ClusterRole' ? BUILT_IN[binding.role.name] : undefined
    if (!builtIn) return { admin: 'unknown', escalations: [] }
    if (builtIn.level === 'read') return { admin: 'no', escalations: [] }
    if (binding.role.name === 'cluster-admin' && isClusterWide) return { admin: 'yes', escalations: [] }
    return {
      admin: 'no',
      escalations: [
        {
          path: 'reads secrets and starts pods as any account of the namespace',
          permissions: [`ClusterRole ${binding.role.name}`],
        },
      ],
    }
  }
  if (
    isClusterWide &&
    role.rules.some((rule) => rule.verbs.includes('*') && rule.resources.includes('*') && rule.apiGroups.includes('*'))
  )
    return { admin: 'yes', escalations: [] }
  const escalations = ESCALATIONS.flatMap((way) => {
    const rule = role.rules.find(
      (candidate) =>
        candidate.resourceNames.length === 0 &&
        candidate.verbs.some((verb) => verb === '*' || way.verbs.includes(verb)) &&
        candidate.resources.some((name) => name === '*' || way.resources.includes(name)),
    )
    return rule ? [{ path: way.path, permissions: [permissionText(rule)] }] : []
  })
  return { admin: 'no', escalations }
}
