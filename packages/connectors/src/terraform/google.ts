/** Google Cloud: service accounts, their keys, IAM bindings and workload identity federation. */
import type { GrantLevel } from '@onus/core/identity.ts'
import type { ControlObserved, IdentityRef } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { inState, type Draft, type Handlers, type Provider, shownName, type Resource } from './draft.ts'
import { fieldBlock, fieldFlag, fieldShown, fieldShownTexts, fieldText, type Fields } from './fields.ts'
import { bindingsOf } from './google-policy.ts'
import { itemsOf, shownText, textOf, type Value } from './value.ts'

const ACCOUNT = { system: 'google', prefix: '', sources: { 'data.google_service_account': 'account_id' } } as const

function defineAccount(resource: Resource): void {
  const { fields, draft } = resource
  const id = fieldText(fields, 'account_id')
  const email = emailOf(id, fieldText(fields, 'project'))
  draft.define(resource, {
    kind: 'service-account',
    name: shownName(resource, 'account_id'),
    purpose: fieldText(fields, 'description') ?? fieldText(fields, 'display_name'),
    ...(email === null ? {} : { creates: { system: 'google', realm: '', name: email, namespace: null } }),
    ...(fieldFlag(fields, 'disabled') === true ? { isSuspended: true } : {}),
  })
}

function emailOf(id: string | null, project: string | null): string | null {
  return id !== null && project !== null ? `${id}@${project}.iam.gserviceaccount.com` : null
}

function proveKey(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const identity =
    accountOf(draft, fields.value('service_account_id')) ??
    draft.define(resource, {
      kind: 'service-account',
      name: shownName(resource, 'service_account_id'),
    })
  draft.prove(address, identity, {
    kind: 'service-account-key',
    name: address,
    place,
    neverExpires: true,
    kept: fields.value('public_key_data') ? [] : [inState(address)],
    revocation: `delete the key with: terraform destroy -target='${address}'`,
  })
}

function proveHmacKey(resource: Resource): void {
  const { fields, draft, address, place } = resource
  const identity = accountOf(draft, fields.value('service_account_email'))
  if (identity)
    draft.prove(address, identity, {
      kind: 'hmac-key',
      name: address,
      place,
      neverExpires: true,
      kept: [inState(address)],
    })
}

/** `projects/p/serviceAccounts/x@p.iam…`, an address, an account id, or a reference. */
function accountOf(draft: Draft, value: Value | undefined): IdentityRef | null {
  if (!value) return null
  const text = textOf(value)
  const email = text === null ? null : (/[^/]+@[^/]+$/.exec(text)?.[0] ?? null)
  const found = draft.identityOf({ ...value, data: { kind: 'unknown', text: '' } }, ACCOUNT)
  return found ?? (email === null ? null : draft.named('google', email))
}

/** One identity of a binding: the account that the member names, if it names one. */
function memberIdentity(draft: Draft, member: Value): IdentityRef | null {
  const text = shownText(member)
  if (text === null) return null
  if (text.startsWith('serviceAccount:'))
    return accountOf(draft, { ...member, data: { kind: 'scalar', value: text.slice('serviceAccount:'.length) } })
  // The attribute `member` of an account is already in this form.
  return member.refs.some((ref) => ref.attribute === 'member') ? accountOf(draft, member) : null
}

/** Roles by whose name Google itself says how much they allow; for all others the verb in the name decides. */
export function googleRoleLevel(role: string): { level: GrantLevel; isWildcard: boolean } {
  const name = role.slice(role.lastIndexOf('/') + 1).toLowerCase()
  if (role === 'roles/owner') return { level: 'admin', isWildcard: true }
  if (role === 'roles/editor') return { level: 'write', isWildcard: true }
  if (role === 'roles/viewer' || role === 'roles/browser') return { level: 'read', isWildcard: false }
  if (GIVES_POWER.test(role)) return { level: 'admin', isWildcard: false }
  if (!role.startsWith('roles/')) return { level: 'unknown', isWildcard: false }
  if (/viewer|reader|accessor|getter|lister|reviewer|subscriber|consumer/.test(name))
    return { level: 'read', isWildcard: false }
  if (/admin|owner/.test(name)) return { level: 'admin', isWildcard: false }
  return { level: 'write', isWildcard: false }
}

/** Roles that hand out rights, or let their holder act as other accounts. */
const GIVES_POWER =
  /^roles\/(?:owner|iam\.(?:serviceAccount(?:KeyAdmin|TokenCreator|User)|\w*Admin)|resourcemanager\.\w*[aA]dmin)$/

type Binding = {
  role: string
  members: readonly Value[]
  on: Fields
  condition: string | null
  address: string
  place: Place
}

function linkBinding({ fields, draft, address, place, instance }: Resource): void {
  const condition = fieldBlock(fields, 'condition')
  const common = {
    on: fields,
    condition: condition ? (fieldShown(condition, 'expression') ?? fieldShown(condition, 'title')) : null,
    address,
    place,
  }
  const roles = [...fieldShownTexts(fields, 'role'), ...fieldShownTexts(fields, 'roles')]
  const members = [...itemsOf(fields.value('member')), ...itemsOf(fields.value('members'))]
  for (const role of roles) applyBinding(draft, instance.type, { ...common, role, members })
  for (const binding of bindingsOf(fields.value('policy_data'), draft)) {
    applyBinding(draft, instance.type, {
      ...common,
      role: binding.role,
      members: binding.members,
      place: binding.place,
    })
  }
}

function applyBinding(draft: Draft, type: string, binding: Binding): void {
  const target = targetOf(binding.on)
  const account = type.startsWith('google_service_account_iam')
    ? accountOf(draft, binding.on.value('service_account_id'))
    : null
  for (const member of binding.members) {
    const identity = memberIdentity(draft, member)
    const text = shownText(member) ?? ''
    if (identity) {
      draft.add({
        type: 'grant',
        identity,
        permission: binding.role,
        resource: target,
        ...googleRoleLevel(binding.role),
        via: binding.address,
        place: binding.place,
        ...(binding.condition === null ? {} : { condition: binding.condition }),
      })
    }
    if (account) linkToAccount(draft, account, binding, text)
    else if (type.startsWith('google_project_iam')) controlProject(draft, binding, text)
  }
}

/** A binding on an account itself: who may become it (federation), and who controls it. */
function linkToAccount(draft: Draft, account: IdentityRef, binding: Binding, member: string): void {
  if (/workloadIdentityUser$/.test(binding.role)) trustMember(draft, account, member, binding.place)
  const power = powerOf(binding.role)
  const holder = holderOf(member)
  if (power && holder)
    draft.add({
      type: 'control',
      over: { kind: 'identity', ref: account },
      holder,
      power,
      via: `${binding.role} (${binding.address})`,
      place: binding.place,
    })
}

/**
 * `principalSet://…/workloadIdentityPools/POOL/attribute.repository/acme/shop`, or a Kubernetes account
 * `p.svc.id.goog[ns/sa]`.
 */
function trustMember(draft: Draft, account: IdentityRef, member: string, place: Place): void {
  const pool = /^principal(?:Set)?:\/\/(.*?)\/(subject\/.*|attribute\..*|group\/.*|\*)$/.exec(member)
  const kubernetes = /^serviceAccount:(.+?)\.svc\.id\.goog\[([^/\]]+)\/([^\]]+)\]$/.exec(member)
  if (pool) {
    const issuer = issuerOfPool(draft, pool[1] ?? '')
    const subject = (pool[2] ?? '').replace(/^subject\//, '')
    draft.add({
      type: 'trust',
      identity: account,
      issuer,
      audiences: [],
      subjects: subject === '*' ? [] : [subject],
      place,
    })
  } else if (kubernetes) {
    const [, project, namespace = '', name = ''] = kubernetes
    draft.add({
      type: 'trust',
      identity: account,
      issuer: `${project ?? ''}.svc.id.goog`,
      audiences: [],
      subjects: [`system:serviceaccount:${namespace}:${name}`],
      place,
    })
    draft.add({
      type: 'use',
      identity: account,
      by: { kind: 'workload', name: `ServiceAccount/${name}`, namespace },
      place,
    })
  }
}

/** The issuer of the pool's one provider, when this directory defines it; else the pool's own name. */
function issuerOfPool(draft: Draft, pool: string): string {
  const providers = [...draft.instances.values()].filter(
    ({ instance }) => instance.type === 'google_iam_workload_identity_pool_provider',
  )
  const own = providers.filter(({ fields }) => {
    const id = fieldShown(fields, 'workload_identity_pool_id')
    return providers.length === 1 || (id !== null && pool.includes(id.replace(/\.workload_identity_pool_id$/, '')))
  })
  const oidc = own.length === 1 && own[0] ? fieldBlock(own[0].fields, 'oidc') : null
  return (oidc ? fieldText(oidc, 'issuer_uri') : null) ?? pool.replace(/^\/*iam\.googleapis\.com\//, '')
}

/** Groups and people that may mint keys or tokens of every account of a project. */
function controlProject(draft: Draft, binding: Binding, member: string): void {
  const power = powerOf(binding.role)
  const holder = holderOf(member)
  const project = fieldText(binding.on, 'project')
  if (!power || !holder || project === null) return
  draft.add({
    type: 'control',
    over: { kind: 'cloud-account', realm: 'google', name: project },
    holder,
    power,
    via: `${binding.role} (${binding.address})`,
    place: binding.place,
  })
}

function powerOf(role: string): ControlObserved['power'] | null {
  if (role === 'roles/owner' || /serviceAccountAdmin$|securityAdmin$/.test(role)) return 'admin'
  return /serviceAccountKeyAdmin$|serviceAccountTokenCreator$|serviceAccountUser$/.test(role) || role === 'roles/editor'
    ? 'write'
    : null
}

function holderOf(member: string): ControlObserved['holder'] | null {
  const [kind, name] = [member.slice(0, member.indexOf(':')), member.slice(member.indexOf(':') + 1)]
  if (kind === 'group') return { raw: name, kind: 'group' }
  return kind === 'user' ? { raw: name, kind: 'person' } : null
}

/** What a binding is about, from whichever argument names it. */
function targetOf(fields: Fields): string {
  for (const name of [
    'project',
    'folder',
    'org_id',
    'bucket',
    'service_account_id',
    'secret_id',
    'topic',
    'subscription',
    'dataset_id',
    'repository',
    'service',
    'name',
    'resource',
  ]) {
    const text = fieldShown(fields, name)
    if (text !== null) return name === 'org_id' || name === 'folder' || name === 'project' ? `${name} ${text}` : text
  }
  return ''
}

/** Every `google_<something>_iam_member|binding|policy` has the same arguments. */
export function googleBinding(type: string): Handlers[string] | null {
  return type.startsWith('google_') && /_iam_(?:member|members|binding|policy)$/.test(type) ? linkBinding : null
}

export const google: Provider = {
  defines: { google_service_account: defineAccount },
  proves: { google_service_account_key: proveKey, google_storage_hmac_key: proveHmacKey },
  links: {},
}
