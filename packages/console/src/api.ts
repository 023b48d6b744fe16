/** The console's only way to the server: the typed client over the public routes, and its answers as queries. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { UseMutationOptions } from '@tanstack/react-query'
import { ApiError, createClient, urlOf } from '@onus/core/contract/client.ts'
import type { Ask, Client, Reply } from '@onus/core/contract/client.ts'
import { Problem, ROUTES } from '@onus/core/contract/routes.ts'
import type { RouteName } from '@onus/core/contract/routes.ts'

export { ApiError, urlOf }
export type { Problem, Reply }

export const api: Client = createClient('', (url, init) => fetch(url, init))

type Call = (ask: object) => Promise<unknown>
/** The client is typed route by route; here one function serves them all, and `Reply<K>` restores each route's own. */
const call = (name: RouteName): Call => api[name] as unknown as Call

/** What a read of route `K` takes besides the abort signal, which the query brings. */
type Input<K extends RouteName> = Omit<Ask<K>, 'signal'>

/** One answer as a query. The key is the route and its input, so equal questions share an answer. */
export function read<K extends RouteName>(name: K, input?: Input<K>) {
  return queryOptions({
    queryKey: [name, input ?? {}] as const,
    queryFn: ({ signal }) => call(name)({ ...input, signal }) as Promise<Reply<K>>,
  })
}

export type PagedRoute = 'listIdentities' | 'listFindings' | 'listTeams' | 'listScopes' | 'identityTimeline' | 'listChanges' | 'listExceptions' | 'listLedger'
export type RowOf<K extends PagedRoute> = Reply<K>['items'][number]
export type PageOf<Row> = { items: Row[]; nextCursor: string | null; total: number; isTotalExact: boolean }

/** A list read page by page. Comparing tens of thousands of rows for sameness costs more than drawing the visible ones. */
export function readPages<K extends PagedRoute>(name: K, input: { params?: object; query?: object }) {
  return infiniteQueryOptions({
    queryKey: [name, 'pages', input] as const,
    queryFn: ({ pageParam, signal }) =>
      call(name)({
        ...input,
        query: { ...input.query, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }) as Promise<PageOf<RowOf<K>>>,
    initialPageParam: null as string | null,
    getNextPageParam: (last: PageOf<RowOf<K>>) => last.nextCursor,
    structuralSharing: false,
  })
}

/** A write of route `K`; the caller says what it changes. */
export function write<K extends RouteName>(name: K): UseMutationOptions<Reply<K>, Error, Input<K>> {
  return { mutationFn: (input) => call(name)(input) as Promise<Reply<K>> }
}

/**
 * Imports a report file as it is, without reading it into memory twice. Rejects with `ApiError` when the server
 * refuses it.
 */
export async function importReportFile(file: Blob, source: string): Promise<Reply<'importReport'>> {
  const answer = await fetch(urlOf('importReport', { query: { source } }), {
    method: ROUTES.importReport.method,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    credentials: 'same-origin',
    body: file,
  })
  const text = await answer.text()
  if (answer.ok) return ROUTES.importReport.reply.parse(JSON.parse(text))
  throw new ApiError(problemIn(text, answer.status))
}

function problemIn(text: string, status: number): Problem {
  try {
    return Problem.parse(JSON.parse(text))
  } catch {
    // A proxy in between may refuse a large body in its own words.
    const detail = `The server answered ${status} without an explanation.`
    return { type: 'about:blank', title: 'Not imported', status, code: 'unexpected-answer', detail }
  }
}
