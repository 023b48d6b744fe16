/** The whole configuration, read once at start. Pure: the same environment gives the same answer. */
import { isIP } from 'node:net'
import { join } from 'node:path'

export type Config = {
  dataDir: string
  host: string
  /** null = 4400, or the next free one. */
  port: number | null
  /** Where people reach it when a proxy stands in front; its host is allowed besides the loopback names. */
  publicUrl: string | null
  /** null = the embedded PostgreSQL in `dataDir`. Holds a password: never logged. */
  databaseUrl: string | null
  /** A file with 32 random bytes in base64; null = `master.key` in the data folder, made at the first start. */
  masterKeyFile: string | null
  maxImportBytes: number
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

function postgresUrl(value: string): URL | null {
  const url = urlOf(value, ['postgres:', 'postgresql:'])
  return url && url.pathname.length > 1 ? url : null
}
