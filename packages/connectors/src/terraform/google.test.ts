import assert from 'node:assert/strict'
import test from 'node:test'
import { readFixture } from './fixture.ts'

const ACCOUNT = `
resource "google_service_account" "deploy" {
  account_id   = "deploy"
  project      = "lumen-prod"
  display_name = "Deploys the parcel service"
}
`

test('an account, its address in Google and a key that does not expire', async () => {
  const reading = await readFixture(
    `${ACCOUNT}resource "google_service_account_key" "k" { service_account_id = google_service_account.deploy.name }`,
  )
  const [account] = reading.all('identity')
  assert.deepEqual(
    [account?.kind, account?.name, account?.purpose, account?.creates?.name],
    ['service-account', 'deploy', 'Deploys the parcel service', 'deploy@lumen-prod.iam.gserviceaccount.com'],
  )
  assert.deepEqual(
    reading.credentials('google_service_account.deploy').map((one) => [one.kind, one.neverExpires]),
    [['service-account-key', true]],
  )
})

test('a key of an account that something else made mentions it by address', async () => {
  const reading = await readFixture(
    `resource "google_service_account_key" "k" {
  service_account_id = "projects/p/serviceAccounts/old@p.iam.gserviceaccount.com"
}`,
  )
  assert.deepEqual(
    reading.all('credential').map((one) => one.identity),
    [{ system: 'google', realm: '', path: 'old@p.iam.gserviceaccount.com' }],
  )
})

const member = (role: string, who: string): string =>
  `${ACCOUNT}resource "google_project_iam_member" "m" {
  project = "lumen-prod"
  role = "${role}"
  member = ${who}
}`
const GRANTS: [name: string, role: string, who: string, want: string][] = [
  [
    'owner by address',
    'roles/owner',
    '"serviceAccount:${google_service_account.deploy.email}"',
    'roles/owner @ project lumen-prod = admin!',
  ],
  [
    'editor by member',
    'roles/editor',
    'google_service_account.deploy.member',
    'roles/editor @ project lumen-prod = write!',
  ],
  [
    'a reader by literal address',
    'roles/storage.objectViewer',
    '"serviceAccount:deploy@lumen-prod.iam.gserviceaccount.com"',
    'roles/storage.objectViewer @ project lumen-prod = read',
  ],
  [
    'one that hands out tokens',
    'roles/iam.serviceAccountTokenCreator',
    'google_service_account.deploy.member',
    'roles/iam.serviceAccountTokenCreator @ project lumen-prod = admin',
  ],
  [
    "a role of the company's own",
    'projects/lumen-prod/roles/parcels',
    'google_service_account.deploy.member',
    'projects/lumen-prod/roles/parcels @ project lumen-prod = unknown',
  ],
  [
    'a writer',
    'roles/pubsub.publisher',
    'google_service_account.deploy.member',
    'roles/pubsub.publisher @ project lumen-prod = write',
  ],
]
for (const [name, role, who, want] of GRANTS) {
  test(`grant: ${name}`, async () =>
    assert.deepEqual((await readFixture(member(role, who))).grants('google_service_account.deploy'), [want]))
}

test('bindings and policies name several members, and other resources', async () => {
  const reading = await readFixture(`${ACCOUNT}
resource "google_storage_bucket_iam_binding" "b" {
  bucket  = "labels"
  role    = "roles/storage.admin"
  members = ["group:ops@lumen.example", "serviceAccount:\${google_service_account.deploy.email}"]
  condition {
    title      = "office hours"
    expression = "request.time.getHours() < 18"
  }
}
data "google_iam_policy" "p" {
  binding {
    role    = "roles/run.invoker"
    members = [google_service_account.deploy.member]
  }
}
resource "google_cloud_run_service_iam_policy" "p" {
  service     = "labels"
  policy_data = data.google_iam_policy.p.policy_data
}`)
  assert.deepEqual(reading.grants('google_service_account.deploy'), [
    'roles/storage.admin @ labels = admin',
    'roles/run.invoker @ labels = write',
  ])
  assert.equal(reading.all('grant')[0]?.condition, 'request.time.getHours() < 18')
})

test('who may mint keys and tokens controls the account, or the whole project', async () => {
  const reading = await readFixture(`${ACCOUNT}
resource "google_service_account_iam_member" "a" {
  service_account_id = google_service_account.deploy.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = "group:ops@lumen.example"
}
resource "google_service_account_iam_member" "b" {
  service_account_id = google_service_account.deploy.name
  role               = "roles/iam.serviceAccountAdmin"
  member             = "user:ada@lumen.example"
}
resource "google_project_iam_member" "c" {
  project = "lumen-prod"
  role    = "roles/owner"
  member  = "group:owners@lumen.example"
}
resource "google_project_iam_member" "d" {
  project = "lumen-prod"
  role    = "roles/viewer"
  member  = "group:everybody@lumen.example"
}`)
  const ref = { kind: 'identity', ref: { system: 'terraform', realm: 'infra', path: 'google_service_account.deploy' } }
  assert.deepEqual(
    reading.all('control').map((one) => [one.over, one.holder, one.power]),
    [
      [ref, { raw: 'ops@lumen.example', kind: 'group' }, 'write'],
      [ref, { raw: 'ada@lumen.example', kind: 'person' }, 'admin'],
      [
        { kind: 'cloud-account', realm: 'google', name: 'lumen-prod' },
        { raw: 'owners@lumen.example', kind: 'group' },
        'admin',
      ],
    ],
  )
})

test('federation: a pool with its issuer, and workloads of a cluster', async () => {
  const reading = await readFixture(`${ACCOUNT}
locals { pool = "principalSet://iam.googleapis.com/\${google_iam_workload_identity_pool.ci.name}" }
resource "google_iam_workload_identity_pool" "ci" { workload_identity_pool_id = "ci" }
resource "google_iam_workload_identity_pool_provider" "github" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.ci.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  oidc { issuer_uri = "https://token.actions.githubusercontent.com" }
}
resource "google_service_account_iam_member" "ci" {
  service_account_id = google_service_account.deploy.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "\${local.pool}/attribute.repository/lumen/parcels"
}
resource "google_service_account_iam_binding" "cluster" {
  service_account_id = google_service_account.deploy.name
  role               = "roles/iam.workloadIdentityUser"
  members            = ["serviceAccount:lumen-prod.svc.id.goog[shop/web]"]
}`)
  assert.deepEqual(reading.trusts('google_service_account.deploy'), [
    'https://token.actions.githubusercontent.com |  | attribute.repository/lumen/parcels',
    'lumen-prod.svc.id.goog |  | system:serviceaccount:shop:web',
  ])
  assert.deepEqual(
    reading.all('use').map((one) => one.by),
    [{ kind: 'workload', name: 'ServiceAccount/web', namespace: 'shop' }],
  )
})
