import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Observation } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import type { ReaderResult } from '../reader.ts'
import { readTogether } from '../testing/read-together.ts'
import { kubernetesReader } from './index.ts'

const read = (files: Record<string, string>): Promise<ReaderResult> =>
  readTogether(
    kubernetesReader,
    Object.entries(files).map(([path, text]) => new TextFile(path, text)),
  )
function of<K extends Observation['type']>(result: ReaderResult, type: K): Extract<Observation, { type: K }>[] {
  return result.observations.filter((one): one is Extract<Observation, { type: K }> => one.type === type)
}
/** `realm namespace/name file:line` of each account that is defined. */
const accounts = (result: ReaderResult): string[] =>
  of(result, 'identity')
    .filter((one) => one.isDefined)
    .map(({ ref, place }) => `${ref.realm} ${ref.path} ${place.file}:${place.line}`)
    .sort()

const BASE = {
  'apps/shop/base/kustomization.yaml': 'resources: [account.yaml, web.yaml]\n',
  'apps/shop/base/account.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n',
  'apps/shop/base/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { selector: {}, template: { spec: { serviceAccountName: web, containers: [{ name: web, image: x }] } } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: web }
roleRef: { kind: Role, name: web }
subjects: [{ kind: ServiceAccount, name: web, namespace: default }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: web }
rules: [{ apiGroups: [""], resources: [secrets], verbs: [get] }]
`,
}
const overlay = (environment: string, more = ''): Record<string, string> => ({
  [`apps/shop/overlays/${environment}/kustomization.yaml`]: `namespace: shop-${environment}\nresources:\n  - ../../base\n${more}`,
})

test('a base is as many accounts as there are overlays of it, each where the overlay includes it', async () => {
  const result = await read({ ...BASE, ...overlay('prod'), ...overlay('dev') })
  assert.deepEqual(accounts(result), [
    'apps/shop/overlays/dev shop-dev/web apps/shop/overlays/dev/kustomization.yaml:3',
    'apps/shop/overlays/prod shop-prod/web apps/shop/overlays/prod/kustomization.yaml:3',
  ])
  assert.deepEqual(
    of(result, 'identity').flatMap((one) => (one.isDefined ? [] : [`${one.ref.path} ${one.place.file}:${one.place.line}`])),
    ['shop-prod/web apps/shop/base/account.yaml:4', 'shop-dev/web apps/shop/base/account.yaml:4'],
    'and where it is written',
  )
  assert.deepEqual(
    of(result, 'use').map((one) => [one.identity.path, one.by.namespace]),
    [
      ['shop-prod/web', 'shop-prod'],
      ['shop-dev/web', 'shop-dev'],
    ],
  )
  assert.deepEqual(
    of(result, 'kubernetes-binding').map((one) => [one.namespace, one.subjects[0]?.namespace]),
    [
      ['shop-prod', 'shop-prod'],
      ['shop-dev', 'shop-dev'],
    ],
  )
  assert.deepEqual(result.unread, [])
})

test('names, labels and patches of an overlay, with the references that follow', async () => {
  const result = await read({
    ...BASE,
    ...overlay(
      'prod',
      `namePrefix: eu-
commonLabels: { team: parcels }
commonAnnotations: { corp.example/system: labels }
patches:
  - path: role.yaml
  - target: { kind: Role, name: w.* }
    patch: |
      - { op: replace, path: /rules/0/verbs, value: ["*"] }
`,
    ),
    'apps/shop/overlays/prod/role.yaml':
      'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  annotations: { eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/web" }\n',
  })
  const [account] = of(result, 'identity')
  assert.equal(account?.ref.path, 'shop-prod/eu-web')
  assert.deepEqual(
    account?.tags.map((tag) => [tag.key, tag.value]),
    [
      ['team', 'parcels'],
      ['eks.amazonaws.com/role-arn', 'arn:aws:iam::111122223333:role/web'],
      ['corp.example/system', 'labels'],
    ],
  )
  assert.equal(of(result, 'identity').filter((one) => one.isDefined).length, 1, 'a patch is no account')
  assert.deepEqual(
    of(result, 'use').map((one) => `${one.identity.path} ← ${one.by.name}`),
    ['/role/web', 'shop-prod/eu-web'].map((path) =>
      path.startsWith('/') ? 'role/web ← serviceaccount/eu-web' : `${path} ← deployment/eu-web`,
    ),
  )
  const [binding] = of(result, 'kubernetes-binding')
  assert.deepEqual([binding?.role.name, binding?.subjects[0]?.name], ['eu-web', 'eu-web'])
  assert.deepEqual(of(result, 'kubernetes-role')[0]?.rules[0]?.verbs, ['*'])
})

const CASES: [name: string, files: Record<string, string>, want: string[]][] = [
  [
    'a base that nothing includes stands for itself',
    BASE,
    [' default/web apps/shop/base/account.yaml:4'],
  ],
  [
    'a list of directories changes nothing of what is in them',
    {
      'clusters/prod/kustomization.yaml': 'resources: [shop]\n',
      'clusters/prod/shop/kustomization.yaml': 'namespace: shop\nresources: [account.yaml]\n',
      'clusters/prod/shop/account.yaml': BASE['apps/shop/base/account.yaml'],
    },
    ['clusters/prod shop/web clusters/prod/shop/account.yaml:4'],
  ],
  [
    'a cluster that includes an overlay',
    { ...BASE, ...overlay('prod'), 'clusters/live/kustomization.yaml': 'bases:\n- ../../apps/shop/overlays/prod\n' },
    ['clusters/live shop-prod/web clusters/live/kustomization.yaml:2'],
  ],
  [
    'a component changes what it is added to',
    {
      ...BASE,
      ...overlay('prod', 'components: [../../parts/admin]\n'),
      'apps/shop/parts/admin/kustomization.yaml': 'kind: Component\nnameSuffix: "-x"\nresources: [more.yaml]\n',
      'apps/shop/parts/admin/more.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: admin }\n',
    },
    [
      'apps/shop/overlays/prod shop-prod/admin-x apps/shop/overlays/prod/kustomization.yaml:4',
      'apps/shop/overlays/prod shop-prod/web-x apps/shop/overlays/prod/kustomization.yaml:3',
    ],
  ],
  [
    'a file of another directory',
    {
      'a/kustomization.yaml': 'namespace: n\nresources: [../b/one.yaml]\n',
      'b/one.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: one }\n',
      'b/two.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: two }\n',
    },
    [' default/two b/two.yaml:3', ' n/one a/kustomization.yaml:2'],
  ],
  [
    'what an overlay deletes is not there',
    {
      ...BASE,
      ...overlay('prod', 'patchesStrategicMerge:\n- |-\n  $patch: delete\n  kind: ServiceAccount\n  metadata: { name: web }\n'),
    },
    [],
  ],
  [
    'a namespace of its own is called as the overlay says',
    {
      'a/kustomization.yaml': 'namespace: n2\nresources: [all.yaml]\n',
      'a/all.yaml':
        'apiVersion: v1\nkind: Namespace\nmetadata: { name: n }\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: one, namespace: n }\n',
    },
    [' n2/one a/all.yaml:7'],
  ],
  [
    'addresses are not fetched',
    { 'a/kustomization.yaml': 'resources:\n- https://git.example/x.yaml\n- github.com/acme/base?ref=v1\n- ../none\n' },
    [],
  ],
  [
    'overlays in a circle end',
    {
      'a/kustomization.yaml': 'resources: [../b, one.yaml]\n',
      'a/one.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: one, namespace: n }\n',
      'b/kustomization.yaml': 'resources: [../a]\n',
    },
    [' n/one a/one.yaml:3'],
  ],
]
for (const [name, files, want] of CASES)
  test(`Kustomize: ${name}`, async () => assert.deepEqual(accounts(await read(files)), want))

test('no kustomization makes the reader throw', async () => {
  const any = fc.jsonValue({ maxDepth: 3 })
  const path = fc.constantFrom('../a', '../b', '.', '..', 'x.yaml', '../b/x.yaml', '/', '')
  const list = fc.oneof(any, fc.array(fc.oneof(path, any), { maxLength: 3 }))
  const patch = fc.record({
    op: fc.constantFrom('add', 'replace', 'remove', 'x'),
    path: fc.constantFrom('/metadata/name', '/metadata', '/', '/spec/-', '/subjects/0', '/subjects/-', 'x'),
    value: any,
  })
  const kustomization = fc.record(
    {
      resources: list,
      bases: list,
      components: list,
      namespace: fc.oneof(fc.string(), any),
      namePrefix: fc.oneof(fc.constant('p-'), any),
      labels: any,
      commonLabels: any,
      patches: fc.array(
        fc.record({ target: fc.oneof(any, fc.record({ kind: fc.string(), name: fc.string() })), patch: fc.oneof(fc.array(patch).map((one) => JSON.stringify(one)), fc.string()), path }, { requiredKeys: [] }),
        { maxLength: 3 },
      ),
      patchesStrategicMerge: list,
    },
    { requiredKeys: [] },
  )
  const manifest = fc.record({
    apiVersion: fc.constant('v1'),
    kind: fc.constantFrom('ServiceAccount', 'RoleBinding', 'Pod', 'Namespace', 'Secret'),
    metadata: fc.oneof(any, fc.record({ name: fc.string(), labels: any, annotations: any })),
    subjects: any,
    spec: any,
  })
  await fc.assert(
    fc.asyncProperty(kustomization, kustomization, manifest, manifest, async (a, b, one, two) => {
      await read({
        'a/kustomization.yaml': JSON.stringify(a),
        'a/x.yaml': JSON.stringify(one),
        'b/kustomization.yaml': JSON.stringify(b),
        'b/x.yaml': JSON.stringify(two),
      })
    }),
    { numRuns: 300 },
  )
})
