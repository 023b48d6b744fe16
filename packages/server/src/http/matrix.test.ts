import assert from 'node:assert/strict'
import { test } from 'node:test'
import { urlOf } from '@onus/core/contract/client.ts'
import { ROUTES } from '@onus/core/contract/routes.ts'
import type { RouteName } from '@onus/core/contract/routes.ts'
import { estate, grant, propose } from '../changes/testing/estate.ts'
import { createToken, openSession } from '../sessions/index.ts'
import { testDatabases } from '../testing/database.ts'
import { report } from '../testing/reports.ts'

const it = await estate(await (await testDatabases()).fresh())
const { ctx } = it

/** Who asks: each kind of person, each kind of token, and nobody. */
const PEOPLE = { author: it.ada.id, member: it.bob.id, sponsor: it.sam.id, otherTeam: it.dan.id, guard: it.gil.id, platform: it.olga.id, auditor: it.abe.id }
const SCOPES = ['import', 'read', 'propose', 'scim', 'audit'] as const
const TOKENS = Object.fromEntries(
  await Promise.all(
    SCOPES.map(async (scope) => [scope, (await createToken(ctx.db, { purpose: 'ci', days: 30, scopes: [scope], team: it.payments.id }, { kind: 'person', id: it.ada.id }, ctx.clock())).secret] as const),
  ),
)
type Role = keyof typeof PEOPLE | `token ${(typeof SCOPES)[number]}` | 'nobody'
const ROLES = [...(Object.keys(PEOPLE) as (keyof typeof PEOPLE)[]), ...SCOPES.map((scope) => `token ${scope}` as const), 'nobody'] as const

async function headersOf(role: Role): Promise<Record<string, string>> {
  if (role === 'nobody') return {}
  if (role.startsWith('token ')) return { authorization: `Bearer ${TOKENS[role.slice(6)] ?? ''}` }
  // A session of its own for each call: some end them.
  const person = PEOPLE[role as keyof typeof PEOPLE]
  const secret = await ctx.db.tx((tx) => openSession(tx, person, { userAgent: 'test', earlier: undefined }, ctx.clock()))
  return { cookie: `onus_session=${secret}` }
}

type Ask = { params?: Record<string, string>; query?: Record<string, string>; body?: unknown }
type Row = {
  /** Asked of an object of Payments, or of the installation; made anew for each role. */
  ask: () => Ask | Promise<Ask>
  /** Roles that may. The others are refused: with 403 and a rule, or 401 where a token has not the scope. */
  may: readonly Role[]
  /** The rule that refuses, where it is not the same for all. */
  rule?: RegExp
  /** Whoever may not is not told that it is there. */
  isHidden?: boolean
}
const EVERYONE: Role[] = ['author', 'member', 'sponsor', 'otherTeam', 'guard', 'platform', 'auditor']
const BUT_AUDIT = EVERYONE.filter((role) => role !== 'auditor')
const OPERATE = /^(?:operate-the-tooling|auditors-only-read)$/
const ANSWER = /^(?:answer-for-ones-team|(?:operators|guards)-do-not-answer-for-business|auditors-only-read)$/
const team = (): string => it.payments.id
let made = 0
async function open(): Promise<{ params: { id: string }; digest: string }> {
  const { id, digest } = await propose(it.ada, grant(it, it.ledger, { resource: `r${(made += 1)}` }))
  return { params: { id }, digest }
}
const content = () => grant(it, it.ledger, { resource: `r${(made += 1)}` })
const ANSWERS = { purpose: 'Posts invoices', function: { name: 'Monthly invoicing' }, sponsor: null, revocation: 'Delete the account' }
const webhook = async (): Promise<{ id: string }> => ({ id: (await it.olga.client.createWebhook({ body: { url: 'https://hooks.example/x', purpose: 'x', actions: [] } })).webhook.id })
const kept = webhook()
const FIELDS = { url: 'https://hooks.example/y', purpose: 'y', actions: [] }
const missing = (prefix: string) => () => ({ params: { id: `${prefix}_00000000000000000000` }, body: {} })

/** Every write of the contract. One that is missing here fails the last test. */
const MATRIX: Partial<Record<RouteName, Row>> = {
  signOut: { ask: () => ({}), may: EVERYONE },
  endSession: { ask: missing('ses'), may: EVERYONE },
  // Personas are of an installation that has nothing but the example.
  takePersona: { ask: () => ({ body: { persona: null } }), may: [] },
  createToken: { ask: () => ({ body: { purpose: 'x', team: team(), scopes: ['read'], days: 3 } }), may: ['author', 'member', 'platform'], rule: /.*/ },
  revokeToken: { ask: missing('tok'), may: [], rule: /.*/, isHidden: true },
  startScan: { ask: () => ({ body: { path: '/nowhere/at/all' } }), may: ['platform'], rule: OPERATE },
  loadExample: { ask: () => ({ body: {} }), may: ['platform'], rule: OPERATE },
  importReport: { ask: () => ({ query: { source: 'matrix' }, body: report({ path: '/m', identities: [] }) }), may: ['platform', 'token import'], rule: OPERATE },
  saveView: { ask: () => ({ body: { name: 'v', screen: 'findings', search: {} } }), may: EVERYONE },
  deleteView: { ask: missing('view'), may: EVERYONE },
  releaseDirectoryHold: { ask: () => ({ ...missing('hold')(), body: { note: 'checked' } }), may: ['platform'], rule: OPERATE },
  discardDirectoryHold: { ask: () => ({ ...missing('hold')(), body: { note: 'checked' } }), may: ['platform'], rule: OPERATE },
  acceptIdentities: { ask: () => ({ body: { team: team(), chosen: { identities: [it.stray.id] }, answers: ANSWERS, isDryRun: true } }), may: ['author', 'member'], rule: ANSWER },
  refuseIdentities: { ask: () => ({ body: { team: team(), chosen: { identities: [it.stray.id] }, reason: 'not ours', isDryRun: true } }), may: ['author', 'member'], rule: ANSWER },
  previewChange: { ask: () => ({ body: { content: content() } }), may: [...BUT_AUDIT, 'token propose'], rule: /^auditors-only-read$/ },
  proposeChange: { ask: () => ({ body: { content: content(), reason: 'needed' } }), may: [...BUT_AUDIT, 'token propose'], rule: /^auditors-only-read$/ },
  editChange: { ask: async () => { const { params, digest } = await open(); return { params, body: { digest, content: content(), reason: 'better' } } }, may: ['author'], rule: /^(?:change-ones-own-proposal|auditors-only-read)$/ },
  withdrawChange: { ask: async () => ({ params: (await open()).params, body: {} }), may: ['author'], rule: /^(?:change-ones-own-proposal|auditors-only-read)$/ },
  approveChange: { ask: async () => { const { params, digest } = await open(); return { params, body: { digest } } }, may: ['member', 'sponsor'], rule: /^(?:nobody-decides-on-their-own-change|operators-do-not-approve-for-business|decide-as-.*|auditors-only-read)$/ },
  rejectChange: { ask: async () => { const { params, digest } = await open(); return { params, body: { digest, reason: 'not now' } } }, may: ['member', 'sponsor'], rule: /^(?:nobody-decides-on-their-own-change|operators-do-not-approve-for-business|decide-as-.*|auditors-only-read)$/ },
  commentOnChange: { ask: async () => ({ params: (await open()).params, body: { text: 'hm' } }), may: BUT_AUDIT, rule: /^auditors-only-read$/ },
  simulateGuardrail: { ask: () => ({ body: { id: 'x', text: 'forbid (' } }), may: ['guard'], rule: /^(?:simulate-guardrails|auditors-only-read)$/ },
  appointFirst: { ask: () => ({ body: { power: 'audit', holder: { person: it.dan.id }, reason: 'why not' } }), may: ['platform'], rule: /^(?:appoint-the-first|auditors-only-read)$/ },
  erasePersonal: { ask: () => ({ body: { what: { about: 'per_nobody' }, reason: 'asked to' } }), may: ['guard'], rule: /^(?:erase-what-is-personal|auditors-only-read)$/ },
  setTeamChannel: { ask: () => ({ params: { id: team() }, body: { url: 'https://chat.example/x' } }), may: ['author', 'member', 'platform'], rule: /^(?:choose-where-ones-team-hears|auditors-only-read)$/ },
  removeTeamChannel: { ask: () => ({ params: { id: team() } }), may: ['author', 'member', 'platform'], rule: /^(?:choose-where-ones-team-hears|auditors-only-read)$/ },
  retryDelivery: { ask: missing('msg'), may: ['platform'], rule: OPERATE },
  createWebhook: { ask: () => ({ body: FIELDS }), may: ['platform'], rule: OPERATE },
  changeWebhook: { ask: async () => ({ params: await kept, body: { ...FIELDS, isActive: false } }), may: ['platform'], rule: OPERATE },
  renewWebhookSecret: { ask: async () => ({ params: await kept, body: {} }), may: ['platform'], rule: OPERATE },
  retryWebhook: { ask: async () => ({ params: await kept, body: {} }), may: ['platform'], rule: OPERATE },
  // GitHub is not set up here, which only those hear who may.
  connectGithubRepository: { ask: () => ({ body: { repository: 'acme/x' } }), may: ['platform'], rule: OPERATE },
  disconnectGithubRepository: { ask: missing('ghr'), may: ['platform'], rule: OPERATE },
  retryGithubRepository: { ask: missing('ghr'), may: ['platform'], rule: OPERATE },
  beginGithubLink: { ask: () => ({ body: { login: 'octocat' } }), may: EVERYONE },
  endGithubLink: { ask: () => ({}), may: EVERYONE },
  deleteWebhook: { ask: async () => ({ params: await webhook() }), may: ['platform'], rule: OPERATE },
}
/** Ends what the others act with, so it comes last. */
const LAST: Partial<Record<RouteName, Row>> = { signOutEverywhere: { ask: () => ({}), may: EVERYONE } }
/** Reads that not everybody may. */
const READS: Partial<Record<RouteName, Row>> = {
  listLedger: { ask: () => ({}), may: [...EVERYONE, 'token read', 'token audit'] },
  ledgerEntry: { ask: () => ({ params: { id: 'ent_0' } }), may: [...EVERYONE, 'token read', 'token audit'] },
  ledgerExport: { ask: () => ({}), may: ['guard', 'platform', 'auditor', 'token audit'], rule: /^export-the-ledger$/ },
  listDeliveries: { ask: () => ({}), may: ['platform'], rule: OPERATE },
  listWebhooks: { ask: () => ({}), may: ['platform'], rule: OPERATE },
  listGithubRepositories: { ask: () => ({}), may: ['platform'], rule: OPERATE },
}

type Said = { status: number; code: string; rule: string }
async function call(name: RouteName, role: Role, ask: Ask): Promise<Said> {
  const { method } = ROUTES[name]
  const answer = await fetch(it.url + urlOf(name, ask), {
    method,
    headers: { ...(await headersOf(role)), ...(method === 'POST' || method === 'PUT' ? { 'content-type': 'application/json' } : {}) },
    ...(method === 'POST' || method === 'PUT' ? { body: JSON.stringify(ask.body ?? {}) } : {}),
  })
  const text = await answer.text()
  if (answer.ok) return { status: answer.status, code: 'ok', rule: '' }
  const { code, errors = [] } = JSON.parse(text) as { code: string; errors?: { field: string; reason: string }[] }
  return { status: answer.status, code, rule: errors.find(({ field }) => field === 'rule')?.reason ?? '' }
}

test('T41 every write of the contract is in the matrix; a new one fails here until somebody says who may', () => {
  const writes = Object.entries(ROUTES).filter(([, route]) => route.method !== 'GET' && !('isPublic' in route && route.isPublic))
  assert.deepEqual(writes.map(([name]) => name).filter((name) => !(name in MATRIX || name in LAST)), [])
  assert.ok(writes.length > 30)
})

test('T41 writes without a session are these: a sign-in link that works once, and what GitHub signs', () => {
  const open = Object.entries(ROUTES).filter(([, route]) => route.method !== 'GET' && 'isPublic' in route && route.isPublic)
  assert.deepEqual(open.map(([name]) => name).sort(), ['receiveGithubDelivery', 'signIn'])
})

test('T41 what is not there and what is another team’s are answered alike, by whoever asks', async () => {
  const hidden = await createToken(ctx.db, { purpose: 'of payments', days: 3, scopes: ['read'], team: it.payments.id }, { kind: 'person', id: it.ada.id }, ctx.clock())
  const theirs = await call('revokeToken', 'otherTeam', { params: { id: hidden.id } })
  assert.deepEqual(theirs, await call('revokeToken', 'otherTeam', { params: { id: 'tok_00000000000000000000' } }))
  const sessions = await ctx.db.read.selectFrom('session').select('id').where('person_id', '=', it.bob.id).execute()
  assert.deepEqual(await call('endSession', 'otherTeam', { params: { id: sessions[0]?.id ?? '' } }), await call('endSession', 'otherTeam', { params: { id: 'ses_0' } }))
})

test('T102 what somebody wrote is erased by another who guards; the ledger says so', async () => {
  const { id } = await propose(it.gil, { kind: 'guardrail', id: 'x-limit', text: '@id("x-limit") @title("t") @found("resource.lifetimeDays") @allowed("a")\nforbid (principal, action == Onus::Action::"grant", resource) when { resource.lifetimeDays > 3 };', stage: 'warn', graceUntil: null })
  const erase = (by: typeof it.gil, about: string) => by.client.erasePersonal({ body: { what: { about }, reason: 'asked to be forgotten' } })
  await assert.rejects(erase(it.gil, it.gil.id), /what you wrote is erased by somebody else/)
  assert.ok((await erase(it.gus, it.gil.id)).erased > 0)
  const change = await it.gus.client.change({ params: { id } })
  assert.equal(change.reason, null)
  const { items } = await it.abe.client.listLedger({ query: { action: 'personal.erase' } })
  assert.deepEqual([items.length, items[0]?.entry.subject.id, items[0]?.personal['reason']], [1, it.gil.id, 'asked to be forgotten'])
})

for (const [name, { ask, may, rule = /^$/, isHidden = false }] of Object.entries({ ...MATRIX, ...READS, ...LAST }) as [RouteName, Row][]) {
  test(`T41 ${name}: whoever may is answered, everybody else is refused with the rule`, async () => {
    for (const role of ROLES) {
      const said = await call(name, role, await ask())
      const told = `${role}: ${JSON.stringify(said)}`
      if (may.includes(role)) assert.ok(!['forbidden', 'not-signed-in', 'internal'].includes(said.code), told)
      else if (role === 'nobody' || role.startsWith('token ')) assert.ok(['not-signed-in', 'forbidden'].includes(said.code), told)
      else if (isHidden) assert.equal(said.code, 'not-found', told)
      else {
        assert.equal(said.code, 'forbidden', told)
        assert.match(said.rule, rule, told)
      }
    }
  })
}
