/** Every address of the console. Screens are fetched when first opened; their state in the URL is validated here. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router'
import { z } from 'zod'
import { SIGN_IN_FAILURES } from '@onus/core/contract/session-routes.ts'
import { AsOfSearch } from './screens/as-of-search.ts'
import { ChangesSearch, NewChangeSearch } from './screens/changes/search.ts'
import { ExceptionsSearch } from './screens/exceptions/search.ts'
import { FindingListSearch, FindingsSearch } from './screens/findings/search.ts'
import { IdentitiesSearch } from './screens/identities/search.ts'
import { LedgerSearch } from './screens/ledger/search.ts'
import { onSignedOut, queryClient } from './query-client.ts'
import { Shell } from './shell/shell.tsx'
import { StartScreen } from './shell/start-screen.tsx'
import { NotFound, ScreenFailed, ScreenWaiting } from './shell/special-screens.tsx'
import { searchToText, textToSearch, validSearch } from './ui/search-state.ts'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (raw) => validSearch({ then: z.string().max(2_000).startsWith('/'), failed: z.enum(SIGN_IN_FAILURES) }, raw),
  component: lazyRouteComponent(() => import('./screens/sign-in/sign-in-screen.tsx'), 'SignInScreen'),
})

const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell })

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  validateSearch: (raw) => validSearch(AsOfSearch, raw),
  component: lazyRouteComponent(() => import('./screens/overview/overview-screen.tsx'), 'OverviewScreen'),
})

const queue = createRoute({
  getParentRoute: () => shell,
  path: '/queue',
  component: lazyRouteComponent(() => import('./screens/queue/queue-screen.tsx'), 'QueueScreen'),
})

const add = createRoute({
  getParentRoute: () => shell,
  path: '/add',
  validateSearch: (raw) => validSearch({ job: z.string().max(64), path: z.string().max(4_096) }, raw),
  component: lazyRouteComponent(() => import('./screens/first-run/first-run-screen.tsx'), 'FirstRunScreen'),
})

const identities = createRoute({
  getParentRoute: () => shell,
  path: '/identities',
  validateSearch: (raw) => validSearch(IdentitiesSearch, raw),
  component: lazyRouteComponent(() => import('./screens/identities/identities-screen.tsx'), 'IdentitiesScreen'),
})

const identity = createRoute({
  getParentRoute: () => shell,
  path: '/identities/$id',
  validateSearch: (raw) => validSearch(AsOfSearch, raw),
  component: lazyRouteComponent(() => import('./screens/identity/identity-screen.tsx'), 'IdentityScreen'),
})

const teams = createRoute({
  getParentRoute: () => shell,
  path: '/teams',
  validateSearch: (raw) => validSearch({ q: z.string().max(200) }, raw),
  component: lazyRouteComponent(() => import('./screens/teams/teams-screen.tsx'), 'TeamsScreen'),
})

const team = createRoute({
  getParentRoute: () => shell,
  path: '/teams/$id',
  validateSearch: (raw) => validSearch({ tab: z.enum(['findings', 'identities', 'scopes', 'about']) }, raw),
  component: lazyRouteComponent(() => import('./screens/teams/team-screen.tsx'), 'TeamScreen'),
})

const findings = createRoute({
  getParentRoute: () => shell,
  path: '/findings',
  validateSearch: (raw) => validSearch(FindingsSearch, raw),
  component: lazyRouteComponent(() => import('./screens/findings/findings-screen.tsx'), 'FindingsScreen'),
})

const findingList = createRoute({
  getParentRoute: () => shell,
  path: '/findings/list',
  validateSearch: (raw) => validSearch(FindingListSearch, raw),
  component: lazyRouteComponent(() => import('./screens/findings/finding-list-screen.tsx'), 'FindingListScreen'),
})

const sources = createRoute({
  getParentRoute: () => shell,
  path: '/sources',
  component: lazyRouteComponent(() => import('./screens/sources/sources-screen.tsx'), 'SourcesScreen'),
})

const source = createRoute({
  getParentRoute: () => shell,
  path: '/sources/$id',
  validateSearch: (raw) => validSearch({ reader: z.string().max(200) }, raw),
  component: lazyRouteComponent(() => import('./screens/sources/source-screen.tsx'), 'SourceScreen'),
})

const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('./screens/account/account-screen.tsx'), 'AccountScreen'),
})

const holds = createRoute({
  getParentRoute: () => shell,
  path: '/directory/holds',
  component: lazyRouteComponent(() => import('./screens/directory/holds-screen.tsx'), 'HoldsScreen'),
})

const tokens = createRoute({
  getParentRoute: () => shell,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./screens/tokens/tokens-screen.tsx'), 'TokensScreen'),
})

const powers = createRoute({
  getParentRoute: () => shell,
  path: '/powers',
  component: lazyRouteComponent(() => import('./screens/powers/powers-screen.tsx'), 'PowersScreen'),
})

const start = createRoute({ getParentRoute: () => shell, path: '/start', component: StartScreen })

const changes = createRoute({
  getParentRoute: () => shell,
  path: '/changes',
  validateSearch: (raw) => validSearch(ChangesSearch, raw),
  component: lazyRouteComponent(() => import('./screens/changes/changes-screen.tsx'), 'ChangesScreen'),
})

const change = createRoute({
  getParentRoute: () => shell,
  path: '/changes/$id',
  component: lazyRouteComponent(() => import('./screens/changes/change-screen.tsx'), 'ChangeScreen'),
})

const newChange = createRoute({
  getParentRoute: () => shell,
  path: '/changes/new',
  validateSearch: (raw) => validSearch(NewChangeSearch, raw),
  component: lazyRouteComponent(() => import('./screens/changes/propose-screen.tsx'), 'ProposeScreen'),
})

const editChange = createRoute({
  getParentRoute: () => shell,
  path: '/changes/$id/edit',
  validateSearch: (raw) => validSearch(NewChangeSearch, raw),
  component: lazyRouteComponent(() => import('./screens/changes/edit-screen.tsx'), 'EditScreen'),
})

const guardrails = createRoute({
  getParentRoute: () => shell,
  path: '/guardrails',
  component: lazyRouteComponent(() => import('./screens/guardrails/guardrails-screen.tsx'), 'GuardrailsScreen'),
})

const guardrail = createRoute({
  getParentRoute: () => shell,
  path: '/guardrails/$id',
  component: lazyRouteComponent(() => import('./screens/guardrails/guardrail-screen.tsx'), 'GuardrailScreen'),
})

const exceptions = createRoute({
  getParentRoute: () => shell,
  path: '/exceptions',
  validateSearch: (raw) => validSearch(ExceptionsSearch, raw),
  component: lazyRouteComponent(() => import('./screens/exceptions/exceptions-screen.tsx'), 'ExceptionsScreen'),
})

const ledger = createRoute({
  getParentRoute: () => shell,
  path: '/ledger',
  validateSearch: (raw) => validSearch(LedgerSearch, raw),
  component: lazyRouteComponent(() => import('./screens/ledger/ledger-screen.tsx'), 'LedgerScreen'),
})

const ledgerEntry = createRoute({
  getParentRoute: () => shell,
  path: '/ledger/$id',
  component: lazyRouteComponent(() => import('./screens/ledger/entry-screen.tsx'), 'EntryScreen'),
})

const verifyLedger = createRoute({
  getParentRoute: () => shell,
  path: '/ledger/verify',
  component: lazyRouteComponent(() => import('./screens/ledger/verify-screen.tsx'), 'VerifyScreen'),
})

/** Any other address keeps the frame around it, so there is a way on. */
const elsewhere = createRoute({ getParentRoute: () => shell, path: '$', component: NotFound })

const inventory = [overview, queue, add, identities, identity, teams, team, findings, findingList, sources, source] as const
const governing = [changes, newChange, change, editChange, guardrails, guardrail, exceptions, ledger, verifyLedger, ledgerEntry] as const
const inShell = [...inventory, ...governing, account, tokens, powers, holds, start, elsewhere]

export const router = createRouter({
  routeTree: root.addChildren([signIn, shell.addChildren(inShell)]),
  parseSearch: textToSearch,
  stringifySearch: searchToText,
  defaultPreload: 'intent',
  defaultPendingComponent: ScreenWaiting,
  defaultErrorComponent: ScreenFailed,
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

onSignedOut(() => {
  const { pathname, href } = router.state.location
  if (pathname === '/sign-in') return
  queryClient.clear()
  void router.navigate({ to: '/sign-in', search: pathname === '/' ? {} : { then: href }, replace: true })
})
