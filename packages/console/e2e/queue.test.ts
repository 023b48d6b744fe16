import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { startFixture } from '../testing/fixture-server.ts'
import type { Fixture } from '../testing/fixture-server.ts'
import { axeFindings } from './axe.ts'
import { launch, NARROW, openPage, visit, WIDE } from './browser.ts'

let browser: Browser
const fixtures: Fixture[] = []
before(async () => {
  browser = await launch()
})
after(async () => {
  await browser.close()
  for (const fixture of fixtures) await fixture.close()
})

async function owner(options: { isEmpty?: boolean; isHostile?: boolean } = {}): Promise<Fixture> {
  const fixture = await startFixture({ identities: 1_000, ...options })
  fixtures.push(fixture)
  fixture.world.persona = 'owner'
  return fixture
}

async function fillAccept(page: Page): Promise<void> {
  await page.getByLabel('Why does it exist?').fill('Keeps the baskets of customers')
  await page.getByLabel('Which business function depends on it?').fill('Checkout')
  await page.getByLabel('How is it revoked?').fill('Delete the account')
}

test('an offer is accepted with its answers, can be taken back until it is sent, and then is gone', async () => {
  const fixture = await owner()
  const { page, complaints } = await openPage(browser)
  await visit(page, `${fixture.url}/queue`)
  const items = page.getByRole('main').getByRole('listitem')
  const before = await items.count()
  await page.getByRole('button', { name: 'Accept …' }).first().click()
  const dialog = page.getByRole('dialog')
  assert.equal(await dialog.getByRole('button', { name: /^Accept/ }).isDisabled(), true)
  await fillAccept(page)
  await dialog.getByText('will be accepted').waitFor()
  await dialog.getByRole('button', { name: /^Accept \d/ }).click()
  const bar = page.getByRole('status')
  await bar.getByText('Not sent yet.').waitFor()
  await bar.getByRole('button', { name: 'Undo' }).click()
  await bar.waitFor({ state: 'detached' })
  assert.equal(fixture.world.decided.size, 0)
  await page.getByRole('button', { name: 'Accept …' }).first().click()
  await fillAccept(page)
  await dialog.getByRole('button', { name: /^Accept \d/ }).click()
  await bar.getByRole('button', { name: 'Send now' }).click()
  await bar.waitFor({ state: 'detached' })
  assert.equal(fixture.world.decided.size, 1)
  await page.waitForFunction((count) => document.querySelectorAll('main li').length < count, before)
  assert.deepEqual(complaints, [])
  await page.context().close()
})

test('by keys alone: an offer is refused, with the reason and whose it is', async () => {
  const fixture = await owner()
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/queue`)
  await page.getByRole('button', { name: 'Not ours …' }).first().focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('Why not?').focus()
  await page.keyboard.type('It moved to Fleet in spring')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Fleet')
  await page.getByRole('option', { name: 'Fleet' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Refuse' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('status').getByText('Refused').waitFor()
  await page.getByRole('button', { name: 'Send now' }).press('Enter')
  await page.getByRole('status').waitFor({ state: 'detached' })
  assert.equal(fixture.world.decided.size, 1)
  await page.context().close()
})

test('who belongs to no team, and who has nothing to decide, is told so', async () => {
  const fixture = await owner({ isEmpty: true })
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/queue`)
  await page.getByText('Nothing needs you until 2027-02-01.').waitFor()
  fixture.world.persona = null
  await visit(page, `${fixture.url}/queue`)
  await page.getByText('You belong to no team').waitFor()
  await page.context().close()
})

test('axe finds nothing in the dialogs of a decision, and nothing is wider than the window', async () => {
  const fixture = await owner()
  for (const size of [WIDE, NARROW]) {
    const { page } = await openPage(browser, { size })
    for (const name of ['Accept …', 'Not ours …']) {
      await visit(page, `${fixture.url}/queue`)
      await page.getByRole('button', { name }).first().click()
      await page.getByRole('dialog').locator('textarea').first().waitFor()
      assert.deepEqual(await axeFindings(page), [], name)
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), 0)
    }
    await page.context().close()
  }
})
