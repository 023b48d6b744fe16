import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './api.ts'

/** Called when the server says that nobody is signed in; the router sets it, which knows the way to the sign-in page. */
let whenSignedOut: () => void = () => undefined
export function onSignedOut(run: () => void): void {
  whenSignedOut = run
}

function notice(error: Error): void {
  if (error instanceof ApiError && error.problem.status === 401) whenSignedOut()
}

/** An answer is fresh for half a minute: imports are rare, and a job that ends makes everything stale at once. */
const FRESH_MS = 30_000

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: notice }),
  mutationCache: new MutationCache({ onError: notice }),
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // A refusal stays a refusal; only a missing answer is worth asking once more.
      retry: (failures, error) => !(error instanceof ApiError) && failures < 1,
      retryDelay: 400,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})
