/** What a module call grants its identity, and whom it lets become it. */
import type { GrantLevel } from '@onus/core/identity.ts'
import type { IdentityRef } from '@onus/core/observation.ts'
import { grantDocument, grantPolicy, grantStatement } from './aws-grants.ts'
import { statementOf } from './aws-statements.ts'
import { withScheme } from './aws-trust.ts'
import type { Resource } from './draft.ts'
import { fieldBlocks, fieldShown, fieldShownTexts, fieldsOf, fieldText, type Fields } from './fields.ts'
import { googleRoleLevel } from './google.ts'
import { entriesOf, isNull, itemsOf, shownText, textOf, type Value } from './value.ts'

const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'

export function grantArguments(resource: Resource, identity: IdentityRef): void {
  for (const name of resource.fields.names()) {
    const value = resource.fields.value(name)
    if (!value || isNull(value)) continue
    if (/polic(?:y|ies)_arns?$|^(?:role_)?policies$/i.test(name)) grantPolicies(resource, identity, name, value)
    else if (/^attach_\w+_policy$/i.test(name)) grantAttached(resource, identity, name, value)
    else if (/polic(?:y|ies)(?:_documents?|_jsons?|_statements?)?$|statements?$/i.test(name))
      grantWritten(resource, identity, name, value)
    else if (/rules$/i.test(name))
      for (const rule of itemsOf(value)) grantRule(resource, identity, fieldsOf(rule), name)
    else if (/roles$/i.test(name)) for (const role of itemsOf(value)) grantRole(resource, identity, role)
  }
}

/** A list of ARNs, or a map of them whose keys say what they are for. */
function grantPolicies(resource: Resource, identity: IdentityRef, name: string, value: Value): void {
  const { draft, address } = resource
  const named = entriesOf(value)
  for (const [key, policy] of named) {
    if (textOf(policy) !== null || policy.refs.some((ref) => draft.instances.has(ref.address)))
      grantPolicy(draft, identity, policy, `${address} ${key}`)
    else grantUnknown(resource, identity, `${key} (${shownText(policy) ?? 'a policy'})`, policy, name)
  }
  if (named.size === 0) for (const policy of itemsOf(value)) grantPolicy(draft, identity, policy, `${address} ${name}`)
}

/** Switches of well-known modules: `attach_external_dns_policy = true`. */
function grantAttached(resource: Resource, identity: IdentityRef, name: string, value: Value): void {
  if (textOf(value) !== 'true') return
  const what = name.replace(/^attach_|_policy$/gi, '').replaceAll('_', ' ')
  const level: GrantLevel = /^(?:admin|power ?user)$/.test(what) ? 'admin' : what === 'readonly' ? 'read' : 'unknown'
  resource.draft.add({
    type: 'grant',
    identity,
    permission: `${what} policy`,
    resource: '',
    level,
    isWildcard: level === 'admin',
    via: `${resource.address} ${name}`,
    place: { file: value.file, line: value.line },
  })
}

/** Whole documents, or statement objects (a list, or a map of them). */
function grantWritten(resource: Resource, identity: IdentityRef, name: string, value: Value): void {
  const { draft, address } = resource
  const items =
    /statements?$/i.test(name) && value.data.kind === 'map' ? [...entriesOf(value).values()] : itemsOf(value)
  for (const item of items) {
    const fields = item.data.kind === 'map' ? fieldsOf(item) : null
    if (fields?.value('actions') || fields?.value('not_actions'))
      grantStatement(draft, identity, statementOf(fields), `${address} ${name}`)
    else if (
      item.data.kind === 'json' ||
      item.data.kind === 'partial' ||
      item.refs.length > 0 ||
      textOf(item)?.trimStart().startsWith('{')
    ) {
      grantDocument(draft, identity, item, `${address} ${name}`)
    }
  }
}

function grantUnknown(resource: Resource, identity: IdentityRef, permission: string, value: Value, name: string): void {
  resource.draft.add({
    type: 'grant',
    identity,
    permission,
    resource: '',
    level: 'unknown',
    isWildcard: false,
    via: `${resource.address} ${name}`,
    place: { file: value.file, line: value.line },
  })
}

const MUTATING = new Set(['create', 'update', 'patch', 'delete', 'deletecollection', '*'])
const HANDS_OUT_RIGHTS = new Set(['escalate', 'bind', 'impersonate'])

/** A rule of a Kubernetes role: `{ api_groups, resources, verbs }`. */
function grantRule(resource: Resource, identity: IdentityRef, rule: Fields | null, name: string): void {
  if (!rule) return
  const verbs = fieldShownTexts(rule, 'verbs')
  const resources = fieldShownTexts(rule, 'resources')
  if (verbs.length === 0 || resources.length === 0) return
  const isWildcard = verbs.includes('*') || resources.includes('*')
  const changes = verbs.some((verb) => MUTATING.has(verb))
  const isAdmin =
    (verbs.includes('*') && resources.includes('*')) ||
    verbs.some((verb) => HANDS_OUT_RIGHTS.has(verb)) ||
    (changes && resources.some((one) => /^(?:cluster)?role(?:binding)?s$/.test(one)))
  resource.draft.add({
    type: 'grant',
    identity,
    permission: `${verbs.join(', ')} ${resources.join(', ')}`,
    resource: fieldText(resource.fields, 'namespace') ?? '',
    level: isAdmin ? 'admin' : changes ? 'write' : 'read',
    isWildcard,
    via: `${resource.address} ${name}`,
    place: rule.place,
  })
}

/** Roles of Google, also in the form `project=>role`. */
function grantRole(resource: Resource, identity: IdentityRef, value: Value): void {
  const text = shownText(value)
  if (text === null) return
  const [project, role] = text.includes('=>')
    ? text.split('=>')
    : [fieldShown(resource.fields, 'project_id') ?? '', text]
  if (role === undefined || !/^(?:roles|projects|organizations)\//.test(role)) return
  resource.draft.add({
    type: 'grant',
    identity,
    permission: role,
    resource: project ? `project ${project}` : '',
    ...googleRoleLevel(role),
    via: resource.address,
    place: { file: value.file, line: value.line },
  })
}

export function trustArguments(resource: Resource, identity: IdentityRef, isCi: boolean): void {
  const { fields, draft, place } = resource
  const trust = (issuer: string, audiences: string[], subjects: string[], at: Value | undefined): void => {
    draft.add({
      type: 'trust',
      identity,
      issuer,
      audiences,
      subjects,
      place: at ? { file: at.file, line: at.line } : place,
    })
  }
  const providers = fields.value('oidc_providers')
  for (const provider of entriesOf(providers).values()) {
    const entry = fieldsOf(provider)
    if (!entry) continue
    const accounts = fieldShownTexts(entry, 'namespace_service_accounts')
    const subjects = accounts.map((account) => `system:serviceaccount:${account}`)
    // Modules with this argument accept the audience of the AWS token service only.
    trust(issuerText(fieldShown(entry, 'provider_arn') ?? ''), ['sts.amazonaws.com'], subjects, provider)
    for (const account of accounts) useBy(resource, identity, account, provider)
  }
  trustPodIdentity(resource, identity)
  trustUrl(resource, trust)
  if (isCi) trustRepositories(fields, trust)
}

type Trust = (issuer: string, audiences: string[], subjects: string[], at: Value | undefined) => void

function trustUrl({ fields }: Resource, trust: Trust): void {
  const urls = [
    ...itemsOf(fields.value('provider_url')),
    ...itemsOf(fields.value('provider_urls')),
    ...itemsOf(fields.value('oidc_provider_url')),
  ]
  const subjects = [
    'oidc_fully_qualified_subjects',
    'oidc_subjects_with_wildcards',
    'oidc_subjects',
    'oidc_wildcard_subjects',
  ].flatMap((name) => fieldShownTexts(fields, name))
  for (const url of urls)
    trust(withScheme(shownText(url) ?? ''), fieldShownTexts(fields, 'oidc_fully_qualified_audiences'), subjects, url)
}

/** GitHub's tokens. A repository without its owner leaves the subject open, and is written so. */
function trustRepositories(fields: Fields, trust: Trust): void {
  const stated = ['subjects', 'oidc_subjects', 'github_subjects', 'oidc_wildcard_subjects']
    .map((name) => fields.value(name))
    .find((value) => itemsOf(value).length > 0)
  const names = [
    'github_repositories',
    'github_repository',
    'github_repo',
    'github_repos',
    'repositories',
    'repository',
    'repo',
    'oidc_github_repos',
  ]
  const repositories = names.map((name) => fields.value(name)).find((value) => itemsOf(value).length > 0)
  const chosen = stated ?? repositories
  if (!chosen || fields.value('provider_url')) return
  const audiences = ['audience', 'audiences'].flatMap((name) => fieldShownTexts(fields, name))
  const subjects = itemsOf(chosen)
    .flatMap((item) => shownText(item) ?? [])
    .map((subject) =>
      subject.startsWith('repo:') || /^\w+:/.test(subject)
        ? subject
        : `repo:${subject.includes('/') ? subject : `\${owner}/${subject}`}`,
    )
  trust(GITHUB_ISSUER, audiences, subjects, chosen)
}

function trustPodIdentity(resource: Resource, identity: IdentityRef): void {
  const { fields, draft } = resource
  const defaults = fieldBlocks(fields, 'association_defaults')[0]
  for (const [, value] of entriesOf(fields.value('associations'))) {
    const entry = fieldsOf(value)
    const account =
      entry && (fieldShown(entry, 'service_account') ?? (defaults && fieldShown(defaults, 'service_account')))
    if (!entry || !account) continue
    const namespace =
      fieldShown(entry, 'namespace') ?? (defaults && fieldShown(defaults, 'namespace')) ?? '${namespace}'
    draft.add({
      type: 'trust',
      identity,
      issuer: 'pods.eks.amazonaws.com',
      audiences: [],
      subjects: [`system:serviceaccount:${namespace}:${account}`],
      place: entry.place,
    })
    useBy(resource, identity, `${namespace}:${account}`, value)
  }
}

function useBy({ draft }: Resource, identity: IdentityRef, account: string, at: Value): void {
  const [namespace, name] = account.split(':')
  if (!namespace || !name || account.includes('${') || account.includes('*')) return
  draft.add({
    type: 'use',
    identity,
    by: { kind: 'workload', name: `ServiceAccount/${name}`, namespace },
    place: { file: at.file, line: at.line },
  })
}

function issuerText(arn: string): string {
  const host = /:oidc-provider\/(.+)$/.exec(arn)?.[1]
  return host === undefined ? arn : withScheme(host)
}
