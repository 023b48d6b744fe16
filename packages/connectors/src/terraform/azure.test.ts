import assert from 'node:assert/strict'
import test from 'node:test'
import { readFixture } from './fixture.ts'

const APPLICATION = `
resource "azuread_application" "billing" { display_name = "billing-export" }
resource "azuread_service_principal" "billing" { client_id = azuread_application.billing.client_id }
`

test('an application and its service principal are one identity', async () => {
  assert.deepEqual((await readFixture(APPLICATION)).identities, ['oauth-client billing-export'])
})

test("a service principal without an application here stands alone; a published one is someone else's", async () => {
  const reading = await readFixture(
    `resource "azuread_service_principal" "own" { client_id = "00000000-0000-0000-0000-000000000001" }
resource "azuread_service_principal" "graph" {
  client_id = data.azuread_application_published_app_ids.x.result.MicrosoftGraph
  use_existing = true
}`,
  )
  assert.deepEqual(
    reading.all('identity').map((one) => [one.kind, one.isThirdParty ?? false]),
    [
      ['oauth-client', false],
      ['third-party', true],
    ],
  )
})

const SECRETS: [name: string, body: string, want: [string | undefined, boolean | undefined]][] = [
  ['an end date', 'end_date = "2027-01-31T00:00:00Z"', ['2027-01-31T00:00:00Z', undefined]],
  [
    'a relative end after a start',
    'start_date = "2026-01-01T00:00:00Z"\n  end_date_relative = "8760h"',
    ['2027-01-01T00:00:00.000Z', undefined],
  ],
  ['a relative end after an unknown day', 'end_date_relative = "8760h"', [undefined, false]],
  ['no end stated', '', [undefined, false]],
  ['an end that only the one who applies it knows', 'end_date = timeadd(timestamp(), "720h")', [undefined, false]],
]
for (const [name, body, want] of SECRETS) {
  test(`secret: ${name}`, async () => {
    const reading = await readFixture(
      `${APPLICATION}resource "azuread_application_password" "p" {
  application_id = azuread_application.billing.id
  ${body}
}`,
    )
    const [secret] = reading.credentials('azuread_application.billing')
    assert.deepEqual([secret?.kind, secret?.expiresAt?.raw, secret?.neverExpires], ['client-secret', ...want])
  })
}

test('proofs find their application through the service principal too', async () => {
  const reading = await readFixture(`${APPLICATION}
resource "azuread_service_principal_password" "p" { service_principal_id = azuread_service_principal.billing.id }
resource "azuread_application_certificate" "c" {
  application_id = azuread_application.billing.id
  end_date       = "2026-12-01"
  value          = file("cert.pem")
}
resource "azuread_application_federated_identity_credential" "f" {
  application_id = azuread_application.billing.id
  issuer         = "https://token.actions.githubusercontent.com"
  subject        = "repo:lumen/billing:environment:prod"
  audiences      = ["api://AzureADTokenExchange"]
}`)
  assert.deepEqual(
    reading.credentials('azuread_application.billing').map((one) => [one.kind, one.expiresAt?.raw]),
    [
      ['client-secret', undefined],
      ['certificate', '2026-12-01'],
    ],
  )
  assert.deepEqual(reading.trusts('azuread_application.billing'), [
    'https://token.actions.githubusercontent.com | api://AzureADTokenExchange | repo:lumen/billing:environment:prod',
  ])
})

test('a managed identity, its federation and its roles', async () => {
  const reading = await readFixture(`
resource "azurerm_user_assigned_identity" "i" {
  name = "labels"
  tags = { Team = "labels" }
}
resource "azurerm_federated_identity_credential" "f" {
  parent_id = azurerm_user_assigned_identity.i.id
  issuer    = azurerm_kubernetes_cluster.c.oidc_issuer_url
  subject   = "system:serviceaccount:labels:web"
  audience  = ["api://AzureADTokenExchange"]
}
resource "azurerm_role_assignment" "a" {
  for_each             = toset(["Owner", "Contributor", "Storage Blob Data Reader", "Storage Blob Data Contributor"])
  scope                = "/subscriptions/1"
  role_definition_name = each.value
  principal_id         = azurerm_user_assigned_identity.i.principal_id
}`)
  assert.deepEqual(reading.identities, ['workload labels'])
  assert.deepEqual(reading.tags('azurerm_user_assigned_identity.i'), { Team: 'labels' })
  assert.deepEqual(
    reading.grants('azurerm_user_assigned_identity.i').map((one) => one.replace(' @ /subscriptions/1 =', '')),
    ['Owner admin!', 'Contributor write!', 'Storage Blob Data Reader read', 'Storage Blob Data Contributor write'],
  )
  assert.equal(reading.trusts('azurerm_user_assigned_identity.i').length, 1)
})

test('a directory role is known by the name it was looked up by', async () => {
  const reading = await readFixture(`${APPLICATION}
resource "azuread_directory_role" "r" { display_name = "Global Administrator" }
resource "azuread_directory_role_assignment" "a" {
  role_id             = azuread_directory_role.r.template_id
  principal_object_id = azuread_service_principal.billing.object_id
}`)
  assert.deepEqual(reading.grants('azuread_application.billing'), ['Global Administrator @ directory = admin!'])
})
