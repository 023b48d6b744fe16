import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser } from 'playwright-core'
import type { RouteName } from '@onus/core/contract/routes.ts'
import { startFixture } from '../testing/fixture-server.ts'
import type { Fixture } from '../testing/fixture-server.ts'
import { launch, openPage, settled, visit } from './browser.ts'

let browser: Browser
let fixture: Fixture
before(async () => {
  browser = await launch()
  fixture = await startFixture({ identities: 200 })
})
beforeEach(() => {
  fixture.trouble.clear()
  Object.assign(fixture.world, { isEmpty: false, isSignedIn: true, isExample: false, views: [] })
})
after(async () => {
  await browser.close()
  await fixture.close()
})

const ASKS: [path: string, route: RouteName][] = [
  ['/', 'overview'],
  ['/identities', 'listIdentities'],
  ['/identities/idn_00000000000000000001', 'identity'],
  ['/teams', 'listTeams'],
  ['/teams/tm_00000000000000000000', 'team'],
  ['/findings', 'listRules'],
  ['/findings/list', 'listFindings'],
  ['/sources', 'listSources'],
  ['/sources/src_1', 'source'],
]

test('a refusal is told with what to do and its code, and asking again mends the screen', async () => {
  for (const [path, route] of ASKS) {
    const { page } = await openPage(browser)
    fixture.trouble.set(route, { status: 503, code: 'database-away', title: 'The registry is not reachable', detail: 'The database restarts. Try again in a minute.' })
    await page.goto(fixture.url + path)
    const alert = page.getByRole('alert')
    await alert.getByText('The database restarts').waitFor()
    await alert.getByText('code: database-away').waitFor()
    fixture.trouble.clear()
    await alert.getByRole('button', { name: 'Try again' }).click()
    await alert.waitFor({ state: 'detached' })
    await page.context().close()
  }
})

test('a server that does not answer is told apart from one that refuses', async () => {
  const { page } = await openPage(browser)
  fixture.trouble.set('listTeams', 'no-answer')
  await page.goto(`${fixture.url}/teams`)
  await page.getByRole('alert').getByText('Check that Onus is running').waitFor()
  await page.context().close()
})

test('while an answer is awaited the screen keeps its room and says that it loads', async () => {
  const { page } = await openPage(browser)
  fixture.trouble.set('overview', 'never-ends')
  await page.goto(fixture.url)
  await page.locator('[aria-busy="true"]').first().waitFor()
  assert.equal(await page.locator('h1').textContent(), 'Overview')
  await page.context().close()
})

test('when refreshing fails the last answer stays and its age is said', async () => {
  const { page } = await openPage(browser)
  await page.clock.install()
  await visit(page, `${fixture.url}/sources`)
  fixture.trouble.set('listSources', { status: 503, code: 'database-away', title: 'Away', detail: 'Away.' })
  await page.clock.fastForward(60_000)
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })))
  await page.getByText('Could not refresh. This is as of').waitFor()
  await page.getByRole('link', { name: 'harbour' }).waitFor()
  await page.context().close()
})

test('an empty registry opens on its three doors', async () => {
  fixture.world.isEmpty = true
  const { page } = await openPage(browser)
  await page.goto(fixture.url)
  await page.waitForURL(`${fixture.url}/add`)
  for (const door of ['Scan a directory on this machine', 'Upload a scan report', 'Explore the example company']) await page.getByRole('heading', { name: door }).waitFor()
  const words: [path: string, says: string][] = [
    ['/identities', 'No machine identities yet.'],
    ['/teams', 'No team is named anywhere that was read.'],
    ['/findings', 'No rule found anything.'],
    ['/findings?by=team', 'No team is known'],
    ['/sources', 'Nothing has been read yet.'],
  ]
  for (const [path, says] of words) {
    await visit(page, fixture.url + path)
    await page.getByText(says).waitFor()
  }
  await page.context().close()
})

test('a scan shows how far it is, keeps its place over a reload, and ends on what it found', async () => {
  fixture.world.isEmpty = true
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/add`)
  const path = page.getByLabel('Directory or file')
  await path.fill('/srv/missing')
  await page.getByRole('button', { name: 'Scan', exact: true }).click()
  await page.getByText('There is no file or directory /srv/missing').waitFor()
  await path.fill('/srv/estates/harbour')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/add\?job=job_/)
  await page.getByText(/Reading files: [\d,]+ of 2,000/).waitFor()
  await page.reload()
  await page.getByText('412 identities').waitFor()
  await page.getByRole('link', { name: 'See what needs someone' }).click()
  await page.waitForURL(`${fixture.url}/`)
  await settled(page)
  await page.getByRole('heading', { name: /machine identities/ }).waitFor()
  await page.context().close()
})

test('a report is uploaded as it is, and a refused one says which field is wrong', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/add`)
  const report = { name: 'report.json', mimeType: 'application/json', buffer: Buffer.from('{"onus":{"report":1}}') }
  fixture.trouble.set('importReport', { status: 422, code: 'invalid-report', title: 'Not a scan report', detail: 'The field `asOf` is missing.' })
  await page.locator('input[type="file"]').setInputFiles(report)
  await page.getByRole('alert').getByText('is missing').waitFor()
  fixture.trouble.clear()
  await page.locator('input[type="file"]').setInputFiles([])
  await page.locator('input[type="file"]').setInputFiles(report)
  await page.getByText('412 identities').waitFor()
  await page.context().close()
})

test('the example is offered only where it cannot mix with real rows, and says that it is made up', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/add`)
  assert.equal(await page.getByRole('button', { name: 'Load the example' }).count(), 0)
  fixture.world.isEmpty = true
  await visit(page, `${fixture.url}/add`)
  await page.getByRole('button', { name: 'Load the example' }).click()
  await page.getByText('412 identities').waitFor()
  await visit(page, fixture.url)
  await page.getByText('Example company: everything here is made up.').waitFor()
  await page.getByLabel('Look around as').selectOption('a service owner')
  await page.getByText('You are Mara Lindqvist.').waitFor()
  await page.getByRole('link', { name: 'Mara Lindqvist' }).click()
  await page.getByText('none beyond those of your teams').waitFor()
  await page.getByLabel('Look around as').selectOption('yourself, the administrator')
  await page.getByRole('link', { name: 'administrator' }).waitFor()
  await page.context().close()
})

test('one sees where one is signed in, ends another session, and signs out everywhere', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/account`)
  await page.getByText('Browser ses_2').waitFor()
  await page.getByRole('button', { name: 'End' }).click()
  await page.getByText('Browser ses_2').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.waitForURL(/\/sign-in/)
  fixture.world.isSignedIn = true
  await page.context().close()
})

test('who operates is told on every screen that departures are held, and decides with a reason', async () => {
  const { page } = await openPage(browser)
  const departure = { kind: 'person-left' as const, state: 'held' as const, person: { id: 'per_9', name: '<b>Ada</b>' }, team: null }
  fixture.world.holds = [{ id: 'hold_1', openedAt: '2026-11-23T08:00:00.000Z', reason: '40 of 400 people left', state: 'open', decidedAt: null, decidedBy: null, note: null, departures: [departure] }]
  await visit(page, fixture.url)
  await page.getByText('The directory was stopped: 40 of 400 people left.').waitFor()
  await page.getByRole('link', { name: 'Decide what happens' }).click()
  await page.getByText('Held: 1').click()
  await page.getByText('<b>Ada</b> leaves').waitFor()
  const keep = page.getByRole('button', { name: 'keep them' })
  assert.equal(await keep.isDisabled(), true, 'not without a reason')
  await page.getByLabel('Why').fill('The directory was empty')
  await keep.click()
  await page.getByRole('heading', { name: 'Kept: 40 of 400 people left' }).waitFor()
  await page.getByText('The directory was stopped').waitFor({ state: 'detached' })
  fixture.world.holds = []
  await page.context().close()
})

test('sign-in with a company account is offered where it is set up, keeps where one wanted to go, and says what went wrong', async () => {
  const { page } = await openPage(browser)
  fixture.world.hasCompany = true
  await page.goto(`${fixture.url}/sign-in?then=%2Fidentities%3Fstate%3Dsplit`)
  const link = page.getByRole('link', { name: 'Sign in with your company account' })
  await link.waitFor()
  assert.equal(await link.getAttribute('href'), '/sign-in/company?then=%2Fidentities%3Fstate%3Dsplit')
  await page.goto(`${fixture.url}/sign-in?failed=left`)
  await page.getByText('The directory says that you are not here any more.').waitFor()
  await page.goto(`${fixture.url}/sign-in?failed=%3Cimg%3E`)
  await link.waitFor()
  assert.equal(await page.getByRole('alert').count(), 0, 'a word that nobody knows says nothing')
  fixture.world.hasCompany = false
  await page.goto(`${fixture.url}/sign-in`)
  await page.getByText('Open the sign-in link it printed').waitFor()
  assert.equal(await link.count(), 0)
  fixture.world.hasCompany = true
  await page.context().close()
})

test('the sign-in link works once, leaves no trace in the address, and a used one says what to do', async () => {
  fixture.world.isSignedIn = false
  const { page } = await openPage(browser)
  await page.goto(`${fixture.url}/identities?state=split`)
  await page.waitForURL(/\/sign-in\?then=/)
  await page.getByText('Open the sign-in link it printed').waitFor()
  await page.goto(`${fixture.url}/sign-in#token=used`)
  await page.getByText('This link does not work any more.').waitFor()
  assert.equal(new URL(page.url()).hash, '')
  await page.goto('about:blank')
  await page.goto(`${fixture.url}/sign-in?then=%2Fidentities%3Fstate%3Dsplit#token=good`)
  await page.waitForURL(`${fixture.url}/identities?state=split`)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(/\/sign-in/)
  await page.context().close()
})

test('a vanished identity says so in the list and on its page', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/identities?presence=vanished`)
  await page.locator('[data-gone="true"]').first().getByText('vanished').waitFor()
  await page.locator('[data-gone="true"] a').first().click()
  await page.getByText('A complete read of its source').waitFor()
  await page.context().close()
})
