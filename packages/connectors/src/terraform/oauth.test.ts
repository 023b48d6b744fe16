import assert from 'node:assert/strict'
import test from 'node:test'
import { readFixture } from './fixture.ts'

test('Keycloak: a confidential client with an account and roles; a public page is no machine', async () => {
  const reading = await readFixture(`
resource "keycloak_openid_client" "api" {
  realm_id                 = "lumen"
  client_id                = "parcel-api"
  description              = "Tracks parcels"
  access_type              = "CONFIDENTIAL"
  service_accounts_enabled = true
  client_secret            = "do-not-read-me"
}
resource "keycloak_openid_client" "page" {
  client_id   = "page"
  access_type = "PUBLIC"
}
resource "keycloak_openid_client" "off" {
  client_id   = "off"
  access_type = "CONFIDENTIAL"
  enabled     = false
}
resource "keycloak_openid_client_service_account_role" "r" {
  service_account_user_id = keycloak_openid_client.api.service_account_user_id
  client_id               = "realm-management"
  role                    = "manage-users"
}`)
  assert.deepEqual(
    reading.all('identity').map((one) => [one.name, one.purpose, one.isSuspended]),
    [
      ['parcel-api', 'Tracks parcels', undefined],
      ['off', undefined, true],
    ],
  )
  assert.deepEqual(
    reading.credentials('keycloak_openid_client.api').map((one) => one.kind),
    ['client-secret'],
  )
  assert.deepEqual(reading.grants('keycloak_openid_client.api'), ['manage-users @ realm-management = admin'])
  assert.ok(!JSON.stringify(reading.observations).includes('do-not-read-me'))
})

test('Auth0: machine clients, their keys with an end, and their scopes', async () => {
  const reading = await readFixture(`
resource "auth0_client" "m2m" {
  name     = "billing-export"
  app_type = "non_interactive"
}
resource "auth0_client" "spa" {
  name     = "page"
  app_type = "spa"
}
resource "auth0_client_credentials" "c" {
  client_id             = auth0_client.m2m.id
  authentication_method = "private_key_jwt"
  private_key_jwt {
    credentials {
      name            = "key-1"
      credential_type = "public_key"
      expires_at      = "2026-12-31T00:00:00Z"
    }
  }
}
resource "auth0_client_grant" "g" {
  client_id = auth0_client.m2m.client_id
  audience  = "https://api.lumen.example"
  scopes    = ["read:invoices", "delete:invoices", "parcels"]
}`)
  assert.deepEqual(reading.identities, ['oauth-client billing-export'])
  assert.deepEqual(
    reading.credentials('auth0_client.m2m').map((one) => [one.kind, one.name, one.expiresAt?.raw]),
    [
      ['client-secret', 'auth0_client.m2m', undefined],
      ['jwt-key', 'key-1', '2026-12-31T00:00:00Z'],
    ],
  )
  assert.deepEqual(
    reading.grants('auth0_client.m2m').map((one) => one.replace(' @ https://api.lumen.example', '')),
    ['read:invoices = read', 'delete:invoices = write', 'parcels = unknown'],
  )
})

test('Okta: services by secret and by key, a browser application left out, scopes and roles', async () => {
  const reading = await readFixture(`
resource "okta_app_oauth" "svc" {
  label                      = "provisioner"
  type                       = "service"
  grant_types                = ["client_credentials"]
  token_endpoint_auth_method = "private_key_jwt"
  jwks {
    kty = "RSA"
    kid = "2026-a"
  }
}
resource "okta_app_oauth" "web" {
  label       = "portal"
  type        = "web"
  grant_types = ["authorization_code"]
}
resource "okta_app_oauth" "spa" {
  label                      = "page"
  type                       = "browser"
  grant_types                = ["authorization_code"]
  token_endpoint_auth_method = "none"
}
resource "okta_app_oauth_api_scope" "s" {
  app_id = okta_app_oauth.svc.id
  issuer = "https://lumen.okta.example"
  scopes = ["okta.users.read", "okta.users.manage"]
}
resource "okta_app_oauth_role_assignment" "r" {
  client_id = okta_app_oauth.svc.client_id
  type      = "SUPER_ADMIN"
}
resource "okta_api_token" "t" { name = "legacy-sync" }`)
  assert.deepEqual(reading.identities, ['oauth-client provisioner', 'oauth-client portal', 'api-key legacy-sync'])
  assert.deepEqual(
    reading.all('credential').map((one) => [one.kind, one.name]),
    [
      ['jwt-key', '2026-a'],
      ['client-secret', 'okta_app_oauth.web'],
      ['token', 'legacy-sync'],
    ],
  )
  assert.deepEqual(reading.grants('okta_app_oauth.svc'), [
    'okta.users.read @ https://lumen.okta.example = read',
    'okta.users.manage @ https://lumen.okta.example = admin',
    'SUPER_ADMIN @ organization = admin!',
  ])
})
