import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAccountability, makeClaim, makeIdentity, makeQuestions, makeUnowned } from '../posture/testing/make.ts'
import type { Acceptance, Answers } from './acceptance.ts'
import { planAcceptance, risksOf } from './plan-acceptance.ts'
import type { AcceptanceFacts } from './plan-acceptance.ts'

const PAYMENTS = { id: 'tm_payments', name: 'Payments' }
const SAID: Answers = { purpose: 'Posts invoices', function: { name: 'Invoicing' }, sponsor: null, revocation: 'Delete it' }
const NOTHING: Answers = { purpose: null, function: null, sponsor: null, revocation: null }
const held = (team: { id: string; name: string }): Acceptance => ({
  id: 'acc_1',
  identity: 'idn_1',
  team,
  acceptedBy: 'per_ada',
  acceptedAt: '2026-01-01T00:00:00.000Z',
  until: '2027-01-01T00:00:00.000Z',
  purpose: 'p',
  function: { id: 'fn_1', name: 'f' },
  sponsor: null,
  revocation: 'r',
  change: null,
  endedAt: null,
  ended: null,
})
const facts = (given: Partial<AcceptanceFacts> = {}): AcceptanceFacts => ({
  team: PAYMENTS,
  meanings: new Set(['tm_payments', 'tm_named_payments']),
  identity: makeIdentity(),
  current: null,
  refusals: [],
  alone: [],
  ...given,
})
const named = (team: string) => makeIdentity({ accountability: makeAccountability({ claims: [makeClaim({ team })] }) })
const suggestion = (by: string, to: string) => [{ team: { id: by, name: by }, at: '2026-01-01T00:00:00.000Z', by: 'per_x', suggested: { id: to, name: to } }]

const PLANS: [name: string, given: AcceptanceFacts, answers: Answers, outcome: string][] = [
  ['a team that a source names accepts', facts(), SAID, 'accept'],
  ['under whatever spelling the source names it', facts({ identity: named('tm_named_payments') }), SAID, 'accept'],
  ['a name that could mean the team is an offer to it', facts({ identity: makeIdentity({ accountability: makeUnowned({ reading: 'ambiguous', candidates: ['tm_payments', 'tm_x'] }) }) }), SAID, 'accept'],
  ['a team that nobody names does not just take it', facts({ identity: named('tm_x') }), SAID, 'not-offered'],
  ['nor what is nobody’s', facts({ identity: makeIdentity({ accountability: makeUnowned() }) }), SAID, 'not-offered'],
  ['a team that another one named accepts', facts({ identity: named('tm_x'), refusals: suggestion('tm_x', 'tm_payments') }), SAID, 'accept'],
  ['a team that named itself does not', facts({ identity: named('tm_x'), refusals: suggestion('tm_payments', 'tm_payments') }), SAID, 'not-offered'],
  ['what a live team holds is handed over, not taken', facts({ current: held({ id: 'tm_x', name: 'X' }) }), SAID, 'held-by-another'],
  ['what the team holds is renewed', facts({ current: held(PAYMENTS) }), NOTHING, 'accept'],
  ['an answer that nobody gives is asked for', facts({ identity: makeIdentity({ purpose: null }) }), NOTHING, 'answer-missing'],
  ['T43 what is risky is decided on by itself', facts({ alone: ['privileged', 'regulated'] }), SAID, 'one-by-one'],
  ['an answer that the source gives need not be repeated', facts({ identity: makeIdentity({ purpose: 'p', function: 'fn_1', questions: makeQuestions() }) }), NOTHING, 'accept'],
]
for (const [name, given, answers, outcome] of PLANS) {
  test(name, () => {
    const plan = planAcceptance(given, answers)
    assert.equal(plan.kind === 'refuse' ? plan.code : plan.kind, outcome, plan.kind === 'refuse' ? plan.reason : '')
  })
}

const GRANT = { permission: 'get', resource: 'parcels', level: 'read', isWildcard: false, environment: null, condition: null, via: 'role', file: 'x.yaml', line: 1 } as const
test('T43 risks: production where that is known, regulated data, and grants of everything or to administer', () => {
  assert.deepEqual(risksOf({ isProduction: null, grants: [GRANT] }, false), [])
  assert.deepEqual(risksOf({ isProduction: true, grants: [GRANT] }, true), ['production', 'regulated'])
  assert.deepEqual(risksOf({ isProduction: false, grants: [{ ...GRANT, level: 'admin' }] }, false), ['privileged'])
  assert.deepEqual(risksOf({ isProduction: false, grants: [{ ...GRANT, isWildcard: true }] }, false), ['privileged'])
})
