import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { startFixture } from '../testing/fixture-server.ts'
import type { Fixture } from '../testing/fixture-server.ts'
import { launch, openPage, settled, visit } from './browser.ts'

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

/** The element that has the keyboard, by its words. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement
    return element?.getAttribute('aria-label') ?? element?.textContent ?? ''
  })
}

/** The address changes before the screen does, so the keyboard arrives a moment later. */
async function arrives(page: Page, words: string | RegExp): Promise<void> {
  const { source } = typeof words === 'string' ? { source: `^${words.replaceAll(/[^\w\s]/g, '\\$&')}$` } : words
  await page.waitForFunction((pattern) => {
    const element = document.activeElement
    return new RegExp(pattern).test(element?.getAttribute('aria-label') ?? element?.textContent ?? '')
  }, source)
}

async function at(page: Page, path: string | RegExp): Promise<void> {
  await page.waitForURL((url) => (typeof path === 'string' ? url.pathname + url.search === path : path.test(url.pathname + url.search)))
  await settled(page)
}

test('by keys alone: from the overview to a split identity, its team, and back', async () => {
  const { page, complaints } = await openPage(browser)
  await visit(page, fixture.url)
  await page.keyboard.press('Tab')
  assert.equal(await focused(page), 'Skip to content')
  await page.keyboard.press('Enter')
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await at(page, '/identities')
  // The heading of the new screen.
  await arrives(page, /^Identities/)
  await page.keyboard.press('/')
  await page.keyboard.type('ledger')
  await at(page, '/identities?q=ledger')
  await page.keyboard.press('Escape')
  await page.locator('[data-index="0"]').waitFor()
  await page.locator('h1').focus()
  await page.keyboard.press('j')
  await page.waitForFunction(() => document.activeElement?.closest('[data-index="0"]') !== null)
  await page.keyboard.press('j')
  await page.waitForFunction(() => document.activeElement?.closest('[data-index="1"]') !== null)
  await page.keyboard.press('ArrowDown')
  await page.waitForFunction(() => document.activeElement?.closest('[data-index="2"]') !== null)
  await page.keyboard.press('k')
  await page.waitForFunction(() => document.activeElement?.closest('[data-index="1"]') !== null)
  const name = await focused(page)
  await page.keyboard.press('Enter')
  await at(page, /\/identities\/idn_/)
  await arrives(page, name)
  await page.goBack()
  await at(page, '/identities?q=ledger')
  assert.deepEqual(complaints, [])
  await page.context().close()
})

test('j walks far beyond the rows first drawn, and the row it is on is in view', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/identities`)
  for (let step = 0; step <= 60; step += 1) {
    await page.keyboard.press('j')
    await page.waitForFunction((index) => document.activeElement?.closest(`[data-index="${index}"]`) !== null, step)
  }
  const isInView = await page.evaluate(() => {
    const row = document.activeElement?.closest('[data-index]')?.getBoundingClientRect()
    const box = document.querySelector('[role="table"]')?.parentElement?.getBoundingClientRect()
    return row !== undefined && box !== undefined && row.top >= box.top + 30 && row.bottom <= box.bottom
  })
  assert.ok(isInView)
  await page.context().close()
})

test('by keys alone: the palette finds an identity and a team and changes the theme', async () => {
  const { page } = await openPage(browser)
  await visit(page, fixture.url)
  const row = fixture.world.company.rows.find((one) => one.vanishedAt === null)
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to a screen').waitFor()
  await page.keyboard.type(row?.name ?? '')
  await page.getByRole('dialog').getByRole('button', { name: row?.name ?? '' }).first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.locator('[role="dialog"] [data-selected]').filter({ hasText: row?.name ?? '' }).waitFor()
  await page.keyboard.press('Enter')
  await at(page, /\/identities\/idn_/)
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to a screen').waitFor()
  await page.keyboard.type('theme: dark')
  // It is in the list before anything is typed; only when the others are gone does the arrow choose it.
  await page.getByRole('dialog').getByRole('button', { name: 'Theme: light' }).waitFor({ state: 'detached' })
  await page.getByRole('dialog').getByRole('button', { name: 'Theme: dark' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.locator('[role="dialog"] [data-selected]').filter({ hasText: 'Theme: dark' }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.documentElement.dataset['mantineColorScheme'] === 'dark')
  await page.reload()
  await settled(page)
  assert.equal(await page.evaluate(() => document.documentElement.dataset['mantineColorScheme']), 'dark', 'the theme is kept')
  await page.context().close()
})

test('single keys can be switched off, and stay off; the palette keeps working', async () => {
  const { page } = await openPage(browser)
  await visit(page, fixture.url)
  await page.keyboard.press('?')
  await page.getByRole('switch', { name: 'Single keys are on' }).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.reload()
  await settled(page)
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to a screen').waitFor()
  assert.equal(new URL(page.url()).pathname, '/')
  await page.context().close()
})

test('by keys alone: sort, filter, save a view, open it again, fetch the list as CSV', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/identities`)
  await page.getByRole('button', { name: 'Findings', exact: true }).focus()
  await page.keyboard.press('Enter')
  await at(page, '/identities?sort=findings&order=asc')
  // The head that was pressed keeps it.
  await arrives(page, /^Findings/)
  await page.keyboard.press('Enter')
  await at(page, '/identities?sort=findings&order=desc')
  await page.getByLabel('Answers').selectOption('split')
  await at(page, '/identities?sort=findings&order=desc&state=split')
  await page.getByRole('button', { name: 'Views' }).focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('Name of the view').focus()
  await page.keyboard.type('Worst splits')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Worst splits', exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Remove filter answers: split' }).focus()
  await page.keyboard.press('Enter')
  await at(page, '/identities?sort=findings&order=desc')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('button', { name: 'Worst splits', exact: true }).click()
  await page.waitForURL(/state=split/)
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'CSV' }).click()
  const file = await (await download).path()
  assert.equal(await readFile(file, 'utf8'), 'id,name\r\n')
  await page.context().close()
})

test('a screen that opens late does not take the keyboard from the palette', async () => {
  const { page } = await openPage(browser)
  await visit(page, fixture.url)
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to a screen').waitFor()
  await page.waitForFunction(() => document.activeElement?.getAttribute('placeholder')?.startsWith('Go to a screen'))
  await page.keyboard.type('the')
  await page.locator('h1').focus()
  await page.keyboard.type('me: dark')
  assert.equal(await page.getByPlaceholder('Go to a screen').inputValue(), 'theme: dark')
  await page.context().close()
})
