/** A real browser for the tests, and what it complained about while a page was open. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { CHROMIUM_ARGS, ensureChromium } from '../../../scripts/ensure-chromium.ts'

const DIST = fileURLToPath(new URL('../dist/index.html', import.meta.url))

export const WIDE = { width: 1_440, height: 900 }
export const NARROW = { width: 360, height: 780 }

export async function launch(): Promise<Browser> {
  if (!existsSync(DIST)) throw new Error('the console is not built: run `npx vite build packages/console`')
  return chromium.launch({ executablePath: await ensureChromium(), args: CHROMIUM_ARGS })
}

export type Watched = { page: Page; complaints: string[] }

/** A page in a fresh profile that collects errors, warnings and dialogs instead of losing them. */
export async function openPage(browser: Browser, options: { size?: { width: number; height: number }; theme?: 'light' | 'dark' } = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: options.size ?? WIDE,
    colorScheme: options.theme ?? 'light',
    reducedMotion: 'reduce',
    acceptDownloads: true,
  })
  const page = await context.newPage()
  // Generous: continuous integration runs beside other work, and a wait costs nothing when all is well.
  page.setDefaultTimeout(90_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { page, complaints }
}

/** Opens an address and waits until the screen stands: its heading is there and nothing is busy any more. */
export async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await settled(page)
}

/** Goes on within the open console as a link does; a loop over all screens need not start it anew for each. */
export async function go(page: Page, address: string): Promise<void> {
  if (!page.url().startsWith(new URL(address).origin)) return visit(page, address)
  await page.evaluate(async (href) => await window.__TSR_ROUTER__?.navigate({ href }), address.slice(new URL(address).origin.length))
  await settled(page)
}

/**
 * Waits until the screen of the address stands. The address changes first, and the screen before it stays until the
 * code of the next has come: so the entry of the history the router has come to must be the one the browser is at.
 */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const state = window.__TSR_ROUTER__?.state
    const entry = history.state as { __TSR_key?: string } | null
    return state?.status === 'idle' && state.resolvedLocation?.state.__TSR_key === entry?.__TSR_key
  })
  await page.locator('h1').first().waitFor()
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null)
}
