import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { startFixture } from '../testing/fixture-server.ts'
import type { Fixture } from '../testing/fixture-server.ts'
import { axeFindings } from './axe.ts'
import { go, launch, openPage, settled, visit } from './browser.ts'
import { screensOf } from './screens.ts'

// Low windows: a table shows as many rows as there is room for, and the tenth row has nothing that the third has not.
const WIDE = { width: 1_440, height: 450 }
const NARROW = { width: 360, height: 450 }

let browser: Browser
let fixture: Fixture
let empty: Fixture
before(async () => {
  browser = await launch()
  fixture = await startFixture({ identities: 1_000 })
  empty = await startFixture({ identities: 10, isEmpty: true })
})
after(async () => {
  await browser.close()
  await fixture.close()
  await empty.close()
})

test('axe finds nothing on any screen, light and dark, wide and narrow, and nothing is wider than the window', async () => {
  const { page, complaints } = await openPage(browser, { size: WIDE })
  const screens = [
    ...screensOf(fixture.world.company).map(([name, path]) => [name, fixture.url + path] as const),
    ...['/', '/identities', '/teams', '/findings', '/sources'].map((path) => [`${path} without any data`, empty.url + path] as const),
  ]
  for (const [name, address] of screens) {
    await page.setViewportSize(WIDE)
    await page.emulateMedia({ colorScheme: 'light' })
    await go(page, address)
    assert.deepEqual(await axeFindings(page), [], name)
    assert.equal(await sidewaysOverflow(page), 0, `${name} is wider than the window`)
    // The theme changes colours and nothing else, and colours are the same at each width.
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.waitForFunction(() => document.documentElement.dataset['mantineColorScheme'] === 'dark')
    assert.deepEqual(await axeFindings(page, { only: ['color-contrast'] }), [], `${name}, dark`)
    await page.setViewportSize(NARROW)
    await settled(page)
    assert.deepEqual(await axeFindings(page, { but: ['color-contrast'] }), [], `${name}, narrow`)
    assert.equal(await sidewaysOverflow(page), 0, `${name} is wider than a narrow window`)
  }
  assert.deepEqual(complaints, [])
  await page.context().close()
})

test('axe finds nothing in the palette, the help, the menu, the views and the filters', async () => {
  for (const size of [WIDE, NARROW]) {
    const { page } = await openPage(browser, { size })
    const open: [name: string, path: string, how: () => Promise<void>, sign: string][] = [
      ['palette', '/', () => page.keyboard.press('Control+k'), '[role="dialog"] input'],
      ['palette with results', '/', async () => {
        await page.keyboard.press('Control+k')
        await page.getByPlaceholder('Go to a screen').fill('billing')
        await page.getByText('Identities', { exact: true }).last().waitFor()
      }, '[role="dialog"] input'],
      ['help', '/', () => page.keyboard.press('?'), '[role="dialog"] dl'],
      ['views', '/identities', () => page.getByRole('button', { name: 'Views' }).click(), '[role="dialog"] form'],
      ['date', '/identities', () => page.getByRole('button', { name: 'As of now' }).click(), '[role="dialog"] input'],
    ]
    if (size === NARROW) {
      open.push(['menu', '/', () => page.getByRole('button', { name: 'Menu', exact: true }).click(), '[role="dialog"] nav'])
      open.push(['filters', '/identities', () => page.getByRole('button', { name: 'Filters and order' }).click(), 'select[aria-label="Order"]'])
    }
    for (const [name, path, how, sign] of open) {
      await visit(page, fixture.url + path)
      await how()
      await page.locator(sign).first().waitFor()
      assert.deepEqual(await axeFindings(page), [], name)
    }
    await page.context().close()
  }
})

function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const main = document.querySelector('main')
    return Math.max(0, (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0), document.documentElement.scrollWidth - window.innerWidth)
  })
}
