/** OAuth clients of Keycloak, Auth0 and Okta. */
import type { GrantLevel } from '@onus/core/identity.ts'
import type { IdentityRef } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { inState, type Draft, type Provider, shownName, type Resource } from './draft.ts'
import {
  fieldBlock,
  fieldBlocks,
  fieldDate,
  fieldFlag,
  fieldPlace,
  fieldShown,
  fieldShownTexts,
  fieldText,
  type Fields,
} from './fields.ts'
import { itemsOf, shownText, type Value } from './value.ts'

/** Scope and role names are the company's own; these words mean the same everywhere. */
function scopeLevel(scope: string): GrantLevel {
  const name = scope.toLowerCase()
  if (/(?:^|[:._-])(?:admin|manage|owner|super)/.test(name) || name === '*') return 'admin'
  if (/(?:^|[:._-])(?:write|create|update|delete|edit|post|put)/.test(name)) return 'write'
  return /(?:^|[:._-])(?:read|view|list|get)/.test(name) ? 'read' : 'unknown'
}

function grantScopes(resource: Resource, identity: IdentityRef, scopes: Value | undefined, on: string): void {
  for (const scope of itemsOf(scopes)) {
    const permission = shownText(scope)
    if (permission === null) continue
    resource.draft.add({
      type: 'grant',
      identity,
      permission,
      resource: on,
      level: scopeLevel(permission),
      isWildcard: permission === '*',
      via: resource.address,
      place: { file: scope.file, line: scope.line },
    })
  }
}

/** The client an argument refers to, also by the id it was given. */
function clientOf(draft: Draft, value: Value | undefined, type: string, argument: string): IdentityRef | null {
  for (const { address } of value?.refs ?? []) {
    const direct = draft.identityAt(address)
    if (direct) return direct
    const through = draft.instances.get(address)
    const owner = through?.fields.value('client_id') ?? through?.fields.value('app_id')
    const found = owner?.refs.map((ref) => draft.identityAt(ref.address)).find((one) => one !== null)
    if (found) return found
  }
  const name = shownText(value)
  const named =
    name === null
      ? undefined
      : [...draft.instances.values()].find(
          ({ instance, fields }) => instance.type === type && fieldText(fields, argument) === name,
        )
  return named ? draft.identityAt(named.address) : null
}

function defineKeycloakClient(resource: Resource): void {
  const { fields, draft, address, place } = resource
  // A public client has no secret: it stands for an application that people use, not for a machine, unless it has an
  // account.
  const hasAccount = fieldFlag(fields, 'service_accounts_enabled') === true
  const access = fieldText(fields, 'access_type')
  if (access === 'PUBLIC' && !hasAccount) return
  const identity = draft.define(resource, {
    kind: 'oauth-client',
    name: shownName(resource, 'client_id'),
    purpose: fieldText(fields, 'description'),
    ...(fieldFlag(fields, 'enabled') === false ? { isSuspended: true } : {}),
  })
  if (access === 'BEARER-ONLY') return
  const authenticator = fieldText(fields, 'client_authenticator_type')
  const kind = authenticator === 'client-jwt' || authenticator === 'client-x509' ? 'jwt-key' : 'client-secret'
  draft.prove(address, identity, {
    kind,
    name: address,
    place,
    kept: kind === 'client-secret' ? [inState(address)] : [],
  })
}

function linkKeycloakRole({ fields, draft, address, place }: Resource): void {
  const identity = clientOf(draft, fields.value('service_account_user_id'), 'keycloak_openid_client', 'client_id')
  const role = fieldShown(fields, 'role')
  if (!identity || role === null) return
  const client = fields.value('client_id')
  const on = client?.refs.map((ref) => draft.instances.get(ref.address)).find((one) => one !== undefined)
  draft.add({
    type: 'grant',
    identity,
    permission: role,
    resource: (on && fieldText(on.fields, 'client_id')) ?? shownText(client) ?? 'realm',
    level: role === 'realm-admin' ? 'admin' : scopeLevel(role),
    isWildcard: role === 'realm-admin',
    via: address,
    place,
  })
}

function linkKeycloakScopes(resource: Resource): void {
  const identity = clientOf(resource.draft, resource.fields.value('client_id'), 'keycloak_openid_client', 'client_id')
  if (!identity) return
  for (const argument of ['default_scopes', 'optional_scopes'])
    grantScopes(resource, identity, resource.fields.value(argument), fieldShown(resource.fields, 'realm_id') ?? '')
}

function defineAuth0Client(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const type = fieldText(fields, 'app_type')
  // Single-page and native applications hold no secret; people sign in through them.
  if (type === 'spa' || type === 'native') return
  const identity = draft.define(resource, {
    kind: 'oauth-client',
    name: shownName(resource, 'name'),
    purpose: fieldText(fields, 'description'),
    ...(fieldFlag(fields, 'is_first_party') === false ? { isThirdParty: true } : {}),
  })
  const isPublic = fieldText(fields, 'token_endpoint_auth_method') === 'none'
  if (!isPublic)
    draft.prove(address, identity, { kind: 'client-secret', name: address, place, kept: [inState(address)] })
}

function proveAuth0Credentials(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const identity = clientOf(draft, fields.value('client_id'), 'auth0_client', 'client_id')
  if (!identity) return
  for (const method of ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'signed_request_object']) {
    const holder = fieldBlock(fields, method)
    for (const credential of holder ? fieldBlocks(holder, 'credentials') : [])
      proveKey(resource, identity, credential, method)
  }
  if (/client_secret/.test(fieldText(fields, 'authentication_method') ?? ''))
    draft.prove(address, identity, { kind: 'client-secret', name: address, place, kept: [inState(address)] })
}

function proveKey(resource: Resource, identity: IdentityRef, credential: Fields, method: string): void {
  const expiresAt = fieldDate(credential, 'expires_at')
  resource.draft.prove(resource.address, identity, {
    kind: /tls/.test(method) ? 'certificate' : 'jwt-key',
    name: fieldText(credential, 'name') ?? resource.address,
    place: credential.place,
    ...(expiresAt ? { expiresAt } : {}),
  })
}

function linkAuth0Grant(resource: Resource): void {
  const { fields, draft } = resource
  const identity = clientOf(draft, fields.value('client_id'), 'auth0_client', 'client_id')
  if (!identity) return
  const audience = fieldShown(fields, 'audience') ?? ''
  grantScopes(resource, identity, fields.value('scopes') ?? fields.value('scope'), audience)
}

function defineOktaApp(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const grants = fieldShownTexts(fields, 'grant_types')
  const method = fieldText(fields, 'token_endpoint_auth_method')
  const type = fieldText(fields, 'type')
  // Without a proof of its own and without client_credentials it is a page or an app that people use.
  if (
    type !== 'service' &&
    !grants.includes('client_credentials') &&
    (method === 'none' || type === 'browser' || type === 'native')
  )
    return
  const identity = draft.define(resource, {
    kind: 'oauth-client',
    name: shownName(resource, 'label'),
    ...(fieldText(fields, 'status') === 'INACTIVE' ? { isSuspended: true } : {}),
  })
  if (method === 'private_key_jwt') {
    for (const key of fieldBlocks(fields, 'jwks'))
      draft.prove(address, identity, { kind: 'jwt-key', name: fieldText(key, 'kid') ?? address, place: key.place })
    if (fieldBlocks(fields, 'jwks').length === 0)
      draft.prove(address, identity, {
        kind: 'jwt-key',
        name: address,
        place: fieldPlace(fields, 'token_endpoint_auth_method'),
      })
  } else if (method !== 'none') {
    const kept = fieldFlag(fields, 'omit_secret') === true ? [] : [inState(address)]
    draft.prove(address, identity, { kind: 'client-secret', name: address, place, kept })
  }
}

function linkOktaScopes(resource: Resource): void {
  const identity = clientOf(resource.draft, resource.fields.value('app_id'), 'okta_app_oauth', 'client_id')
  if (identity)
    grantScopes(resource, identity, resource.fields.value('scopes'), fieldShown(resource.fields, 'issuer') ?? '')
}

/** Roles that an application holds in the organisation itself. */
function linkOktaRole({ fields, draft, address, place }: Resource): void {
  const identity = clientOf(draft, fields.value('client_id'), 'okta_app_oauth', 'client_id')
  const role = fieldShown(fields, 'type') ?? fieldShown(fields, 'role')
  if (!identity || role === null) return
  const level = /READ_ONLY/.test(role) ? 'read' : /ADMIN/.test(role) ? 'admin' : 'unknown'
  draft.add({
    type: 'grant',
    identity,
    permission: role,
    resource: 'organization',
    level,
    isWildcard: role === 'SUPER_ADMIN',
    via: address,
    place,
  })
}

function defineOktaToken(resource: Resource): void {
  const { fields, draft, address } = resource
  const place: Place = resource.place
  const identity = draft.define(resource, { kind: 'api-key', name: shownName(resource, 'name') })
  draft.prove(address, identity, { kind: 'token', name: fieldShown(fields, 'name') ?? address, place })
}

export const oauth: Provider = {
  defines: {
    keycloak_openid_client: defineKeycloakClient,
    auth0_client: defineAuth0Client,
    okta_app_oauth: defineOktaApp,
    okta_api_token: defineOktaToken,
  },
  proves: { auth0_client_credentials: proveAuth0Credentials },
  links: {
    keycloak_openid_client_service_account_role: linkKeycloakRole,
    keycloak_openid_client_service_account_realm_role: linkKeycloakRole,
    keycloak_openid_client_default_scopes: linkKeycloakScopes,
    keycloak_openid_client_optional_scopes: linkKeycloakScopes,
    auth0_client_grant: linkAuth0Grant,
    okta_app_oauth_api_scope: linkOktaScopes,
    okta_app_oauth_role_assignment: linkOktaRole,
  },
}
