import assert from 'node:assert/strict'
import test from 'node:test'
import { readFixture } from './fixture.ts'

test("secrets of one repository are one pipeline's, whichever kind they are", async () => {
  const reading = await readFixture(`
resource "github_repository" "parcels" { name = "parcels" }
resource "github_actions_secret" "a" {
  repository      = github_repository.parcels.name
  secret_name     = "REGISTRY_TOKEN"
  plaintext_value = var.registry_token
}
resource "github_actions_environment_secret" "b" {
  repository      = "parcels"
  environment     = "prod"
  secret_name     = "DEPLOY_KEY"
  encrypted_value = "c2VjcmV0"
}
resource "github_dependabot_secret" "c" {
  repository  = "parcels"
  secret_name = "REGISTRY_TOKEN"
}
resource "github_actions_organization_secret" "d" {
  secret_name = "SHARED"
  visibility  = "all"
}`)
  assert.deepEqual(reading.identities, ['ci-workload parcels', 'ci-workload organization'])
  assert.deepEqual(
    reading.credentials('github/parcels').map((one) => [one.kind, one.name, one.kept[0]?.name]),
    [
      ['ci-secret', 'REGISTRY_TOKEN', 'parcels: REGISTRY_TOKEN'],
      ['ci-secret', 'DEPLOY_KEY', 'parcels environment prod: DEPLOY_KEY'],
      ['ci-secret', 'Dependabot REGISTRY_TOKEN', 'parcels: Dependabot REGISTRY_TOKEN'],
    ],
  )
  assert.ok(!JSON.stringify(reading.observations).includes('c2VjcmV0'))
})

test('a deploy key may only read unless it says otherwise', async () => {
  const key = (extra: string): string =>
    `resource "github_repository_deploy_key" "k" {
  repository = "parcels"
  title = "builder"
  key = "ssh-ed25519 AAAA"
  ${extra}
}`
  assert.deepEqual((await readFixture(key('read_only = false'))).grants('github_repository_deploy_key.k'), [
    'push to the repository @ parcels = write',
  ])
  const reading = await readFixture(key(''))
  assert.deepEqual(reading.grants('github_repository_deploy_key.k'), ['read the repository @ parcels = read'])
  assert.deepEqual(
    reading.credentials('github_repository_deploy_key.k').map((one) => [one.kind, one.neverExpires]),
    [['ssh-key', true]],
  )
})

test("an app installation is someone else's, with every repository it reaches", async () => {
  const reading = await readFixture(`
resource "github_app_installation_repository" "a" {
  installation_id = "42"
  repository      = "parcels"
}
resource "github_app_installation_repositories" "b" {
  installation_id       = "42"
  selected_repositories = ["billing"]
}`)
  assert.deepEqual(
    reading.all('identity').map((one) => [one.kind, one.isThirdParty]),
    [['third-party', true]],
  )
  assert.deepEqual(
    reading.all('grant').map((one) => one.resource),
    ['parcels', 'billing'],
  )
})

test('a changed subject of OIDC tokens is told with the pipeline', async () => {
  const reading = await readFixture(
    `resource "github_actions_repository_oidc_subject_claim_customization_template" "t" {
  repository = "parcels"
  use_default = false
  include_claim_keys = ["repository_owner"]
}`,
  )
  assert.deepEqual(reading.tags('github/parcels'), { 'onus:oidc-subject-claims': 'repository_owner' })
})

test('teams are groups, and those that can push can change the pipeline of their repository', async () => {
  const reading = await readFixture(`
resource "github_team" "devex" { name = "Developer Experience" }
data "github_team" "audit" { slug = "audit" }
resource "github_repository" "parcels" { name = "parcels" }
resource "github_team_repository" "devex" {
  team_id    = github_team.devex.id
  repository = github_repository.parcels.name
  permission = "admin"
}
resource "github_team_repository" "shop" {
  team_id    = "shop"
  repository = "parcels"
  permission = "push"
}
resource "github_team_repository" "audit" {
  team_id    = data.github_team.audit.id
  repository = "parcels"
  permission = "pull"
}
resource "github_team_repository" "number" {
  team_id    = "42"
  repository = "parcels"
  permission = "admin"
}
resource "github_team_repository" "other" {
  team_id    = github_team.devex.id
  repository = "a-repository-without-secrets"
  permission = "admin"
}
resource "github_actions_secret" "s" {
  repository  = github_repository.parcels.name
  secret_name = "KEY"
}`)
  assert.deepEqual(
    reading.all('team').map((one) => one.name),
    ['Developer Experience'],
  )
  assert.deepEqual(
    reading.all('control').map((one) => [one.over.kind === 'identity' && one.over.ref.path, one.holder.raw, one.power]),
    [
      ['github/parcels', 'Developer Experience', 'admin'],
      ['github/parcels', 'shop', 'write'],
    ],
  )
})
