/**
 * Which names hold a long-lived key of a cloud. CI systems know no types: the name of the variable, of the action's
 * input or of the secret is all there is, so only names that say both the cloud and the key count.
 */
import type { CredentialKind } from '@onus/core/identity.ts'

export type Cloud = 'aws' | 'google' | 'azure'
/** `id` is the public half of a key pair (an AWS access key id); alone it still proves that a stored key is used. */
export type CloudKey = { cloud: Cloud; part: 'id' | 'secret' }

export const CLOUD_KEY_KINDS: Record<Cloud, CredentialKind> = {
  aws: 'access-key',
  google: 'service-account-key',
  azure: 'client-secret',
}

/** Endings that name the key, after the cloud's own words were found; case and `-` or `_` do not matter. */
const PATTERNS: readonly { clouds: readonly string[]; endings: readonly string[]; key: CloudKey }[] = [
  {
    clouds: ['AWS'],
    endings: ['SECRET_ACCESS_KEY', 'SECRET_KEY', 'AWS_SECRET', 'ACCESS_KEY_SECRET'],
    key: { cloud: 'aws', part: 'secret' },
  },
  {
    clouds: ['AWS'],
    endings: ['ACCESS_KEY_ID', 'ACCESS_KEY', 'AWS_KEY_ID', 'ACCESS_ID'],
    key: { cloud: 'aws', part: 'id' },
  },
  {
    clouds: ['GOOGLE', 'GCP', 'GCLOUD', 'GKE', 'GCR'],
    endings: [
      'CREDENTIALS',
      'CREDENTIALS_JSON',
      'SA_KEY',
      'SA_JSON',
      'SERVICE_KEY',
      'ACCOUNT_KEY',
      'ACCOUNT_JSON',
      'KEY_JSON',
      'JSON_KEY',
      'KEYFILE',
      'KEY_FILE',
      'KEYFILE_JSON',
    ],
    key: { cloud: 'google', part: 'secret' },
  },
  {
    clouds: ['AZURE', 'ARM', 'AZ'],
    endings: [
      'CLIENT_SECRET',
      'CREDENTIALS',
      'CREDS',
      'SP_SECRET',
      'SP_PASSWORD',
      'PRINCIPAL_SECRET',
      'PRINCIPAL_PASSWORD',
      'PRINCIPAL_KEY',
    ],
    key: { cloud: 'azure', part: 'secret' },
  },
]

/** Words that may follow the ending and only say where the key is for: `AWS_SECRET_ACCESS_KEY_PROD`. */
const MAX_SUFFIX_WORDS = 2

/** What a name says about a cloud key; null for every other name. */
export function cloudKeyOf(name: string): CloudKey | null {
  const words = name
    .toUpperCase()
    .replaceAll('-', '_')
    .split('_')
    .filter((word) => word !== '')
  for (const { clouds, endings, key } of PATTERNS) {
    if (!words.some((word) => clouds.includes(word))) continue
    for (let cut = 0; cut <= MAX_SUFFIX_WORDS && cut < words.length; cut++) {
      const stem = words.slice(0, words.length - cut).join('_')
      // A suffix may be added by people, but not turn the name into another thing (AWS_ACCESS_KEY_ID is found whole
      // first).
      if (endings.some((ending) => stem === ending || stem.endsWith(`_${ending}`))) {
        return cut > 0 && isOtherThing(words.slice(words.length - cut)) ? null : key
      }
    }
  }
  return null
}

/** `AZURE_CLIENT_SECRET_NAME`, `GCP_SA_KEY_PATH`: the name of a key or the way to it, not the key. */
const OTHER_THINGS = new Set([
  'ID',
  'MANAGER',
  'NAME',
  'PATH',
  'FILE',
  'ARN',
  'URL',
  'URI',
  'ROTATION',
  'EXPIRY',
  'AGE',
  'VERSION',
  'COUNT',
])

function isOtherThing(suffix: readonly string[]): boolean {
  return suffix.some((word) => OTHER_THINGS.has(word))
}

/**
 * A key written into the file itself, told by its form, because names alone also hold stand-ins for tests
 * (`AWS_SECRET_ACCESS_KEY: test`). The value is looked at and dropped.
 * Forms as documented: AKIA and 16 letters for a long-lived AWS key id, 40 characters for its secret, a JSON file
 * with a private key for Google.
 */
export function literalCloudKeyOf(name: string, value: string): CloudKey | null {
  const text = value.trim()
  if (/^AKIA[A-Z2-7]{16}$/.test(text)) return { cloud: 'aws', part: 'id' }
  const named = cloudKeyOf(name)
  if (named?.cloud === 'aws' && named.part === 'secret' && /^[A-Za-z0-9/+]{40}$/.test(text)) return named
  if (text.startsWith('{') && text.includes('"private_key"')) return { cloud: 'google', part: 'secret' }
  return null
}
