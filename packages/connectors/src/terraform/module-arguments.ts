/** Arguments of module calls by what their names mean, whoever wrote the module. */
import type { CredentialKind, IdentityKind, Kept } from '@onus/core/identity.ts'
import type { IdentityObserved, RawDate } from '@onus/core/observation.ts'
import { kubernetesRealm } from '@onus/core/realm.ts'
import { namespaceScope, type Resource, type TagAt } from './draft.ts'
import { fieldDate, fieldFlag, fieldShown, fieldShownTexts, fieldText, type Fields } from './fields.ts'
import { dateMeaning, type ModuleKind } from './module-kinds.ts'
import { isSecretName, looksSecret } from '../secret-names.ts'
import { isTagText, tagsIn } from './tags.ts'
import { textOf } from './value.ts'

const META = new Set(['source', 'version', 'providers', 'depends_on', 'for_each', 'count'])

const KINDS: Readonly<Record<ModuleKind, IdentityKind>> = {
  'service-account': 'service-account',
  'workload-role': 'workload',
  'ci-role': 'ci-workload',
  user: 'cloud-principal',
  credential: 'ci-workload',
}

const ACCOUNT_NAMES = [
  'serviceaccount_name',
  'service_account_name',
  'service_account',
  'sa_name',
  'k8s_sa_name',
  'kubernetes_service_account',
  'kubernetes_service_account_name',
]
const ROLE_NAMES = ['role_name', 'iam_role_name']
const NAMES: Readonly<Record<ModuleKind, readonly string[]>> = {
  'service-account': [...ACCOUNT_NAMES, 'account_id', 'name', 'name_prefix'],
  'workload-role': [...ACCOUNT_NAMES, ...ROLE_NAMES, 'name', 'gcp_sa_name'],
  'ci-role': [...ROLE_NAMES, 'name'],
  user: ['user_name', 'username', 'iam_user_name', 'name', 'nom', 'nombre', 'naam'],
  credential: [
    'name',
    'serviceaccount_name',
    'service_account_name',
    'user_name',
    'role_name',
    'application',
    'github_repo',
    'repository',
  ],
}

export function identityKindOf(kind: ModuleKind): IdentityKind {
  return KINDS[kind]
}

export function callName(kind: ModuleKind, fields: Fields): string | null {
  for (const name of NAMES[kind]) {
    const text = fieldText(fields, name)
    if (text !== null && text !== '') return text
  }
  return null
}

/** Argument values are evidence for conventions; nothing that may be a secret is among them. */
export function argumentTags(fields: Fields): TagAt[] {
  return fields
    .names()
    .filter((name) => !META.has(name))
    .flatMap((name) => {
      const value = fields.value(name)
      if (value?.data.kind === 'map') return /(?:^|_)(?:tags|labels|annotations)$/.test(name) ? tagsIn(value) : []
      const text = textOf(value)
      if (!value || text === null || !isTagText(text)) return []
      const isSecret =
        dateMeaning(name) === null && (/secret|password|token$|private/i.test(name) || isSecretName(name))
      return isSecret || looksSecret(text) ? [] : [{ key: name, value: text, line: value.line, file: value.file }]
    })
}

/** What the call makes in its target system, when the arguments name it. */
export function createdBy(
  kind: ModuleKind,
  resource: Resource,
  source: string,
): Pick<IdentityObserved, 'creates' | 'scope'> {
  const { fields, draft, place } = resource
  const account = firstText(fields, kind === 'service-account' ? NAMES[kind] : ACCOUNT_NAMES)
  const role = firstText(fields, [...ROLE_NAMES, 'name'])
  const isGoogle = /google|gcp|gke/i.test(source)
  const namespace = kind === 'user' || kind === 'ci-role' ? null : namespaceOf(fields)
  const { scope } = namespaceScope(draft.standing(place), namespace)
  const made = (creates: NonNullable<IdentityObserved['creates']>): Pick<IdentityObserved, 'creates' | 'scope'> => ({
    creates,
    ...(scope ? { scope } : {}),
  })
  if (isGoogle && (kind === 'service-account' || kind === 'workload-role')) {
    const project = fieldText(fields, 'project_id') ?? fieldText(fields, 'project')
    const id = firstText(fields, ['account_id', 'gcp_sa_name', 'name'])
    if (project !== null && id !== null)
      return made({ system: 'google', realm: '', name: `${id}@${project}.iam.gserviceaccount.com`, namespace: null })
  } else if (kind === 'user') {
    const user = firstText(fields, NAMES.user)
    if (user !== null) return made({ system: 'aws', realm: '', name: `user/${user}`, namespace: null })
  } else if (
    kind === 'service-account' ||
    (kind === 'workload-role' && fieldText(fields, 'role_name') === null && account !== null)
  ) {
    const realm = kubernetesRealm(draft.standing(place).file, namespace)
    if (account !== null) return made({ system: 'kubernetes', realm, name: account, namespace })
  } else if (role !== null && kind !== 'credential' && !/azure/i.test(source))
    return made({ system: 'aws', realm: '', name: `role/${role}`, namespace: null })
  return scope ? { scope } : {}
}

function firstText(fields: Fields, names: readonly string[]): string | null {
  for (const name of names) {
    const text = fieldText(fields, name)
    if (text !== null && text !== '') return text
  }
  return null
}

/** `namespace` beside `stage` or `tenant` is a naming scheme's word for the company, not Kubernetes. */
function namespaceOf(fields: Fields): string | null {
  const explicit = firstText(fields, [
    'service_account_namespace',
    'serviceaccount_namespace',
    'k8s_namespace',
    'kubernetes_namespace',
  ])
  if (explicit !== null) return explicit
  return fields.value('stage') || fields.value('tenant') ? null : fieldText(fields, 'namespace')
}

export type CallCredential = {
  kind: CredentialKind
  createdAt?: RawDate
  rotatedAt?: RawDate
  expiresAt?: RawDate
  kept: Kept[]
  revocation?: string
}

/** The credential that a call makes: shown by a date about it, a store it is put into, or a switch that asks for it. */
export function callCredential(kind: ModuleKind, fields: Fields, source: string): CallCredential | null {
  const dated = fields.names().filter((name) => dateMeaning(name) !== null && !isSwitch(fields, name))
  const isWorkload = kind === 'workload-role' || kind === 'ci-role'
  const kept = isWorkload && dated.length === 0 ? [] : keptInGithub(fields)
  const asksForKey = ['generate_keys', 'create_iam_access_key', 'create_access_key', 'create_key', 'generate_key'].some(
    (name) => fieldFlag(fields, name) === true,
  )
  if (dated.length === 0 && kept.length === 0 && !asksForKey) return null
  const rotation = dated.find((name) => dateMeaning(name) === 'rotated')
  return {
    kind: credentialKind(kind, dated.join(' '), source),
    ...datesOf(fields, dated),
    kept,
    // That is what such an argument is for: another date makes another secret.
    ...(rotation === undefined ? {} : { revocation: `change ${rotation} and apply` }),
  }
}

function datesOf(
  fields: Fields,
  dated: readonly string[],
): Pick<CallCredential, 'createdAt' | 'rotatedAt' | 'expiresAt'> {
  const dates: Pick<CallCredential, 'createdAt' | 'rotatedAt' | 'expiresAt'> = {}
  for (const name of dated) {
    const date = fieldDate(fields, name)
    const meaning = dateMeaning(name)
    if (!date || meaning === null) continue
    dates[`${meaning}At`] ??= date
  }
  return dates
}

/** `enable_expiry = true` and `expiration = 30` are settings, not dates. */
function isSwitch(fields: Fields, name: string): boolean {
  const value = fields.value(name)
  return value?.data.kind === 'scalar' && typeof value.data.value !== 'string'
}

function credentialKind(kind: ModuleKind, dates: string, source: string): CredentialKind {
  if (kind === 'service-account') return /google|gcp/i.test(source) ? 'service-account-key' : 'service-account-token'
  if (kind === 'user') return 'access-key'
  if (/cert|tls/i.test(dates)) return 'certificate'
  if (/access_?key/i.test(dates)) return 'access-key'
  if (/password/i.test(dates)) return 'password'
  if (/secret/i.test(dates)) return 'client-secret'
  return /key/i.test(dates) ? 'api-key' : 'token'
}

function keptInGithub(fields: Fields): Kept[] {
  const repositories = fields
    .names()
    .filter((name) => /^github_(?:actions_)?repo(?:sitory|sitories|s)?$/i.test(name))
    .flatMap((name) => fieldShownTexts(fields, name))
    .filter((name) => name !== '')
  const secrets = fields
    .names()
    .filter((name) => /^github_(?:actions_)?secrets?(?:_|$)/i.test(name))
    .flatMap((argument) => {
      const name = fieldShown(fields, argument)
      return name === null || name === '' || /^(?:true|false)$/.test(name) || looksSecret(name)
        ? []
        : [{ argument, name }]
    })
  const proof =
    secrets.find(({ argument }) =>
      /token|key|secret_access/i.test(argument.replace(/^github_(?:actions_)?secrets?/i, '')),
    ) ?? secrets[0]
  if (repositories.length === 0) return proof ? [{ kind: 'github-secret', name: proof.name }] : []
  return [...new Set(repositories)].map((repository) => ({
    kind: 'github-secret',
    name: proof ? `${repository}: ${proof.name}` : repository,
  }))
}
