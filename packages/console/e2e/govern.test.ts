import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { launch, openPage, visit } from './browser.ts'
import { as, govern } from './govern-story.ts'
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

test('a grant is refused by a guardrail, excepted, approved by owner and sponsor, applied, and proved from the ledger', async () => {
  const { page, complaints } = await openPage(browser)
  await page.goto(server.link)
  await page.getByRole('button', { name: 'Load the example' }).click()
  await page.getByRole('link', { name: 'See what needs someone' }).click({ timeout: 120_000 })
  const change = await govern(page, server, async () => {})
  // The auditor reads all of it, and decides none of it: the reason stands beside.
  await visit(page, server.origin + change)
  await page.getByRole('link', { name: 'in the ledger' }).click()
  await page.getByRole('link', { name: 'change: approve' }).first().click()
  await page.getByText('Proved in this browser').waitFor()
  await visit(page, `${server.origin}/ledger`)
  await page.getByText('Checked in this browser: it continues the').waitFor()
  await visit(page, `${server.origin}/changes/new?kind=scope`)
  await page.getByText('auditors-only-read').waitFor()
  await as(page, 'yourself, the administrator')
  assert.deepEqual(complaints, [])
  await page.context().close()
})
