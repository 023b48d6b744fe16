import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { axeFindings } from './axe.ts'
import { launch, NARROW, openPage, settled, visit, WIDE } from './browser.ts'
import { startRealServer } from './real-server.ts'
import type { RealServer } from './real-server.ts'

let browser: Browser
let server: RealServer
before(async () => {
  browser = await launch()
  server = await startRealServer()
})
after(async () => {
  await browser.close()
  await server.stop()
})

async function openFirst(page: Page, list: string): Promise<void> {
  await visit(page, server.origin + list)
  const link = page.locator('[data-index="0"] a').first()
  const name = (await link.textContent()) ?? ''
  await link.click()
  await page.waitForURL((url) => url.pathname !== list)
  // The title stands there before the answer of the server; the name comes with it.
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
  await settled(page)
}

test('from the printed link through the example company: every screen of the real server, and out again', async () => {
  const { page, complaints } = await openPage(browser)
  await page.goto(server.link)
  await page.waitForURL(`${server.origin}/add`)
  assert.equal(new URL(page.url()).hash, '')
  await page.getByRole('button', { name: 'Load the example' }).click()
  // The scan reads an estate and imports it; the machine may be busy.
  await page.getByRole('link', { name: 'See what needs someone' }).click({ timeout: 120_000 })
  await page.getByRole('heading', { name: /machine identit/ }).waitFor()
  await page.getByText('Example company: everything here is made up.').waitFor()
  await page.getByRole('list').locator('a[href^="/findings/list?rule="]').first().click()
  await page.waitForURL(/\/findings\/list\?rule=/)
  await settled(page)
  assert.ok((await page.locator('[data-index]').count()) > 0)
  await openFirst(page, '/identities')
  await page.getByRole('region', { name: 'The four questions' }).waitFor()
  await openFirst(page, '/teams')
  await visit(page, `${server.origin}/sources`)
  await page.locator('main li a').first().click()
  await page.getByRole('heading', { name: 'Readers' }).waitFor()
  for (const path of ['/', '/identities', '/findings', '/findings?by=team', '/teams', '/sources']) {
    await page.setViewportSize(path === '/identities' ? NARROW : WIDE)
    await visit(page, server.origin + path)
    assert.deepEqual(await axeFindings(page), [], path)
  }
  assert.deepEqual(complaints, [], 'nothing was refused by the policy of the page, and nothing failed')
  await page.setViewportSize(WIDE)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(/\/sign-in/)
  await page.goto('about:blank')
  await page.goto(server.link)
  await page.getByText('This link does not work any more.').waitFor()
  await page.context().close()
})
