/** The whole configuration, read once at start. Pure: the same environment gives the same answer. */
import { isIP } from 'node:net'
import { join } from 'node:path'
import { readQuietHours } from './notifications/quiet.ts'
import type { QuietHours } from './notifications/quiet.ts'
import { readNetworks } from './http/proxies.ts'
import { LEDGER_LIMITS } from './ledger/behind.ts'
import type { LedgerLimits } from './ledger/behind.ts'
import { MOST_REASSIGN_DAYS, REASSIGN_DAYS } from '@onus/core/decision/escalation.ts'
import type { ReassignDays } from '@onus/core/decision/escalation.ts'
import { ONE_BY_ONE } from '@onus/core/decision/plan-acceptance.ts'
import type { OneByOne } from '@onus/core/decision/plan-acceptance.ts'

/** Sign-in with the company's own accounts, by OpenID Connect. */
export type OidcConfig = {
  /** As the issuer calls itself; discovery starts here. */
  issuer: string
  clientId: string
  /** null = a public client, which proves itself by PKCE alone. */
  clientSecretFile: string | null
  groupsClaim: string
  userNameClaim: string
  scopes: string
  /** The issuer is in the company's own network, or on this machine. */
  allowPrivate: boolean
}

/** A GitHub App of the company's. Its key and the secret of its webhook are in files. */
export type GithubConfig = {
  appId: number
  privateKeyFile: string
  webhookSecretFile: string
  /** Where its API is; of GitHub Enterprise Server `https://HOST/api/v3`. Without a slash at the end. */
  api: string
  /** GitHub Enterprise Server in the company's own network, or on this machine. */
  allowPrivate: boolean
}

/** The URL holds a password: never logged. */
export type MailConfig = { url: string; from: string }

export type Config = {
  dataDir: string
  host: string
  /** null = 4400, or the next free one. */
  port: number | null
  /** Where people reach it when a proxy stands in front; its host is allowed besides the loopback names. */
  publicUrl: string | null
  /** Networks of proxies whose word counts on where a request comes from. */
  trustedProxies: readonly string[]
  /** null = the embedded PostgreSQL in `dataDir`. Holds a password: never logged. */
  databaseUrl: string | null
  /** A file with 32 random bytes in base64; null = `master.key` in the data folder, made at the first start. */
  masterKeyFile: string | null
  maxImportBytes: number
  /** Until when somebody takes over what lost its team. */
  reassignDays: ReassignDays
  /** Beyond which nobody decides before entries of the ledger are signed again. */
  ledgerLimits: LedgerLimits
  /** What a team accepts only one by one. */
  oneByOne: readonly OneByOne[]
  oidc: OidcConfig | null
  /** null: nothing is heard from GitHub and nothing said there. */
  github: GithubConfig | null
  /** null: nobody is written to by mail. */
  mail: MailConfig | null
  quietHours: QuietHours | null
  /** Mail, chat and webhooks may go to the company's own networks and to this machine. */
  allowPrivateOutbound: boolean
  logLevel: 'error' | 'warn' | 'info' | 'debug'
}

export type Complaint = { variable: string; reason: string }
export type ConfigReading = { ok: true; config: Config } | { ok: false; complaints: Complaint[] }

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])
/** A report of 100,000 identities is about 350 MB; it is streamed to disk, so the limit guards the disk. */
const DEFAULT_MAX_IMPORT_BYTES = 1024 * 1024 * 1024

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host)
}

function whole(text: string, least: number, most: number): number | null {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : null
}

function urlOf(text: string, protocols: string[]): URL | null {
  const url = URL.parse(text)
  return url && protocols.includes(url.protocol) && url.hostname !== '' ? url : null
}

/**
 * Reads every setting and names every complaint at once, each with its variable. A value is never quoted back:
 * `DATABASE_URL` holds a password, and a secret is easily put in the wrong variable.
 */
export function readConfig(env: Record<string, string | undefined>, root: string): ConfigReading {
  const complaints: Complaint[] = []
  const text = (variable: string): string | null => env[variable]?.trim() || null
  const read = <T>(variable: string, fallback: T, parse: (value: string) => T | null, reason: string): T => {
    const given = text(variable)
    if (given === null) return fallback
    const value = parse(given)
    if (value === null) complaints.push({ variable, reason })
    return value ?? fallback
  }
  const config: Config = {
    dataDir: text('ONUS_DATA_DIR') ?? join(root, '.onus'),
    host: read(
      'ONUS_HOST',
      '127.0.0.1',
      (value) => (isIP(value) || value === 'localhost' ? value : null),
      'must be an IP address or localhost',
    ),
    port: read<number | null>('ONUS_PORT', null, (value) => whole(value, 1, 65_535), 'must be a port from 1 to 65535'),
    publicUrl: read<string | null>(
      'ONUS_PUBLIC_URL',
      null,
      (value) => urlOf(value, ['http:', 'https:'])?.origin ?? null,
      'must be a URL such as https://onus.example.com',
    ),
    trustedProxies: read<readonly string[]>(
      'ONUS_TRUSTED_PROXIES',
      [],
      readNetworks,
      'must be networks such as 10.0.0.0/8,2001:db8::/32',
    ),
    databaseUrl: read<string | null>(
      'DATABASE_URL',
      null,
      (value) => (postgresUrl(value) ? value : null),
      'must be a URL such as postgresql://user:password@host:5432/database',
    ),
    masterKeyFile: text('ONUS_MASTER_KEY_FILE'),
    maxImportBytes: read(
      'ONUS_MAX_IMPORT_BYTES',
      DEFAULT_MAX_IMPORT_BYTES,
      (value) => whole(value, 1_024, 2 ** 40),
      'must be a number of bytes, at least 1024',
    ),
    reassignDays: read(
      'ONUS_REASSIGN_DAYS',
      { ...REASSIGN_DAYS },
      reassignDaysOf,
      'must be like critical=7,production=14,other=30, in days',
    ),
    ledgerLimits: read(
      'ONUS_LEDGER_LIMITS',
      { ...LEDGER_LIMITS },
      ledgerLimitsOf,
      'must be like entries=1000000,minutes=10',
    ),
    oneByOne: read<readonly OneByOne[]>(
      'ONUS_ONE_BY_ONE',
      ['regulated', 'privileged'],
      oneByOneOf,
      'must be of production, regulated and privileged, parted by commas, or none',
    ),
    oidc: readOidc(text, read),
    github: readGithub(text, read),
    mail: readMail(text, read),
    quietHours: read<QuietHours | null>(
      'ONUS_QUIET_HOURS',
      null,
      readQuietHours,
      'must be like 20:00-07:00 Europe/Berlin',
    ),
    allowPrivateOutbound: read('ONUS_OUTBOUND_ALLOW_PRIVATE', false, truth, 'must be true or false'),
    logLevel: read(
      'ONUS_LOG_LEVEL',
      'info',
      (value) => LOG_LEVELS.find((level) => level === value) ?? null,
      `must be one of ${LOG_LEVELS.join(', ')}`,
    ),
  }
  if (
    !isLoopback(config.host) &&
    !config.publicUrl &&
    !complaints.some(({ variable }) => variable === 'ONUS_PUBLIC_URL')
  ) {
    complaints.push({
      variable: 'ONUS_PUBLIC_URL',
      reason: 'is needed when ONUS_HOST is not a loopback address: requests under any other name are refused',
    })
  }
  return complaints.length ? { ok: false, complaints } : { ok: true, config }
}

/** Parts that are left out keep their default. */
function reassignDaysOf(value: string): ReassignDays | null {
  const days: ReassignDays = { ...REASSIGN_DAYS }
  for (const part of value.split(',')) {
    const [name = '', given = ''] = part.split('=').map((each) => each.trim())
    const count = whole(given, 1, MOST_REASSIGN_DAYS)
    if ((name !== 'critical' && name !== 'production' && name !== 'other') || count === null) return null
    days[name] = count
  }
  return days
}

/** Parts that are left out keep their default. */
function ledgerLimitsOf(value: string): LedgerLimits | null {
  const limits: LedgerLimits = { ...LEDGER_LIMITS }
  for (const part of value.split(',')) {
    const [name = '', given = ''] = part.split('=').map((each) => each.trim())
    const count = whole(given, 1, 100_000_000)
    if ((name !== 'entries' && name !== 'minutes') || count === null) return null
    limits[name] = count
  }
  return limits
}

function oneByOneOf(value: string): OneByOne[] | null {
  if (value === 'none') return []
  const names = value.split(',').map((each) => each.trim())
  const known = names.flatMap((name) => ONE_BY_ONE.find((each) => each === name) ?? [])
  return known.length === names.length ? known : null
}

type ReadText = (variable: string) => string | null
type ReadSetting = <T>(variable: string, fallback: T, parse: (value: string) => T | null, reason: string) => T

const truth = (value: string): boolean | null => (value === 'true' ? true : value === 'false' ? false : null)

function readMail(text: ReadText, read: ReadSetting): MailConfig | null {
  if (text('ONUS_SMTP_URL') === null) {
    read<string | null>('ONUS_MAIL_FROM', null, () => null, 'has no meaning without ONUS_SMTP_URL')
    return null
  }
  if (text('ONUS_MAIL_FROM') === null) read('ONUS_SMTP_URL', '', () => null, 'needs ONUS_MAIL_FROM beside it')
  const isAddress = (value: string): boolean => /^(?:[^<>\r\n]{1,100} <)?[^@\s<>]{1,64}@[^@\s<>]{1,255}>?$/.test(value)
  return {
    url: read(
      'ONUS_SMTP_URL',
      '',
      (value) => (urlOf(value, ['smtp:', 'smtps:']) ? value : null),
      'must be a URL such as smtps://user:password@mail.example.com',
    ),
    from: read(
      'ONUS_MAIL_FROM',
      '',
      (value) => (isAddress(value) ? value : null),
      'must be like Onus <onus@example.com>',
    ),
  }
}

function readGithub(text: ReadText, read: ReadSetting): GithubConfig | null {
  if (text('ONUS_GITHUB_APP_ID') === null) {
    for (const name of ['PRIVATE_KEY_FILE', 'WEBHOOK_SECRET_FILE', 'API', 'ALLOW_PRIVATE'])
      read<string | null>(`ONUS_GITHUB_${name}`, null, () => null, 'has no meaning without ONUS_GITHUB_APP_ID')
    return null
  }
  const file = (variable: string): string => {
    const path = text(variable)
    if (path === null) read('ONUS_GITHUB_APP_ID', 0, () => null, `needs ${variable} beside it`)
    return path ?? ''
  }
  const allowPrivate = read('ONUS_GITHUB_ALLOW_PRIVATE', false, truth, 'must be true or false')
  return {
    appId: read('ONUS_GITHUB_APP_ID', 0, (value) => whole(value, 1, 1e12), 'must be the number of the App'),
    privateKeyFile: file('ONUS_GITHUB_PRIVATE_KEY_FILE'),
    webhookSecretFile: file('ONUS_GITHUB_WEBHOOK_SECRET_FILE'),
    api: read('ONUS_GITHUB_API', 'https://api.github.com', (value) => apiOf(value, allowPrivate), API_REASON),
    allowPrivate,
  }
}

const API_REASON =
  'must be a URL with https and without query, such as https://github.example.com/api/v3; ' +
  'http only on this machine, with ONUS_GITHUB_ALLOW_PRIVATE=true'

const apiOf = (value: string, allowPrivate: boolean): string | null => issuerOf(value, allowPrivate)?.replace(/\/+$/, '') ?? null

function readOidc(text: ReadText, read: ReadSetting): OidcConfig | null {
  const rest = ['CLIENT_ID', 'CLIENT_SECRET_FILE', 'GROUPS_CLAIM', 'USERNAME_CLAIM', 'SCOPES', 'ALLOW_PRIVATE']
  if (text('ONUS_OIDC_ISSUER') === null) {
    for (const name of rest) {
      const reason = 'has no meaning without ONUS_OIDC_ISSUER'
      read<string | null>(`ONUS_OIDC_${name}`, null, () => null, reason)
    }
    return null
  }
  const allowPrivate = read(
    'ONUS_OIDC_ALLOW_PRIVATE',
    false,
    truth,
    'must be true or false',
  )
  const claim = (value: string): string | null => (/^[\w:/.-]{1,200}$/.test(value) ? value : null)
  const named = (variable: string, fallback: string): string =>
    read(variable, fallback, claim, 'must be the name of a claim, such as groups')
  // Whoever leaves out the client's name meets the parser that accepts nothing.
  const clientId = text('ONUS_OIDC_CLIENT_ID')
  if (clientId === null) read('ONUS_OIDC_ISSUER', '', () => null, 'needs ONUS_OIDC_CLIENT_ID beside it')
  return {
    issuer: read('ONUS_OIDC_ISSUER', '', (value) => issuerOf(value, allowPrivate), ISSUER_REASON),
    clientId: clientId ?? '',
    clientSecretFile: text('ONUS_OIDC_CLIENT_SECRET_FILE'),
    groupsClaim: named('ONUS_OIDC_GROUPS_CLAIM', 'groups'),
    userNameClaim: named('ONUS_OIDC_USERNAME_CLAIM', 'preferred_username'),
    scopes: read('ONUS_OIDC_SCOPES', 'openid profile email', scopesOf, 'must be words that include openid'),
    allowPrivate,
  }
}

const ISSUER_REASON =
  'must be a URL with https and without query, such as https://login.example.com; ' +
  'http only on this machine, with ONUS_OIDC_ALLOW_PRIVATE=true'

function issuerOf(value: string, allowPrivate: boolean): string | null {
  const url = urlOf(value, ['https:', 'http:'])
  if (url === null || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') return null
  const isHere = isLoopback(url.hostname.replace(/^\[|\]$/g, ''))
  return url.protocol === 'https:' || (isHere && allowPrivate) ? value : null
}

function scopesOf(value: string): string | null {
  const words = value.split(/\s+/)
  const areWords = words.every((word) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(word))
  return areWords && words.includes('openid') ? words.join(' ') : null
}

function postgresUrl(value: string): URL | null {
  const url = urlOf(value, ['postgres:', 'postgresql:'])
  return url && url.pathname.length > 1 ? url : null
}
