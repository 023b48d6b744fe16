/**
 * The one route table. Validation on the server, OpenAPI, the typed client, the CLI and the console all come from it.
 */
import { z } from 'zod'
import { RegisteredIdentity } from '../decision/effective.ts'
import { Finding, Severity } from '../finding.ts'
import { AccountabilityState, Identity, IdentityKind } from '../identity.ts'
import { OwnedScope } from '../owned-scope.ts'
import { ScanReport, SourceReport } from '../report.ts'
import { Api, BusinessFunction, Service } from '../service.ts'
import { Team } from '../team.ts'
import { Cursor, id, Limit, noBody, none, page, route, Text } from './route.ts'
import { ACCOUNTABILITY_ROUTES } from './accountability-routes.ts'
import { CHANGE_ROUTES } from './change-routes.ts'
import { GITHUB_ROUTES } from './github-routes.ts'
import { ImportResult, Job } from './job.ts'
import { LEDGER_ROUTES } from './ledger-routes.ts'
import { NOTIFICATION_ROUTES } from './notification-routes.ts'
import { SESSION_ROUTES } from './session-routes.ts'
import { WEBHOOK_ROUTES } from './webhook-routes.ts'

export { ImportResult, Job }

/** RFC 9457 problem details. `code` is stable; `detail` says what to do. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  instance: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), reason: z.string() })).optional(),
})
export type Problem = z.infer<typeof Problem>

const AsOf = z.iso.datetime().optional().describe('the registry as it was at this instant (default: now)')

export const IdentityFilter = z.strictObject({
  q: Text.optional().describe('words in name, namespace, team, reference; every word must match'),
  state: AccountabilityState.optional(),
  team: Text.optional().describe('team id, or "none"'),
  kind: IdentityKind.optional(),
  environment: Text.optional().describe('or "none"'),
  namespace: Text.optional(),
  source: Text.optional().describe('source id'),
  rule: Text.optional().describe('has a failing finding of this rule'),
  severity: Severity.optional().describe('has a failing finding at least this severe'),
  presence: z.enum(['present', 'vanished', 'all']).default('present'),
  asOf: AsOf,
})
export const IdentitySort = z.enum(['name', 'namespace', 'team', 'state', 'findings', 'rotated', 'firstSeen'])

export const IdentityRow = Identity.pick({
  id: true,
  kind: true,
  name: true,
  namespace: true,
  environment: true,
  isProduction: true,
}).extend({
  state: AccountabilityState,
  team: z.object({ id: z.string(), name: z.string() }).nullable(),
  sourceId: z.string(),
  file: z.string(),
  line: z.int(),
  credentials: z.int().nonnegative(),
  oldestRotationAt: z.iso.datetime().nullable(),
  findings: z.record(Severity, z.int().nonnegative()),
  worst: Severity.nullable(),
  firstSeenAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  vanishedAt: z.iso.datetime().nullable(),
})
export type IdentityRow = z.infer<typeof IdentityRow>

export const TimelineEntry = z.object({
  at: z.iso.datetime(),
  kind: z.enum(['appeared', 'changed', 'vanished', 'returned']),
  summary: z.string(),
  changes: z.array(z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
  importId: z.string(),
})

export const IdentityDetail = z.object({
  identity: RegisteredIdentity,
  team: Team.nullable(),
  teams: z.array(Team).describe('every team that claims or controllers name'),
  function: BusinessFunction.nullable(),
  service: Service.nullable(),
  findings: z.array(Finding),
  unknowns: z.array(Finding),
  sourceId: z.string(),
  sourcePath: z.string(),
  /** Other sources that report the same identity; the first one holds the record, so nobody can take it over by an import. */
  alsoSeenIn: z
    .array(z.object({ sourceId: z.string(), sourcePath: z.string(), lastSeenAt: z.iso.datetime() }))
    .optional(),
  firstSeenAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  vanishedAt: z.iso.datetime().nullable(),
})

export const TeamRow = Team.extend({
  identities: z.int().nonnegative(),
  accountable: z.int().nonnegative(),
  claimed: z.int().nonnegative(),
  split: z.int().nonnegative(),
  scopes: z.int().nonnegative(),
  findings: z.record(Severity, z.int().nonnegative()),
})

export const RuleRow = z.object({
  id: z.string(),
  title: z.string(),
  severity: Severity,
  about: z.enum(['identity', 'credential', 'scope']),
  needs: z.array(z.string()),
  fix: z.string(),
  maps: z.object({ owaspNhi: z.array(z.string()), csf: z.array(z.string()) }),
  fail: z.int().nonnegative(),
  unknown: z.int().nonnegative(),
  teams: z.int().nonnegative(),
})

export const FindingRow = Finding.extend({
  identityName: z.string().nullable(),
  namespace: z.string().nullable(),
  environment: z.string().nullable(),
  teamName: z.string().nullable(),
  exception: z
    .object({ id: z.string(), endsAt: z.iso.datetime() })
    .nullable()
    .describe('its identity deviates from the rule until then, as security decided'),
})

export const SourceRow = z.object({
  id: z.string(),
  path: z.string(),
  label: z.string(),
  lastImportAt: z.iso.datetime(),
  asOf: z.iso.datetime(),
  isComplete: z.boolean(),
  identities: z.int().nonnegative(),
  vanished: z.int().nonnegative(),
  files: z.int().nonnegative(),
  unread: z.int().nonnegative(),
  readers: z.array(SourceReport),
})

export const Overview = z.object({
  asOf: z.iso.datetime(),
  identities: z.int(),
  credentials: z.int(),
  vanished: z.int(),
  byState: z.record(AccountabilityState, z.int()),
  byEnvironment: z.array(
    z.object({ environment: z.string().nullable(), byState: z.record(AccountabilityState, z.int()) }),
  ),
  byTeam: z
    .array(
      z.object({
        team: z.object({ id: z.string(), name: z.string() }).nullable(),
        byState: z.record(AccountabilityState, z.int()),
        findings: z.int(),
      }),
    )
    .describe('largest first, at most 20'),
  needs: z
    .array(
      z.object({
        rule: z.string(),
        title: z.string(),
        severity: Severity,
        count: z.int(),
        teams: z.int(),
        fix: z.string(),
      }),
    )
    .describe('what needs someone: worst first'),
  unknowns: z.array(z.object({ rule: z.string(), title: z.string(), count: z.int(), missing: z.string() })),
  sources: z.int(),
  unread: z.int(),
  lastImportAt: z.iso.datetime().nullable(),
})

export const SavedView = z.object({
  id: z.string(),
  name: z.string(),
  screen: z.enum(['identities', 'findings']),
  search: z.record(z.string(), z.string()),
})

/** Names are what clients call; paths follow REST. `{id}` is written as OpenAPI does. */
export const ROUTES = {
  ...SESSION_ROUTES,
  ...ACCOUNTABILITY_ROUTES,
  ...CHANGE_ROUTES,
  ...NOTIFICATION_ROUTES,
  ...WEBHOOK_ROUTES,
  ...GITHUB_ROUTES,
  overview: route({
    method: 'GET',
    path: '/v1/overview',
    summary: 'What needs someone, and how much of the estate is accountable',
    tag: 'overview',
    params: none,
    query: z.strictObject({ asOf: AsOf }),
    body: noBody,
    reply: Overview,
  }),
  listIdentities: route({
    method: 'GET',
    path: '/v1/identities',
    summary: 'List, filter and search identities',
    tag: 'identities',
    params: none,
    query: IdentityFilter.extend({
      sort: IdentitySort.default('name'),
      order: z.enum(['asc', 'desc']).default('asc'),
      cursor: Cursor.optional(),
      limit: Limit,
    }),
    body: noBody,
    reply: page(IdentityRow),
  }),
  exportIdentities: route({
    method: 'GET',
    path: '/v1/identities.csv',
    summary: 'The same list as CSV (RFC 4180, formulas neutralised)',
    tag: 'identities',
    params: none,
    query: IdentityFilter,
    body: noBody,
    reply: z.string(),
    contentType: 'text/csv',
  }),
  identity: route({
    method: 'GET',
    path: '/v1/identities/{id}',
    summary: 'One identity with its evidence',
    tag: 'identities',
    params: id,
    query: z.strictObject({ asOf: AsOf }),
    body: noBody,
    reply: IdentityDetail,
  }),
  identityTimeline: route({
    method: 'GET',
    path: '/v1/identities/{id}/timeline',
    summary: 'What changed, newest first',
    tag: 'identities',
    params: id,
    query: z.strictObject({ cursor: Cursor.optional(), limit: Limit }),
    body: noBody,
    reply: page(TimelineEntry),
  }),
  listScopes: route({
    method: 'GET',
    path: '/v1/scopes',
    summary: 'Namespaces, repositories and accounts',
    tag: 'scopes',
    params: none,
    query: z.strictObject({
      q: Text.optional(),
      state: AccountabilityState.optional(),
      team: Text.optional(),
      cursor: Cursor.optional(),
      limit: Limit,
    }),
    body: noBody,
    reply: page(OwnedScope),
  }),
  listTeams: route({
    method: 'GET',
    path: '/v1/teams',
    summary: 'Teams with what they answer for',
    tag: 'teams',
    params: none,
    query: z.strictObject({ q: Text.optional(), cursor: Cursor.optional(), limit: Limit }),
    body: noBody,
    reply: page(TeamRow),
  }),
  team: route({
    method: 'GET',
    path: '/v1/teams/{id}',
    summary: 'One team',
    tag: 'teams',
    params: id,
    query: none,
    body: noBody,
    reply: TeamRow,
  }),
  listRules: route({
    method: 'GET',
    path: '/v1/rules',
    summary: 'Rules with their counts',
    tag: 'findings',
    params: none,
    query: z.strictObject({ team: Text.optional() }),
    body: noBody,
    reply: z.object({ items: z.array(RuleRow) }),
  }),
  listFindings: route({
    method: 'GET',
    path: '/v1/findings',
    summary: 'Failing findings',
    tag: 'findings',
    params: none,
    query: z.strictObject({
      q: Text.optional(),
      rule: Text.optional(),
      team: Text.optional().describe('team id, or "none"'),
      severity: Severity.optional(),
      environment: Text.optional(),
      cursor: Cursor.optional(),
      limit: Limit,
    }),
    body: noBody,
    reply: page(FindingRow),
  }),
  listApis: route({
    method: 'GET',
    path: '/v1/apis',
    summary: 'APIs and their operations',
    tag: 'apis',
    params: none,
    query: z.strictObject({ q: Text.optional(), cursor: Cursor.optional(), limit: Limit }),
    body: noBody,
    reply: page(Api),
  }),
  listSources: route({
    method: 'GET',
    path: '/v1/sources',
    summary: 'Connected sources: coverage, freshness, what was not read',
    tag: 'sources',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({ items: z.array(SourceRow) }),
  }),
  source: route({
    method: 'GET',
    path: '/v1/sources/{id}',
    summary: 'One source',
    tag: 'sources',
    params: id,
    query: none,
    body: noBody,
    reply: SourceRow,
  }),
  importReport: route({
    method: 'POST',
    path: '/v1/imports',
    summary: 'Import a scan report',
    tag: 'sources',
    params: none,
    query: z.strictObject({ source: Text.optional().describe('stable name of the source; default: the scanned path') }),
    body: ScanReport,
    reply: ImportResult,
    status: 201,
  }),
  startScan: route({
    method: 'POST',
    path: '/v1/scans',
    summary: 'Scan a directory on the machine of the server',
    tag: 'sources',
    params: none,
    query: none,
    body: z.strictObject({ path: z.string().max(4_096), asOf: z.iso.datetime().optional() }),
    reply: Job,
    status: 202,
  }),
  loadExample: route({
    method: 'POST',
    path: '/v1/examples',
    summary: 'Load the example company',
    tag: 'sources',
    params: none,
    query: none,
    body: none,
    reply: Job,
    status: 202,
  }),
  job: route({
    method: 'GET',
    path: '/v1/jobs/{id}',
    summary: 'Progress of a scan, import or simulation',
    tag: 'sources',
    params: id,
    query: none,
    body: noBody,
    reply: Job,
  }),
  listViews: route({
    method: 'GET',
    path: '/v1/views',
    summary: 'Saved views',
    tag: 'views',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({ items: z.array(SavedView) }),
  }),
  saveView: route({
    method: 'POST',
    path: '/v1/views',
    summary: 'Save a view',
    tag: 'views',
    params: none,
    query: none,
    body: SavedView.omit({ id: true }).strict(),
    reply: SavedView,
    status: 201,
  }),
  deleteView: route({
    method: 'DELETE',
    path: '/v1/views/{id}',
    summary: 'Delete a view',
    tag: 'views',
    params: id,
    query: none,
    body: noBody,
    reply: noBody,
    status: 204,
  }),
  ...LEDGER_ROUTES,
} as const
export type RouteName = keyof typeof ROUTES
