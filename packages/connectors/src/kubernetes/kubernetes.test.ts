import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Observation } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import type { ReaderResult } from '../reader.ts'
import { kubernetesReader } from './index.ts'

/** Reads files of one directory as the scan does: only those the reader wants. */
async function readFiles(...files: [path: string, text: string][]): Promise<ReaderResult> {
  const wanted = files.map(([path, text]) => new TextFile(path, text)).filter((file) => kubernetesReader.wantsPath(file.path) && kubernetesReader.wants(file))
  return kubernetesReader.read(wanted)
}

async function read(text: string, path = 'x.yaml'): Promise<ReaderResult> {
  return readFiles([path, text])
}

function of<K extends Observation['type']>(result: ReaderResult, type: K): Extract<Observation, { type: K }>[] {
  return result.observations.filter((one): one is Extract<Observation, { type: K }> => one.type === type)
}

/** `namespace/account ← workload` for each use. */
function usesIn(result: ReaderResult): string[] {
  return of(result, 'use').map((one) => `${one.identity.path} ← ${one.by.name}`)
}

/** A whole Deployment, with further fields of the pod. */
function deployment(pod = '', name = 'web'): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } }, spec: { ${pod === '' ? '' : `${pod}, `}containers: [{ name: web, image: web }] } }
`
}

test('a namespace keeps its labels and annotations, each with its line', async () => {
  const lines = ['apiVersion: v1', 'kind: Namespace', 'metadata:', '  name: shop', '  creationTimestamp: "2024-02-03T00:00:00Z"', '  labels:', '    team: checkout', '  annotations:', '    acme.example/review-after: "2027-01-01"', '    acme.example/is-production: true']
  const [scope] = of(await read(lines.join('\n'), 'clusters/prod/shop/ns.yaml'), 'scope')
  assert.deepEqual(scope?.ref, { kind: 'kubernetes-namespace', realm: 'clusters/prod', name: 'shop' })
  assert.deepEqual([scope?.place.line, scope?.createdAt?.raw], [4, '2024-02-03T00:00:00Z'])
  assert.deepEqual(scope?.tags.map(({ key, value, line }) => `${line} ${key}=${value}`), ['7 team=checkout', '9 acme.example/review-after=2027-01-01', '10 acme.example/is-production=true'])
})

test('service accounts with their tokens and cloud roles', async () => {
  const result = await read(`apiVersion: v1
kind: ServiceAccount
metadata:
  name: ledger
  namespace: books
  uid: u-1
  ownerReferences: [{ kind: Release, name: books, uid: r-1 }]
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/teams/ledger
    iam.gke.io/gcp-service-account: ledger@acme-books.iam.gserviceaccount.com
    azure.workload.identity/client-id: 00000000-1111-2222-3333-444444444444
automountServiceAccountToken: false
secrets: [{ name: ledger-token-abcde }, { name: registry }]
---
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata:
  name: ledger-ci
  namespace: books
  creationTimestamp: "2024-02-03T00:00:00Z"
  labels: { kubernetes.io/legacy-token-last-used: "2024-05-06", kubernetes.io/legacy-token-invalid-since: "2025-05-07" }
  annotations: { kubernetes.io/service-account.name: ledger }
data: { token: Q0FOQVJZ }
---
apiVersion: v1
kind: Secret
metadata: { name: other, namespace: books }
stringData: { password: CANARY }
`)
  const [account] = of(result, 'identity')
  assert.equal(of(result, 'identity').length, 1)
  assert.deepEqual(account?.ref, { system: 'kubernetes', realm: '', path: 'books/ledger', uid: 'u-1' })
  assert.deepEqual([account?.isDefined, account?.nativeRef, account?.scope?.name, account?.place.line], [true, 'ServiceAccount books/ledger', 'books', 4])
  assert.deepEqual(account?.tags.filter(({ key }) => key.startsWith('onus:')), [
    { key: 'onus:mounts-token', value: 'false', line: 12 }, { key: 'onus:managed-by', value: 'Release books', line: 7 },
  ])
  assert.deepEqual(of(result, 'credential').map((one) => [one.kind, one.name, one.neverExpires, one.createdAt?.raw, one.lastUsedAt?.raw, one.isActive, one.kept[0]?.name]), [
    ['federated', 'AWS role arn:aws:iam::111122223333:role/teams/ledger', undefined, undefined, undefined, undefined, undefined],
    ['federated', 'Google service account ledger@acme-books.iam.gserviceaccount.com', undefined, undefined, undefined, undefined, undefined],
    ['federated', 'Azure application 00000000-1111-2222-3333-444444444444', undefined, undefined, undefined, undefined, undefined],
    ['service-account-token', 'ledger-token-abcde', true, undefined, undefined, undefined, 'books/ledger-token-abcde'],
    ['service-account-token', 'ledger-ci', true, '2024-02-03T00:00:00Z', '2024-05-06', false, 'books/ledger-ci'],
  ])
  assert.deepEqual(of(result, 'grant').map((one) => [one.permission, one.resource, one.place.line]), [
    ['assumes AWS role', 'arn:aws:iam::111122223333:role/teams/ledger', 9],
    ['assumes Google service account', 'ledger@acme-books.iam.gserviceaccount.com', 10],
    ['assumes Azure application', '00000000-1111-2222-3333-444444444444', 11],
  ])
  assert.deepEqual(of(result, 'use').map((one) => [one.identity, one.by.name]), [
    [{ system: 'aws', realm: '111122223333', path: 'role/ledger' }, 'serviceaccount/ledger'],
    [{ system: 'google', realm: '', path: 'ledger@acme-books.iam.gserviceaccount.com' }, 'serviceaccount/ledger'],
  ])
  assert.doesNotMatch(JSON.stringify(result), /CANARY|Q0FOQVJZ/)
})

test('T95: a token of a former account of the same name is not a token of the present one', async () => {
  const token = (uid: string): string => `apiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\nmetadata: { name: t, namespace: n, annotations: { kubernetes.io/service-account.name: a, kubernetes.io/service-account.uid: ${uid} } }\n`
  assert.deepEqual(of(await read(token('u-9')), 'credential').map((one) => one.identity.uid), ['u-9'])
})

test('lists, typed lists, templates, arrays and JSON are read like documents, with the lines of their items', async () => {
  const item = (name: string): string => `{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"${name}","namespace":"n"}}`
  const cases: [name: string, path: string, text: string, want: [string, number][]][] = [
    ['a List in JSON', 'x.json', `{"apiVersion":"v1","kind":"List","items":[\n${item('a')},\n${item('b')}\n]}`, [['a', 2], ['b', 3]]],
    ['a bare array in JSON', 'x.json', `[\n${item('a')},\n${item('b')}\n]`, [['a', 2], ['b', 3]]],
    ['a typed list whose items leave out their kind', 'x.yaml', 'apiVersion: v1\nkind: ServiceAccountList\nitems:\n- metadata:\n    name: a\n    namespace: n\n', [['a', 5]]],
    ['a template of OpenShift', 'x.yaml', `apiVersion: template.openshift.io/v1\nkind: Template\nobjects:\n- ${item('a')}\n`, [['a', 4]]],
    ['several documents', 'x.yaml', `${item('a')}\n---\n${item('b')}\n`, [['a', 1], ['b', 3]]],
    ['lists deeper than lists go', 'x.json', `${'['.repeat(9)}${item('a')}${']'.repeat(9)}`, []],
  ]
  for (const [name, path, text, want] of cases) assert.deepEqual(of(await read(text, path), 'identity').map((one) => [one.name, one.place.line]), want, name)
  const typed = await read('apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nitems:\n- metadata: { name: r, namespace: n }\n  rules: [{ verbs: [get], resources: [pods], apiGroups: [""] }]\n')
  assert.deepEqual(of(typed, 'kubernetes-role').map((one) => [one.name, one.namespace, one.rules]), [['r', 'n', [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: [] }]]])
})

test('bindings name groups, people and accounts, also those written as users', async () => {
  const result = await read(`kind: RoleBinding
apiVersion: rbac.authorization.k8s.io/v1
metadata: { name: b, namespace: shop }
roleRef: { kind: ClusterRole, name: edit }
subjects:
- { kind: Group, name: "github:checkout" }
- { kind: User, name: jane }
- { kind: ServiceAccount, name: ci }
- { kind: User, name: "system:serviceaccount:tools:runner" }
- { kind: Group, name: "system:serviceaccounts" }
- { kind: Robot, name: x }
- { kind: Group, name: "\${TEAM}" }
`)
  const [binding] = of(result, 'kubernetes-binding')
  assert.deepEqual(binding?.role, { kind: 'ClusterRole', name: 'edit' })
  assert.deepEqual(binding?.subjects.map((one) => [one.kind, one.name, one.namespace, one.line]), [
    ['Group', 'github:checkout', null, 6], ['User', 'jane', null, 7], ['ServiceAccount', 'ci', 'shop', 8], ['ServiceAccount', 'runner', 'tools', 9],
    ['Group', 'system:serviceaccounts', null, 10],
  ])
  assert.deepEqual(of(result, 'identity').map((one) => [one.ref.path, one.isDefined, one.scope?.name]), [['shop/ci', false, 'shop'], ['tools/runner', false, 'tools']])
})

test('a binding of the whole cluster has no namespace, even when somebody wrote one', async () => {
  const result = await read('kind: ClusterRoleBinding\napiVersion: rbac.authorization.k8s.io/v1\nmetadata: { name: b, namespace: shop }\nroleRef: { kind: ClusterRole, name: edit }\nsubjects: [{ kind: ServiceAccount, name: ci, namespace: tools }]\n', 'clusters/prod/shop/x.yaml')
  const [binding] = of(result, 'kubernetes-binding')
  assert.deepEqual([binding?.namespace, binding?.realm], [null, 'clusters/prod'])
  assert.deepEqual(of(result, 'identity')[0]?.ref, { system: 'kubernetes', realm: 'clusters/prod', path: 'tools/ci' })
})

test('who runs as which account', async () => {
  const cases: [name: string, text: string, want: string[]][] = [
    ['a stated account', deployment('serviceAccountName: web'), ['shop/web ← deployment/web']],
    ['the former name of the field', deployment('serviceAccount: web'), ['shop/web ← deployment/web']],
    ['none stated is the default account', deployment(), ['shop/default ← deployment/web']],
    ['no token, no use of the default account', deployment('automountServiceAccountToken: false'), []],
    ['a stated account is used without its token too', deployment('automountServiceAccountToken: false, serviceAccountName: web'), ['shop/web ← deployment/web']],
    ['an account that a tool fills in later', deployment('serviceAccountName: "${ACCOUNT}"'), []],
    ['a patch that leaves out the selector', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { template: { spec: { containers: [{ name: web, image: web }] } } }\n', []],
    ['a patch that leaves out the image', 'apiVersion: batch/v1\nkind: Job\nmetadata: { name: j }\nspec: { template: { spec: { containers: [{ name: j, env: [] }] } } }\n', []],
    ['a cron job', 'apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: nightly, namespace: shop }\nspec: { jobTemplate: { spec: { template: { spec: { serviceAccountName: job } } } } }\n', ['shop/job ← cronjob/nightly']],
    ['a pod', 'apiVersion: v1\nkind: Pod\nmetadata: { name: p, namespace: shop }\nspec: { containers: [{ name: p, image: p }] }\n', ['shop/default ← pod/p']],
    ['a Knative service', 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: k, namespace: shop }\nspec: { template: { spec: { containers: [{ image: k }] } } }\n', ['shop/default ← service/k']],
    ['a plain service runs nothing', `${deployment()}---\napiVersion: v1\nkind: Service\nmetadata: { name: k, namespace: shop }\nspec: { selector: { app: web } }\n`, ['shop/default ← deployment/web']],
    ['a workflow, and another account in one of its steps', 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: { generateName: w-, namespace: shop }\nspec: { serviceAccountName: wf, templates: [{ name: a }, { name: b, serviceAccountName: wf-b }] }\n', ['shop/wf ← workflow/w-*', 'shop/wf-b ← workflow/w-*']],
    ['a store of an operator that signs in elsewhere', 'apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: { name: s, namespace: shop }\nspec: { provider: { vault: { auth: { kubernetes: { serviceAccountRef: { name: reader, namespace: tools } } } } } }\n', ['tools/reader ← secretstore/s']],
    ['an account of a cloud in a field of the same name', 'apiVersion: acme.example/v1\nkind: Bucket\nmetadata: { name: b, namespace: shop }\nspec: { serviceAccount: b@acme.iam.gserviceaccount.com }\n', []],
    ['a custom resource without an account', 'apiVersion: acme.example/v1\nkind: Thing\nmetadata: { name: serviceAccount, namespace: shop }\nspec: { size: 3 }\n', []],
    ['a definition of a kind', 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: x }\nspec: { versions: [{ schema: { serviceAccountName: x } }] }\n', []],
  ]
  for (const [name, text, want] of cases) {
    const result = await read(text)
    assert.deepEqual(usesIn(result), want, name)
    assert.deepEqual(result.unread, [], name)
  }
})

test('an exported controller counts once, not once for each pod and revision', async () => {
  const owned = (kind: string, name: string, owner: string, labels = '{}'): string => `apiVersion: ${kind === 'Pod' ? 'v1' : 'apps/v1'}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: shop, labels: ${labels}, ownerReferences: [${owner}] }\nspec: { serviceAccountName: web, containers: [], template: { spec: { serviceAccountName: web } } }\n`
  const replicaSet = owned('ReplicaSet', 'web-6d5f', '{ kind: Deployment, name: web, controller: true }')
  const pods = ['a', 'b'].map((suffix) => owned('Pod', `web-6d5f-${suffix}`, '{ kind: ReplicaSet, name: web-6d5f, controller: true }', '{ pod-template-hash: 6d5f }'))
  const cases: [name: string, texts: string[], want: string[]][] = [
    ['everything', [deployment('serviceAccountName: web'), replicaSet, ...pods], ['shop/web ← deployment/web']],
    ['pods alone are told by the controller that made them', pods, ['shop/web ← deployment/web']],
    ['pods of another controller', ['a', 'b'].map((name) => owned('Pod', name, '{ kind: Workflow, name: w, controller: true }')), ['shop/web ← workflow/w']],
  ]
  for (const [name, texts, want] of cases) assert.deepEqual(usesIn(await read(texts.join('---\n'))), want, name)
})

test('an account beside the workload may keep its token from pods, unless the pod asks for it', async () => {
  const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: default, namespace: shop }\nautomountServiceAccountToken: false\n'
  assert.deepEqual(usesIn(await readFiles(['a/w.yaml', deployment()], ['a/sa.yaml', account])), [])
  assert.deepEqual(usesIn(await readFiles(['a/w.yaml', deployment('automountServiceAccountToken: true')], ['a/sa.yaml', account])), ['shop/default ← deployment/web'])
})

test('whether a pod that leaves it to the account gets a token is open until the account is known', async () => {
  const open = (result: ReaderResult): (boolean | undefined)[] => of(result, 'use').map((one) => one.unlessAccountKeepsToken)
  assert.deepEqual(open(await read(deployment())), [true])
  assert.deepEqual(open(await read(deployment('automountServiceAccountToken: true'))), [undefined])
  assert.deepEqual(open(await read(deployment('serviceAccountName: web'))), [undefined])
})

test('tokens that a pod asks for itself are short-lived credentials of its account', async () => {
  const volumes = 'volumes: [{ name: t, projected: { sources: [{ configMap: { name: c } }, { serviceAccountToken: { audience: vault, expirationSeconds: 600, path: t } }] } }]'
  const result = await read(deployment(`serviceAccountName: web, automountServiceAccountToken: false, ${volumes}`))
  assert.deepEqual(of(result, 'credential').map((one) => [one.identity.path, one.kind, one.name]), [['shop/web', 'federated', 'projected token for vault, 600 s']])
})

test('the namespace that a manifest leaves out', async () => {
  const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a }\n'
  const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`
  const cases: [name: string, files: [string, string][], want: string][] = [
    ['as written', [['shop/sa.yaml', 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, namespace: tools }\n'], ['shop/ns.yaml', namespace('shop')]], 'tools/a'],
    ['from the kustomization', [['overlays/prod/sa.yaml', account], ['overlays/prod/kustomization.yaml', 'namespace: shop\nresources: [sa.yaml]\n']], 'shop/a'],
    ['from the directory, when its namespace is defined in it', [['teams/shop/sa.yaml', account], ['teams/shop/ns.yaml', namespace('shop')]], 'shop/a'],
    ['not from another namespace defined beside it', [['teams/shop/sa.yaml', account], ['teams/shop/ns.yaml', namespace('other')]], 'default/a'],
    ['below `namespaces`', [['namespaces/shop-dev/sa.yaml', account]], 'shop-dev/a'],
    ['below `namespaces` and a cluster', [['namespaces/live.cluster.example/shop-dev/sa.yaml', account]], 'shop-dev/a'],
    ['directly in `namespaces`', [['namespaces/sa.yaml', account]], 'default/a'],
    ['nowhere', [['apps/shop/sa.yaml', account]], 'default/a'],
  ]
  for (const [name, files, want] of cases) assert.equal(of(await readFiles(...files), 'identity')[0]?.ref.path, want, name)
})

test('files that a kustomization merges into others say nothing about what they leave out', async () => {
  const kustomization = 'patches:\n- path: patch.yaml\n'
  const text = `${deployment()}---\nkind: RoleBinding\napiVersion: rbac.authorization.k8s.io/v1\nmetadata: { name: b }\nsubjects: [{ kind: Group, name: g }]\n`
  const result = await readFiles(['a/kustomization.yaml', kustomization], ['a/patch.yaml', text])
  assert.deepEqual(result, { observations: [], unread: [] })
})

test('an account is mentioned once for each file, and not where it is defined beside', async () => {
  const two = `${deployment('serviceAccountName: web', 'one')}---\n${deployment('serviceAccountName: web', 'two')}`
  assert.deepEqual(of(await read(two), 'identity').map((one) => [one.ref.path, one.isDefined]), [['shop/web', false]])
  const defined = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: web, namespace: shop }\n'
  assert.deepEqual(of(await readFiles(['a/w.yaml', two], ['a/sa.yaml', defined]), 'identity').map((one) => one.isDefined), [true])
})

test('what is no manifest is left alone, and what cannot be used is said', async () => {
  const unused = ['kind: x', 'apiVersion: v1', 'a: 1', 'apiVersion: 3\nkind: []', 'apiVersion: x/v1\nkind: Role\nmetadata: {name: r}', 'apiVersion: iam.aws.crossplane.io/v1\nkind: Role\nmetadata: {name: r}', 'apiVersion: v1\nkind: Config\nusers: []']
  for (const text of unused) assert.deepEqual(await read(text), { observations: [], unread: [] }, text)
  const said: [text: string, reason: RegExp][] = [
    ['apiVersion: v1\nkind: Namespace\nmetadata: {}\n', /^a Namespace without a name$/],
    ['apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: { name: b }\n', /^a RoleBinding without a role$/],
    ['apiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\nmetadata: { name: t }\n', /does not name its service account/],
    ['apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {{ .Release.Name }}\n', /template/],
    ['apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: "{{ .Release.Name }}"\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${NAMESPACE}\n', /render the file first/],
  ]
  for (const [text, reason] of said) {
    const result = await read(text)
    assert.deepEqual(result.observations, [], text)
    assert.equal(result.unread.length, 1, text)
    assert.match(result.unread[0]?.reason ?? '', reason)
  }
  const broken = await read('apiVersion: v1\nkind: Namespace\nmetadata: { name: ok }\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: [\n')
  assert.equal(of(broken, 'scope').length, 1, 'the good document is still used')
  assert.equal(broken.unread.length, 1)
})

test('the templates of a chart are one thing that is not read', async () => {
  const template = 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {{ .Release.Name }}\n'
  const files = ['a', 'b', 'c'].map((name): [string, string] => [`chart/templates/${name}.yaml`, template])
  const { unread } = await readFiles(...files)
  assert.deepEqual(unread.map(({ file, reason }) => [file, reason]), [['chart/templates/a.yaml', '3 templates of this directory (Helm, Jinja or the like); render them first']])
})

test('T98: unknown fields, kinds and types in place of others are passed over', async () => {
  const result = await read('apiVersion: v2alpha9\nkind: ServiceAccount\nmetadata: { name: a, namespace: n, labels: [x], annotations: 7, ownerReferences: { a: 1 }, uid: [] }\nsecrets: yes\nnovelty: { deep: [1] }\n')
  assert.deepEqual(of(result, 'identity').map((one) => [one.ref, one.tags]), [[{ system: 'kubernetes', realm: '', path: 'n/a' }, []]])
})

test('T52: the applied configuration that kubectl keeps, which may hold secrets, is never a tag', async () => {
  const text = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, annotations: { kubectl.kubernetes.io/last-applied-configuration: "CANARY", note: "yes" } }\n'
  const result = await read(text)
  assert.doesNotMatch(JSON.stringify(result), /CANARY/)
  assert.deepEqual(of(result, 'identity')[0]?.tags.map(({ key }) => key), ['note'])
})

const KINDS = ['Namespace', 'ServiceAccount', 'Secret', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding', 'Pod', 'Deployment', 'CronJob', 'Workflow', 'List', 'RoleList', 'Template']
const GROUPS = ['v1', 'apps/v1', 'rbac.authorization.k8s.io/v1', 'argoproj.io/v1alpha1', '', 'x/']

test('T52: no content makes it throw, and no value of a Secret is kept', async () => {
  const any = fc.jsonValue({ maxDepth: 4 })
  const manifest = fc.record({
    apiVersion: fc.constantFrom(...GROUPS), kind: fc.constantFrom(...KINDS),
    metadata: fc.oneof(any, fc.record({ name: fc.string(), namespace: fc.string(), annotations: any, labels: any, ownerReferences: any })),
    spec: fc.oneof(any, fc.record({ template: fc.record({ spec: any }), serviceAccountName: any })),
    rules: any, subjects: any, roleRef: any, secrets: any, items: any, objects: any, type: fc.oneof(any, fc.constant('kubernetes.io/service-account-token')),
  }, { requiredKeys: ['apiVersion', 'kind'] })
  await fc.assert(fc.asyncProperty(fc.array(manifest, { maxLength: 4 }), any, async (manifests, key) => {
    const secrets = manifests.map((one) => ({ ...one, kind: 'Secret', data: { [JSON.stringify(key)]: 'CANARY', deep: { deeper: ['CANARY'] } }, stringData: ['CANARY'] }))
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...manifests, ...secrets] })
    const result = await kubernetesReader.read([new TextFile('n/x.json', text)])
    assert.doesNotMatch(JSON.stringify(result), /CANARY/)
    for (const { line } of result.unread) assert.ok(line >= 1)
  }), { numRuns: 300 })
})
