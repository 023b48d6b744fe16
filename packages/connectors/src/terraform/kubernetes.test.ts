import assert from 'node:assert/strict'
import test from 'node:test'
import { readFixture } from './fixture.ts'

const ACCOUNT = `
resource "kubernetes_service_account_v1" "web" {
  metadata {
    name        = "web"
    namespace   = "shop"
    labels      = { team = "parcels" }
    annotations = { "lumen.example/owner" = "parcels@lumen.example" }
  }
}
`

test('an account names its namespace, its tags, and the account of the cluster that it makes', async () => {
  const reading = await readFixture({ 'clusters/prod/main.tf': ACCOUNT })
  const [account] = reading.all('identity')
  assert.deepEqual(
    [account?.kind, account?.name, account?.scope, account?.creates],
    [
      'service-account',
      'web',
      { kind: 'kubernetes-namespace', realm: 'clusters/prod', name: 'shop' },
      { system: 'kubernetes', realm: 'clusters/prod', name: 'web', namespace: 'shop' },
    ],
  )
  assert.deepEqual(reading.tags('kubernetes_service_account_v1.web'), {
    team: 'parcels',
    'lumen.example/owner': 'parcels@lumen.example',
  })
})

test('a namespace that is not known is left to the enclosing directory', async () => {
  const reading = await readFixture(
    `variable "ns" {}
resource "kubernetes_service_account" "web" {
  metadata {
    name = "web"
    namespace = var.ns
  }
}`,
  )
  const [account] = reading.all('identity')
  assert.deepEqual([account?.scope, account?.creates?.namespace], [undefined, null])
})

const TOKENS: [name: string, account: string][] = [
  ['by reference', 'kubernetes_service_account_v1.web.metadata[0].name'],
  ['by the old form of it', 'kubernetes_service_account_v1.web.metadata.0.name'],
  ['by name', '"web"'],
]
for (const [name, account] of TOKENS) {
  test(`a token secret belongs to its account, ${name}`, async () => {
    const reading = await readFixture(
      `${ACCOUNT}resource "kubernetes_secret" "t" {
  type = "kubernetes.io/service-account-token"
  metadata {
    name = "web-token"
    namespace = "shop"
    annotations = { "kubernetes.io/service-account.name" = ${account} }
  }
}`,
    )
    assert.deepEqual(
      reading
        .credentials('kubernetes_service_account_v1.web')
        .map((one) => [one.kind, one.name, one.neverExpires, one.kept[0]?.kind]),
      [['service-account-token', 'web-token', true, 'kubernetes-secret']],
    )
  })
}

test('a secret of another type is no credential', async () => {
  const reading = await readFixture(
    'resource "kubernetes_secret" "t" {\n  metadata { name = "x" }\n  data = { password = "hidden" }\n}',
  )
  assert.deepEqual(reading.observations, [])
})

test('namespaces, roles and bindings are observed as in manifests', async () => {
  const reading = await readFixture({
    'clusters/dev/main.tf': `${ACCOUNT}
resource "kubernetes_namespace" "shop" {
  metadata {
    name   = "shop"
    labels = { "lumen.example/team-name" = "parcels" }
  }
}
resource "kubernetes_role" "r" {
  metadata {
    name      = "deploys"
    namespace = kubernetes_namespace.shop.metadata[0].name
  }
  rule {
    api_groups = ["apps"]
    resources  = ["deployments"]
    verbs      = ["get", "update"]
  }
}
resource "kubernetes_role_binding" "b" {
  metadata {
    name      = "deploys"
    namespace = "shop"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "deploys"
  }
  subject {
    kind      = "ServiceAccount"
    name      = kubernetes_service_account_v1.web.metadata[0].name
    namespace = "shop"
  }
  subject {
    kind = "Group"
    name = "lumen:parcels"
  }
}
resource "kubernetes_cluster_role_binding" "c" {
  metadata { name = "ops" }
  role_ref {
    kind = "ClusterRole"
    name = "cluster-admin"
  }
  subject {
    kind = "Group"
    name = "lumen:ops"
  }
}`,
  })
  assert.deepEqual(
    reading.all('scope').map((one) => [one.ref, one.tags]),
    [
      [
        { kind: 'kubernetes-namespace', realm: 'clusters/dev', name: 'shop' },
        [{ key: 'lumen.example/team-name', value: 'parcels', line: 14 }],
      ],
    ],
  )
  assert.deepEqual(
    reading.all('kubernetes-role').map((one) => [one.realm, one.namespace, one.rules]),
    [
      [
        'clusters/dev',
        'shop',
        [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'update'], resourceNames: [] }],
      ],
    ],
  )
  assert.deepEqual(
    reading
      .all('kubernetes-binding')
      .map((one) => [
        one.namespace,
        one.role,
        one.subjects.map(({ kind, name, namespace }) => [kind, name, namespace]),
      ]),
    [
      [
        'shop',
        { kind: 'Role', name: 'deploys' },
        [
          ['ServiceAccount', 'web', 'shop'],
          ['Group', 'lumen:parcels', null],
        ],
      ],
      [null, { kind: 'ClusterRole', name: 'cluster-admin' }, [['Group', 'lumen:ops', null]]],
    ],
  )
})

test('a binding in an unknown namespace still tells what an account of the directory gets', async () => {
  const reading = await readFixture(`variable "ns" {}\n${ACCOUNT}
resource "kubernetes_role_binding" "b" {
  metadata {
    name      = "edit"
    namespace = var.ns
  }
  role_ref {
    kind = "ClusterRole"
    name = "edit"
  }
  subject {
    kind      = "ServiceAccount"
    name      = kubernetes_service_account_v1.web.metadata[0].name
    namespace = var.ns
  }
}`)
  assert.deepEqual(reading.all('kubernetes-binding'), [])
  assert.deepEqual(reading.grants('kubernetes_service_account_v1.web'), [
    'ClusterRole edit @ namespace not known here = unknown',
  ])
})

test("workloads use accounts, also inside a cron job's template", async () => {
  const reading = await readFixture(`${ACCOUNT}
resource "kubernetes_cron_job_v1" "c" {
  metadata {
    name      = "nightly"
    namespace = "shop"
  }
  spec {
    job_template {
      spec {
        template {
          spec { service_account_name = kubernetes_service_account_v1.web.metadata[0].name }
        }
      }
    }
  }
}`)
  assert.deepEqual(
    reading.all('use').map((one) => [one.identity.path, one.by]),
    [['kubernetes_service_account_v1.web', { kind: 'workload', name: 'CronJob/nightly', namespace: 'shop' }]],
  )
})

test('pods without an account run as the default one, and an account may keep its token back', async () => {
  const pod = (name: string, more: string): string => `resource "kubernetes_deployment" "${name}" {
  metadata {
    name      = "${name}"
    namespace = "shop"
  }
  spec {
    template {
      spec {
        ${more}
        container {
          image = "x"
        }
      }
    }
  }
}
`
  const reading = await readFixture(
    `${pod('web', '')}${pod('quiet', 'automount_service_account_token = false')}
resource "kubernetes_default_service_account" "this" {
  metadata {
    namespace = "shop"
  }
  automount_service_account_token = false
}`,
  )
  assert.deepEqual(
    reading.all('use').map((one) => [one.identity.path, one.by.name, one.place.line]),
    [['kubernetes_default_service_account.this', 'Deployment/web', 1]],
  )
  assert.deepEqual(reading.identities, ['service-account default'])
  assert.equal(reading.tags('kubernetes_default_service_account.this')['onus:mounts-token'], 'false')
})
