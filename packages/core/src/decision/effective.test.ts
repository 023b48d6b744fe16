import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Controller } from '../identity.ts'
import { identity as arbitraryIdentity } from '../posture/testing/arbitrary.ts'
import { makeAccountability, makeIdentity } from '../posture/testing/make.ts'
import type { Acceptance, Refusal } from './acceptance.ts'
import { applyDecisions, observedPart, RegisteredIdentity } from './effective.ts'
import type { Standing } from './effective.ts'

const NOW = new Date('2026-11-24T00:00:00Z')
const PAYMENTS = { id: 'tm_payments', name: 'Payments' }
const BILLING = { id: 'tm_billing', name: 'Billing' }

const acceptance = (given: Partial<Acceptance> = {}): Acceptance => ({
  id: 'acc_1',
  identity: 'idn_1',
  team: PAYMENTS,
  acceptedBy: 'per_ada',
  acceptedAt: '2026-01-01T00:00:00.000Z',
  until: '2027-01-01T00:00:00.000Z',
  purpose: 'Posts invoices',
  function: { id: 'fn_invoicing', name: 'Monthly invoicing' },
  sponsor: 'per_sam',
  revocation: 'Delete the client in the console of the provider',
  change: null,
  endedAt: null,
  ended: null,
  ...given,
})
const standing = (given: Partial<Standing> = {}): Standing => ({
  acceptance: null,
  refusals: [],
  functionOwner: null,
  kindOf: (team) => (team === 'tm_platform' ? 'platform' : 'business'),
  nameOf: (team) => team,
  personName: (person) => person,
  ...given,
})
const controller = (team: string): Controller => ({ team, raw: team, kind: 'group', power: 'approve', via: 'CODEOWNERS', file: 'CODEOWNERS', line: 1 })
const refusal = (given: Partial<Refusal> = {}): Refusal => ({ team: PAYMENTS, at: '2026-11-01T00:00:00.000Z', by: 'per_ada', suggested: null, ...given })

const STATES: [name: string, given: Standing, state: string, team: string | null, says: RegExp | null, controllers?: Controller[]][] = [
  ['what nobody decided stays as it was observed', standing(), 'claimed', 'tm_payments', null],
  ['a team that accepted is accountable', standing({ acceptance: acceptance() }), 'accountable', 'tm_payments', null],
  ['an acceptance outranks every claim', standing({ acceptance: acceptance({ team: BILLING }) }), 'accountable', 'tm_billing', null],
  ['an acceptance that ran out lapses on the instant', standing({ acceptance: acceptance({ until: NOW.toISOString() }) }), 'lapsed', 'tm_payments', null],
  ['a dissolved team lapses', standing({ acceptance: acceptance({ endedAt: '2026-11-20T00:00:00.000Z', ended: 'team-dissolved' }) }), 'lapsed', 'tm_payments', null],
  ['another owner of the function splits', standing({ acceptance: acceptance(), functionOwner: BILLING }), 'split', 'tm_payments', /`Billing` owns the business function/],
  ['the same owner of the function does not', standing({ acceptance: acceptance(), functionOwner: PAYMENTS }), 'accountable', 'tm_payments', null],
  ['control by a platform alone is its work', standing({ acceptance: acceptance() }), 'accountable', 'tm_payments', null, [controller('tm_platform')]],
  ['control by another business team alone splits', standing({ acceptance: acceptance() }), 'split', 'tm_payments', /only tm_billing can change it/, [controller('tm_billing')]],
  ['control that is shared with the accountable team does not', standing({ acceptance: acceptance() }), 'accountable', 'tm_payments', null, [controller('tm_billing'), controller('tm_payments')]],
  ['a refused claim names nobody', standing({ refusals: [refusal({ suggested: BILLING })] }), 'unowned', null, /`Payments` refused on 2026-11-01 and named `Billing`/],
  ['a refusal by a team that is not claimed changes nothing', standing({ refusals: [refusal({ team: BILLING })] }), 'claimed', 'tm_payments', null],
  ['a team may accept what another refused', standing({ acceptance: acceptance({ team: BILLING }), refusals: [refusal()] }), 'accountable', 'tm_billing', null],
]
for (const [name, given, state, team, says, controllers] of STATES) {
  test(name, () => {
    const observed = makeIdentity({ accountability: makeAccountability({ controllers: controllers ?? [] }) })
    const { accountability } = applyDecisions(observed, given, NOW)
    assert.deepEqual([accountability.state, accountability.team], [state, team])
    if (says) assert.match(accountability.disagreement?.explanation ?? '', says)
    else assert.equal(accountability.disagreement, null)
  })
}

test('the four answers of the team stand, and what it left open is what the source says', () => {
  const observed = makeIdentity({ purpose: 'as the catalog says' })
  const { purpose, function: fn, questions } = applyDecisions(observed, standing({ acceptance: acceptance({ purpose: null }) }), NOW)
  assert.deepEqual([purpose, fn], ['as the catalog says', 'fn_invoicing'])
  assert.equal(questions.function.answer, 'Monthly invoicing')
  assert.match(questions.approver.answer ?? '', /members of Payments, other than whoever asks; per_sam as sponsor/)
})

const arbitraryStanding = fc.record({
  acceptance: fc.option(
    fc.record({
      team: fc.constantFrom(PAYMENTS, BILLING),
      until: fc.constantFrom('2026-11-23T00:00:00.000Z', '2027-11-23T00:00:00.000Z'),
      endedAt: fc.constantFrom(null, '2026-11-20T00:00:00.000Z'),
      ended: fc.constantFrom('team-dissolved' as const, 'ran-out' as const),
    }),
    { nil: null },
  ),
  refusals: fc.array(fc.record({ team: fc.constantFrom(PAYMENTS, BILLING) }), { maxLength: 2 }),
  functionOwner: fc.constantFrom(null, PAYMENTS, BILLING),
})

test('law 3: what a source said survives every decision, and deciding twice is deciding once', () => {
  fc.assert(
    fc.property(arbitraryIdentity.map((one) => structuredClone(one)), arbitraryStanding, (observed, given) => {
      const whole = standing({
        acceptance: given.acceptance && acceptance({ ...given.acceptance, ended: given.acceptance.endedAt ? given.acceptance.ended : null }),
        refusals: given.refusals.map((one) => refusal(one)),
        functionOwner: given.functionOwner,
      })
      const decided = applyDecisions(observed, whole, NOW)
      assert.deepEqual(observedPart(decided), observed)
      assert.deepEqual(applyDecisions(observedPart(decided), whole, NOW), decided)
      assert.ok(RegisteredIdentity.safeParse(decided).success)
    }),
  )
})

test('law 1: accountable only by an acceptance that runs, of a team that owns the function too', () => {
  fc.assert(
    fc.property(arbitraryIdentity, arbitraryStanding, (identity, given) => {
      const observed = { ...identity, accountability: { ...identity.accountability, state: 'claimed' as const } }
      const held = given.acceptance && acceptance({ ...given.acceptance, ended: given.acceptance.endedAt ? given.acceptance.ended : null })
      const { accountability } = applyDecisions(observed, standing({ acceptance: held, functionOwner: given.functionOwner }), NOW)
      if (accountability.state !== 'accountable') return
      assert.ok(held && held.endedAt === null && Date.parse(held.until) > NOW.getTime())
      assert.equal(accountability.team, held.team.id)
      assert.ok(given.functionOwner === null || given.functionOwner.id === held.team.id)
    }),
  )
})
