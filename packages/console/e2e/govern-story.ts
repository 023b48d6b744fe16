/** The story of a change in the console: proposed, refused by a guardrail, excepted, approved, applied, proved. */
import type { Page } from 'playwright-core'
import { settled, visit } from './browser.ts'
import type { RealServer } from './real-server.ts'

/** Told at each turn of the story, with the screen that shows it. */
export type Turn = 'guardrails' | 'simulation' | 'propose' | 'refused' | 'review' | 'applied' | 'exceptions' | 'ledger' | 'verified'
type Tell = (turn: Turn) => Promise<void>
type Who = 'a service owner' | 'a platform engineer' | 'a security engineer' | 'an auditor' | 'yourself, the administrator'

const GUARDRAIL = 'no-wildcard-in-production'

export async function as(page: Page, who: Who): Promise<void> {
  const choice = page.getByLabel('Look around as')
  await choice.selectOption(who)
  await page.waitForFunction((wanted) => {
    const field = document.querySelector<HTMLSelectElement>('#persona')
    return field !== null && !field.disabled && field.selectedOptions[0]?.textContent === wanted
  }, who)
  await settled(page)
}

/** Sends the form of a change once its preview is there, and waits for its page. */
async function send(page: Page, why: string): Promise<string> {
  await page.getByLabel(/^Why\?/).fill(why)
  await page.getByRole('button', { name: 'Propose', exact: true }).click()
  await page.waitForURL(/\/changes\/chg_/)
  await settled(page)
  return new URL(page.url()).pathname
}

async function approve(page: Page, words: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: /^Approve for/ }).click()
  await page.getByText(words).first().waitFor()
}

async function pick(page: Page, label: string, words: string): Promise<void> {
  await page.getByLabel(label, { exact: false }).first().fill(words)
  await page.getByRole('option', { name: words }).first().click()
}

/** A limit, simulated by security, proposed by the platform and approved by security. */
async function setGuardrail(page: Page, origin: string, tell: Tell): Promise<void> {
  await as(page, 'a security engineer')
  await page.waitForURL(`${origin}/guardrails`)
  await tell('guardrails')
  await page.getByRole('link', { name: /A grant in production names/ }).click()
  await page.getByRole('button', { name: 'Simulate on the estate of today' }).click()
  await page.getByText('It would hit').waitFor()
  await tell('simulation')
  await as(page, 'a platform engineer')
  await visit(page, `${origin}/changes/new?kind=guardrail&starter=${GUARDRAIL}`)
  await page.getByText('simulate-guardrails').waitFor()
  await page.getByLabel('Stage').selectOption('enforce')
  const change = await send(page, 'Wildcards were behind the last incident')
  await as(page, 'a security engineer')
  await visit(page, origin + change)
  await approve(page, 'Applied')
}

/** The owner answers for what their sources name, with somebody who vouches for it. */
async function accept(page: Page, origin: string): Promise<void> {
  await as(page, 'a service owner')
  await page.waitForURL(`${origin}/queue`)
  const offer = page.getByRole('main').getByRole('listitem').filter({ hasText: 'in checkout?' })
  await offer.getByRole('button', { name: 'Accept …' }).click()
  await page.getByLabel('How is it revoked?').fill('Delete the service account')
  await pick(page, 'Who vouches for it? (optional)', 'Wen Zhao')
  await page.getByRole('dialog').getByRole('button', { name: /^Accept \d/ }).click()
  await page.getByRole('button', { name: 'Send now' }).click()
  await offer.waitFor({ state: 'detached' })
}

async function proposeGrant(page: Page, origin: string, tell: Tell): Promise<string> {
  await as(page, 'yourself, the administrator')
  await visit(page, `${origin}/identities?state=accountable&namespace=checkout`)
  await page.locator('[data-index="0"] a').first().click()
  await page.getByRole('link', { name: 'Change what it may do' }).click()
  await page.getByLabel(/^Permission/).fill('s3:*')
  await page.getByRole('textbox', { name: 'On', exact: true }).fill('arn:aws:s3:::lumen-baskets')
  await page.getByText('It can be proposed and discussed, but').waitFor()
  await tell('propose')
  const change = await send(page, 'The importer writes baskets from tomorrow on')
  await page.getByText('As it is, no approval applies it.', { exact: true }).waitFor()
  await tell('refused')
  return change
}

async function except(page: Page, origin: string): Promise<void> {
  await page.getByRole('link', { name: 'ask for an exception' }).click()
  await page.getByLabel('What is done instead?').fill('The bucket is its own, and its use is watched')
  const change = await send(page, 'Until the importer names its actions')
  for (const who of ['a security engineer', 'a service owner'] as const) {
    await as(page, who)
    await visit(page, `${origin}/queue`)
    await page.getByRole('link', { name: /^Review Except / }).click()
    await page.waitForURL(origin + change)
    await settled(page)
    await approve(page, who === 'a service owner' ? 'Applied' : /^Approved by/)
  }
}

/**
 * From the example company, seen by its administrator, to a verified ledger. Answers the address of the change whose
 * story it is.
 */
export async function govern(page: Page, server: RealServer, tell: Tell): Promise<string> {
  const { origin } = server
  await setGuardrail(page, origin, tell)
  await accept(page, origin)
  const change = await proposeGrant(page, origin, tell)
  await except(page, origin)
  await visit(page, origin + change)
  await page.getByText('Nothing stands against it.').waitFor()
  await tell('review')
  await approve(page, /^Approved by/)
  await as(page, 'a platform engineer')
  await visit(page, origin + change)
  await approve(page, 'Applied')
  await tell('applied')
  await visit(page, `${origin}/exceptions`)
  await tell('exceptions')
  await as(page, 'an auditor')
  await page.waitForURL(`${origin}/ledger`)
  await tell('ledger')
  await page.getByRole('link', { name: 'Verify in this browser' }).click()
  await page.getByRole('button', { name: /^Verify \d/ }).click()
  await page.getByRole('heading', { name: /^All [\d,]+ entries are what was signed/ }).waitFor()
  await tell('verified')
  return change
}
