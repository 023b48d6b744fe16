/** Sends a report to a server's registry. */
import { Readable } from 'node:stream'
import { ImportResult, Problem } from '@onus/core/contract/routes.ts'
import { urlOf, type Reply } from '@onus/core/contract/client.ts'
import type { ScanReport } from '@onus/core/report.ts'
import { EXIT, Stop } from './io.ts'
import { jsonReport } from './output/json.ts'

export type Destination = { url: URL; token: string }

/** Where a report will go. Stops, before anything was scanned, when the token is missing or would travel in clear. */
export function destinationOf(options: {
  url: string
  source: string | undefined
  tokenName: string
  token: string | undefined
}): Destination {
  const url = serverUrl(options.url, '--push', urlOf('importReport', { query: { source: options.source } }))
  if (!options.token)
    throw new Stop(EXIT.usage, `--push needs a token of the server in the environment variable ${options.tokenName}`)
  return { url, token: options.token }
}

/** Where `path` is on the server at `url`. Stops, naming `option`, where a token would travel in clear. */
export function serverUrl(url: string, option: string, path: string): URL {
  let base: URL
  try {
    base = new URL(url)
  } catch {
    throw new Stop(
      EXIT.usage,
      `${option} takes the address of a server, such as https://onus.example.com; \`${url}\` is none`,
    )
  }
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(base.hostname)
  if (base.protocol !== 'https:' && !(base.protocol === 'http:' && isLocal))
    throw new Stop(EXIT.usage, `${option} to ${base.host} needs https: the token and the data would travel in clear`)
  if (base.username !== '' || base.password !== '')
    throw new Stop(
      EXIT.usage,
      `leave user and password out of the address of ${option}; the token comes from the environment`,
    )
  return new URL(base.pathname.replace(/\/$/, '') + path, base)
}

/** Rejects with `Stop` that says what the server said, or why there was no answer. */
export async function push(
  report: ScanReport,
  { url, token }: Destination,
  signal: AbortSignal,
): Promise<Reply<'importReport'>> {
  let answer: Response
  try {
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      body: Readable.toWeb(Readable.from(encoded(jsonReport(report)))) as ReadableStream,
      duplex: 'half', // node's own stream type, which its fetch takes
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
      redirect: 'error', // the token is for this server, not for where it points
      signal,
    }
    answer = await fetch(url, init)
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error && 'code' in error.cause
        ? ` (${String(error.cause.code)})`
        : ''
    throw new Stop(
      EXIT.notDelivered,
      `no answer from ${url.host}${cause}: is the server running, and is the address right?`,
    )
  }
  const text = await answer.text()
  if (!answer.ok) throw new Stop(EXIT.notDelivered, `${url.host} refused the report: ${reasonOf(answer.status, text)}`)
  return ImportResult.parse(JSON.parse(text))
}

/** What the server said, from the body of a refusal. */
export function reasonOf(status: number, text: string): string {
  try {
    return Problem.parse(JSON.parse(text)).detail
  } catch {
    return `it answered ${status} without an explanation`
  }
}

/** Larger pieces than lines: a request of a hundred thousand small writes is slow. */
function* encoded(pieces: Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  let buffered = ''
  for (const piece of pieces) {
    buffered += piece
    if (buffered.length < 65_536) continue
    yield encoder.encode(buffered)
    buffered = ''
  }
  yield encoder.encode(buffered)
}
