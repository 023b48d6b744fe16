/** A server of Onus, as commands call it. */
import { ApiError, createClient, type Client } from '@onus/core/contract/client.ts'
import { EXIT, Stop, type Io } from './io.ts'
import { serverUrl } from './push.ts'

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
  const ask: typeof fetch = (input, init) =>
    // The token is for this server, not for where it points.
    fetch(input, { ...init, redirect: 'error', signal: io.signal }).catch((error: unknown) => {
      if (io.signal.aborted) throw error
      throw new Stop(EXIT.notDelivered, `no answer from ${url.host}: is the server running, and is the address right?`)
    })
  return {
    client: (key) =>
      stopping(
        createClient(base, ask, {
          authorization: `Bearer ${token}`,
          ...(key === undefined ? {} : { 'idempotency-key': `"${key}"` }),
        }),
        url.host,
      ),
    page: (path) => base + path,
  }
}

/** The same client, whose refusals end the command with what the server said. */
function stopping(client: Client, host: string): Client {
  return new Proxy(client, {
    get(target, name, receiver) {
      const call: unknown = Reflect.get(target, name, receiver)
      if (typeof call !== 'function') return call
      return async (...args: unknown[]) => {
        try {
          return await (call as (...given: unknown[]) => Promise<unknown>)(...args)
        } catch (error) {
          if (error instanceof ApiError)
            throw new Stop(EXIT.notDelivered, `${host} refused it: ${error.problem.detail}`)
          throw error
        }
      }
    },
  })
}
