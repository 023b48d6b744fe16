import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { HOSTILE } from '../testing/hostile.ts'
import { startFixture } from '../testing/fixture-server.ts'
import type { Fixture } from '../testing/fixture-server.ts'
import { go, launch, NARROW, openPage, settled, visit } from './browser.ts'
import { screensOf } from './screens.ts'

let browser: Browser
let fixture: Fixture
before(async () => {
  browser = await launch()
  fixture = await startFixture({ identities: 400, isHostile: true })
  fixture.world.views = HOSTILE.slice(0, 12).map((name, index) => ({ id: `view_${index}`, name, screen: 'identities', search: { q: name, state: name } }))
})
after(async () => {
  await browser.close()
  await fixture.close()
})

/** What the page shows of what was seeded: nothing ran, nothing became an element or a way out. */
async function inspect(page: Page): Promise<{ ran: boolean; foreign: string[]; ways: string[] }> {
  return page.evaluate(() => {
    // The only global that a payload sets; typed here because nothing else knows it.
    const ran = (window as unknown as { __xss?: number }).__xss !== undefined
    const foreign = [...document.querySelectorAll('#root script, #root iframe, #root img, #root object, #root embed, #root video, #root math, #root base, #root meta, #root link, body > script, [onload], [onerror], [onfocus], [ontoggle], [onmouseover]')].map((element) => element.outerHTML.slice(0, 100))
    const ways = [...document.querySelectorAll('a[href], area[href], form[action], svg a')].map((element) => element.getAttribute('href') ?? element.getAttribute('action') ?? '').filter((way) => !/^(?:\/(?!\/)|#|https?:\/\/)/.test(way))
    return { ran, foreign, ways }
  })
}

test('T46, T47: fifty hostile texts in every discovered field stay text on every screen', async () => {
  const { page, complaints } = await openPage(browser)
  for (const [name, path] of screensOf(fixture.world.company)) {
    for (const size of [{ width: 1_800, height: 1_000 }, NARROW]) {
      await page.setViewportSize(size)
      if (size !== NARROW) await go(page, fixture.url + path)
      await settled(page)
      assert.deepEqual(await inspect(page), { ran: false, foreign: [], ways: [] }, name)
    }
  }
  assert.deepEqual(complaints, [])
  await page.context().close()
  assert.deepEqual(fixture.violations, [])
  assert.deepEqual(fixture.complaints, [])
})

test('T46: each of the fifty is shown as it was written, with deceptive characters spelled out', async () => {
  const { page } = await openPage(browser, { size: { width: 1_800, height: 3_200 } })
  await visit(page, `${fixture.url}/identities?sort=firstSeen`)
  const shown = await page.evaluate(() => document.querySelector('[role="table"]')?.textContent ?? '')
  const seen = HOSTILE.filter((text) => shown.includes(text.slice(0, 12).replaceAll('\t', '\\u0009')))
  assert.ok(seen.length > HOSTILE.length * 0.8, `only ${seen.length} of ${HOSTILE.length} are there as written`)
  assert.ok(!shown.includes('\u202E') && shown.includes('\\u202e'), 'the direction override is spelled out')
  await page.context().close()
})

test('T46: hostile names in the palette, the views, the filters, copied text and a failed job run nothing', async () => {
  const { page, complaints } = await openPage(browser)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await visit(page, `${fixture.url}/identities`)
  await page.getByRole('button', { name: 'Views' }).click()
  const views = page.getByRole('list', { name: 'Own views' }).getByRole('button').first()
  await views.click()
  await settled(page)
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to a screen').fill('<img src=x onerror=')
  await page.getByRole('dialog').getByText('onerror').first().waitFor()
  assert.deepEqual(await inspect(page), { ran: false, foreign: [], ways: [] }, 'palette')
  await visit(page, `${fixture.url}/identities/idn_00000000000000000007`)
  await page.getByRole('button', { name: /^Copy/ }).first().click()
  await visit(page, `${fixture.url}/add`)
  await page.getByLabel('Directory or file').fill('/srv/broken')
  await page.getByRole('button', { name: 'Scan', exact: true }).click()
  await page.getByText('It did not finish').waitFor()
  assert.deepEqual(await inspect(page), { ran: false, foreign: [], ways: [] }, 'failed job')
  assert.deepEqual(complaints, [])
  assert.deepEqual(fixture.violations, [])
  await page.context().close()
})

test('T47: a sign-in link cannot send the newcomer to another site', async () => {
  const outside = ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']
  for (const then of outside) {
    fixture.world.isSignedIn = false
    const { page, complaints } = await openPage(browser)
    await page.goto(`${fixture.url}/sign-in?then=${encodeURIComponent(then)}#token=good`)
    await page.waitForURL(`${fixture.url}/`)
    assert.deepEqual(complaints, [], then)
    await page.context().close()
  }
})
