/**
 * Requests to GitHub, as the App and as its installations. Every answer is parsed by the schema of who asks; what was
 * not understood, not allowed or not now is one error with its fault.
 */
import { sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { GithubConfig } from '../config.ts'
import { OutboundFailed, createOutbound } from '../net/outbound.ts'
import type { Outbound } from '../net/outbound.ts'
import { readSecrets } from './secrets.ts'
import type { Secrets } from './secrets.ts'

/** `later`: a limit was reached, or GitHub is not well. `refused`: it will say the same again. */
export type GithubFault = 'later' | 'refused'

/** Expected. `message` names the operation and the status, and quotes no answer. */
export class GithubFailed extends Error {
  readonly fault: GithubFault
  readonly status: number | null
  /** When it may be asked again, as far as GitHub says. */
  readonly retryAt: Date | null
  constructor(fault: GithubFault, message: string, status: number | null = null, retryAt: Date | null = null) {
    super(message)
    this.name = 'GithubFailed'
    this.fault = fault
    this.status = status
    this.retryAt = retryAt
  }
}

export type Ask<T extends z.ZodType> = {
  method?: 'GET' | 'POST' | 'PATCH'
  /** Segments of the path, each escaped here. */
  path: readonly (string | number)[]
  query?: Record<string, string | number>
  body?: unknown
  /** Of what is read of the answer; other fields are left. */
  reply: T
}
export type Answer<T> = {
  value: T
  /** By GitHub's clock. */
  at: Date
  hasNext: boolean
}
export type Github = {
  readonly appId: number
  readonly webhookSecret: string
  /** Rejects with `GithubFailed`. */
  asApp<T extends z.ZodType>(ask: Ask<T>): Promise<Answer<z.output<T>>>
  /** Rejects with `GithubFailed`. */
  asInstallation<T extends z.ZodType>(installation: number, ask: Ask<T>): Promise<Answer<z.output<T>>>
}

/** GitHub takes at most ten minutes, and its clock may be behind. */
const JWT = { back: 60, ahead: 9 * 60 }
/** A token that ends within it is made anew. */
const SPARE_MS = 60_000
const API_VERSION = '2022-11-28'
/** A tree of 100,000 entries; GitHub cuts it off at 7 MB. */
const MAX_BYTES = 8 * 1024 * 1024
const TIMEOUT_MS = 20_000
/** GitHub asks for at least a minute where it does not say how long. */
const DEFAULT_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 3_600_000

const Token = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) })

/** RS256 (RFC 7518 §3.3). */
function appJwt(appId: number, key: KeyObject, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1_000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iat: seconds - JWT.back, exp: seconds + JWT.ahead, iss: String(appId) }
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`
}

/** null when the files of the settings cannot be used; what is wrong with them was said at the start. */
export async function openGithub(config: GithubConfig, clock: () => Date, out?: Outbound): Promise<Github | null> {
  const reading = await readSecrets(config)
  return reading.ok ? createGithub(config, reading.secrets, clock, out) : null
}

export function createGithub(
  { appId, api, allowPrivate }: GithubConfig,
  { key, webhookSecret }: Secrets,
  clock: () => Date,
  out: Outbound = createOutbound({ allowPrivate, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS }),
): Github {
  const tokens = new Map<number, { token: string; until: number }>()

  async function send<T extends z.ZodType>(ask: Ask<T>, bearer: string): Promise<Answer<z.output<T>>> {
    const { method = 'GET', path, query = {}, body, reply } = ask
    // A part that leads up would make it another operation.
    if (path.some((segment) => segment === '' || segment === '.' || segment === '..'))
      throw new GithubFailed('refused', 'a name that no operation takes')
    const url = new URL(`${api}/${path.map((segment) => encodeURIComponent(segment)).join('/')}`)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    // Without numbers and names, which are nobody's business in a log.
    const what = `${method} ${path.filter((_, index) => index === 0 || index > 2).join('/')}`
    const headers = {
      accept: 'application/vnd.github+json',
      'x-github-api-version': API_VERSION,
      'user-agent': 'onus',
      authorization: `Bearer ${bearer}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const answer = await out(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }).catch(
      (error: unknown) => {
        throw new GithubFailed('later', error instanceof OutboundFailed ? error.message : 'GitHub did not answer')
      },
    )
    if (!answer.ok) throw failureOf(answer, what, clock())
    const parsed = reply.safeParse(await answer.json().catch(() => undefined))
    if (!parsed.success) throw new GithubFailed('refused', `${what}: the answer is not as GitHub documents it`, answer.status)
    const date = new Date(answer.headers.get('date') ?? Number.NaN)
    return {
      value: parsed.data,
      at: Number.isNaN(date.getTime()) ? clock() : date,
      hasNext: /;\s*rel="?next"?/.test(answer.headers.get('link') ?? ''),
    }
  }

  const asApp: Github['asApp'] = (ask) => send(ask, appJwt(appId, key, clock()))

  async function tokenOf(installation: number): Promise<string> {
    const known = tokens.get(installation)
    if (known && known.until - SPARE_MS > clock().getTime()) return known.token
    const path = ['app', 'installations', installation, 'access_tokens']
    const { value } = await asApp({ method: 'POST', path, reply: Token })
    tokens.set(installation, { token: value.token, until: Date.parse(value.expires_at) })
    return value.token
  }

  return {
    appId,
    webhookSecret,
    asApp,
    async asInstallation(installation, ask) {
      const token = await tokenOf(installation)
      try {
        return await send(ask, token)
      } catch (error) {
        if (!(error instanceof GithubFailed) || error.status !== 401) throw error
        // A token can be ended before its time; one that is new and refused too is refused.
        if (tokens.get(installation)?.token === token) tokens.delete(installation)
        return send(ask, await tokenOf(installation))
      }
    },
  }
}

function failureOf(answer: Response, what: string, now: Date): GithubFailed {
  const { status, headers } = answer
  const message = `GitHub answered ${status} to ${what}`
  const after = Number(headers.get('retry-after') ?? Number.NaN)
  const isSpent = headers.get('x-ratelimit-remaining') === '0'
  const isLimit = status === 429 || (status === 403 && (isSpent || !Number.isNaN(after)))
  if (isLimit) {
    const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1_000 - now.getTime()
    const asked = Number.isNaN(after) ? (isSpent && !Number.isNaN(reset) ? reset : DEFAULT_PAUSE_MS) : after * 1_000
    const pause = Math.min(LONGEST_PAUSE_MS, Math.max(1_000, asked))
    return new GithubFailed('later', `${message}: a limit was reached`, status, new Date(now.getTime() + pause))
  }
  return new GithubFailed(status >= 500 || status === 408 ? 'later' : 'refused', message, status)
}
