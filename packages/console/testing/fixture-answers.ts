/** What each route answers about the made-up company. */
import type { z } from 'zod'
import type { PowerHolder } from '@onus/core/change/shapes.ts'
import type { AccountabilityState } from '@onus/core/identity.ts'
import type { IdentityFilter, Job, Overview, ROUTES, RouteName, SavedView } from '@onus/core/contract/routes.ts'
import type { DirectoryHold, Persona, Token } from '@onus/core/contract/session-routes.ts'
import { detailOf, timelineOf } from './fixture-detail.ts'
import type { Company, Row } from './fixture-data.ts'
import { accountabilityOf, decide, offersOf, ownTeam, PEOPLE, queueOf } from './fixture-decisions.ts'
import { FixtureProblem } from './fixture-problem.ts'
import { changeFor, decideChange, guardrailOf, guardrailsOf, listedChanges, POLICIES, POWERS, preview, propose, SCHEMA, simulationOf, STARTERS } from './fixture-govern.ts'
import type { GovernWorld } from './fixture-govern.ts'
import { checkpointOf, consistencyOf, exportOf, ledgerEntryOf, ledgerRows, ledgerStateOf, tileOf } from './fixture-ledger.ts'
import type { LedgerWorld } from './fixture-ledger.ts'

export type World = {
  /** Whom the one who operates appointed as the first. */
  appointed: PowerHolder[]
  company: Company
  isEmpty: boolean
  isSignedIn: boolean
  isExample: boolean
  /** Sign-in with company accounts is set up. */
  hasCompany: boolean
  persona: Persona | null
  sessions: { id: string; isThis: boolean }[]
  holds: z.infer<typeof DirectoryHold>[]
  views: z.infer<typeof SavedView>[]
  /** Namespaces about which the team has decided. */
  decided: Set<string>
  jobs: Map<string, z.infer<typeof Job>>
  govern: GovernWorld
  ledger: LedgerWorld
  tokens: z.infer<typeof Token>[]
}

type Asked = { params: Record<string, string>; query: unknown; body: unknown }
type Body<K extends RouteName> = z.output<(typeof ROUTES)[K]['body']>
type Query<K extends RouteName> = z.output<(typeof ROUTES)[K]['query']>
const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
const STATES: AccountabilityState[] = ['accountable', 'claimed', 'split', 'unowned', 'lapsed']

/** The reply of route `name`; throws FixtureProblem for a refusal. The query was parsed by the contract before. */
export function answer(name: RouteName, asked: Asked, world: World): unknown {
  if (name === 'signIn') return signIn(asked, world)
  if (name === 'signInOptions') return { company: world.hasCompany ? { startAt: '/sign-in/company' } : null }
  if (!world.isSignedIn) throw new FixtureProblem({ status: 401, code: 'signed-out', title: 'Signed out', detail: 'Open the sign-in link that the server printed.' })
  const id = asked.params['id'] ?? ''
  switch (name) {
    case 'session': return sessionOf(world)
    case 'signOut': world.isSignedIn = false; return undefined
    case 'takePersona': world.persona = (asked.body as { persona: Persona | null }).persona; return sessionOf(world)
    case 'listSessions': return { items: world.sessions.map((each) => ({ ...each, userAgent: `Browser ${each.id}`, createdAt: '2026-11-20T08:00:00.000Z', lastSeenAt: '2026-11-23T08:00:00.000Z', expiresAt: '2026-11-27T08:00:00.000Z' })) }
    case 'endSession': world.sessions = world.sessions.filter((each) => each.id !== id); return undefined
    case 'signOutEverywhere': world.isSignedIn = false; return undefined
    case 'listDirectoryHolds': return { items: world.holds }
    case 'releaseDirectoryHold': case 'discardDirectoryHold':
      world.holds = world.holds.map((hold) => ({ ...hold, state: name === 'releaseDirectoryHold' ? 'released' : 'discarded', decidedAt: '2026-11-23T09:00:00.000Z', decidedBy: 'per_local', note: (asked.body as { note: string }).note }))
      return undefined
    case 'overview': return overviewOf(world)
    case 'listIdentities': return identities(asked.query as Query<'listIdentities'>, world)
    case 'exportIdentities': return 'id,name\r\n'
    case 'identity': return detailOf(world.company, byId(rowsOf(world), id))
    case 'identityTimeline': return pageOf(timelineOf(byId(rowsOf(world), id), world.company), asked.query as Query<'identityTimeline'>)
    case 'listScopes': return pageOf(scopes(world), asked.query as Query<'listScopes'>)
    case 'listTeams': return teams(asked.query as Query<'listTeams'>, world)
    case 'team': return byId(world.company.teams, id)
    case 'listRules': return rules(asked.query as Query<'listRules'>, world)
    case 'listFindings': return findings(asked.query as Query<'listFindings'>, world)
    case 'listApis': return pageOf([], asked.query as Query<'listApis'>)
    case 'listSources': return { items: world.isEmpty ? [] : world.company.sources }
    case 'source': return byId(world.company.sources, id)
    case 'importReport': world.isEmpty = false; return RESULT
    case 'startScan': return startJob('scan', asked.body as { path: string }, world)
    case 'loadExample': world.isExample = true; return startJob('scan', { path: 'examples' }, world)
    case 'job': return advance(id, world)
    case 'listViews': return { items: world.views }
    case 'saveView': return saveView(asked.body as Omit<z.infer<typeof SavedView>, 'id'>, world)
    case 'queue': return world.isEmpty ? { items: [], accountable: 0, functions: 0, next: '2027-02-01T00:00:00.000Z' } : queueOf(world.company, world.decided)
    case 'listOffers': return { items: world.isEmpty ? [] : offersOf(world.company) }
    case 'acceptIdentities':
    case 'refuseIdentities': return decide(asked.body as Parameters<typeof decide>[0], world.company, world.decided)
    case 'accountability': return accountabilityOf(world.company)
    case 'listPeople': return { items: PEOPLE }
    case 'listDirectoryTeams': return { items: [{ ...ownTeam(world.company), kind: 'business', origin: 'scim', escalation: null, members: 3 }, { id: 'tm_fleet', name: 'Fleet', kind: 'business', origin: 'scim', escalation: null, members: 2 }] }
    case 'listChanges': return pageOf(world.isEmpty ? [] : listedChanges(world.govern, asked.query as Query<'listChanges'>, meIn(world)), asked.query as Query<'listChanges'>)
    case 'change': return changeFor(world.govern, id, meIn(world))
    case 'previewChange': return preview(world.company, (asked.body as Body<'previewChange'>).content)
    case 'proposeChange': return propose(world.govern, world.company, asked.body as Body<'proposeChange'>, meIn(world))
    case 'editChange': case 'approveChange': case 'rejectChange': case 'withdrawChange': case 'commentOnChange': return decideChange(world.govern, name, id, asked.body as object, meIn(world))
    case 'listGuardrails': return { items: world.isEmpty ? [] : guardrailsOf(world.company), schema: SCHEMA }
    case 'guardrail': return guardrailOf(world.company, id)
    case 'listStarterGuardrails': return { items: STARTERS }
    case 'simulateGuardrail': return startJob('simulation', { path: (asked.body as { text: string }).text }, world)
    case 'listExceptions': return exceptionsOf(asked.query as Query<'listExceptions'>, world)
    case 'listPowers': return { items: [...POWERS, ...world.appointed], policies: POLICIES }
    case 'appointFirst': return appointFirst(asked.body as Body<'appointFirst'>, world)
    case 'listLedger': return pageOf(world.isEmpty ? [] : ledgerRows(world.ledger, asked.query as Query<'listLedger'>), asked.query as Query<'listLedger'>)
    case 'ledgerState': return ledgerStateOf(world.ledger)
    case 'ledgerEntry': return ledgerEntryOf(world.ledger, id)
    case 'ledgerConsistency': return consistencyOf(world.ledger, (asked.query as Query<'ledgerConsistency'>).oldSize)
    case 'ledgerCheckpoint': return checkpointOf(world.ledger)
    case 'ledgerTile': return tileOf(world.ledger, asked.params['path'] ?? '')
    case 'ledgerExport': return exportOf(world.ledger)
    case 'listTokens': return { items: world.isEmpty ? [] : world.tokens }
    case 'createToken': return createToken(asked.body as Body<'createToken'>, world)
    case 'revokeToken': world.tokens = world.tokens.map((token) => (token.id === id ? { ...token, revokedAt: world.company.now } : token)); return undefined
    case 'deleteView': world.views = world.views.filter((view) => view.id !== id); return undefined
    default: throw new FixtureProblem({ status: 501, code: 'not-made-up', title: 'Not made up', detail: `the made-up company has no ${name}` })
  }
}

const RESULT = { importId: 'imp_1', sourceId: 'src_1', identities: 412, credentials: 618, appeared: 412, changed: 0, unchanged: 0, vanished: 0, returned: 0, findings: 97, note: null }

const WHO: Record<Persona | 'self', { id: string; name: string; teams: string[]; powers: string[] }> = {
  self: { id: 'per_local', name: 'administrator', teams: [], powers: ['operate'] },
  owner: { id: 'per_1', name: 'Mara Lindqvist', teams: ['Checkout'], powers: [] },
  platform: { id: 'per_plat', name: 'Wen Zhao', teams: [], powers: ['operate'] },
  security: { id: 'per_sec', name: 'Ada Moss', teams: [], powers: ['guard'] },
  auditor: { id: 'per_aud', name: 'Rune Hale', teams: [], powers: ['audit'] },
}

const meIn = (world: World) => {
  const { id, name, powers } = WHO[world.persona ?? 'self']
  return { id, name, isAuditor: powers.includes('audit') }
}

function sessionOf(world: World) {
  const isSelf = world.persona === null
  const { id, name, teams, powers } = WHO[world.persona ?? 'self']
  return {
    person: id,
    name,
    role: isSelf ? 'administrator' : 'reader',
    teams: teams.map((team) => ({ id: 'tm_00000000000000000000', name: team })),
    powers,
    persona: world.persona,
    personas: world.isExample ? ['owner', 'platform', 'security', 'auditor'] : [],
    version: '0.1.0',
    isExampleLoaded: world.isExample,
    canScanLocalPaths: isSelf,
  }
}

function signIn(asked: Asked, world: World) {
  const { token } = asked.body as { token: string }
  if (token !== 'good') throw new FixtureProblem({ status: 401, code: 'link-used', title: 'The link was used', detail: 'This link was used already or has run out.' })
  world.isSignedIn = true
  return sessionOf(world)
}

function rowsOf(world: World): Row[] {
  return world.isEmpty ? [] : world.company.rows
}

function byId<T extends { id: string }>(all: T[], id: string): T {
  const found = all.find((one) => one.id === id)
  if (!found) throw new FixtureProblem({ status: 404, code: 'not-found', title: 'Not found', detail: `nothing here has the id ${id}` })
  return found
}

function pageOf<T>(all: T[], query: { cursor?: string | undefined; limit: number }) {
  const from = Number(query.cursor ?? 0)
  const items = all.slice(from, from + query.limit)
  const next = from + items.length
  return { items, nextCursor: next < all.length ? String(next) : null, total: all.length, isTotalExact: true }
}

function zero(): Record<AccountabilityState, number> {
  return { accountable: 0, claimed: 0, split: 0, unowned: 0, lapsed: 0 }
}

function overviewOf(world: World): z.infer<typeof Overview> {
  const { company } = world
  const rows = rowsOf(world).filter((row) => row.vanishedAt === null)
  const byState = zero()
  const environments = new Map<string | null, Record<AccountabilityState, number>>()
  const perTeam = new Map<string | null, { byState: Record<AccountabilityState, number>; findings: number }>()
  for (const row of rows) {
    byState[row.state] += 1
    const environment = environments.get(row.environment) ?? zero()
    environment[row.state] += 1
    environments.set(row.environment, environment)
    const team = perTeam.get(row.team?.id ?? null) ?? { byState: zero(), findings: 0 }
    team.byState[row.state] += 1
    team.findings += SEVERITIES.reduce((sum, severity) => sum + row.findings[severity], 0)
    perTeam.set(row.team?.id ?? null, team)
  }
  const needs = world.isEmpty ? [] : company.rules.filter((rule) => rule.fail > 0).toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity))
  const size = (counts: Record<AccountabilityState, number>): number => STATES.reduce((sum, state) => sum + counts[state], 0)
  return {
    asOf: company.now, identities: rows.length, credentials: rows.reduce((sum, row) => sum + row.credentials, 0), vanished: rowsOf(world).length - rows.length,
    byState,
    byEnvironment: [...environments].map(([environment, counts]) => ({ environment, byState: counts })).toSorted((a, b) => size(b.byState) - size(a.byState)).slice(0, 12),
    byTeam: [...perTeam].map(([id, counts]) => ({ team: company.teams.filter((team) => team.id === id).map((team) => ({ id: team.id, name: team.name }))[0] ?? null, ...counts })).toSorted((a, b) => size(b.byState) - size(a.byState)).slice(0, 20),
    needs: needs.map((rule) => ({ rule: rule.id, title: rule.title, severity: rule.severity, count: rule.fail, teams: rule.teams, fix: rule.fix })),
    unknowns: world.isEmpty ? [] : company.rules.filter((rule) => rule.unknown > 0).map((rule) => ({ rule: rule.id, title: rule.title, count: rule.unknown, missing: rule.needs[0] ?? '' })),
    sources: world.isEmpty ? 0 : company.sources.length, unread: world.isEmpty ? 0 : 12, lastImportAt: world.isEmpty ? null : company.now,
  }
}

function matches(row: Row, filter: z.output<typeof IdentityFilter>): boolean {
  const words = (filter.q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const text = `${row.name} ${row.namespace ?? ''} ${row.team?.name ?? ''} ${row.file}`.toLowerCase()
  const worst = row.worst === null ? -1 : SEVERITIES.indexOf(row.worst)
  return words.every((word) => text.includes(word))
    && (filter.state === undefined || row.state === filter.state)
    && (filter.team === undefined || (row.team?.id ?? 'none') === filter.team)
    && (filter.kind === undefined || row.kind === filter.kind)
    && (filter.environment === undefined || (row.environment ?? 'none') === filter.environment)
    && (filter.namespace === undefined || row.namespace === filter.namespace)
    && (filter.source === undefined || row.sourceId === filter.source)
    && (filter.severity === undefined || worst >= SEVERITIES.indexOf(filter.severity))
    && (filter.presence === 'all' || (row.vanishedAt !== null) === (filter.presence === 'vanished'))
}

/** The last question's rows: a long list is asked for in hundreds of pages. */
let lastList: { key: string; rows: Row[] } = { key: '', rows: [] }

function identities(query: Query<'listIdentities'>, world: World) {
  const { cursor, limit, ...question } = query
  const key = `${world.company.rows.length} ${world.isEmpty} ${JSON.stringify(question)}`
  if (lastList.key !== key) {
    const sign = query.order === 'asc' ? 1 : -1
    const value = SORT_VALUES[query.sort]
    lastList = { key, rows: rowsOf(world).filter((row) => matches(row, query)).toSorted((a, b) => sign * (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) || (a.id < b.id ? -1 : 1)) }
  }
  return pageOf(lastList.rows, { cursor, limit })
}

const SORT_VALUES: Record<Query<'listIdentities'>['sort'], (row: Row) => string | number> = {
  name: (row) => row.name,
  namespace: (row) => row.namespace ?? '',
  team: (row) => row.team?.name ?? '',
  state: (row) => STATES.indexOf(row.state),
  findings: (row) => SEVERITIES.reduce((sum, severity, weight) => sum + row.findings[severity] * 100 ** weight, 0),
  rotated: (row) => row.oldestRotationAt ?? '9999',
  firstSeen: (row) => row.firstSeenAt,
}

function teams(query: Query<'listTeams'>, world: World) {
  const wanted = (query.q ?? '').toLowerCase()
  return pageOf(world.isEmpty ? [] : world.company.teams.filter((team) => team.name.toLowerCase().includes(wanted)), query)
}

function scopes(world: World) {
  return rowsOf(world).slice(0, 40).map((row) => ({
    id: `own_${row.id.slice(4)}`, kind: 'kubernetes-namespace' as const, name: row.namespace ?? row.name, environment: row.environment, isProduction: row.isProduction,
    accountability: detailOf(world.company, row).identity.accountability, function: null, repositoryUrl: null, reviewAfter: { state: 'unknown' as const },
    identityCount: 4, source: { file: row.file, line: row.line, isDefined: true }, tags: {},
  }))
}

function rules(query: Query<'listRules'>, world: World) {
  if (world.isEmpty) return { items: world.company.rules.map((rule) => ({ ...rule, fail: 0, unknown: 0, teams: 0 })) }
  if (query.team === undefined) return { items: world.company.rules }
  const own = world.company.findings.filter((finding) => finding.team === query.team)
  return { items: world.company.rules.map((rule) => ({ ...rule, teams: 1, unknown: 0, fail: own.filter((finding) => finding.rule === rule.id).length })) }
}

function findings(query: Query<'listFindings'>, world: World) {
  const wanted = (query.q ?? '').toLowerCase()
  const all = world.isEmpty ? [] : world.company.findings.filter((finding) =>
    (query.rule === undefined || finding.rule === query.rule)
    && (query.team === undefined || (finding.team ?? 'none') === query.team)
    && (query.severity === undefined || finding.severity === query.severity)
    && (query.environment === undefined || (finding.environment ?? 'none') === query.environment)
    && `${finding.identityName} ${finding.detail}`.toLowerCase().includes(wanted))
  return pageOf(all, query)
}

function exceptionsOf(query: Query<'listExceptions'>, world: World) {
  const all = world.isEmpty ? [] : world.govern.exceptions.filter((each) => (query.state === 'all' || each.state === query.state) && (query.rule === undefined || each.rule === query.rule) && (query.identity === undefined || each.identity.id === query.identity))
  return pageOf(all, query)
}

export function tokensOf(company: Company): z.infer<typeof Token>[] {
  const token = (id: string, wish: Partial<z.infer<typeof Token>>): z.infer<typeof Token> => ({
    id, purpose: company.isHostile ? '<img src=x onerror=alert(1)>' : 'The nightly scan of the pipeline', team: { id: 'tm_00000000000000000000', name: company.teams[0]?.name ?? '' }, scopes: ['import'],
    createdBy: 'per_1', createdAt: '2026-10-01T08:00:00.000Z', expiresAt: '2999-01-01T08:00:00.000Z', lastUsedAt: null, revokedAt: null, ...wish,
  })
  return [token('tok_1', { lastUsedAt: company.now }), token('tok_2', { team: null, scopes: ['scim', 'read'], expiresAt: '2026-10-30T08:00:00.000Z' }), token('tok_3', { revokedAt: '2026-11-01T08:00:00.000Z' })]
}

function appointFirst({ power, holder }: Body<'appointFirst'>, world: World): { items: PowerHolder[] } {
  const at = world.company.now
  const named = 'team' in holder ? { kind: 'team' as const, id: holder.team, name: world.company.teams.find(({ id }) => id === holder.team)?.name ?? '' } : { kind: 'person' as const, id: holder.person, name: holder.person }
  world.appointed.push({ id: `pow_${world.appointed.length + 2}`, power, holder: named, since: at, change: null, decidesFrom: at })
  return { items: [...POWERS, ...world.appointed] }
}

function createToken(body: Body<'createToken'>, world: World) {
  const [like] = tokensOf(world.company)
  const token = { ...like, id: `tok_${world.tokens.length + 1}`, purpose: body.purpose, scopes: body.scopes, expiresAt: new Date(Date.now() + body.days * 86_400_000).toISOString(), lastUsedAt: null } as z.infer<typeof Token>
  world.tokens = [token, ...world.tokens]
  return { token, secret: 'onus_made_up_and_shown_once' }
}

function startJob(kind: 'scan' | 'simulation', { path }: { path: string }, world: World) {
  if (path.includes('missing')) throw new FixtureProblem({ status: 422, code: 'path-not-found', title: 'Nothing to scan there', detail: `There is no file or directory ${path} on the machine of the server.` })
  const job: z.infer<typeof Job> = { id: `job_${world.jobs.size + 1}`, kind, state: 'queued', stage: 'waiting', done: 0, total: null, message: null, result: null, simulation: null, startedAt: null, endedAt: null }
  world.jobs.set(job.id, path.includes('broken') ? { ...job, stage: 'broken' } : job)
  return job
}

/** Each look at a job moves it on: reading, importing, done. */
function advance(id: string, world: World): z.infer<typeof Job> {
  const job = world.jobs.get(id)
  if (!job) throw new FixtureProblem({ status: 404, code: 'not-found', title: 'Not found', detail: 'no such job' })
  const done = job.done + 400
  if (job.kind === 'simulation' && job.stage !== 'broken' && done >= 800) return Object.assign(job, { state: 'done', stage: 'done', simulation: simulationOf(world.company), endedAt: world.company.now })
  if (job.stage === 'broken') job.state = 'failed'
  else if (done >= 2_000) {
    world.isEmpty = false
    Object.assign(job, { state: 'done', stage: 'done', result: RESULT, endedAt: world.company.now })
  } else Object.assign(job, { state: 'running', stage: done > 1_200 ? 'importing' : 'reading files', done, total: 2_000, startedAt: new Date().toISOString() })
  if (job.state === 'failed') job.message = world.company.isHostile ? '<img src=x onerror=alert(1)>' : 'The directory went away while it was read.'
  return job
}

function saveView(body: Omit<z.infer<typeof SavedView>, 'id'>, world: World) {
  const view = { id: `view_${world.views.length + 1}`, ...body }
  world.views = [...world.views, view]
  return view
}
