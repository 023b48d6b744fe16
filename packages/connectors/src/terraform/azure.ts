/**
 * Microsoft Entra ID and Azure: applications, service principals, managed identities, their proofs and role
 * assignments.
 */
import type { GrantLevel } from '@onus/core/identity.ts'
import type { IdentityRef, RawDate } from '@onus/core/observation.ts'
import { readDuration, toIso } from '@onus/core/time.ts'
import { inState, type Draft, type Provider, shownName, type Resource } from './draft.ts'
import { fieldBlocks, fieldFlag, fieldPlace, fieldShown, fieldShownTexts, fieldText } from './fields.ts'
import { resourceTags } from './tags.ts'
import { itemsOf, shownText, textOf, type Value } from './value.ts'

function defineApplication(resource: Resource): void {
  const { fields, draft } = resource
  const identity = draft.define(resource, {
    kind: 'oauth-client',
    name: shownName(resource, 'display_name'),
    purpose: fieldText(fields, 'notes') ?? fieldText(fields, 'description'),
  })
  for (const password of fieldBlocks(fields, 'password'))
    proveWith(resource, identity, 'client-secret', dates(password.value('end_date'), password.value('start_date')))
  for (const access of fieldBlocks(fields, 'required_resource_access')) {
    for (const one of fieldBlocks(access, 'resource_access')) {
      const permission = fieldShown(one, 'id')
      if (permission === null) continue
      draft.add({
        type: 'grant',
        identity,
        permission: `${fieldShown(one, 'type') ?? 'Role'} ${permission}`,
        resource: fieldShown(access, 'resource_app_id') ?? '',
        level: 'unknown',
        isWildcard: false,
        via: resource.address,
        place: one.place,
      })
    }
  }
}

/**
 * A service principal is its application's account in the tenant; one without an application here is another
 * company's, or made elsewhere.
 */
function proveServicePrincipal(resource: Resource): void {
  const { fields, draft } = resource
  if (ownerOf(draft, fields.value('client_id') ?? fields.value('application_id'))) return
  const published = fieldFlag(fields, 'use_existing') === true
  draft.define(resource, {
    kind: published ? 'third-party' : 'oauth-client',
    name: shownName(resource, 'display_name', 'client_id'),
    purpose: fieldText(fields, 'notes') ?? fieldText(fields, 'description'),
    ...(published ? { isThirdParty: true } : {}),
  })
}

function defineManagedIdentity(resource: Resource): void {
  const { draft } = resource
  draft.define(resource, {
    kind: 'workload',
    name: shownName(resource, 'name'),
    tags: resourceTags(resource, 'tags'),
  })
}

/** The identity behind an id: an application, also through its service principal, or a managed identity. */
function ownerOf(draft: Draft, value: Value | undefined, depth = 0): IdentityRef | null {
  for (const { address } of value?.refs ?? []) {
    const direct = draft.identityAt(address)
    if (direct) return direct
    const principal = draft.instances.get(address)
    if (principal?.instance.type !== 'azuread_service_principal' || depth > 3) continue
    const through = ownerOf(
      draft,
      principal.fields.value('client_id') ?? principal.fields.value('application_id'),
      depth + 1,
    )
    if (through) return through
  }
  return null
}

const OWNER_ARGUMENTS = [
  'application_id',
  'application_object_id',
  'service_principal_id',
  'parent_id',
  'user_assigned_identity_id',
  'principal_id',
]

function ownerOfProof(resource: Resource): IdentityRef | null {
  for (const argument of OWNER_ARGUMENTS) {
    const value = resource.fields.value(argument)
    const owner = ownerOf(resource.draft, value)
    if (owner) return owner
    const id = textOf(value)
    if (id !== null && id !== '') return { system: 'azure', realm: '', path: id.slice(id.lastIndexOf('/') + 1) }
  }
  return null
}

type Dates = { expiresAt?: RawDate; createdAt?: RawDate; neverExpires?: boolean }

function dates(end: Value | undefined, start: Value | undefined): Dates {
  const expiresAt = dateOf(end)
  const createdAt = dateOf(start)
  return { ...(expiresAt ? { expiresAt } : {}), ...(createdAt ? { createdAt } : {}) }
}

function dateOf(value: Value | undefined): RawDate | undefined {
  const raw = textOf(value)
  return value && raw !== null && raw !== '' ? { raw, place: { file: value.file, line: value.line } } : undefined
}

function proveWith(
  resource: Resource,
  identity: IdentityRef,
  kind: 'client-secret' | 'certificate',
  known: Dates,
): void {
  resource.draft.prove(resource.address, identity, {
    kind,
    name: resource.address,
    place: resource.place,
    ...known,
    kept: kind === 'client-secret' ? [inState(resource.address)] : [],
    revocation: `delete it with: terraform destroy -target='${resource.address}'`,
  })
}

/**
 * `end_date_relative` ("8760h") counts from `start_date`, else from the moment it is applied, which no file shows: such
 * a proof does end, on a day that is not known here.
 */
function proveSecret(kind: 'client-secret' | 'certificate') {
  return (resource: Resource): void => {
    const { fields } = resource
    const identity = ownerOfProof(resource)
    if (!identity) return
    const known = dates(fields.value('end_date'), fields.value('start_date'))
    const relative = fieldText(fields, 'end_date_relative')
    const computed = relative !== null && known.createdAt ? endOf(known.createdAt.raw, relative) : null
    const expiresAt =
      known.expiresAt ??
      (computed === null ? undefined : { raw: computed, place: fieldPlace(fields, 'end_date_relative') })
    proveWith(resource, identity, kind, { ...known, ...(expiresAt ? { expiresAt } : { neverExpires: false }) })
  }
}

/** null when the start is no ISO date, or the span is none. */
function endOf(start: string, span: string): string | null {
  const milliseconds = readDuration(span)
  const from = /^\d{4}-\d{2}-\d{2}/.test(start) ? Date.parse(start) : NaN
  return milliseconds === null || Number.isNaN(from) ? null : toIso(new Date(from + milliseconds))
}

function linkFederation(resource: Resource): void {
  const { fields, draft } = resource
  const identity = ownerOfProof(resource)
  const issuer = fieldShown(fields, 'issuer')
  if (!identity || issuer === null) return
  const audiences = [...fieldShownTexts(fields, 'audiences'), ...fieldShownTexts(fields, 'audience')]
  draft.add({
    type: 'trust',
    identity,
    issuer,
    audiences,
    subjects: fieldShownTexts(fields, 'subject'),
    place: fieldPlace(fields, 'issuer'),
  })
}

function roleLevel(role: string): { level: GrantLevel; isWildcard: boolean } {
  if (/^(?:Owner|User Access Administrator|Role Based Access Control Administrator)$/.test(role))
    return { level: 'admin', isWildcard: role === 'Owner' }
  if (role === 'Contributor') return { level: 'write', isWildcard: true }
  if (/Reader|Viewer|Monitoring/.test(role) || /User$/.test(role)) return { level: 'read', isWildcard: false }
  if (/Administrator|Owner/.test(role)) return { level: 'admin', isWildcard: false }
  return {
    level: /Contributor|Operator|Sender|Pusher|Writer|Officer/i.test(role) ? 'write' : 'unknown',
    isWildcard: false,
  }
}

function linkRoleAssignment({ fields, draft, address, place }: Resource): void {
  const principals = [...itemsOf(fields.value('principal_id')), ...itemsOf(fields.value('principal_object_id'))]
  const role =
    fieldShown(fields, 'role_definition_name') ??
    fieldShown(fields, 'role_definition_id') ??
    fieldShown(fields, 'role_id') ??
    fieldShown(fields, 'app_role_id')
  if (role === null) return
  const resource =
    fieldShown(fields, 'scope') ??
    fieldShown(fields, 'resource_object_id') ??
    fieldShown(fields, 'directory_scope_id') ??
    '/'
  const condition = fieldText(fields, 'condition')
  for (const principal of principals) {
    const identity = ownerOf(draft, principal)
    if (!identity) continue
    draft.add({
      type: 'grant',
      identity,
      permission: role,
      resource,
      ...roleLevel(role),
      via: address,
      place,
      ...(condition === null ? {} : { condition }),
    })
  }
}

/** Directory roles of Entra ID: the resource names the role by reference. */
function linkDirectoryRole(resource: Resource): void {
  const role = resource.fields.value('role_id')
  const defined = role?.refs.map((ref) => resource.draft.instances.get(ref.address)).find((one) => one !== undefined)
  const name = (defined && fieldText(defined.fields, 'display_name')) ?? shownText(role)
  const identity = ownerOf(resource.draft, resource.fields.value('principal_object_id'))
  if (!identity || name === null) return
  const level = /Reader/.test(name) ? 'read' : /Administrator/.test(name) ? 'admin' : 'unknown'
  resource.draft.add({
    type: 'grant',
    identity,
    permission: name,
    resource: 'directory',
    level,
    isWildcard: name === 'Global Administrator',
    via: resource.address,
    place: resource.place,
  })
}

export const azure: Provider = {
  defines: {
    azuread_application: defineApplication,
    azuread_application_registration: defineApplication,
    azurerm_user_assigned_identity: defineManagedIdentity,
  },
  proves: {
    azuread_service_principal: proveServicePrincipal,
    azuread_application_password: proveSecret('client-secret'),
    azuread_service_principal_password: proveSecret('client-secret'),
    azuread_application_certificate: proveSecret('certificate'),
    azuread_service_principal_certificate: proveSecret('certificate'),
  },
  links: {
    azuread_application_federated_identity_credential: linkFederation,
    azurerm_federated_identity_credential: linkFederation,
    azurerm_role_assignment: linkRoleAssignment,
    azuread_app_role_assignment: linkRoleAssignment,
    azuread_directory_role_assignment: linkDirectoryRole,
  },
}
