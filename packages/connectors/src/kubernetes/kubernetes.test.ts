import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import type { Observation } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import type { ReaderResult } from '../reader.ts'
import { sharedData } from '../testing/shared-data.ts'
import { kubernetesReader } from './index.ts'

const read = (text: string, path = 'x.yaml'): ReaderResult => {
  const file = new TextFile(path, text)
  return kubernetesReader.wants(file) ? (kubernetesReader.read([file]) as ReaderResult) : { observations: [], unread: [] }
}
const of = <K extends Observation['type']>(result: ReaderResult, type: K): Extract<Observation, { type: K }>[] =>
  result.observations.filter((one): one is Extract<Observation, { type: K }> => one.type === type)

test('a namespace keeps its labels and annotations, each with its line', () => {
  const [scope] = of(read('apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    team: checkout\n  annotations:\n    acme.example/review-after: "2027-01-01"\n'), 'scope')
  assert.deepEqual(scope?.ref, { kind: 'kubernetes-namespace', realm: '', name: 'shop' })
  assert.deepEqual(scope?.tags, [{ key: 'team', value: 'checkout', line: 6 }, { key: 'acme.example/review-after', value: '2027-01-01', line: 8 }])
})

test('service accounts with their tokens and cloud roles', () => {
  const result = read(`apiVersion: v1
kind: ServiceAccount
metadata: { name: ledger, namespace: books, uid: u-1, annotations: { eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/ledger" } }
secrets: [{ name: ledger-token-abcde }, { name: registry }]
---
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: { name: ledger-ci, namespace: books, creationTimestamp: "2024-02-03T00:00:00Z", annotations: { kubernetes.io/service-account.name: ledger } }
data: { token: Q0FOQVJZ }
---
apiVersion: v1
kind: Secret
metadata: { name: other, namespace: books }
stringData: { password: CANARY }
`)
  assert.deepEqual(of(result, 'identity').map((one) => [one.ref.path, one.ref.uid, one.isDefined]), [['books/ledger', 'u-1', true]])
  assert.deepEqual(of(result, 'credential').map((one) => [one.kind, one.name, one.neverExpires, one.createdAt?.raw]), [
    ['federated', 'AWS role arn:aws:iam::111122223333:role/ledger', undefined, undefined],
    ['service-account-token', 'ledger-token-abcde', true, undefined],
    ['service-account-token', 'ledger-ci', true, '2024-02-03T00:00:00Z'],
  ])
  assert.doesNotMatch(JSON.stringify(result), /CANARY|Q0FOQVJZ/)
})

test('lists, typed lists and JSON are read like documents, with the lines of their items', () => {
  const item = (name: string): string => `{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"${name}","namespace":"n"}}`
  const list = read(`{"apiVersion":"v1","kind":"List","items":[\n${item('a')},\n${item('b')}\n]}`, 'x.json')
  assert.deepEqual(of(list, 'identity').map((one) => [one.name, one.place.line]), [['a', 2], ['b', 3]])
  const typed = read('apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nitems:\n- metadata: { name: r, namespace: n }\n  rules: []\n')
  assert.deepEqual(of(typed, 'kubernetes-role').map((one) => [one.name, one.namespace]), [['r', 'n']])
})

test('bindings name groups, people and accounts, also those written as users', () => {
  const [binding] = of(read(`kind: RoleBinding
apiVersion: rbac.authorization.k8s.io/v1
metadata: { name: b, namespace: shop }
roleRef: { kind: ClusterRole, name: edit }
subjects:
- { kind: Group, name: "github:checkout" }
- { kind: User, name: jane }
- { kind: ServiceAccount, name: ci }
- { kind: User, name: "system:serviceaccount:tools:runner" }
- { kind: Robot, name: x }
`), 'kubernetes-binding')
  assert.deepEqual(binding?.subjects.map((one) => [one.kind, one.name, one.namespace, one.line]), [
    ['Group', 'github:checkout', null, 6], ['User', 'jane', null, 7], ['ServiceAccount', 'ci', 'shop', 8], ['ServiceAccount', 'runner', 'tools', 9]])
})

test('who runs as which account', () => {
  const deployment = (spec: string): string => `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, namespace: shop }\nspec: { template: { spec: ${spec} } }\n`
  const table: [name: string, text: string, want: string[]][] = [
    ['a stated account', deployment('{ serviceAccountName: web }'), ['shop/web']],
    ['the deprecated field', deployment('{ serviceAccount: web }'), ['shop/web']],
    ['none stated is the default account', deployment('{ containers: [] }'), ['shop/default']],
    ['no token, no use of the default account', deployment('{ automountServiceAccountToken: false }'), []],
    ['a cron job', 'apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: nightly, namespace: shop }\nspec: { jobTemplate: { spec: { template: { spec: { serviceAccountName: job } } } } }\n', ['shop/job']],
    ['a pod', 'apiVersion: v1\nkind: Pod\nmetadata: { name: p, namespace: shop }\nspec: { containers: [] }\n', ['shop/default']],
    ['a custom workload with an account', 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: { generateName: w-, namespace: shop }\nspec: { serviceAccountName: wf }\n', ['shop/wf']],
    ['a custom resource without one', 'apiVersion: acme.example/v1\nkind: Thing\nmetadata: { name: t, namespace: shop }\nspec: { size: 3 }\n', []],
  ]
  for (const [name, text, want] of table) assert.deepEqual(of(read(text), 'use').map((one) => one.identity.path), want, name)
})

test('the namespace of an object without one comes from the directory that holds namespaces, else it is default', () => {
  const sa = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a }\n'
  const table: [path: string, want: string][] = [
    ['namespaces/shop-dev/sa.yaml', 'shop-dev/a'], ['namespaces/live.cluster.example/shop-dev/sa.yaml', 'shop-dev/a'], ['apps/shop/sa.yaml', 'default/a'], ['namespaces/sa.yaml', 'default/a'],
  ]
  for (const [path, want] of table) assert.equal(of(read(sa, path), 'identity')[0]?.ref.path, want, path)
})

test('what is no manifest is left alone, and what cannot be used is said', () => {
  for (const text of ['kind: x', 'apiVersion: v1', 'a: 1', 'apiVersion: 3\nkind: []']) assert.deepEqual(read(text), { observations: [], unread: [] }, text)
  assert.match(read('apiVersion: v1\nkind: Namespace\nmetadata: {}\n').unread[0]?.reason ?? '', /without a name/)
  assert.match(read('apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: { name: b }\n').unread[0]?.reason ?? '', /without a role/)
  const broken = read('apiVersion: v1\nkind: Namespace\nmetadata: { name: ok }\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: [\n')
  assert.equal(of(broken, 'scope').length, 1, 'the good document is still used')
  assert.equal(broken.unread.length, 1)
})

test('T62: the last applied configuration, which may hold secret values, is never a tag', () => {
  const text = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, annotations: { kubectl.kubernetes.io/last-applied-configuration: "CANARY" } }\n'
  assert.doesNotMatch(JSON.stringify(read(text)), /CANARY/)
})

test('no content makes it throw, and no value of a Secret is kept', () => {
  const kinds = fc.constantFrom('Namespace', 'ServiceAccount', 'Secret', 'Role', 'RoleBinding', 'ClusterRoleBinding', 'Deployment', 'CronJob', 'Workflow', 'List')
  fc.assert(fc.property(kinds, fc.jsonValue(), fc.jsonValue(), (kind, a, b) => {
    const object = { apiVersion: kind.includes('Role') ? 'rbac.authorization.k8s.io/v1' : 'v1', kind, metadata: { name: 'x', annotations: a, labels: b }, spec: a, rules: b, subjects: a, roleRef: b, secrets: a, items: b, type: 'kubernetes.io/service-account-token', data: { k: 'CANARY' }, stringData: { k: 'CANARY' } }
    assert.doesNotMatch(JSON.stringify(read(JSON.stringify(object), 'x.json')), /CANARY/)
  }))
})

const estate = sharedData('estates/moj-cloud-platform/repo')
test('a real estate: every namespace, binding, subject and role of the truth', { skip: estate ? false : 'no shared data beside this checkout' }, () => {
  const truth = JSON.parse(readFileSync(sharedData('estates/moj-cloud-platform/truth.json') ?? '', 'utf8')) as { namespaces: number; kinds: Record<string, number>; distinct_groups: number; user_subjects: string[] }
  const observations = filesBelow(estate ?? '').flatMap((path) => read(readFileSync(join(estate ?? '', path), 'utf8'), path).observations)
  const all = { observations, unread: [] }
  const subjects = of(all, 'kubernetes-binding').flatMap((one) => one.subjects)
  assert.equal(of(all, 'scope').length, truth.namespaces)
  assert.equal(of(all, 'kubernetes-binding').length, truth.kinds['RoleBinding'])
  assert.equal(of(all, 'kubernetes-role').length, truth.kinds['Role'])
  for (const kind of ['Group', 'User', 'ServiceAccount']) assert.equal(subjects.filter((one) => one.kind === kind).length, truth.kinds[`subject:${kind}`], kind)
  assert.equal(new Set(subjects.filter((one) => one.kind === 'Group').map((one) => one.name)).size, truth.distinct_groups)
  assert.deepEqual(subjects.filter((one) => one.kind === 'User').map((one) => one.name), truth.user_subjects)
})

const cases = sharedData('rbac/kubescape-regolibrary')
test('real RBAC test cases are read without loss', { skip: cases ? false : 'no shared data beside this checkout' }, () => {
  for (const path of filesBelow(cases ?? '').filter((one) => one.includes('/input/'))) {
    const result = read(readFileSync(join(cases ?? '', path), 'utf8'), path)
    assert.deepEqual(result.unread, [], path)
    // A pod that mounts no token uses no account, and a ConfigMap is no identity: nothing to say about either.
    if (!/configmap|automountServiceAccountToken: false/.test(readFileSync(join(cases ?? '', path), 'utf8') + path)) assert.ok(result.observations.length > 0, path)
  }
})

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
}
