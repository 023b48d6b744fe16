import { test } from 'node:test'
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { ApiError, createClient } from '@onus/core/contract/client.ts'
import type { Client } from '@onus/core/contract/client.ts'
import { addPerson, addTeam, endPower, givePower, joinTeam, personLeft, teamDissolved, writing } from '../directory/index.ts'
import type { Writing } from '../directory/index.ts'
import { testApp } from '../testing/app.ts'
import type { TestApp } from '../testing/app.ts'
import { connect, testDatabases } from '../testing/database.ts'
import { identity, report } from '../testing/reports.ts'
import { actorOfSession, actorOfToken, createToken, openSession } from './index.ts'
import { TOKEN_PATTERN, newToken } from './token-text.ts'

const databases = await testDatabases()
const EXAMPLE = fileURLToPath(new URL('../../../../examples/lumen-parcel', import.meta.url))
const refusedAs = (code: string) => (error: unknown): boolean => error instanceof ApiError && error.problem.code === code

async function house(wish: { exampleDir?: string } = {}) {
  const app = await testApp(await databases.fresh(), wish)
  const { ctx, clock } = app
  const on = <T>(work: (w: Writing) => Promise<T>): Promise<T> => ctx.db.tx(async (tx) => work(await writing(tx, clock.now, { kind: 'system', id: 'test' })))
  const person = (userName: string): Promise<string> => on(async (w) => (await addPerson(w, { userName, displayName: userName, email: null, externalId: null, origin: 'scim', oidc: null })).id)
  const team = (name: string, ...people: string[]): Promise<string> => on(async (w) => {
    const { id } = await addTeam(w, { name, externalId: null, origin: 'scim', escalation: null })
    await joinTeam(w, id, people, 'scim')
    return id
  })
  const as = async (id: string): Promise<{ client: Client; secret: string }> => {
    const secret = await ctx.db.tx((tx) => openSession(tx, id, { userAgent: `browser of ${id}`, earlier: undefined }, clock.now))
    return { secret, client: createClient(app.url, fetch, { cookie: `onus_session=${secret}` }) }
  }
  return { app, on, person, team, as }
}

test('a session says who one is, in which teams, and what one may do', async () => {
  const { on, person, team, as } = await house()
  const ada = await person('ada')
  const platform = await team('Platform', ada)
  await on((w) => givePower(w, 'operate', { team: platform }))
  const { client } = await as(ada)
  const { version: _version, ...told } = await client.session()
  assert.deepEqual(told, { person: ada, name: 'ada', role: 'administrator', teams: [{ id: platform, name: 'Platform' }], powers: ['operate'], persona: null, personas: [], isExampleLoaded: false, canScanLocalPaths: true })
})

const ENDS: [name: string, end: (w: Writing, ids: { person: string; team: string }) => Promise<unknown>, want: 'out' | 'reader'][] = [
  ['the power of the team ends', (w, { team }) => endPower(w, 'operate', { team }), 'reader'],
  ['the team is dissolved', (w, { team }) => teamDissolved(w, team), 'reader'],
  ['the person leaves', (w, { person }) => personLeft(w, person), 'out'],
]
for (const [name, end, want] of ENDS) {
  test(`T56 when ${name}, the next request already knows`, async () => {
    const { on, person, team, as } = await house()
    const ids = { person: await person('ada'), team: '' }
    ids.team = await team('Platform', ids.person)
    await on((w) => givePower(w, 'operate', { team: ids.team }))
    const { client } = await as(ids.person)
    assert.equal((await client.session()).role, 'administrator')
    await on((w) => end(w, ids))
    if (want === 'out') await assert.rejects(client.session(), refusedAs('not-signed-in'))
    else assert.deepEqual([(await client.session()).role, (await client.session()).powers], ['reader', []])
    await assert.rejects(client.loadExample(), refusedAs(want === 'out' ? 'not-signed-in' : 'forbidden'))
  })
}

test('T56 one sees one’s own sessions and ends one of them, or all', async () => {
  const { person, as } = await house()
  const [ada, ben] = [await person('ada'), await person('ben')]
  const [first, second, other] = [await as(ada), await as(ada), await as(ben)]
  const { items } = await first.client.listSessions()
  assert.deepEqual([items.length, items.filter(({ isThis }) => isThis).length, items[0]?.userAgent], [2, 1, `browser of ${ada}`])
  const theirs = (await other.client.listSessions()).items[0]?.id ?? ''
  await assert.rejects(first.client.endSession({ params: { id: theirs } }), refusedAs('not-found'), 'somebody else’s')
  const mine = items.find(({ isThis }) => !isThis)?.id ?? ''
  await first.client.endSession({ params: { id: mine } })
  await assert.rejects(second.client.session(), refusedAs('not-signed-in'))
  const third = await as(ada)
  await third.client.signOutEverywhere()
  for (const { client } of [first, third]) await assert.rejects(client.session(), refusedAs('not-signed-in'))
  assert.ok(await other.client.session())
})

test('T40 whoever cannot be made out is refused: a session without its person, a database that does not answer', async () => {
  const { app, person, as } = await house()
  const { secret, client } = await as(await person('ada'))
  const broken = { ...app.ctx.db, read: { selectFrom: () => { throw new Error('no answer') } } as never }
  await assert.rejects(actorOfSession(broken, secret, app.clock.now))
  await assert.rejects(actorOfToken(broken, `onus_${'a'.repeat(42)}x`, app.clock.now))
  const look = await connect(app.ctx.address as Parameters<typeof connect>[0])
  await look.query('alter table session drop constraint session_person_id_fkey')
  await look.query("update session set person_id = 'per_gone'")
  await assert.rejects(client.session(), refusedAs('not-signed-in'))
})

test('a token has a team, a purpose, an end and scopes; it is shown once and kept as a hash', async () => {
  const { app, person, team, as } = await house()
  const ada = await person('ada')
  const billing = await team('Billing', ada)
  const { client } = app
  const { token, secret } = await client.createToken({ body: { purpose: 'nightly export', team: billing, scopes: ['read', 'propose'], days: 30 } })
  assert.match(secret, TOKEN_PATTERN)
  assert.deepEqual({ ...token, id: '', createdAt: '' }, { id: '', purpose: 'nightly export', team: { id: billing, name: 'Billing' }, scopes: ['propose', 'read'], createdBy: 'per_local', createdAt: '', expiresAt: '2026-05-01T12:00:00.000Z', lastUsedAt: null, revokedAt: null })
  const look = await connect(app.ctx.address as Parameters<typeof connect>[0])
  for (const table of ['api_token', 'ledger_entry', 'ledger_personal']) {
    const { rows } = await look.query(`select * from ${table}`)
    assert.ok(!JSON.stringify(rows).includes(secret.slice(5)), table)
  }
  assert.ok(!app.logged().includes(secret))
  const robot = createClient(app.url, fetch, { authorization: `Bearer ${secret}` })
  assert.equal((await robot.listIdentities()).total, 0)
  assert.deepEqual((await robot.listTokens()).items.map(({ id }) => id), [token.id], 'of its own team')
  await assert.rejects(robot.session(), refusedAs('not-signed-in'))
  await assert.rejects(robot.loadExample(), refusedAs('not-signed-in'))
  await assert.rejects(robot.createToken({ body: { purpose: 'x', team: billing, scopes: ['read'], days: 1 } }), refusedAs('not-signed-in'))
  assert.ok((await client.listTokens()).items[0]?.lastUsedAt)
  const { client: member } = await as(ada)
  await member.revokeToken({ params: { id: token.id } })
  await assert.rejects(robot.listIdentities(), refusedAs('not-signed-in'))
  await assert.rejects(member.revokeToken({ params: { id: token.id } }), refusedAs('not-found'))
})

test('who may make, see and end which tokens', async () => {
  const { app, person, team, as } = await house()
  const [ada, ben] = [await person('ada'), await person('ben')]
  const billing = await team('Billing', ada)
  const dispatch = await team('Dispatch', ben)
  const { client } = await as(ada)
  const make = (by: Client, of: string, ...scopes: ('import' | 'scim' | 'read' | 'propose')[]) => by.createToken({ body: { purpose: 'x', team: of, scopes, days: 400 } })
  await make(client, billing, 'read', 'propose')
  await assert.rejects(make(client, dispatch, 'read'), refusedAs('forbidden'), 'of another team')
  for (const scope of ['scim', 'import'] as const) await assert.rejects(make(client, billing, scope), refusedAs('forbidden'), scope)
  const theirs = await make(app.client, dispatch, 'scim', 'import')
  assert.equal((await client.listTokens()).items.length, 1)
  assert.equal((await app.client.listTokens()).items.length, 2)
  await assert.rejects(client.revokeToken({ params: { id: theirs.token.id } }), refusedAs('not-found'))
  await assert.rejects(make(app.client, 'tm_nothing', 'read'), refusedAs('invalid-request'))
  for (const days of [0, 401, 1.5]) await assert.rejects(app.client.createToken({ body: { purpose: 'x', team: billing, scopes: ['read'], days } }), refusedAs('invalid-request'), `${days} days`)
  await assert.rejects(app.client.createToken({ body: { purpose: ' ', team: billing, scopes: ['read'], days: 1 } }), refusedAs('invalid-request'))
})

test('a token ends with its team, and the import token of the version before still works', async () => {
  const { app, on, person, team } = await house()
  const billing = await team('Billing', await person('ada'))
  const by = { kind: 'person', id: 'per_local' } as const
  const { secret } = await createToken(app.ctx.db, { purpose: 'x', days: 9, scopes: ['read'], team: billing }, by, app.clock.now)
  assert.ok(await actorOfToken(app.ctx.db, secret, app.clock.now))
  await on((w) => teamDissolved(w, billing))
  assert.equal(await actorOfToken(app.ctx.db, secret, app.clock.now), null)
  const look = await connect(app.ctx.address as Parameters<typeof connect>[0])
  const old = `onus_${'b_'.repeat(21)}z`
  const { createHash } = await import('node:crypto')
  await look.query("insert into api_token (id, token_hash, purpose, created_at, expires_at) values ('tok_old', $1, 'CI', now(), '2027-01-01')", [createHash('sha256').update(old).digest()])
  assert.deepEqual((await actorOfToken(app.ctx.db, old, app.clock.now))?.scopes, ['import'])
})

test('T54 guessing tokens is told and counted, and keeps out nobody who has one', async () => {
  const { app } = await house()
  const by = { kind: 'person', id: 'per_local' } as const
  const { secret } = await createToken(app.ctx.db, { purpose: 'x', days: 9, scopes: ['read', 'scim'], team: null }, by, app.clock.now)
  const ask = async (token: string, path = '/v1/views'): Promise<number> => (await fetch(app.url + path, { headers: { authorization: `Bearer ${token}` } })).status
  const answers = new Map<number, number>()
  for (let index = 0; index < 130; index += 1) {
    const status = await ask(newToken(), index % 2 ? '/v1/views' : '/scim/v2/Users')
    answers.set(status, (answers.get(status) ?? 0) + 1)
  }
  assert.deepEqual([...answers], [[401, 100], [429, 30]])
  assert.deepEqual([await ask(secret), await ask(secret, '/scim/v2/Users')], [200, 200])
})

test('T55 a token is looked up by the hash of the whole: nothing is compared part by part', async () => {
  const { app } = await house()
  const by = { kind: 'person', id: 'per_local' } as const
  const { secret } = await createToken(app.ctx.db, { purpose: 'x', days: 9, scopes: ['read'], team: null }, by, app.clock.now)
  const { readFile } = await import('node:fs/promises')
  const code = await readFile(new URL('./actor.ts', import.meta.url), 'utf8')
  assert.match(code, /'token_hash', '=', hashOf\(secret\)/)
  assert.ok(await actorOfToken(app.ctx.db, secret, app.clock.now))
  for (const other of [secret.slice(0, -1), `${secret}x`, secret.toLowerCase(), ` ${secret}`]) assert.equal(await actorOfToken(app.ctx.db, other, app.clock.now), null)
})

async function loaded(app: TestApp): Promise<void> {
  const job = await app.client.loadExample()
  for (let index = 0; index < 600; index += 1) {
    const { state } = await app.client.job({ params: { id: job.id } })
    if (state === 'done') return
    if (state === 'failed') break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail('the example was not loaded')
}

test('the administrator of an installation with nothing but the example looks around as its people, and back', async () => {
  const { app } = await house({ exampleDir: EXAMPLE })
  await assert.rejects(app.client.takePersona({ body: { persona: 'owner' } }), refusedAs('forbidden'), 'before it is loaded')
  await loaded(app)
  let cookie = app.cookie
  const ask = async (persona: string | null) => {
    const answer = await fetch(`${app.url}/v1/session/persona`, { method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify({ persona }) })
    const before = cookie
    if (answer.ok) cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    return { body: (await answer.json()) as Awaited<ReturnType<Client['session']>> & { code?: string }, before }
  }
  const cases: [persona: string, name: string, role: string, teams: string[], powers: string[]][] = [
    ['owner', 'Mara Lindqvist', 'reader', ['Checkout'], []],
    ['platform', 'Wen Zhao', 'administrator', ['Platform'], ['operate']],
    ['security', 'Ada Moss', 'reader', ['Security'], ['guard']],
    ['auditor', 'Rune Hale', 'reader', ['Internal Audit'], ['audit']],
  ]
  for (const [persona, name, role, teams, powers] of cases) {
    const { body, before } = await ask(persona)
    assert.deepEqual([body.persona, body.name, body.role, body.teams.map((each) => each.name), body.powers], [persona, name, role, teams, powers], persona)
    assert.deepEqual(body.personas, ['owner', 'platform', 'security', 'auditor'])
    assert.equal((await fetch(`${app.url}/v1/session`, { headers: { cookie: before } })).status, 401, 'the secret before it is spent')
  }
  const asAuditor = createClient(app.url, fetch, { cookie })
  await assert.rejects(asAuditor.loadExample(), refusedAs('forbidden'))
  assert.equal((await asAuditor.listSessions()).items.length, 1, 'the session is one’s own')
  const back = await ask(null)
  assert.deepEqual([back.body.persona, back.body.person, back.body.role], [null, 'per_local', 'administrator'])
  const { items } = await createClient(app.url, fetch, { cookie }).listPeople({ query: { q: 'mara' } })
  assert.deepEqual(items.map(({ displayName, origin }) => [displayName, origin]), [['Mara Lindqvist', 'example']])
  await ask('platform')
  const asPlatform = createClient(app.url, fetch, { cookie })
  await fetch(`${app.url}/v1/imports`, { method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify(report({ path: '/estates/real', identities: [identity({ name: 'real' })] })) })
  const now = await asPlatform.session()
  assert.deepEqual([now.person, now.persona, now.personas], ['per_local', null, []], 'with a real source the personas are gone, also from sessions that had one')
  assert.equal((await ask('owner')).body.code, 'forbidden')
})

test('nobody but the administrator of the machine takes a persona', async () => {
  const { app, person, as } = await house({ exampleDir: EXAMPLE })
  await loaded(app)
  assert.deepEqual((await app.client.session()).personas, ['owner', 'platform', 'security', 'auditor'])
  const { client } = await as(await person('somebody'))
  await assert.rejects(client.takePersona({ body: { persona: 'platform' } }), refusedAs('forbidden'))
  assert.deepEqual((await app.client.session()).personas, [], 'nor anybody once real people are here')
})

test('holds of the directory are told to everybody and decided by who operates', async () => {
  const { app, person, team, as, on } = await house()
  const people: string[] = []
  for (let index = 0; index < 30; index += 1) people.push(await person(`person-${index}`))
  await team('billing', ...people)
  const reader = await person('reader')
  await fetch(`${app.url}/v1/imports`, { method: 'POST', headers: { 'content-type': 'application/json', cookie: app.cookie }, body: JSON.stringify(report({ identities: [identity({ name: 'i', team: 'billing' })] })) })
  const { depart } = await import('../directory/index.ts')
  await on((w) => depart(w, people.map((each) => ({ kind: 'person-left' as const, person: each })), 'scim'))
  const { client } = await as(reader)
  const [hold] = (await client.listDirectoryHolds()).items
  assert.deepEqual([hold?.state, hold?.departures.length, hold?.departures[0]?.person?.name], ['open', 30, 'person-0'])
  const params = { id: hold?.id ?? '' }
  await assert.rejects(client.releaseDirectoryHold({ params, body: { note: 'I want it' } }), refusedAs('forbidden'))
  await assert.rejects(app.client.releaseDirectoryHold({ params, body: { note: ' ' } }), refusedAs('invalid-request'))
  await app.client.discardDirectoryHold({ params, body: { note: 'The directory was empty' } })
  const [decided] = (await client.listDirectoryHolds()).items
  assert.deepEqual([decided?.state, decided?.decidedBy, decided?.note], ['discarded', 'per_local', 'The directory was empty'])
  const teams = (await client.listDirectoryTeams({ query: { q: 'bill' } })).items
  assert.deepEqual(teams.map(({ name, members }) => [name, members]), [['billing', 30]])
})
