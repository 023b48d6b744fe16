/**
 * Makes the pictures of the README, docs/images/*.png, from the real server with the example company:
 * `node scripts/launch.mjs packages/console/e2e/screenshots.ts`. The console must be built.
 */
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { launch, openPage, settled, visit } from './browser.ts'
import { startRealServer } from './real-server.ts'

const IMAGES = fileURLToPath(new URL('../../../docs/images/', import.meta.url))
const SIZE = { width: 1_280, height: 800 }

/** The identity with the most to show: its ownership is split and it has findings. */
async function openTelling(page: Page, origin: string): Promise<void> {
  await visit(page, `${origin}/identities?state=split&sort=findings&order=desc`)
  await page.locator('[data-index="0"] a').click()
  await page.waitForURL(/\/identities\/idn_/)
  await settled(page)
}

async function shoot(page: Page, name: string): Promise<void> {
  await settled(page)
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: `${IMAGES}${name}.png` })
  process.stdout.write(`docs/images/${name}.png\n`)
}

const server = await startRealServer()
const browser = await launch()
try {
  const { page } = await openPage(browser, { size: SIZE })
  await page.goto(server.link)
  await page.getByRole('button', { name: 'Load the example' }).click()
  await page.getByRole('link', { name: 'See what needs someone' }).click({ timeout: 120_000 })
  await mkdir(IMAGES, { recursive: true })
  await shoot(page, 'overview')
  await visit(page, `${server.origin}/identities?sort=findings&order=desc`)
  await shoot(page, 'identities')
  await openTelling(page, server.origin)
  await shoot(page, 'identity')
  await visit(page, `${server.origin}/findings`)
  await shoot(page, 'findings')
} finally {
  await browser.close()
  await server.stop()
}
