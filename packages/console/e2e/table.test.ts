import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { startFixture } from '../testing/fixture-server.ts'
import type { Fixture } from '../testing/fixture-server.ts'
import { launch, NARROW, openPage, settled, visit } from './browser.ts'

const ALL = 100_000

let browser: Browser
let fixture: Fixture
before(async () => {
  browser = await launch()
  fixture = await startFixture({ identities: ALL })
})
after(async () => {
  await browser.close()
  await fixture.close()
})

type View = { rows: number; blank: number; holes: number; first: number; last: number; nodes: number; position: string }

/** What the window shows of the table right now; `holes` counts pixels at which no row is drawn. */
function look(page: Page): Promise<View> {
  return page.evaluate(() => {
    const table = document.querySelector('[role="table"]')
    const scroller = table?.parentElement
    const box = scroller?.getBoundingClientRect()
    const rows = [...(table?.querySelectorAll('[data-index]') ?? [])]
    const indexes = rows.map((row) => Number(row.getAttribute('data-index')))
    const places = rows.map((row) => row.getBoundingClientRect())
    let holes = 0
    for (let y = (box?.top ?? 0) + 40; y < (box?.bottom ?? 0) - 4; y += 8) if (!places.some((place) => place.top <= y && place.bottom >= y)) holes += 1
    return {
      rows: rows.length,
      blank: rows.filter((row) => (row.textContent ?? '').trim() === '').length,
      holes,
      first: Math.min(...indexes),
      last: Math.max(...indexes),
      nodes: table?.querySelectorAll('*').length ?? 0,
      position: document.querySelector('main')?.textContent?.match(/Rows [\d,]+–[\d,]+ of [\d,]+/)?.[0] ?? '',
    }
  })
}

for (const [name, size] of [['wide', { width: 1_440, height: 900 }], ['narrow', NARROW]] as const) {
  test(`a list of 100,000 scrolls without a blank row and with a bounded page, ${name}`, async () => {
    const { page, complaints } = await openPage(browser, { size })
    await visit(page, `${fixture.url}/identities?presence=all`)
    assert.equal(await page.locator('[role="table"]').getAttribute('aria-rowcount'), String(ALL + 1))
    let reached = 0
    for (let step = 0; step < 60; step += 1) {
      await page.locator('[role="table"]').evaluate((table) => table.parentElement?.scrollBy({ top: 900 }))
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
      const view = await look(page)
      assert.equal(view.blank, 0, `blank rows at step ${step}`)
      assert.equal(view.holes, 0, `a hole at step ${step}: ${JSON.stringify(view)}`)
      assert.ok(view.rows < 80 && view.nodes < 3_000, `the page grew: ${view.rows} rows, ${view.nodes} elements`)
      reached = view.last
    }
    assert.ok(reached > 600, `scrolled to row ${reached}`)
    assert.match((await look(page)).position, /^Rows [\d,]+–[\d,]+ of 100,000$/)
    assert.deepEqual(complaints, [])
    assert.deepEqual(fixture.complaints, [])
    await page.context().close()
  })
}

test('the row numbers told to screen readers are those of the list', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/identities`)
  await page.locator('[role="table"]').evaluate((table) => table.parentElement?.scrollTo({ top: 3_000 }))
  await page.waitForFunction(() => document.querySelector('[data-index="80"]') !== null)
  const row = page.locator('[data-index="80"]')
  assert.equal(await row.getAttribute('aria-rowindex'), '82')
  assert.equal(await page.locator('[role="columnheader"][aria-sort="ascending"]').textContent(), 'Name↑')
  await page.context().close()
})

test('the last rows of a long list can be reached', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/identities?q=ledger-mailer`)
  const total = fixture.world.company.rows.filter((row) => row.name.includes('ledger-mailer') && row.vanishedAt === null).length
  assert.ok(total > 400, 'the filter leaves several pages')
  for (let step = 0; step < 40; step += 1) {
    await page.locator('[role="table"]').evaluate((table) => table.parentElement?.scrollTo({ top: 1e9 }))
    await page.waitForTimeout(50)
    if ((await look(page)).last === total - 1) break
  }
  assert.equal((await look(page)).last, total - 1)
  await page.context().close()
})

test('going back brings the reader to the row they left', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/identities`)
  await page.locator('[role="table"]').evaluate((table) => table.parentElement?.scrollTo({ top: 4_000 }))
  await page.waitForFunction(() => document.querySelector('[data-index="110"]') !== null)
  const name = await page.locator('[data-index="110"] a').textContent()
  await page.locator('[data-index="110"] a').click()
  await page.waitForURL(/identities\/idn_/)
  await settled(page)
  assert.equal(await page.locator('h1').textContent(), name)
  await page.goBack()
  await page.locator('[data-index="110"]').waitFor()
  const top = await page.locator('[role="table"]').evaluate((table) => table.parentElement?.scrollTop)
  assert.equal(top, 4_000)
  await page.context().close()
})

test('when the next rows do not come, the rows in hand stay and the reader may ask again', async () => {
  const { page } = await openPage(browser)
  await visit(page, `${fixture.url}/identities?q=orders`)
  fixture.trouble.set('listIdentities', { status: 503, code: 'unavailable', title: 'Not now', detail: 'The database restarts. Try again in a minute.' })
  const bottom = (): Promise<void> => page.locator('[role="table"]').evaluate((table) => table.parentElement?.scrollTo({ top: 1e9 }))
  await bottom()
  await page.getByText('The next rows could not be fetched').waitFor()
  const before = (await look(page)).last
  fixture.trouble.delete('listIdentities')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('The next rows could not be fetched').waitFor({ state: 'detached' })
  await bottom()
  await page.waitForFunction((last) => Number([...document.querySelectorAll('[data-index]')].at(-1)?.getAttribute('data-index')) > last, before)
  await page.context().close()
})
