import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { startFixture } from '../testing/fixture-server.ts'
import type { Fixture } from '../testing/fixture-server.ts'
import { go, launch, openPage, settled, visit } from './browser.ts'
import { screensOf } from './screens.ts'

let browser: Browser
let fixture: Fixture
before(async () => {
  browser = await launch()
  fixture = await startFixture({ identities: 1_000 })
})
after(async () => {
  await browser.close()
  await fixture.close()
})

/** What the screen says once two looks in a row say the same: counts of other questions may still be on their way. */
async function shown(page: Page): Promise<string> {
  let last: string | null = null
  for (let look = 0; look < 50; look += 1) {
    await settled(page)
    const now = await words(page)
    if (now === last) return now
    last = now
    await page.waitForTimeout(200)
  }
  throw new Error('the screen does not come to rest')
}

/** The words of the page and what is chosen in its fields; ages are left out, because they grow. */
function words(page: Page): Promise<string> {
  return page.evaluate(() => {
    const fields = [...document.querySelectorAll<HTMLInputElement | HTMLSelectElement>('main input, main select')].map((field) => field.value)
    const copy = document.querySelector('main')?.cloneNode(true)
    if (copy instanceof Element) for (const time of copy.querySelectorAll('time')) time.remove()
    return `${document.title}\n${fields.join('|')}\n${copy?.textContent ?? ''}`
  })
}

test('every screen says the same after a reload', async () => {
  const { page } = await openPage(browser)
  for (const [name, path] of screensOf(fixture.world.company)) {
    await go(page, fixture.url + path)
    const first = await shown(page)
    await page.reload()
    assert.equal(await shown(page), first, name)
  }
  await page.context().close()
})

test('what is chosen on the screen is in the address, and the address opens the same screen', async () => {
  const { page } = await openPage(browser)
  const acts: [name: string, path: string, act: () => Promise<unknown>, want: string][] = [
    ['a filter', '/identities', () => page.getByLabel('Environment', { exact: true }).selectOption('production'), '/identities?environment=production'],
    ['the order', '/identities', () => page.getByRole('button', { name: 'Team', exact: true }).click(), '/identities?sort=team&order=asc'],
    ['words', '/identities', () => page.getByRole('searchbox').fill('ledger prod'), '/identities?q=ledger+prod'],
    ['the grouping of findings', '/findings', () => page.getByText('By team', { exact: true }).click(), '/findings?by=team'],
    ['the severity of findings', '/findings/list?rule=never-rotated', () => page.getByLabel('Severity').selectOption('medium'), '/findings/list?rule=never-rotated&severity=medium'],
    ['the tab of a team', '/teams/tm_00000000000000000001', () => page.getByRole('tab', { name: /^Identities/ }).click(), '/teams/tm_00000000000000000001?tab=identities'],
    ['words for teams', '/teams', () => page.getByRole('searchbox').fill('pay'), '/teams?q=pay'],
  ]
  for (const [name, path, act, want] of acts) {
    await visit(page, fixture.url + path)
    await act()
    await page.waitForURL(fixture.url + want)
    const first = await shown(page)
    await page.reload()
    assert.equal(await shown(page), first, name)
  }
  await page.context().close()
})

test('back and forward walk through choices, not through letters', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/identities`)
  await page.getByLabel('Answers').selectOption('split')
  await page.waitForURL(/state=split/)
  await page.getByLabel('Kind').selectOption('agent')
  await page.waitForURL(/kind=agent/)
  await page.getByRole('searchbox').pressSequentially('prod', { delay: 20 })
  await page.waitForURL(/q=prod/)
  await page.goBack()
  await page.waitForURL(`${fixture.url}/identities?state=split`)
  await settled(page)
  assert.equal(await page.getByRole('searchbox').inputValue(), '', 'the field follows the address')
  assert.equal(await page.getByLabel('Kind').inputValue(), '')
  await page.goForward()
  await page.waitForURL(/q=prod/)
  await settled(page)
  assert.equal(await page.getByRole('searchbox').inputValue(), 'prod')
  await page.context().close()
})

test('an address that somebody broke opens with the part that is valid', async () => {
  const { page, complaints } = await openPage(browser)
  const cases: [path: string, chips: number][] = [
    ['/identities?state=fine&kind=dog&sort=colour&order=up&severity=none', 0],
    ['/identities?state=split&presence=never', 1],
    ['/?asOf=tomorrow', 0],
    ['/teams/tm_00000000000000000000?tab=secrets', 0],
  ]
  for (const [path, chips] of cases) {
    await visit(page, fixture.url + path)
    assert.equal(await page.getByRole('button', { name: /^Remove filter/ }).count(), chips, path)
  }
  assert.deepEqual(complaints, [])
  assert.deepEqual(fixture.complaints, [])
  await page.context().close()
})

test('the past is asked for by its date, said on the screen, and carried to the identity', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/identities?asOf=2026-11-01`)
  await page.getByText('as it was at the end of 2026-11-01').waitFor()
  await page.locator('[data-index="0"] a').click()
  await page.waitForURL(/identities\/idn_\d+\?asOf=2026-11-01/)
  await settled(page)
  await page.getByRole('button', { name: 'Back to now' }).click()
  await page.waitForURL((url) => url.search === '')
  await page.context().close()
})
