/** Amazon Web Services: users, roles, access keys, Cognito app clients, API Gateway keys and client certificates. */
import type { IdentityObserved, IdentityRef } from '@onus/core/observation.ts'
import { READER_TAGS } from '@onus/core/reader-tags.ts'
import { powerOf } from './aws-access.ts'
import { AWS_ROLE, AWS_USER, grantOwnPolicies, linkAttachment, linkAttachments, linkMembership } from './aws-grants.ts'
import { trustDocument } from './aws-trust.ts'
import { inState, type Provider, shownName, type Resource } from './draft.ts'
import { fieldDate, fieldFlag, fieldPlace, fieldShown, fieldText, fieldTexts, type Fields } from './fields.ts'
import { providerOf, resourceTags } from './tags.ts'
import { itemsOf, shownText } from './value.ts'

const secretInState = ({ address, fields }: Resource) => (fields.value('pgp_key') ? [] : [inState(address)])

function defineUser(resource: Resource): void {
  const { fields, draft } = resource
  const name = fieldText(fields, 'name')
  draft.define(resource, {
    kind: 'cloud-principal',
    name: shownName(resource, 'name'),
    tags: resourceTags(resource, 'tags'),
    ...created(resource, 'user', name),
  })
}

function defineRole(resource: Resource): void {
  const { fields, draft } = resource
  const name = fieldText(fields, 'name')
  draft.define(resource, {
    kind: 'cloud-principal',
    name: shownName(resource, 'name', 'name_prefix'),
    tags: resourceTags(resource, 'tags'),
    purpose: fieldText(fields, 'description'),
    ...created(resource, 'role', name),
  })
}

function created(
  resource: Resource,
  kind: 'user' | 'role',
  name: string | null,
): { creates?: NonNullable<IdentityObserved['creates']> } {
  if (name === null || name === '') return {}
  return {
    creates: {
      system: 'aws',
      realm: accountOf(providerOf(resource.frame, resource.instance)),
      name: `${kind}/${name}`,
      namespace: null,
    },
  }
}

/** The one account that a provider is restricted to, or assumes a role in; '' when it says neither. */
function accountOf(provider: Fields | null): string {
  const [only, ...others] = provider ? fieldTexts(provider, 'allowed_account_ids') : []
  return only !== undefined && others.length === 0 && /^\d{12}$/.test(only) ? only : ''
}

function linkRole({ fields, draft, address }: Resource): void {
  const identity = draft.identityAt(address)
  if (!identity) return
  trustDocument(draft, identity, fields.value('assume_role_policy'))
  grantOwnPolicies(draft, identity, fields, address)
  if (fields.value('permissions_boundary')) powerOf(draft, identity).isBounded = true
}

function linkUser({ fields, draft, address }: Resource): void {
  const identity = draft.identityAt(address)
  if (identity && fields.value('permissions_boundary')) powerOf(draft, identity).isBounded = true
}

/** A key proves that there is a user, also when its name is only known where the module is applied. */
function unnamedUser(resource: Resource, argument: string): IdentityRef {
  const name = fieldShown(resource.fields, argument) ?? resource.label
  return resource.draft.define(resource, { kind: 'cloud-principal', name, tags: [] })
}

function proveAccessKey(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const identity = draft.identityOf(fields.value('user'), AWS_USER) ?? unnamedUser(resource, 'user')
  draft.prove(address, identity, {
    kind: 'access-key',
    name: address,
    place,
    kept: secretInState(resource),
    isActive: fieldText(fields, 'status') !== 'Inactive',
    revocation: `delete the access key with: terraform destroy -target='${address}'`,
  })
}

function proveUserCredential(
  kind: 'password' | 'ssh-key' | 'certificate',
  argument: 'user' | 'username' | 'user_name',
) {
  return (resource: Resource): void => {
    const { fields, draft, address, place } = resource
    const identity = draft.identityOf(fields.value(argument), AWS_USER)
    if (!identity) return
    const status = fieldText(fields, 'status')
    if (resource.instance.type === 'aws_iam_user_login_profile')
      draft.tag(identity, { key: READER_TAGS.consolePassword, value: 'true', ...place })
    draft.prove(address, identity, {
      kind,
      name: address,
      place,
      kept: kind === 'password' ? secretInState(resource) : [],
      ...(status === null ? {} : { isActive: status === 'Active' }),
    })
  }
}

function defineCognitoClient(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const identity = draft.define(resource, { kind: 'oauth-client', name: shownName(resource, 'name') })
  if (fieldFlag(fields, 'generate_secret') === true) {
    draft.prove(address, identity, {
      kind: 'client-secret',
      name: address,
      place,
      neverExpires: true,
      kept: [inState(address)],
    })
  }
  const flows = fieldTexts(fields, 'allowed_oauth_flows')
  for (const scope of itemsOf(fields.value('allowed_oauth_scopes'))) {
    const permission = shownText(scope)
    if (permission === null) continue
    draft.add({
      type: 'grant',
      identity,
      permission,
      resource: fieldShown(fields, 'user_pool_id') ?? '',
      level: 'unknown',
      isWildcard: false,
      via: flows.length === 0 ? address : `${address} (${flows.join(', ')})`,
      place: { file: scope.file, line: scope.line },
    })
  }
}

function defineApiKey(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const identity = draft.define(resource, {
    kind: 'api-key',
    name: shownName(resource, 'name'),
    tags: resourceTags(resource, 'tags'),
    purpose: fieldText(fields, 'description'),
  })
  const enabled = fieldFlag(fields, 'enabled')
  draft.prove(address, identity, {
    kind: 'api-key',
    name: address,
    place,
    neverExpires: true,
    isActive: enabled ?? true,
    kept: [inState(address)],
  })
}

function linkUsagePlanKey({ fields, draft, address, place }: Resource): void {
  const key = fields.value('key_id')
  const identity = key?.refs.map((ref) => draft.identityAt(ref.address)).find((found) => found !== null)
  if (!identity) return
  const plan = fields.value('usage_plan_id')
  const defined = plan?.refs.map((ref) => draft.instances.get(ref.address)).find((found) => found !== undefined)
  const name = (defined && fieldShown(defined.fields, 'name')) ?? shownText(plan) ?? 'a usage plan'
  draft.add({
    type: 'grant',
    identity,
    permission: `call APIs of usage plan ${name}`,
    resource: name,
    level: 'write',
    isWildcard: false,
    via: address,
    place,
  })
}

/** The certificate by which API Gateway proves itself to backends; AWS makes it valid for one year. */
function defineClientCertificate(resource: Resource): void {
  const { fields, label, draft, address, place } = resource
  const identity = draft.define(resource, {
    kind: 'workload',
    name: fieldText(fields, 'description') ?? label,
    tags: resourceTags(resource, 'tags'),
    purpose: fieldText(fields, 'description'),
  })
  draft.prove(address, identity, {
    kind: 'certificate',
    name: address,
    place,
    kept: [{ kind: 'gateway', name: 'API Gateway' }],
  })
}

function defineTransferUser(resource: Resource): void {
  const { draft } = resource
  draft.define(resource, {
    kind: 'service-account',
    name: shownName(resource, 'user_name'),
    tags: resourceTags(resource, 'tags'),
  })
}

function proveTransferKey({ fields, draft, address, place }: Resource): void {
  const user = fields.value('user_name')
  const name = shownText(user)
  const direct = user?.refs.map((ref) => draft.identityAt(ref.address)).find((found) => found !== null)
  const named = [...draft.instances.values()].find(
    ({ instance, fields: other }) =>
      instance.type === 'aws_transfer_user' && name !== null && fieldShown(other, 'user_name') === name,
  )
  const identity = direct ?? (named ? draft.identityAt(named.address) : null)
  if (identity) draft.prove(address, identity, { kind: 'ssh-key', name: address, place })
}

/** A role that runs as a person's or a server's profile says who uses the role. */
function linkInstanceProfile({ fields, draft, address, place }: Resource): void {
  const identity = draft.identityOf(fields.value('role'), AWS_ROLE)
  if (identity)
    draft.add({
      type: 'use',
      identity,
      by: { kind: 'workload', name: fieldShown(fields, 'name') ?? address, namespace: null },
      place,
    })
}

function linkPodIdentity({ fields, draft, place }: Resource): void {
  const identity = draft.identityOf(fields.value('role_arn'), AWS_ROLE)
  const account = fieldShown(fields, 'service_account')
  if (!identity || account === null) return
  const namespace = fieldShown(fields, 'namespace')
  draft.add({ type: 'use', identity, by: { kind: 'workload', name: `ServiceAccount/${account}`, namespace }, place })
  draft.add({
    type: 'trust',
    identity,
    issuer: fieldShown(fields, 'cluster_name') ?? 'EKS Pod Identity',
    audiences: [],
    subjects: [`system:serviceaccount:${namespace ?? '*'}:${account}`],
    place: fieldPlace(fields, 'service_account'),
  })
}

function proveSigningCertificate(resource: Resource): void {
  const expiresAt = fieldDate(resource.fields, 'valid_to')
  const identity = resource.draft.identityOf(resource.fields.value('user_name'), AWS_USER)
  if (identity)
    resource.draft.prove(resource.address, identity, {
      kind: 'certificate',
      name: resource.address,
      place: resource.place,
      ...(expiresAt ? { expiresAt } : {}),
    })
}

export const aws: Provider = {
  defines: {
    aws_iam_user: defineUser,
    aws_iam_role: defineRole,
    aws_cognito_user_pool_client: defineCognitoClient,
    aws_cognito_managed_user_pool_client: defineCognitoClient,
    aws_api_gateway_api_key: defineApiKey,
    aws_api_gateway_client_certificate: defineClientCertificate,
    aws_transfer_user: defineTransferUser,
  },
  proves: {
    aws_iam_access_key: proveAccessKey,
    aws_iam_user_ssh_key: proveUserCredential('ssh-key', 'username'),
    aws_iam_user_login_profile: proveUserCredential('password', 'user'),
    aws_iam_service_specific_credential: proveUserCredential('password', 'user_name'),
    aws_iam_signing_certificate: proveSigningCertificate,
    aws_transfer_ssh_key: proveTransferKey,
  },
  links: {
    aws_iam_role: linkRole,
    aws_iam_user: linkUser,
    aws_iam_role_policy: linkAttachment('role', 'policy'),
    aws_iam_user_policy: linkAttachment('user', 'policy'),
    aws_iam_role_policy_attachment: linkAttachment('role', 'policy_arn'),
    aws_iam_user_policy_attachment: linkAttachment('user', 'policy_arn'),
    aws_iam_policy_attachment: linkAttachments,
    aws_iam_role_policy_attachments_exclusive: linkAttachments,
    aws_iam_user_policy_attachments_exclusive: linkAttachments,
    aws_iam_user_group_membership: linkMembership,
    aws_iam_group_membership: linkMembership,
    aws_api_gateway_usage_plan_key: linkUsagePlanKey,
    aws_iam_instance_profile: linkInstanceProfile,
    aws_eks_pod_identity_association: linkPodIdentity,
  },
}
