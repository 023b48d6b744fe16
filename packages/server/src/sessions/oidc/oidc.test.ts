import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'
import { addPerson, addTeam, depart, joinTeam, membersOf, personLeft, teamsOf, writing } from '../../directory/index.ts'
import type { Writing } from '../../directory/index.ts'
import { testApp } from '../../testing/app.ts'
import { testDatabases } from '../../testing/database.ts'
import { ownPath } from './mount.ts'

const databases = await testDatabases()
const SECRET = 'a-secret-of-the-client-1234567890'
const keys = (): object => ({ keys: [{ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: String(Math.random()) }] })
type Account = Record<string, unknown>
type Wish = { env?: Record<string, string>; isPublic?: boolean; inIdToken?: boolean }

/** An issuer that signs in whoever `issuer.account` is, without asking, and a server that trusts it. */
async function company(wish: Wish = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'onus-oidc-'))
  await writeFile(join(folder, 'secret'), `${SECRET}\n`)
  let handle: ReturnType<Provider['callback']> | null = null
  let isUp = true
  let published: object | null = null
  const server = createServer((request, response) => {
    if (!isUp || !handle) response.writeHead(503).end()
    else if (published && request.url === '/jwks') response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(published))
    else void handle(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const app = await testApp(await databases.fresh(), {
    env: {
      ONUS_OIDC_ISSUER: url,
      ONUS_OIDC_CLIENT_ID: 'onus',
      ONUS_OIDC_ALLOW_PRIVATE: 'true',
      ONUS_OIDC_SCOPES: 'openid profile email groups',
      ...(wish.isPublic ? {} : { ONUS_OIDC_CLIENT_SECRET_FILE: join(folder, 'secret') }),
      ...wish.env,
    },
  })
  const state: { account: Account } = { account: {} }
  const provider = new Provider(url, {
    clients: [{
      client_id: 'onus',
      redirect_uris: [`${app.url}/sign-in/company/callback`],
      ...(wish.isPublic ? { token_endpoint_auth_method: 'none' } : { client_secret: SECRET }),
    }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'], groups: ['groups'] },
    conformIdTokenClaims: !wish.inIdToken,
    cookies: { keys: ['a key of the issuer'] },
    jwks: keys() as never,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, ...state.account }) }),
    async loadExistingGrant(ctx) {
      const grant = new provider.Grant({ clientId: 'onus', accountId: ctx.oidc.session?.accountId ?? '' })
      grant.addOIDCScope('openid profile email groups')
      await grant.save()
      return grant
    },
  })
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next()
    const isDenied = state.account['denies'] === true
    const result = isDenied ? { error: 'access_denied', error_description: 'x' } : { login: { accountId: String(state.account['sub']) } }
    await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false })
    ctx.respond = false
  })
  handle = provider.callback()
  after(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  })
  const directory = <T>(work: (w: Writing) => Promise<T>): Promise<T> => app.ctx.db.tx(async (tx) => work(await writing(tx, app.clock.now, { kind: 'token', id: 'tok_x' })))
  return { app, issuer: { url, server, down: () => { isUp = false }, up: () => { isUp = true }, publish: (set: object) => { published = set } }, state, directory }
}
type Company = Awaited<ReturnType<typeof company>>

/** A browser without pages: follows redirects and keeps cookies, each for its own origin. */
function browser() {
  const jars = new Map<string, Map<string, string>>()
  const visited: string[] = []
  const visit = async (start: string, stopBefore?: RegExp): Promise<{ url: string; answer: Response }> => {
    for (let url = start, hops = 0; hops < 12; hops += 1) {
      visited.push(url)
      const { origin } = new URL(url)
      const jar = jars.get(origin) ?? new Map<string, string>()
      jars.set(origin, jar)
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } })
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name)
        else jar.set(name, value)
      }
      const next = answer.headers.get('location')
      if (next === null) return { url, answer }
      const to = new URL(next, url).href
      if (stopBefore?.test(to)) return { url: to, answer }
      url = to
    }
    throw new Error('too many redirects')
  }
  return { visit, visited, cookies: (origin: string) => jars.get(new URL(origin).origin) ?? new Map<string, string>() }
}

/** Signs in and answers the session, or the failure that the sign-in page is told. */
async function signIn({ app, state }: Pick<Company, 'app' | 'state'>, account: Account, then = '') {
  state.account = account
  const me = browser()
  const { url } = await me.visit(`${app.url}/sign-in/company${then}`, /\/sign-in\?failed=|^http:\/\/127\.0\.0\.1:\d+\/(?!sign-in|auth|interaction|token)/)
  const failed = new URL(url).searchParams.get('failed')
  const cookie = me.cookies(app.url).get('onus_session')
  const session = cookie ? await (await fetch(`${app.url}/v1/session`, { headers: { cookie: `onus_session=${cookie}` } })).json() : null
  return { failed, session: session as { person: string; name: string; teams: { name: string }[]; role: string } | null, url, me }
}
const MARA = { sub: 'subject-mara', preferred_username: 'mara@lumen.example', name: 'Mara Lindqvist', email: 'mara@lumen.example', email_verified: true, groups: ['Checkout', 'Parcel Returns'] }

test('a person of the company signs in; groups are teams; the same subject is the same person', async () => {
  const at = await company()
  const first = await signIn(at, MARA)
  assert.equal(first.failed, null)
  assert.deepEqual([first.session?.name, first.session?.role, first.session?.teams.map(({ name }) => name)], ['Mara Lindqvist', 'reader', ['Checkout', 'Parcel Returns']])
  const { app } = at
  app.clock.now = new Date(app.clock.now.getTime() + 60_000)
  const second = await signIn(at, { ...MARA, preferred_username: 'mara.berg@lumen.example', name: 'Mara Berg', groups: ['Checkout', 'Dispatch'] })
  assert.equal(second.session?.person, first.session?.person, 'a name may change, a subject does not')
  assert.deepEqual([second.session?.name, second.session?.teams.map(({ name }) => name)], ['Mara Berg', ['Checkout', 'Dispatch']])
  const person = second.session?.person ?? ''
  const before = await teamsOf(app.ctx.db.read, person, new Date(app.clock.now.getTime() - 1))
  assert.deepEqual(before.map(({ name }) => name), ['Checkout', 'Parcel Returns'], 'what was is still known')
})

test('a public client proves itself by PKCE, and claims may stand in the ID token', async () => {
  const at = await company({ isPublic: true, inIdToken: true })
  const { session } = await signIn(at, MARA)
  assert.deepEqual(session?.teams.map(({ name }) => name), ['Checkout', 'Parcel Returns'])
})

test('no word of groups changes no membership; an empty list ends them', async () => {
  const at = await company()
  await signIn(at, MARA)
  const { groups: _groups, ...silent } = MARA
  assert.equal((await signIn(at, silent)).session?.teams.length, 2)
  assert.equal((await signIn(at, { ...MARA, groups: [] })).session?.teams.length, 0)
})

test('names that hide something become no team', async () => {
  const at = await company()
  const { session } = await signIn(at, { ...MARA, groups: ['Check\u200bout', '--', 'x'.repeat(400), 7, '<b>Bold</b>'] })
  assert.deepEqual(session?.teams.map(({ name }) => name), ['<b>Bold</b>'])
})

test('who has a right to a name: the first subject, until the directory forgets them', async () => {
  const at = await company()
  await signIn(at, MARA)
  const cases: [name: string, account: Account, want: string | null][] = [
    ['another subject with the name', { ...MARA, sub: 'subject-eve' }, 'taken'],
    ['the name in other letters', { ...MARA, sub: 'subject-eve', preferred_username: 'MARA@lumen.example' }, 'taken'],
    ['the administrator of the machine', { ...MARA, sub: 'subject-eve', preferred_username: 'administrator' }, 'taken'],
    ['no name', { sub: 'subject-eve' }, 'no-name'],
    ['an address that nobody checked', { sub: 'subject-eve', email: 'ben@lumen.example', email_verified: false }, 'no-name'],
    ['an address that was checked', { sub: 'subject-ben', email: 'ben@lumen.example', email_verified: true }, null],
    ['a name of invisible letters', { sub: 'subject-eve', preferred_username: 'mara\u200b@lumen.example' }, 'refused'],
    ['who says no', { ...MARA, denies: true }, 'refused'],
  ]
  for (const [name, account, want] of cases) {
    const { failed, session } = await signIn(at, account)
    assert.equal(failed, want, name)
    assert.equal(session === null, want !== null, name)
  }
})

test('whom SCIM brought signs in as that person; whom it deactivated does not, and is out at once', async () => {
  const at = await company()
  const { app, directory } = at
  const id = await directory(async (w) => (await addPerson(w, { userName: 'Mara@lumen.example', displayName: 'Mara of the directory', email: null, externalId: null, origin: 'scim', oidc: null })).id)
  const team = await directory(async (w) => (await addTeam(w, { name: 'Checkout', externalId: null, origin: 'scim', escalation: null })).id)
  const first = await signIn(at, MARA)
  assert.deepEqual([first.session?.person, first.session?.name], [id, 'Mara of the directory'])
  assert.deepEqual(first.session?.teams.map(({ name }) => name), ['Parcel Returns'], 'a team of SCIM has the members that SCIM says')
  await directory((w) => joinTeam(w, team, [id], 'scim'))
  assert.equal((await signIn(at, { ...MARA, groups: [] })).session?.teams.length, 1)
  assert.deepEqual((await membersOf(app.ctx.db.read, team)).map((each) => each.id), [id])
  const { session, me } = await signIn(at, MARA)
  assert.ok(session)
  await directory((w) => depart(w, [{ kind: 'person-left', person: id }], 'scim'))
  const cookie = `onus_session=${me.cookies(app.url).get('onus_session')}`
  assert.equal((await fetch(`${app.url}/v1/session`, { headers: { cookie } })).status, 401)
  assert.equal((await signIn(at, MARA)).failed, 'left')
  await directory((w) => personLeft(w, id, { isDeleted: true }))
  const next = await signIn(at, { ...MARA, sub: 'subject-next-mara' })
  assert.notEqual(next.session?.person, id, 'the next who has the name is somebody else')
})

test('the server starts and serves while the issuer is down, and signs in when it is back', async () => {
  const at = await company()
  at.issuer.down()
  assert.equal((await signIn(at, MARA)).failed, 'unreachable')
  at.issuer.up()
  assert.ok((await signIn(at, MARA)).session)
  const unreachable = await company({ env: { ONUS_OIDC_ISSUER: 'https://issuer.invalid' } })
  assert.equal((await signIn(unreachable, MARA)).failed, 'unreachable')
})

test('an ID token that no published key signed is refused, though it came from the issuer', async () => {
  const at = await company()
  at.issuer.publish(keys())
  assert.equal((await signIn(at, MARA)).failed, 'refused')
})

test('T53 an issuer within the company is refused unless that is allowed, and link-local ones always', async () => {
  for (const [url, allow] of [['https://127.0.0.1:1', 'false'], ['https://10.0.0.1', 'false'], ['https://169.254.169.254', 'true'], ['https://[::ffff:127.0.0.1]', 'true'], ['https://2130706433', 'false']] as const) {
    const at = await company({ env: { ONUS_OIDC_ISSUER: url, ONUS_OIDC_ALLOW_PRIVATE: allow } })
    assert.equal((await signIn(at, MARA)).failed, 'unreachable', url)
    assert.match(at.app.logged(), /address-not-allowed/, url)
  }
})

test('a sign-in that was not begun here, by this browser and just now, ends nowhere', async () => {
  const at = await company()
  const { app, state } = at
  state.account = MARA
  const callback = /\/sign-in\/company\/callback/
  const failedAt = async (me: ReturnType<typeof browser>, url: string): Promise<string | null> => {
    const end = await me.visit(url, /\/sign-in\?failed=|:\d+\/$/)
    return new URL(end.url).searchParams.get('failed')
  }
  const begun = async () => {
    const me = browser()
    return { me, back: (await me.visit(`${app.url}/sign-in/company`, callback)).url }
  }
  const other = await begun()
  assert.equal(await failedAt(browser(), (await begun()).back), 'expired', 'a link that somebody else sends')
  const mixed = await begun()
  assert.equal(await failedAt(mixed.me, other.back), 'refused', 'the answer to another sign-in')
  const forged = await begun()
  const changed = new URL(forged.back)
  changed.searchParams.set('state', 'x')
  assert.equal(await failedAt(forged.me, changed.href), 'refused', 'another state')
  const twice = await begun()
  const flow = twice.me.cookies(app.url).get('onus_sign_in') ?? ''
  assert.equal(await failedAt(twice.me, twice.back), null)
  twice.me.cookies(app.url).set('onus_sign_in', flow)
  assert.equal(await failedAt(twice.me, twice.back), 'refused', 'a code that was used')
  const edited = await begun()
  edited.me.cookies(app.url).set('onus_sign_in', `${flow.slice(0, -2)}AA`)
  assert.equal(await failedAt(edited.me, edited.back), 'expired', 'a cookie that was changed')
  const late = await begun()
  app.clock.now = new Date(app.clock.now.getTime() + 16 * 60_000)
  assert.equal(await failedAt(late.me, late.back), 'expired', 'too late')
})

test('T57 no address of another site is where a sign-in ends', async () => {
  const cases: [given: unknown, want: string][] = [
    ['/identities?q=x', '/identities?q=x'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/%0d%0aset-cookie:x=y', '/%0d%0aset-cookie:x=y'],
    ['/a\r\nset-cookie: x', '/'],
    ['/\t/evil.example', '/'],
    ['https://evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['evil.example', '/'],
    [' /x', '/'],
    [['/a', '/b'], '/'],
    [undefined, '/'],
    [`/${'x'.repeat(3_000)}`, '/'],
  ]
  for (const [given, want] of cases) assert.equal(ownPath(given), want, String(given))
  const at = await company()
  for (const [then, want] of [['//evil.example', '/'], ['/\\evil.example', '/'], ['/identities?q=x', '/identities?q=x']] as const) {
    const { url } = await signIn(at, MARA, `?then=${encodeURIComponent(then)}`)
    assert.equal(url, at.app.url + want)
  }
})

test('T56 a session begins under a new secret, and the one that the browser brought along has ended', async () => {
  const at = await company()
  const { app, state } = at
  state.account = MARA
  const me = browser()
  await me.visit(`${app.url}/sign-in/company`, /:\d+\/$/)
  const jar = me.cookies(app.url)
  const first = jar.get('onus_session') ?? ''
  await me.visit(`${app.url}/sign-in/company`, /:\d+\/$/)
  const second = jar.get('onus_session') ?? ''
  assert.notEqual(first, second)
  const status = async (secret: string): Promise<number> => (await fetch(`${app.url}/v1/session`, { headers: { cookie: `onus_session=${secret}` } })).status
  assert.deepEqual([await status(first), await status(second)], [401, 200])
  const fixed = browser()
  await fixed.visit(`${app.url}/sign-in/company`, /\/auth/)
  fixed.cookies(app.url).set('onus_session', 'chosen-by-an-attacker')
  state.account = { ...MARA, sub: 'subject-victim', preferred_username: 'victim@lumen.example' }
  await fixed.visit(`${app.url}/sign-in/company`, /:\d+\/$/)
  assert.notEqual(fixed.cookies(app.url).get('onus_session'), 'chosen-by-an-attacker')
  assert.equal(await status('chosen-by-an-attacker'), 401)
})

test('behind TLS both cookies are bound to the host, and the way back is the public address', async () => {
  const at = await company({ env: { ONUS_PUBLIC_URL: 'https://onus.lumen.example' } })
  const { app } = at
  const started = await app.app.server.inject({ method: 'GET', url: '/sign-in/company?then=%2Ffindings', headers: { host: 'onus.lumen.example' } })
  assert.equal(started.statusCode, 303)
  assert.match(String(started.headers['set-cookie']), /^__Host-onus_sign_in=[\w-]+; Max-Age=900; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  const { createLink } = await import('../index.ts')
  const signed = await app.app.server.inject({ method: 'POST', url: '/v1/session', headers: { host: 'onus.lumen.example', origin: 'https://onus.lumen.example' }, payload: { token: await createLink(app.ctx.db, app.clock.now) } })
  assert.match(String(signed.headers['set-cookie']), /^__Host-onus_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
  assert.match(String(signed.headers['strict-transport-security']), /max-age=/)
  const to = new URL(String(started.headers['location']))
  assert.equal(to.searchParams.get('redirect_uri'), 'https://onus.lumen.example/sign-in/company/callback')
  assert.deepEqual([to.searchParams.get('code_challenge_method'), to.searchParams.get('response_type')], ['S256', 'code'])
  assert.ok((to.searchParams.get('nonce') ?? '').length >= 43 && (to.searchParams.get('state') ?? '').length >= 43)
})

test('T52 neither the secret of the client nor a code or token of the issuer is logged', async () => {
  const at = await company()
  const { me } = await signIn(at, MARA)
  await signIn(at, { ...MARA, denies: true })
  const log = at.app.logged()
  assert.ok(!log.includes(SECRET))
  for (const url of me.visited) {
    for (const name of ['code', 'state', 'nonce', 'code_challenge']) {
      const value = new URL(url).searchParams.get(name)
      if (value) assert.ok(!log.includes(value), name)
    }
  }
  assert.ok(!log.includes('mara@'))
})
