import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { RouteName } from '@onus/core/contract/routes.ts'
import { edited, governWorld } from '../testing/fixture-govern.ts'
import { grow, ledgerWorld, rewrite } from '../testing/fixture-ledger.ts'
import { startFixture } from '../testing/fixture-server.ts'
import type { Fixture } from '../testing/fixture-server.ts'
import { axeFindings } from './axe.ts'
import { launch, NARROW, openPage, settled, visit } from './browser.ts'

let browser: Browser
let fixture: Fixture
before(async () => {
  browser = await launch()
  fixture = await startFixture({ identities: 200 })
})
beforeEach(() => {
  fixture.trouble.clear()
  const { company } = fixture.world
  Object.assign(fixture.world, { isEmpty: false, isExample: false, persona: 'owner', govern: governWorld(company), ledger: ledgerWorld() })
})
after(async () => {
  await browser.close()
  await fixture.close()
})

/** Runs `work` on a page of its own, which must not have complained. */
async function on(path: string, work: (page: Page) => Promise<void>, expected: string[] = []): Promise<void> {
  const { page, complaints } = await openPage(browser)
  await visit(page, fixture.url + path)
  await work(page)
  assert.deepEqual(complaints.map((line) => line.slice(0, 60)), expected)
  await page.context().close()
}
function onAs(persona: NonNullable<Fixture['world']['persona']>, path: string, work: (page: Page) => Promise<void>): Promise<void> {
  fixture.world.persona = persona
  return on(path, work)
}
const CONFLICT = 'error: Failed to load resource: the server responded with a '

test('the first who audits is appointed once, with a reason, by whoever operates; others see who could', async () => {
  fixture.world.appointed = []
  await onAs('owner', '/powers', async (page) => {
    await page.getByText('Not you; someone who holds the power to operate could').waitFor()
    assert.equal(await page.getByRole('button', { name: /^Appoint the first/ }).isDisabled(), true)
  })
  await onAs('platform', '/powers', async (page) => {
    await page.getByRole('button', { name: /^Appoint the first/ }).click()
    await page.getByRole('combobox', { name: 'Team' }).fill('a')
    await page.getByRole('option').first().click()
    await page.getByLabel('Why?').fill('The yearly audit begins in March')
    assert.deepEqual(await axeFindings(page), [])
    await page.getByRole('button', { name: 'Appoint', exact: true }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.equal(await page.getByRole('button', { name: /^Appoint the first/ }).count(), 0, 'there is no second time')
  })
})

test('a change is read, remarked on and approved by keys alone; the seat is filled and the remark stands in the discussion', () =>
  on('/changes/chg_open', async (page) => {
    await page.getByLabel('Say something').focus()
    await page.keyboard.type('Only for the new bucket')
    await page.keyboard.press('Tab')
    await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('Approve for') ?? false)
    await page.keyboard.press('Enter')
    await page.getByText('Approved by').waitFor()
    await page.getByText('Only for the new bucket').waitFor()
    await page.getByText('Not you; the sponsor could').first().waitFor()
    assert.equal(await page.getByRole('button', { name: 'Approve', exact: true }).isDisabled(), true, 'no second seat is theirs')
  }))

test('T36: what was edited while it was read is not approved before the difference was looked at', () =>
  on(
    '/changes/chg_open',
    async (page) => {
      await page.getByText('write, without end').waitFor()
      const change = fixture.world.govern.changes.find(({ id }) => id === 'chg_open')
      assert.ok(change)
      edited(change, { reason: 'Reading is enough' })
      await page.getByRole('button', { name: /^Approve for/ }).click()
      const alert = page.getByRole('alert').filter({ hasText: 'It was edited while you read it.' })
      await alert.getByText('Reading is enough').waitFor()
      await alert.getByText('read, revision 2').waitFor()
      assert.equal(change.decisions.length, 0, 'nothing was approved')
      const button = page.getByRole('button', { name: /^Approve/ })
      assert.equal(await button.isDisabled(), true)
      assert.deepEqual(await axeFindings(page), [])
      await alert.getByRole('button', { name: 'I have read it' }).click()
      await page.getByText('write, without end').waitFor({ state: 'detached' })
      await button.click()
      await page.getByText('Approved by').waitFor()
      assert.deepEqual(change.decisions.map(({ digest }) => digest), [change.digest])
    },
    [CONFLICT],
  ))

test('a rejection wants a reason, and closes the change', () =>
  on('/changes/chg_open', async (page) => {
    const reject = page.getByRole('button', { name: 'Reject' })
    assert.equal(await reject.isDisabled(), true)
    await page.getByLabel('Say something').fill('Ask for reading alone')
    await reject.click()
    await page.getByText('rejected', { exact: false }).first().waitFor()
    await page.getByLabel('Add a remark').waitFor()
    assert.equal(await page.getByRole('button', { name: /^Approve/ }).count(), 0)
  }))

test('what one may not do is there, with the rule and who could', async () => {
  const CASES: [persona: Fixture['world']['persona'], path: string, words: string][] = [
    ['auditor', '/changes/chg_open', 'Approve, reject: not you; someone who does not hold the power to audit could (auditors-only-read).'],
    ['owner', '/changes/chg_open', 'Edit, Withdraw: whoever proposed it could (change-ones-own-proposal).'],
    ['owner', '/changes/chg_refused', 'Approve: as it is, no approval applies it.'],
    ['auditor', '/identities/idn_00000000000000000001', 'someone who does not hold the power to audit could'],
    ['owner', '/changes/new?kind=guardrail&starter=no-cross-environment-grant', 'Not you; someone who holds the power to guard could'],
    ['security', '/tokens', 'a member of a team, or someone who holds the power to operate, could'],
  ]
  const { page } = await openPage(browser)
  for (const [persona, path, words] of CASES) {
    fixture.world.persona = persona
    await visit(page, fixture.url + path)
    await page.getByText(words).first().waitFor()
  }
  await page.context().close()
})

test('a grant that a guardrail refuses leads to an exception, with the rule and the identity filled in', () =>
  on('/identities/idn_00000000000000000001', async (page) => {
    await page.getByRole('link', { name: 'Change what it may do' }).click()
    await page.getByLabel(/^Permission/).fill('s3:*')
    await page.getByRole('textbox', { name: 'On', exact: true }).fill('arn:aws:s3:::baskets')
    await page.getByText('Refused').waitFor()
    const propose = page.getByRole('button', { name: 'Propose', exact: true })
    assert.equal(await propose.isDisabled(), true, 'not without a reason')
    await page.getByRole('link', { name: 'ask for an exception' }).click()
    await page.waitForURL(/kind=exception&identity=idn_0*1&rule=no-wildcard-in-production/)
    await page.getByLabel('What is done instead?').fill('Its use is watched')
    await page.getByLabel(/^Why\?/).fill('Until the actions are named')
    await propose.click()
    await page.waitForURL(/\/changes\/chg_\d+/)
    await page.getByText('Until the actions are named').waitFor()
    // One's own: edited and withdrawn, not approved.
    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByLabel('What is done instead?').fill('Its use is watched, daily')
    await page.getByRole('button', { name: 'Save the edit' }).click()
    await page.getByText('edited, revision 2').waitFor()
    await page.getByRole('button', { name: 'Withdraw' }).click()
    await page.getByText('Withdrawn').first().waitFor()
  }))

test('a refusal of the plan is told beside the form, and nothing can be sent', () =>
  on(
    '/changes/new?kind=exception&identity=idn_00000000000000000001&rule=unowned',
    async (page) => {
      await page.getByLabel('What is done instead?').fill('Nothing yet')
      await page.getByRole('alert').getByText('no team answers for it').waitFor()
      await page.getByLabel(/^Why\?/).fill('Because')
      assert.equal(await page.getByRole('button', { name: 'Propose', exact: true }).isDisabled(), true)
    },
    [CONFLICT],
  ))

test('security simulates a guardrail, sees whom it would hit, and finds the result again after a reload', async () => {
  fixture.world.persona = 'security'
  await on('/changes/new?kind=guardrail&starter=no-cross-environment-grant', async (page) => {
    await page.getByRole('button', { name: 'Simulate on the estate of today' }).click()
    await page.getByText('39 exceptions would be needed').waitFor()
    await page.waitForURL(/job=job_/)
    await page.reload()
    await page.getByText('39 exceptions would be needed').waitFor()
    assert.deepEqual(await axeFindings(page), [])
    await page.getByLabel(/^Text/).press('x')
  })
})

test('filters of changes and exceptions are in the address, and an exception is renewed with what it said', () =>
  on('/changes', async (page) => {
    await page.getByLabel('State').selectOption('any')
    await page.getByLabel('Kind').selectOption('guardrail')
    await page.waitForURL(`${fixture.url}/changes?state=any&kind=guardrail`)
    await page.getByLabel('Whose').selectOption('me')
    await page.waitForURL(/awaiting=me/)
    await page.getByText('No change waits for you.').waitFor()
    await visit(page, `${fixture.url}/exceptions`)
    await page.getByRole('link', { name: /^renew/ }).first().click()
    await page.waitForURL(/from=exc_0/)
    await page.waitForFunction(() => [...document.querySelectorAll('textarea')].some((field) => field.value.startsWith('The bucket is its own')))
  }))

test('my queue has the changes that wait for me, and leads to them', () =>
  on('/queue', async (page) => {
    await page.getByRole('link', { name: /^Review Grant .* s3/ }).click()
    await page.waitForURL(/\/changes\/chg_open/)
  }))

test('who may not export verifies by tiles, and is told that what people wrote was left out', async () => {
  grow(fixture.world.ledger, 200)
  await on('/ledger', async (page) => {
    await page.getByText('someone who holds the power to audit, guard or operate could').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Export' }).isDisabled(), true)
    await page.getByRole('link', { name: 'Verify in this browser' }).click()
    await page.getByRole('button', { name: 'Verify 320 entries' }).click()
    await page.getByRole('heading', { name: 'All 320 entries are what was signed.' }).waitFor()
    await page.getByText('what people wrote, such as reasons').waitFor()
  })
})

test('the ledger is verified in the browser, remembered, and its continuation checked at the next visit', () =>
  onAs('auditor', '/ledger', async (page) => {
    await page.getByRole('link', { name: 'Verify in this browser' }).click()
    await page.getByRole('button', { name: 'Verify 120 entries' }).click()
    await page.getByRole('heading', { name: 'All 120 entries are what was signed.' }).waitFor()
    await page.getByText('24 reasons and other personal values').waitFor()
    await page.getByText('that the keys are the right ones, since the ledger named them itself').waitFor()
    assert.deepEqual(await axeFindings(page), [])
    grow(fixture.world.ledger, 30)
    await visit(page, `${fixture.url}/ledger`)
    await page.getByText('it continues the 120 entries seen').waitFor()
    rewrite(fixture.world.ledger)
    await visit(page, `${fixture.url}/ledger`)
    await page.getByRole('alert').getByText('The ledger does not continue what this browser saw.').waitFor()
    await page.getByRole('link', { name: 'Verify in this browser' }).click()
    await page.getByRole('button', { name: 'Verify 150 entries' }).click()
    await page.getByText('history-rewritten').waitFor()
    assert.deepEqual(await axeFindings(page), [])
  }))

test('one changed byte is found, and the first altered entry named', () =>
  onAs('auditor', '/ledger/verify', async (page) => {
    fixture.world.ledger.forge = (lines) => lines.map((line) => (line.startsWith('{"index":70,') ? line.replace('days":365', 'days":366') : line))
    await page.getByRole('button', { name: /^Verify/ }).click()
    const alert = page.getByRole('alert')
    await alert.getByRole('heading', { name: 'Entry 70 is not what was signed.' }).waitFor()
    await alert.getByRole('link', { name: 'ent_00000000000000000070' }).waitFor()
  }))

test('an entry shows who, what and why, and is proved to be in the signed tree', () =>
  on('/ledger/ent_00000000000000000005', async (page) => {
    await page.getByText('Proved in this browser').waitFor()
    await page.getByText('weil Ada es sagte').first().waitFor()
  }))

test('a token is made, its secret shown once, and revoked in two steps', () =>
  on('/tokens', async (page) => {
    await page.getByRole('button', { name: 'Make a token' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(/^What for\?/).fill('Nightly import')
    assert.deepEqual(await axeFindings(page), [])
    await dialog.getByRole('button', { name: 'Make it' }).click()
    await dialog.getByText('onus_made_up_and_shown_once').waitFor()
    await dialog.getByRole('button', { name: 'I have it' }).click()
    await dialog.waitFor({ state: 'detached' })
    assert.equal(await page.getByText('onus_made_up_and_shown_once').count(), 0)
    await page.getByRole('button', { name: 'Revoke … Nightly import' }).click()
    await page.getByRole('button', { name: 'Revoke it' }).click()
    await page.getByRole('listitem').filter({ hasText: 'Nightly import' }).getByText(/^revoked/).waitFor()
  }))

test('whoever signs in starts where their day is', async () => {
  const STARTS: [persona: Fixture['world']['persona'], path: string, role: string][] = [
    ['owner', '/queue', 'Answers for Checkout'],
    ['platform', '/', 'Platform: operates'],
    ['security', '/guardrails', 'Security: guards the limits'],
    ['auditor', '/ledger', 'Auditor: reads everything, changes nothing'],
  ]
  const { page } = await openPage(browser)
  for (const [persona, path, role] of STARTS) {
    fixture.world.persona = persona
    await page.goto(`${fixture.url}/start`)
    await page.waitForURL(fixture.url + path)
    await page.getByText(role).first().waitFor()
  }
  await page.context().close()
})

test('each screen says what is empty, what failed and how to go on', async () => {
  const { page } = await openPage(browser, { size: NARROW })
  fixture.world.isEmpty = true
  const EMPTY: [path: string, words: string][] = [
    ['/changes', 'No change is open.'],
    ['/guardrails', 'No guardrail stands.'],
    ['/exceptions', 'No exception runs.'],
    ['/ledger', 'Nothing has been decided yet.'],
    ['/tokens', 'No token of yours is there.'],
  ]
  for (const [path, words] of EMPTY) {
    await visit(page, fixture.url + path)
    await page.getByText(words).waitFor()
  }
  fixture.world.isEmpty = false
  const ASKS: [path: string, route: RouteName][] = [
    ['/changes', 'listChanges'],
    ['/changes/chg_open', 'change'],
    ['/guardrails', 'listGuardrails'],
    ['/exceptions', 'listExceptions'],
    ['/ledger', 'listLedger'],
    ['/ledger/verify', 'ledgerState'],
    ['/tokens', 'listTokens'],
  ]
  for (const [path, route] of ASKS) {
    fixture.trouble.set(route, { status: 503, code: 'database-away', title: 'The registry is not reachable', detail: 'The database restarts.' })
    await page.goto(fixture.url + path)
    const alert = page.getByRole('main').getByRole('alert')
    await alert.getByText('The database restarts').waitFor()
    fixture.trouble.clear()
    await alert.getByRole('button', { name: 'Try again' }).click()
    await alert.waitFor({ state: 'detached' })
    await settled(page)
  }
  await page.context().close()
})
