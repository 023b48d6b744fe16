import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubernetesBindingObserved, KubernetesRoleObserved } from '../observation.ts'
import { joinRbac } from './kubernetes-rbac.ts'

const place = { file: 'rbac.yaml', line: 1 }
const role = (name: string, rules: Partial<KubernetesRoleObserved['rules'][number]>[], namespace: string | null = 'shop'): KubernetesRoleObserved => ({
  type: 'kubernetes-role', realm: '', namespace, name, place,
  rules: rules.map((rule) => ({ apiGroups: [''], resources: [], verbs: [], resourceNames: [], ...rule })),
})
const binding = (roleName: string, subject: { kind: 'Group' | 'User' | 'ServiceAccount'; name: string }, more: Partial<KubernetesBindingObserved> = {}): KubernetesBindingObserved => ({
  type: 'kubernetes-binding', realm: '', namespace: 'shop', name: 'b', role: { kind: 'ClusterRole', name: roleName }, place,
  subjects: [{ ...subject, namespace: subject.kind === 'ServiceAccount' ? 'shop' : null, line: 9 }], ...more,
})
const team = { kind: 'Group' as const, name: 'payments' }
const account = { kind: 'ServiceAccount' as const, name: 'ledger' }
const own = { role: { kind: 'Role' as const, name: 'own' } }

test('who controls a namespace follows from what the bound role may change', () => {
  const table: [name: string, roles: KubernetesRoleObserved[], binding: KubernetesBindingObserved, power: string | null][] = [
    ['admin', [], binding('admin', team), 'admin'],
    ['edit', [], binding('edit', team), 'write'],
    ['view', [], binding('view', team), null],
    ['a role that writes secrets', [role('own', [{ verbs: ['create', 'update'], resources: ['secrets'] }])], binding('own', team, own), 'write'],
    ['a role that only reads secrets', [role('own', [{ verbs: ['get', 'list'], resources: ['secrets'] }])], binding('own', team, own), null],
    ['a role for one named secret', [role('own', [{ verbs: ['update'], resources: ['secrets'], resourceNames: ['tls'] }])], binding('own', team, own), null],
    ['a wildcard role', [role('own', [{ verbs: ['*'], resources: ['*'] }])], binding('own', team, own), 'admin'],
    ['a role nobody defines, whose name says admin', [], binding('acme:namespace-admin', team), 'admin'],
    ['a role nobody defines, whose name says nothing', [], binding('acme:wizard', team), null],
    ['a role of that name in another namespace', [role('own', [{ verbs: ['*'], resources: ['*'] }], 'other')], binding('own', team, own), null],
    ['a group of the cluster itself', [], binding('admin', { kind: 'Group', name: 'system:masters' }), null],
  ]
  for (const [name, roles, bound, power] of table) assert.equal(joinRbac(roles, [bound]).controls[0]?.power ?? null, power, name)
})

test('a cluster-wide binding controls every namespace of its realm', () => {
  const { controls } = joinRbac([], [binding('cluster-admin', team, { namespace: null })])
  assert.deepEqual(controls[0]?.over, { kind: 'kubernetes-namespace', realm: '', name: '*' })
})

test('what an account may do, and whether it can raise that itself', () => {
  const table: [name: string, rule: Partial<KubernetesRoleObserved['rules'][number]>, level: string, escalates: boolean][] = [
    ['reads pods', { verbs: ['get'], resources: ['pods'] }, 'read', false],
    ['writes config maps', { verbs: ['update'], resources: ['configmaps'] }, 'write', false],
    ['starts pods', { verbs: ['create'], resources: ['pods'] }, 'write', true],
    ['reads secrets', { verbs: ['list'], resources: ['secrets'] }, 'read', true],
    ['edits bindings', { verbs: ['update'], resources: ['rolebindings'] }, 'admin', false],
    ['binds roles', { verbs: ['bind'], resources: ['roles'] }, 'admin', true],
    ['everything', { verbs: ['*'], resources: ['*'] }, 'admin', true],
  ]
  for (const [name, rule, level, escalates] of table) {
    const { grants, access } = joinRbac([role('own', [rule])], [binding('own', account, own)])
    assert.equal(grants[0]?.level, level, name)
    assert.equal((access[0]?.escalations.length ?? 0) > 0, escalates, name)
  }
})

test('only a cluster-wide cluster-admin is administrator of the cluster', () => {
  assert.equal(joinRbac([], [binding('cluster-admin', account, { namespace: null })]).access[0]?.admin, 'yes')
  assert.equal(joinRbac([], [binding('cluster-admin', account)]).access[0]?.admin, 'no')
  assert.equal(joinRbac([], [binding('made-elsewhere', account)]).access[0]?.admin, 'unknown')
})
