/**
 * Makes the pictures of the README, docs/images/*.png, from the real server with the example company:
 * `node scripts/launch.mjs packages/console/e2e/screenshots.ts`. The console must be built.
 */
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { launch, openPage, settled, visit } from './browser.ts'
import { govern } from './govern-story.ts'
import type { Turn } from './govern-story.ts'
import { startRealServer } from './real-server.ts'

const IMAGES = fileURLToPath(new URL('../../../docs/images/', import.meta.url))
/** Where the example lies on the machine that makes the pictures. */
const EXAMPLE = fileURLToPath(new URL('../../../examples/lumen-parcel', import.meta.url))
const SIZE = { width: 1_280, height: 800 }

/** The identity with the most to show: its ownership is split and it has findings. */
async function openTelling(page: Page, origin: string): Promise<void> {
  await visit(page, `${origin}/identities?state=split&sort=findings&order=desc`)
  await page.locator('[data-index="0"] a').click()
  await page.waitForURL(/\/identities\/idn_/)
  await settled(page)
}

/** The turns of the story that the documentation shows. */
const PICTURES: Partial<Record<Turn, string>> = { simulation: 'guardrail-simulated', refused: 'change-refused', review: 'change-review', verified: 'ledger-verified' }

/** Pictures say nothing of the machine that made them. */
function withoutMachine([path, shown]: readonly [string, string]): void {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) node.nodeValue = node.nodeValue?.replaceAll(path, shown) ?? null
}

async function shoot(page: Page, name: string): Promise<void> {
  await settled(page)
  await page.waitForLoadState('networkidle')
  await page.evaluate(withoutMachine, [EXAMPLE, '/srv/lumen-parcel'] as const)
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
  await govern(page, server, async (turn) => {
    const name = PICTURES[turn]
    if (name !== undefined) await shoot(page, name)
  })
} finally {
  await browser.close()
  await server.stop()
}
