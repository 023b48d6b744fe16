/**
 * The one way out for addresses that somebody configured or typed: the issuer of sign-in, webhooks. The name is resolved
 * once, every answer is checked, and the connection goes to the checked address; no redirect is followed.
 */
import { lookup } from 'node:dns/promises'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { isLoopbackAddress, reachOf } from './addresses.ts'

export type OutboundCode = 'address-not-allowed' | 'not-found' | 'no-answer' | 'too-slow' | 'too-large' | 'redirected'

/** Nothing was received that may be used. `message` names the host as it was asked for, never an address or a body. */
export class OutboundFailed extends Error {
  readonly code: OutboundCode
  constructor(code: OutboundCode, message: string) {
    super(message)
    this.name = 'OutboundFailed'
    this.code = code
  }
}

export type Resolve = (host: string) => Promise<string[]>
export type OutboundRules = {
  /** The company's own networks and this machine, the latter also without TLS. Link-local addresses are never allowed. */
  allowPrivate: boolean
  /** From the first byte out to the last byte in. */
  timeoutMs?: number
  maxBytes?: number
  resolve?: Resolve
}
/** A part of `fetch`: bodies are text or bytes, and answers come whole. */
export type Outbound = (
  url: string | URL,
  init?: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array; signal?: AbortSignal },
) => Promise<Response>

const DEFAULT_TIMEOUT_MS = 10_000
const DEFAULT_MAX_BYTES = 1024 * 1024

const systemResolve: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

/**
 * Every address of a host, when it may be connected to; for protocols other than HTTP, which connect to one of them under
 * the name of the host. Rejects with `OutboundFailed`.
 */
export async function allowedAddresses(
  hostname: string,
  { allowPrivate, resolve = systemResolve }: OutboundRules,
): Promise<[string, ...string[]]> {
  // Brackets are of URLs; what `http://2130706433/` means was worked out by the parser.
  const host = hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host)
    ? [host]
    : await resolve(host).catch(() => {
        throw new OutboundFailed('not-found', `${hostname} is not known to the name server`)
      })
  const [first, ...others] = addresses
  if (first === undefined) throw new OutboundFailed('not-found', `${hostname} is not known to the name server`)
  // One bad answer among good ones is how a name is made to point inside.
  const isAllowed = (address: string): boolean => {
    const reach = reachOf(address)
    return reach === 'public' || (reach === 'private' && allowPrivate)
  }
  if (!addresses.every(isAllowed)) throw notAllowed(hostname)
  return [first, ...others]
}

const notAllowed = (hostname: string): OutboundFailed =>
  new OutboundFailed('address-not-allowed', `${hostname} is not an address that this server may connect to`)

/** The address to connect to. Rejects with `OutboundFailed`. */
async function checkedAddress(url: URL, rules: OutboundRules): Promise<string> {
  if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '' || url.password !== '')
    throw notAllowed(url.hostname)
  const addresses = await allowedAddresses(url.hostname, rules)
  if (url.protocol === 'http:' && !addresses.every(isLoopbackAddress)) throw notAllowed(url.hostname)
  return addresses[0]
}

async function bodyOf(answer: IncomingMessage, host: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new OutboundFailed('too-large', `${host} answered more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Makes the way out with these rules. What it returns rejects with `OutboundFailed`, and with nothing else. */
export function createOutbound(rules: OutboundRules): Outbound {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES } = rules
  return async (given, init = {}) => {
    const url = URL.parse(String(given))
    if (url === null) throw new OutboundFailed('address-not-allowed', 'this is no URL')
    const deadline = AbortSignal.timeout(timeoutMs)
    const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline
    try {
      const work = async (): Promise<Response> => {
        const address = await checkedAddress(url, rules)
        const answer = await exchange(url, address, init, signal)
        try {
          const status = answer.statusCode ?? 0
          if (status >= 300 && status < 400 && status !== 304)
            throw new OutboundFailed('redirected', `${url.hostname} answered with a redirect, which is not followed`)
          return responseOf(answer, status, await bodyOf(answer, url.hostname, maxBytes))
        } finally {
          answer.destroy()
        }
      }
      // A resolver takes no signal.
      return await Promise.race([work(), aborted(signal)])
    } catch (error) {
      if (error instanceof OutboundFailed) throw error
      if (deadline.aborted)
        throw new OutboundFailed('too-slow', `${url.hostname} did not answer within ${timeoutMs} ms`)
      throw new OutboundFailed('no-answer', `${url.hostname} could not be reached`)
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(new Error('aborted'))
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })
}

/** Sends the request to `address`, under the name of the URL: certificate and Host are checked against the name. */
function exchange(
  url: URL,
  address: string,
  init: Parameters<Outbound>[1] & object,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const sent = send(url, {
      method: init.method ?? 'GET',
      headers: init.headers ?? {},
      signal,
      // A connection of its own, so that none is taken that was made before the check.
      agent: false,
      // Asked for every name, and answers only what was checked.
      lookup: (_name, options, done) => {
        const family = address.includes(':') ? 6 : 4
        if (options.all) done(null, [{ address, family }])
        else done(null, address, family)
      },
    })
    sent.on('response', resolve)
    sent.on('error', reject)
    sent.end(init.body)
  })
}

const NO_BODY = new Set([204, 205, 304])

function responseOf(answer: IncomingMessage, status: number, body: Buffer): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) headers.append(name, each)
  }
  return new Response(NO_BODY.has(status) ? null : new Uint8Array(body), { status, headers })
}
