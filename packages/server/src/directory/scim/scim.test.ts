import { test } from 'node:test'
import assert from 'node:assert/strict'
import { stableId } from '@onus/core/ids.ts'
import { liveTeam, membersOf } from '../index.ts'
import { createToken } from '../../sessions/index.ts'
import type { Scope } from '../../sessions/index.ts'
import { testApp } from '../../testing/app.ts'
import { testDatabases } from '../../testing/database.ts'
import { identity, report } from '../../testing/reports.ts'

const databases = await testDatabases()
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const BY = { kind: 'person', id: 'per_local' } as const
type Json = Record<string, unknown> & { id: string; Resources: Json[]; members?: { value: string }[] }

async function directory() {
  const app = await testApp(await databases.fresh())
  const tokenOf = async (...scopes: Scope[]): Promise<string> => (await createToken(app.ctx.db, { purpose: 'directory', days: 30, scopes, team: null }, BY, app.clock.now)).secret
  const token = await tokenOf('scim')
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${app.url}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: (text === '' ? {} : JSON.parse(text)) as Json }
  }
  const user = async (userName: string, more: object = {}): Promise<string> => {
    const { status, body } = await ask('POST', '/Users', { schemas: [USER], userName, active: true, ...more })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id
  }
  const group = async (displayName: string, ...people: string[]): Promise<string> => {
    const { status, body } = await ask('POST', '/Groups', { schemas: [GROUP], displayName, members: people.map((value) => ({ value })) })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id
  }
  const patch = (path: string, ...Operations: object[]) => ask('PATCH', path, { schemas: [PATCH], Operations })
  return { app, ask, user, group, patch, tokenOf }
}

const shared = await directory()

test('a person is made, read, changed and removed', async () => {
  const { ask } = shared
  const made = await ask('POST', '/Users', {
    schemas: [USER, ENTERPRISE],
    externalId: '00u1',
    userName: 'Mara@lumen.example',
    name: { givenName: 'Mara', familyName: 'Lindqvist' },
    emails: [{ value: 'private@else.example', type: 'home' }, { value: 'mara@lumen.example', type: 'work', primary: true }],
    active: true,
    [ENTERPRISE]: { department: 'Checkout' },
    title: 'Engineer',
  })
  assert.equal(made.status, 201)
  assert.equal(made.headers.get('content-type'), 'application/scim+json; charset=utf-8')
  assert.equal(made.headers.get('location'), `/scim/v2/Users/${made.body.id}`)
  const { id } = made.body
  const read = await ask('GET', `/Users/${id}`)
  assert.deepEqual({ ...read.body, meta: undefined }, {
    schemas: [USER],
    id,
    externalId: '00u1',
    userName: 'Mara@lumen.example',
    displayName: 'Mara Lindqvist',
    active: true,
    emails: [{ value: 'mara@lumen.example', type: 'work', primary: true }],
    meta: undefined,
  })
  const put = await ask('PUT', `/Users/${id}`, { schemas: [USER], id, userName: 'mara.l@lumen.example', displayName: 'Mara L', active: true })
  assert.deepEqual([put.status, put.body['userName'], put.body['displayName'], put.body['externalId']], [200, 'mara.l@lumen.example', 'Mara L', undefined])
  assert.equal((await ask('DELETE', `/Users/${id}`)).status, 204)
  assert.equal((await ask('GET', `/Users/${id}`)).status, 404)
  assert.equal((await ask('DELETE', `/Users/${id}`)).status, 404)
  assert.notEqual((await ask('POST', '/Users', { schemas: [USER], userName: 'mara.l@lumen.example' })).body.id, id)
})

const LEAVING: [name: string, operation: object][] = [
  ['by the standard', { op: 'replace', path: 'active', value: false }],
  ['as Entra says it', { op: 'Replace', path: 'active', value: 'False' }],
  ['as Entra says it without a path', { op: 'Replace', value: { active: 'False' } }],
  ['as Okta says it', { op: 'replace', value: { active: false } }],
  ['with the name of the schema before it', { op: 'replace', path: `${USER}:active`, value: false }],
  ['as an addition', { op: 'add', path: 'active', value: 'false' }],
]
for (const [name, operation] of LEAVING) {
  test(`somebody leaves, ${name}, and is signed out and out of their team at once`, async () => {
    const { app, user, group, patch } = shared
    const { openSession, actorOfSession } = await import('../../sessions/index.ts')
    const id = await user(`leaver ${name}`)
    const team = await group(`Team of ${name}`, id)
    const secret = await app.ctx.db.tx((tx) => openSession(tx, id, { userAgent: '', earlier: undefined }, app.clock.now))
    assert.ok(await actorOfSession(app.ctx.db, secret, app.clock.now))
    const { status, body } = await patch(`/Users/${id}`, operation)
    assert.deepEqual([status, body['active']], [200, false])
    assert.equal(await actorOfSession(app.ctx.db, secret, app.clock.now), null)
    assert.equal(await liveTeam(app.ctx.db.read, team), null)
    assert.equal((await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: 'True' })).body['active'], true)
    assert.ok(await liveTeam(app.ctx.db.read, team), 'who returns is a member again')
  })
}

test('Okta deactivates by PUT of everything it knows', async () => {
  const { user, ask } = shared
  const id = await user('okta-put')
  const { status, body } = await ask('PUT', `/Users/${id}`, { schemas: [USER], id, userName: 'okta-put', name: { formatted: 'O K' }, active: false, groups: [], phoneNumbers: [] })
  assert.deepEqual([status, body['active'], body['displayName']], [200, false, 'O K'])
})

test('what directories send and Onus does not keep is accepted and changes nothing', async () => {
  const { user, patch } = shared
  const id = await user('entra-extras')
  const { status, body } = await patch(
    `/Users/${id}`,
    { op: 'Add', path: 'title', value: 'Engineer' },
    { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '+46 1' },
    { op: 'Replace', path: `${ENTERPRISE}:department`, value: 'Checkout' },
    { op: 'Add', path: 'emails[type eq "work"].value', value: 'e@lumen.example' },
    { op: 'Replace', path: 'displayName', value: 'Entra Extras' },
    { op: 'Remove', path: 'externalId' },
  )
  assert.equal(status, 200)
  assert.deepEqual(body['emails'], [{ value: 'e@lumen.example', type: 'work', primary: true }])
  assert.equal(body['displayName'], 'Entra Extras')
  assert.deepEqual(Object.keys(body).sort(), ['active', 'displayName', 'emails', 'id', 'meta', 'schemas', 'userName'])
})

test('a group is a team with the id of the discovered team of that name; its members come and go', async () => {
  const { user, group, patch, ask, app } = shared
  const [ada, ben, cyd] = [await user('ada'), await user('ben'), await user('cyd')]
  const id = await group('Parcel Returns', ada)
  assert.equal(id, stableId('tm', 'parcel-returns'))
  const members = async (): Promise<string[]> => (await membersOf(app.ctx.db.read, id)).map((each) => each.id).sort()
  const same = async (want: string[], said: { status: number }): Promise<void> => {
    assert.equal(said.status, 200)
    assert.deepEqual(await members(), [...want].sort())
    assert.deepEqual(((await ask('GET', `/Groups/${id}`)).body.members ?? []).map(({ value }) => value).sort(), [...want].sort())
  }
  await same([ada, ben], await patch(`/Groups/${id}`, { op: 'Add', path: 'members', value: [{ value: ben }, { value: ada }] }))
  await same([ada, ben, cyd], await patch(`/Groups/${id}`, { op: 'add', value: { members: [{ value: cyd }] } }))
  await same([ada, cyd], await patch(`/Groups/${id}`, { op: 'remove', path: `members[value eq "${ben}"]` }))
  await same([cyd], await patch(`/Groups/${id}`, { op: 'Remove', path: 'members', value: [{ value: ada }] }))
  await same([ben], await patch(`/Groups/${id}`, { op: 'replace', path: 'members', value: [{ value: ben }] }))
  await same([ben], await ask('PUT', `/Groups/${id}`, { schemas: [GROUP], displayName: 'Parcel Returns Desk' }))
  await same([ada], await ask('PUT', `/Groups/${id}`, { schemas: [GROUP], displayName: 'Parcel Returns Desk', members: [{ value: ada }] }))
  await same([], await patch(`/Groups/${id}`, { op: 'remove', path: 'members' }))
  await same([ada], await patch(`/Groups/${id}`, { op: 'replace', value: { id, displayName: 'Returns', members: [{ value: ada, display: 'x' }] } }))
  assert.equal((await ask('DELETE', `/Groups/${id}`)).status, 204)
  assert.equal((await ask('GET', `/Groups/${id}`)).status, 404)
  assert.deepEqual(await members(), [])
})

test('lists are filtered, paged and shown as asked', async () => {
  const { app, user, group, ask } = await directory()
  const ids: string[] = []
  for (let index = 0; index < 5; index += 1, app.clock.now = new Date(app.clock.now.getTime() + 1_000)) ids.push(await user(`Person-${index}@lumen.example`, { externalId: `E${index}`, active: index !== 3, emails: [{ value: `p${index}@mail.example` }] }))
  const team = await group('Billing', ids[0] ?? '', ids[1] ?? '')
  const names = async (query: Record<string, string>): Promise<unknown[]> => {
    const { status, body } = await ask('GET', `/Users?${new URLSearchParams(query)}`)
    assert.equal(status, 200, JSON.stringify(body))
    return body.Resources.map((each) => Number(/\d/.exec(String(each['userName']))?.[0]))
  }
  const cases: [name: string, filter: string, want: number[]][] = [
    ['a user name without case', 'userName eq "PERSON-2@lumen.example"', [2]],
    ['as Okta writes it', 'username Eq "person-2@lumen.example"', [2]],
    ['an external id', 'externalId eq "E4"', [4]],
    ['an id', `id eq "${ids[1]}"`, [1]],
    ['an address', 'emails.value eq "p3@mail.example"', [3]],
    ['an address by its type', 'emails[type eq "work"].value eq "p3@mail.example"', [3]],
    ['who has left', 'active eq false', [3]],
    ['the beginning of a name', 'userName sw "person"', [0, 1, 2, 3, 4]],
    ['both', 'userName sw "person" and active eq false', [3]],
    ['either', 'externalId eq "E0" or externalId eq "E2"', [0, 2]],
    ['nobody', 'userName eq "nobody"', []],
    ['a name with a quote that ends early', `userName eq "x' or '1'='1"`, []],
  ]
  for (const [name, filter, want] of cases) assert.deepEqual(await names({ filter }), want, name)
  assert.deepEqual(await names({ startIndex: '2', count: '2' }), [1, 2])
  assert.deepEqual(await names({ startIndex: '-3', count: '1' }), [0])
  assert.deepEqual(await names({ filter: 'userName sw "person"', startIndex: '4', count: '9' }), [3, 4])
  const counted = await ask('GET', '/Users?count=0')
  assert.deepEqual([counted.body['totalResults'], counted.body.Resources.length], [5, 0])
  const isMember = async (id: string): Promise<number> => (await ask('GET', `/Groups?${new URLSearchParams({ excludedAttributes: 'members', filter: `id eq "${team}" and members eq "${id}"` })}`)).body.Resources.length
  assert.deepEqual([await isMember(ids[0] ?? ''), await isMember(ids[4] ?? '')], [1, 0])
  const without = await ask('GET', '/Groups?excludedAttributes=members')
  assert.equal(without.body.Resources[0]?.members, undefined)
  const only = await ask('GET', `/Users/${ids[0]}?attributes=userName`)
  assert.deepEqual(Object.keys(only.body).filter((name) => !['schemas', 'id', 'meta'].includes(name)), ['userName'])
})

test('what cannot be read is refused in the words of the standard, and nothing changes', async () => {
  const { user, ask, group } = shared
  const id = await user('refusals')
  const team = await group('Refusals', id)
  const deep = `${'('.repeat(400)}userName eq "x"${')'.repeat(400)}`
  const wide = Array.from({ length: 40 }, () => '(userName eq "a" or userName eq "b")').join(' and ')
  const cases: [name: string, method: string, path: string, body: unknown, status: number, scimType: string | undefined][] = [
    ['a taken name', 'POST', '/Users', { schemas: [USER], userName: 'REFUSALS' }, 409, 'uniqueness'],
    ['no name', 'POST', '/Users', { schemas: [USER] }, 400, 'invalidValue'],
    ['no schema', 'POST', '/Users', { userName: 'x' }, 400, 'invalidSyntax'],
    ['a group where a person is wanted', 'POST', '/Users', { schemas: [GROUP], displayName: 'x' }, 400, 'invalidSyntax'],
    ['no JSON', 'POST', '/Users', '{', 400, 'invalidSyntax'],
    ['a prototype', 'POST', '/Users', `{"schemas":["${USER}"],"userName":"p","__proto__":{"active":false}}`, 400, 'invalidSyntax'],
    ['a list', 'POST', '/Users', [], 400, 'invalidSyntax'],
    ['a number for a name', 'POST', '/Users', { schemas: [USER], userName: 7 }, 400, 'invalidValue'],
    ['a name of invisible characters', 'POST', '/Users', { schemas: [USER], userName: 'refusals\u200b' }, 400, 'invalidValue'],
    ['a group without letters', 'POST', '/Groups', { schemas: [GROUP], displayName: '--' }, 400, 'invalidValue'],
    ['a member nobody knows', 'PATCH', `/Groups/${team}`, { schemas: [PATCH], Operations: [{ op: 'add', path: 'members', value: [{ value: 'per_0' }] }] }, 400, 'invalidValue'],
    ['a member that is a filter', 'PATCH', `/Groups/${team}`, { schemas: [PATCH], Operations: [{ op: 'remove', path: 'members', value: [{ value: '" or value pr or value eq "' }] }] }, 400, 'invalidValue'],
    ['an unknown operation', 'PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: [{ op: 'move', path: 'active' }] }, 400, 'invalidSyntax'],
    ['a remove of nothing', 'PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: [{ op: 'remove' }] }, 400, 'noTarget'],
    ['a remove of what must be', 'PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: [{ op: 'remove', path: 'userName' }] }, 400, 'invalidValue'],
    ['another id', 'PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: [] }, 400, 'invalidSyntax'],
    ['a word for active', 'PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: [{ op: 'replace', path: 'active', value: 'perhaps' }] }, 400, 'invalidValue'],
    ['a filter that is none', 'GET', '/Users?filter=userName', undefined, 400, 'invalidFilter'],
    ['an open bracket', 'GET', `/Users?filter=${encodeURIComponent('emails[type eq "x"')}`, undefined, 400, 'invalidFilter'],
    ['a deep filter', 'GET', `/Users?filter=${encodeURIComponent(deep)}`, undefined, 400, 'invalidFilter'],
    ['a filter that multiplies', 'GET', `/Users?filter=${encodeURIComponent(wide)}`, undefined, 400, 'invalidFilter'],
    ['two filters', 'GET', '/Users?filter=a&filter=b', undefined, 400, 'invalidValue'],
    ['a page that is no number', 'GET', '/Users?count=many', undefined, 400, 'invalidValue'],
    ['a person that is not there', 'GET', '/Users/per_0', undefined, 404, undefined],
    ['the administrator of the machine', 'GET', '/Users/per_local', undefined, 404, undefined],
    ['the administrator, to be removed', 'DELETE', '/Users/per_local', undefined, 404, undefined],
  ]
  for (const [name, method, path, body, status, scimType] of cases) {
    const answer = await ask(method, path, body)
    assert.deepEqual([answer.status, answer.body['scimType']], [status, scimType], `${name}: ${JSON.stringify(answer.body)}`)
    assert.deepEqual([answer.body['schemas'], answer.body['status']], [['urn:ietf:params:scim:api:messages:2.0:Error'], String(status)], name)
  }
  assert.equal((await ask('GET', `/Users/${id}`)).body['active'], true)
  assert.equal((await ask('GET', `/Groups/${team}`)).body.members?.length, 1)
})

test('only a token with the scope `scim` is heard', async () => {
  const { app, ask, tokenOf } = shared
  const cases: [name: string, headers: Record<string, string>, status: number][] = [
    ['another scope', { authorization: `Bearer ${await tokenOf('import', 'read', 'propose')}` }, 403],
    ['a wrong token', { authorization: `Bearer onus_${'a'.repeat(38)}` }, 401],
    ['no token', { authorization: '' }, 401],
    ['the session of an administrator', { authorization: '', cookie: app.cookie }, 401],
  ]
  for (const [name, headers, status] of cases) {
    for (const path of ['/Users', '/Groups', '/ServiceProviderConfig', '/Schemas', '/ResourceTypes']) {
      const answer = await ask('GET', path, undefined, headers)
      assert.equal(answer.status, status, `${name} ${path}`)
    }
  }
  const foreign = await ask('POST', '/Users', { schemas: [USER], userName: 'evil' }, { origin: 'https://evil.example' })
  assert.equal(foreign.status, 403)
  const form = await ask('POST', '/Users', 'schemas=x', { 'content-type': 'application/x-www-form-urlencoded' })
  assert.equal(form.status, 415)
})

test('a write that was read too early is refused', async () => {
  const { user, ask } = shared
  const id = await user('etag')
  const { headers } = await ask('GET', `/Users/${id}`)
  const version = headers.get('etag') ?? ''
  assert.match(version, /^W\/"\d+"$/)
  assert.equal((await ask('GET', `/Users/${id}`, undefined, { 'if-none-match': version })).status, 304)
  const put = (value: string, match: string) => ask('PUT', `/Users/${id}`, { schemas: [USER], userName: 'etag', displayName: value }, { 'if-match': match })
  assert.equal((await put('first', version)).status, 200)
  assert.equal((await put('second', version)).status, 412)
  assert.equal((await put('third', '*')).status, 200)
  assert.equal((await ask('DELETE', `/Users/${id}`, undefined, { 'if-match': version })).status, 412)
})

test('a client learns what is here', async () => {
  const { ask } = shared
  const config = await ask('GET', '/ServiceProviderConfig')
  assert.deepEqual([config.body['patch'], config.body['bulk'], (config.body['filter'] as { supported: boolean }).supported], [{ supported: true }, { supported: false, maxOperations: 0, maxPayloadSize: 0 }, true])
  const types = await ask('GET', '/ResourceTypes')
  assert.deepEqual(types.body.Resources.map(({ id, ...rest }) => [id, rest['endpoint'], rest['schema']]), [['User', '/Users', USER], ['Group', '/Groups', GROUP]])
  const schemas = await ask('GET', '/Schemas')
  const attributes = schemas.body.Resources.map((each) => (each['attributes'] as { name: string }[]).map(({ name }) => name))
  assert.deepEqual(attributes, [['userName', 'name', 'displayName', 'active', 'emails'], ['displayName', 'members']])
  assert.equal((await ask('GET', `/Schemas/${USER}`)).body.id, USER)
  assert.equal((await ask('GET', '/ResourceTypes/User')).body.id, 'User')
  assert.equal((await ask('GET', '/Schemas/none')).status, 404)
})

test('T32 a directory that reports everybody gone gets the answer it expects, and nobody is gone', async () => {
  const { app, user, group, patch, ask } = await directory()
  const people: string[] = []
  for (let index = 0; index < 30; index += 1) people.push(await user(`person-${index}`))
  const team = await group('Billing', ...people)
  await fetch(`${app.url}/v1/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: app.cookie },
    body: JSON.stringify(report({ identities: [identity({ name: 'invoices', team: 'billing' })] })),
  })
  app.clock.now = new Date(app.clock.now.getTime() + 3_600_000)
  const emptied = await patch(`/Groups/${team}`, { op: 'replace', path: 'members', value: [] })
  assert.deepEqual([emptied.status, emptied.body.members ?? []], [200, []])
  assert.equal((await membersOf(app.ctx.db.read, team)).length, 30)
  for (const id of people) assert.equal((await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false })).body['active'], false)
  assert.equal((await membersOf(app.ctx.db.read, team)).length, 30)
  assert.equal((await ask('DELETE', `/Groups/${team}`)).status, 204)
  assert.equal((await ask('GET', `/Groups/${team}`)).status, 404)
  assert.ok(await liveTeam(app.ctx.db.read, team))
  assert.equal((await patch(`/Users/${people[0]}`, { op: 'replace', path: 'active', value: true })).body['active'], true)
  const back = await ask('POST', '/Groups', { schemas: [GROUP], displayName: 'Billing', members: people.map((value) => ({ value })) })
  assert.deepEqual([back.status, back.body.id, back.body.members?.length], [201, team, 30])
  const held = await app.ctx.db.read.selectFrom('departure').select('kind').where('state', '=', 'held').execute()
  assert.equal(held.length, 29, 'only who is still said to have left')
})
