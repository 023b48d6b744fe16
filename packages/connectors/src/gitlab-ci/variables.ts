/** Which variables of a pipeline are credentials. GitLab keeps their values; files only use the names. */
import { cloudKeyOf } from '../ci/cloud-keys.ts'

const CREDENTIAL_WORDS = new Set([
  'TOKEN',
  'TOKENS',
  'SECRET',
  'SECRETS',
  'PASSWORD',
  'PASSWD',
  'PASSPHRASE',
  'PASS',
  'CREDENTIAL',
  'CREDENTIALS',
  'CREDS',
  'PAT',
  'APIKEY',
  'KUBECONFIG',
])
/** Last words that make it the name of, the way to, or a fact about a credential. */
const FACT_WORDS = new Set([
  'NAME',
  'PATH',
  'DIR',
  'URL',
  'URI',
  'ARN',
  'TTL',
  'EXPIRY',
  'TYPE',
  'VERSION',
  'LENGTH',
  'COUNT',
  'ENDPOINT',
  'HOST',
  'ISSUER',
  'AUDIENCE',
  'NAMESPACE',
])
/** Words before KEY that make it something public or internal. */
const PLAIN_KEYS = new Set([
  'PUBLIC',
  'PUB',
  'CACHE',
  'SORT',
  'PARTITION',
  'PRIMARY',
  'FOREIGN',
  'HOST',
  'KMS',
  'OBJECT',
  'S3',
  'PROJECT',
  'JIRA',
  'ISSUE',
])

/**
 * True for names that say "credential" in a word of their own. GitLab's predefined `CI_` variables are not: the job
 * token is recorded apart, the others live as long as the job.
 */
export function isCredentialName(name: string): boolean {
  const upper = name.toUpperCase()
  if (upper.startsWith('CI_') || upper === 'PWD' || upper === 'OLDPWD') return false
  if (cloudKeyOf(upper) !== null || upper === 'DOCKER_AUTH_CONFIG') return true
  const words = upper.split('_').filter((word) => word !== '')
  const last = words.at(-1) ?? ''
  if (FACT_WORDS.has(last)) return false
  if (words.some((word) => CREDENTIAL_WORDS.has(word))) return true
  return last === 'KEY' && words.length > 1 && !PLAIN_KEYS.has(words.at(-2) ?? '')
}

/** Names read in a text: `$NAME`, `${NAME}`, `${NAME:-x}`, `%NAME%`, `$env:NAME`. */
export function variablesReadIn(text: string): string[] {
  const names = text.matchAll(/\$(?:env:)?\{?([A-Za-z_][A-Za-z0-9_]*)|%([A-Za-z_][A-Za-z0-9_]*)%/g)
  return [...names].map((match) => match[1] ?? match[2] ?? '').filter((name) => name !== '' && name !== 'env')
}

/**
 * Names that a script sets itself (`TOKEN=$(vault read …)`), except where the value is only the same name passed on.
 */
export function variablesSetIn(text: string): string[] {
  const settings = text.matchAll(/(?:^|[\s;&|("'])([A-Za-z_][A-Za-z0-9_]*)=(\S*)/g)
  return [...settings]
    .filter(([, name, value]) => !variablesReadIn(value ?? '').includes(name ?? ''))
    .map((match) => match[1] ?? '')
}
