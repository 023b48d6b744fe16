/** T48: pages of another site, in a real browser that is signed in, against the real server. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { addPerson, addTeam, joinTeam, writing } from '@onus/server/directory/index.ts'
import { createLink } from '@onus/server/sessions/index.ts'
import { testApp } from '@onus/server/testing/app.ts'
import { testDatabases } from '@onus/server/testing/database.ts'
import { launch, openPage } from './browser.ts'

const databases = await testDatabases()
const app = await testApp(await databases.fresh())
const { db } = app.ctx
const team = await db.tx(async (tx) => {
  const w = await writing(tx, app.clock.now, { kind: 'system', id: 'test' })
  const { id } = await addTeam(w, { name: 'Billing', externalId: null, origin: 'scim', escalation: null })
  const { id: person } = await addPerson(w, { userName: 'ada', displayName: 'Ada', email: null, externalId: null, origin: 'scim', oidc: null })
  await joinTeam(w, id, [person], 'scim')
  return id
})
let browser: Browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const TOKEN = JSON.stringify({ purpose: 'evil', team, scopes: ['read'], days: 400 })
/** What a page can make a browser send without asking the other side first, and what it must ask for. */
const ATTACKS: [name: string, script: string][] = [
  ['a form', `const f = document.createElement('form'); f.method = 'POST'; f.action = target + '/v1/tokens'; f.target = 'hidden'; document.body.append(f); f.submit()`],
  ['a form whose text is JSON', `const f = document.createElement('form'); f.method = 'POST'; f.enctype = 'text/plain'; f.action = target + '/v1/tokens'; f.target = 'hidden'; const i = document.createElement('input'); i.name = body.slice(0, -1) + ',"x":"'; i.value = '"}'; f.append(i); document.body.append(f); f.submit()`],
  ['a form that claims another method', `const f = document.createElement('form'); f.method = 'POST'; f.action = target + '/v1/sessions?_method=DELETE'; f.target = 'hidden'; document.body.append(f); f.submit()`],
  ['a request without leave', `fetch(target + '/v1/tokens', { method: 'POST', mode: 'no-cors', credentials: 'include', body })`],
  ['a request that says it is JSON', `fetch(target + '/v1/tokens', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body }).catch(() => {})`],
  ['a request that deletes', `fetch(target + '/v1/sessions', { method: 'DELETE', credentials: 'include' }).catch(() => {})`],
  ['a beacon', `navigator.sendBeacon(target + '/v1/tokens', new Blob([body], { type: 'text/plain' }))`],
  ['a picture', `new Image().src = target + '/v1/sessions'`],
  ['a directory', `fetch(target + '/scim/v2/Users', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' })`],
]

async function otherSite(host: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><iframe name="hidden"></iframe>'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://${host}:${(server.address() as AddressInfo).port}`
}

const state = async (): Promise<unknown> => [
  await db.read.selectFrom('api_token').select('id').execute(),
  await db.read.selectFrom('session').select(['id', 'persona_id']).orderBy('id').execute(),
  await db.read.selectFrom('person').select('id').orderBy('id').execute(),
]

for (const [what, host] of [['another port of the same machine, which browsers call the same site', '127.0.0.1'], ['another site', 'localhost']] as const) {
  test(`T48 ${what}: nothing it can make a signed-in browser send changes anything`, async () => {
    const { page } = await openPage(browser)
    await page.goto(`${app.url}/openapi.json`)
    const token = await createLink(db, app.ctx.clock())
    await page.evaluate((secret) => fetch('/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: secret }) }), token)
    const own = await page.evaluate(async () => (await fetch('/v1/session')).status)
    assert.equal(own, 200, 'the browser is signed in')
    const before = await state()
    const answered: string[] = []
    page.on('response', (response) => {
      if (response.url().startsWith(app.url) && response.request().method() !== 'OPTIONS') answered.push(`${response.request().method()} ${response.status()}`)
    })
    const site = await otherSite(host)
    for (const [name, script] of ATTACKS) {
      await page.goto(site)
      await page.evaluate(`(() => { const target = ${JSON.stringify(app.url)}; const body = ${JSON.stringify(TOKEN)}; ${script} })()`)
      await page.waitForTimeout(300)
      assert.deepEqual(await state(), before, name)
    }
    const writes = answered.filter((line) => !line.startsWith('GET'))
    assert.ok(writes.length >= 4, `the forms arrived: ${answered.join(', ')}`)
    for (const line of writes) assert.match(line, / (?:401|403|415)$/, line)
    const read = await page.evaluate((target) => fetch(`${target}/v1/session`, { credentials: 'include' }).then(() => 'read', () => 'kept from it'), app.url)
    assert.equal(read, 'kept from it')
    await page.context().close()
  })
}
