/** A server of Onus, as commands call it. */
import { createClient, type Client } from '@onus/core/contract/client.ts'
import { EXIT, Stop, type Io } from './io.ts'
import { reasonOf, serverUrl } from './push.ts'

export type ServerOptions = { server: string; tokenEnv: string }
export type Server = {
  /** Calls that fail reject with `Stop`, which says what the server said. `key` makes a write happen once. */
  client(key?: string): Client
  /** An address of the console. */
  page(path: string): string
}

/** Stops, before anything is asked, when the token is missing or would travel in clear. */
export function serverOf({ server, tokenEnv }: ServerOptions, io: Io): Server {
  const url = serverUrl(server, '--server', '')
  const token = io.env[tokenEnv]
  if (!token) throw new Stop(EXIT.usage, `--server needs a token of it in the environment variable ${tokenEnv}`)
  const base = url.href.replace(/\/$/, '')
  const ask: typeof fetch = async (input, init) => {
    // The token is for this server, not for where it points.
    const answer = await fetch(input, { ...init, redirect: 'error', signal: io.signal }).catch((error: unknown) => {
      if (io.signal.aborted) throw error
      throw new Stop(EXIT.notDelivered, `no answer from ${url.host}: is the server running, and is the address right?`)
    })
    if (answer.ok) return answer
    throw new Stop(EXIT.notDelivered, `${url.host} refused it: ${reasonOf(answer.status, await answer.text())}`)
  }
  return {
    client: (key) =>
      createClient(base, ask, {
        authorization: `Bearer ${token}`,
        ...(key === undefined ? {} : { 'idempotency-key': `"${key}"` }),
      }),
    page: (path) => base + path,
  }
}
