/** Resources that store secrets: each says where a credential is kept besides Terraform's state. */
import type { Kept } from '@onus/core/identity.ts'
import type { Handler, Handlers, Resource } from './draft.ts'
import { fieldBlocks, fieldShown } from './fields.ts'
import { joinRefs, shownText, type Reference } from './value.ts'

type Store = { kind: Kept['kind']; values: readonly string[]; name: (resource: Resource) => string }

const named =
  (...names: readonly string[]) =>
  ({ fields, label }: Resource): string => {
    for (const name of names) {
      const value = fields.value(name)
      const text = shownText(value)
      if (text !== null) return text
    }
    return label
  }

function metadataName({ fields, label }: Resource): string {
  const metadata = fieldBlocks(fields, 'metadata')[0]
  const name = metadata ? fieldShown(metadata, 'name') : null
  return name ?? label
}

const STORES: Readonly<Record<string, Store>> = {
  kubernetes_secret: { kind: 'kubernetes-secret', values: ['data', 'binary_data', 'data_wo'], name: metadataName },
  kubernetes_secret_v1: { kind: 'kubernetes-secret', values: ['data', 'binary_data', 'data_wo'], name: metadataName },
  gitlab_project_variable: { kind: 'gitlab-variable', values: ['value'], name: named('key') },
  gitlab_group_variable: { kind: 'gitlab-variable', values: ['value'], name: named('key') },
  aws_secretsmanager_secret_version: {
    kind: 'secret-manager',
    values: ['secret_string', 'secret_binary', 'secret_string_wo'],
    name: named('secret_id'),
  },
  aws_ssm_parameter: { kind: 'secret-manager', values: ['value', 'value_wo'], name: named('name') },
  google_secret_manager_secret_version: { kind: 'secret-manager', values: ['secret_data'], name: named('secret') },
  azurerm_key_vault_secret: { kind: 'secret-manager', values: ['value'], name: named('name') },
  vault_generic_secret: { kind: 'secret-manager', values: ['data_json'], name: named('path') },
  vault_kv_secret: { kind: 'secret-manager', values: ['data_json'], name: named('path') },
  vault_kv_secret_v2: { kind: 'secret-manager', values: ['data_json'], name: named('name') },
  local_file: { kind: 'file', values: ['content', 'sensitive_content', 'content_base64'], name: named('filename') },
  local_sensitive_file: { kind: 'file', values: ['content', 'content_base64'], name: named('filename') },
}

/** Attributes that tell about a credential without being one. */
const HARMLESS = new Set([
  'user',
  'name',
  'arn',
  'status',
  'create_date',
  'id',
  'display_name',
  'client_id',
  'key_id',
  'expires_at',
  'end_date',
])

function keepIn(store: Store): Handler {
  return (resource) => {
    const values = store.values.flatMap((name) => resource.fields.value(name) ?? [])
    const secrets: Reference[] = joinRefs(values).filter((ref) => !HARMLESS.has(ref.attribute))
    if (secrets.length > 0) resource.draft.keep(secrets, { kind: store.kind, name: store.name(resource) })
  }
}

export const stores: Handlers = Object.fromEntries(Object.entries(STORES).map(([type, store]) => [type, keepIn(store)]))
