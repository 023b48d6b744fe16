/** The typed client of the API: the console and the CLI call the server through it; a path is written in one place. */
import type { z } from 'zod'
import { ROUTES, Problem } from './routes.ts'
import type { RouteName } from './routes.ts'

type Routes = typeof ROUTES
type Input<K extends RouteName, Part extends 'params' | 'query' | 'body'> = z.input<Routes[K][Part]>
/** `z.strictObject({})` is `Record<string, never>`: it has every string as a key, and no value. */
type IsEmpty<T> = [T] extends [undefined]
  ? true
  : string extends keyof T
    ? true
    : [keyof T] extends [never]
      ? true
      : false
type IsOptional<T> = Record<never, never> extends T ? true : false

type ParamsOf<K extends RouteName> = IsEmpty<Input<K, 'params'>> extends true ? unknown : { params: Input<K, 'params'> }
type QueryOf<K extends RouteName> =
  IsEmpty<Input<K, 'query'>> extends true
    ? unknown
    : IsOptional<Input<K, 'query'>> extends true
      ? { query?: Input<K, 'query'> }
      : { query: Input<K, 'query'> }
type BodyOf<K extends RouteName> = [Input<K, 'body'>] extends [undefined]
  ? unknown
  : IsEmpty<Input<K, 'body'>> extends true
    ? unknown
    : { body: Input<K, 'body'> }

/** What a call of route `K` takes: only the parts that the route has. */
export type Ask<K extends RouteName> = ParamsOf<K> & QueryOf<K> & BodyOf<K> & { signal?: AbortSignal }
export type Reply<K extends RouteName> = z.output<Routes[K]['reply']>
export type Client = {
  [K in RouteName]: Record<never, never> extends Ask<K>
    ? (ask?: Ask<K>) => Promise<Reply<K>>
    : (ask: Ask<K>) => Promise<Reply<K>>
}

/** The server refused, and said why. `problem.code` is stable; `problem.detail` says what to do. */
export class ApiError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'ApiError'
    this.problem = problem
  }
}

/** The part of `fetch` that the client uses; tests and the CLI pass their own. */
export type Fetch = (
  url: string,
  init: {
    method: string
    headers: Record<string, string>
    body?: string
    signal?: AbortSignal
    credentials: 'same-origin'
  },
) => Promise<{ status: number; ok: boolean; headers: { get(name: string): string | null }; text(): Promise<string> }>

/** Path and query of a call, percent-encoded; `undefined` values are left out. */
export function urlOf(name: RouteName, ask: { params?: object; query?: object } = {}): string {
  const params = Object.entries(ask.params ?? {})
  const path = params.reduce((text, [key, value]) => {
    const encoded = encodeURIComponent(String(value))
    return text.replace(`{${key}}`, encoded).replace(`{${key}*}`, encoded.replaceAll('%2F', '/'))
  }, ROUTES[name].path as string)
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(ask.query ?? {})) if (value !== undefined) query.set(key, String(value))
  return query.size ? `${path}?${query}` : path
}

function problemOf(status: number, text: string): Problem {
  try {
    return Problem.parse(JSON.parse(text))
  } catch {
    // A proxy in between answers in its own words; its page may be long, so only its status is told.
    return {
      type: 'about:blank',
      title: 'Unexpected answer',
      status,
      code: 'unexpected-answer',
      detail: `The server answered ${status} without an explanation.`,
    }
  }
}

/**
 * A client for the server at `baseUrl` ('' = the page's own origin). `headers` go with every call, for instance
 * `{ authorization: 'Bearer …' }`. Calls resolve to the reply and reject with `ApiError` when refused, or with
 * whatever `fetch` rejects with when no answer came.
 */
export function createClient(baseUrl: string, fetch: Fetch, headers: Record<string, string> = {}): Client {
  const call = async (
    name: RouteName,
    ask: { params?: object; query?: object; body?: unknown; signal?: AbortSignal } = {},
  ): Promise<unknown> => {
    const route = ROUTES[name]
    // A write without input still sends `{}`: the JSON content type is part of the protection against forged requests.
    const body = route.method === 'GET' ? undefined : JSON.stringify(ask.body ?? {})
    const answer = await fetch(baseUrl.replace(/\/$/, '') + urlOf(name, ask), {
      method: route.method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body }),
      ...(ask.signal ? { signal: ask.signal } : {}),
    })
    const text = await answer.text()
    if (!answer.ok) throw new ApiError(problemOf(answer.status, text))
    if (text === '') return undefined
    return 'contentType' in route && route.contentType ? text : JSON.parse(text)
  }
  const entries = Object.keys(ROUTES).map((name) => [name, (ask?: object) => call(name as RouteName, ask)])
  // The entries have exactly the keys of ROUTES, and `call` gives each route its own reply.
  return Object.fromEntries(entries) as Client
}
