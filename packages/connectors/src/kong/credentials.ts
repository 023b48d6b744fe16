/** Credentials of consumers: that they exist, of what kind, and where their secret lies; never the secret. */
import type { CredentialKind, Kept } from '@onus/core/identity.ts'
import { textOf } from '../ci/scalars.ts'

type CredentialList = {
  kind: CredentialKind
  /** The field that names the credential and is no secret; null where every field is one. */
  nameField: string | null
  /** The field that holds the secret, to see where it is kept; null when the holder alone has it. */
  secretField: string | null
}

/** Lists of credentials, both below a consumer and at the top of a file (docs.konghq.com, entities by plugin). */
export const CREDENTIALS: ReadonlyMap<string, CredentialList> = new Map([
  ['keyauth_credentials', { kind: 'api-key', nameField: null, secretField: 'key' }],
  ['key_auth_encrypted_credentials', { kind: 'api-key', nameField: null, secretField: 'key' }],
  ['basicauth_credentials', { kind: 'password', nameField: 'username', secretField: 'password' }],
  ['jwt_secrets', { kind: 'jwt-key', nameField: null, secretField: 'secret' }],
  ['hmacauth_credentials', { kind: 'hmac-key', nameField: 'username', secretField: 'secret' }],
  ['oauth2_credentials', { kind: 'client-secret', nameField: 'client_id', secretField: 'client_secret' }],
  ['mtls_auth_credentials', { kind: 'certificate', nameField: 'subject_name', secretField: null }],
])

/** The same, as the Ingress Controller labels secrets (`konghq.com/credential`). `acl` is a membership, no credential. */
export const CREDENTIAL_LABELS: ReadonlyMap<string, CredentialKind> = new Map([
  ['key-auth', 'api-key'],
  ['basic-auth', 'password'],
  ['jwt', 'jwt-key'],
  ['hmac-auth', 'hmac-key'],
  ['oauth2', 'client-secret'],
  ['mtls-auth', 'certificate'],
])

/** Its name, its id, or `number` among the consumer's credentials of the kind. */
export function credentialName(list: string, credential: Record<string, unknown>, number: number): string {
  const field = CREDENTIALS.get(list)?.nameField
  return (field ? textOf(credential[field]) : null) ?? textOf(credential['id']) ?? `${list} ${number}`
}

export function keptOf(list: string, credential: Record<string, unknown>, file: string): Kept[] {
  const field = CREDENTIALS.get(list)?.secretField
  const secret = field ? textOf(credential[field]) : null
  if (secret !== null) return [placeOf(secret.trim(), file)]
  // The holder signs with a private key that the gateway never sees.
  if (!field || textOf(credential['rsa_public_key']) !== null) return []
  return [{ kind: 'gateway', name: 'Kong' }]
}

/** A literal secret lies in the file; a reference to a vault or to the environment names another place. */
function placeOf(secret: string, file: string): Kept {
  const vault = /^\{vault:\/\/([^}]{1,200})\}$/.exec(secret)
  if (vault) return { kind: 'secret-manager', name: vault[1] ?? '' }
  const variable = /^\$\{\{\s*env\s+["'](\w{1,100})["']\s*\}\}$/.exec(secret)
  if (variable) return { kind: 'unknown', name: `environment variable ${variable[1] ?? ''}` }
  return { kind: 'file', name: file }
}
