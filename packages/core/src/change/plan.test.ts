import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ContentOf } from './content.ts'
import { ChangeContent } from './content.ts'
import { changeDigest } from './digest.ts'
import { lifetimeDays, NEVER_DAYS } from './guarded.ts'
import { planException } from './kinds/exception.ts'
import type { ExceptionFacts } from './kinds/exception.ts'
import { functionId, planFunction } from './kinds/function.ts'
import { isLoosening, planGuardrail } from './kinds/guardrail.ts'
import type { GuardrailVersion } from './kinds/guardrail.ts'
import { planOwnership } from './kinds/ownership.ts'
import { planPower } from './kinds/power.ts'
import { planScope } from './kinds/scope.ts'
import type { HeldGrant } from './kinds/scope.ts'
import type { SubjectFacts } from './kinds/subject.ts'
import { answerSeat, guardSeat, mergeSeats } from './plan.ts'
import type { Plan } from './plan.ts'
import { canMove, CHANGE_STATES, MOVES, stateAt } from './state.ts'

const NOW = new Date('2026-11-24T12:00:00Z')
const inDays = (days: number): string => new Date(NOW.getTime() + days * 86_400_000).toISOString()
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const PAYMENTS = { id: 'tm_payments', name: 'Payments', kind: 'business' as const }
const BILLING = { id: 'tm_billing', name: 'Billing', kind: 'business' as const }
const SAM = { id: 'per_sam', name: 'Sam' }

const subject = (given: Partial<SubjectFacts> = {}): SubjectFacts => ({
  id: 'idn_1',
  name: 'worker',
  kind: 'workload',
  environment: 'staging',
  isProduction: false,
  isThirdParty: false,
  team: PAYMENTS.id,
  sponsor: SAM.id,
  dataClasses: [],
  isFederationAvailable: false,
  owner: PAYMENTS,
  sponsorPerson: SAM,
  ...given,
})
type Wish = ContentOf<'scope'>['add'][number]
const wish = (given: Partial<Wish> = {}): Wish => ({ permission: 'read', resource: 'invoices', environment: 'staging', level: 'read', until: inDays(30), ...given })
const scope = (given: Partial<ContentOf<'scope'>> = {}): ContentOf<'scope'> => ({ kind: 'scope', identity: 'idn_1', add: [wish()], remove: [], ...given })
const held = (given: Partial<HeldGrant> = {}): HeldGrant => ({ permission: 'read', resource: 'invoices', environment: 'staging', until: null, from: 'observed', ...given })
const told = (plan: Plan): string => (plan.ok ? plan.seats.map(({ id }) => id).join(' ') : plan.code)

const SCOPES: [name: string, content: ContentOf<'scope'>, facts: SubjectFacts | null, grants: HeldGrant[], says: string][] = [
  ['the team that answers approves', scope(), subject(), [], 'answer:tm_payments'],
  ['an identity that is not there', scope(), null, [], 'not-found'],
  ['nobody answers for it', scope(), subject({ owner: null }), [], 'not-accountable'],
  ['production asks for the sponsor', scope(), subject({ isProduction: true }), [], 'answer:tm_payments sponsor:per_sam'],
  ['so does an environment that nobody knows', scope(), subject({ isProduction: null }), [], 'answer:tm_payments sponsor:per_sam'],
  ['so does a grant in production', scope({ add: [wish({ environment: 'production' })] }), subject(), [], 'answer:tm_payments sponsor:per_sam'],
  ['and regulated data', scope(), subject({ dataClasses: ['health'] }), [], 'answer:tm_payments sponsor:per_sam'],
  ['internal data does not', scope(), subject({ dataClasses: ['internal'] }), [], 'answer:tm_payments'],
  ['a sponsor who has left vouches for nothing', scope(), subject({ isProduction: true, sponsorPerson: null }), [], 'sponsor-missing'],
  ['nothing at all', scope({ add: [] }), subject(), [], 'nothing-changes'],
  ['what is there already', scope(), subject(), [held({ until: inDays(30), from: 'decided' })], 'nothing-changes'],
  ['the same with another end', scope(), subject(), [held({ until: inDays(10), from: 'decided' })], 'answer:tm_payments'],
  ['the same twice', scope({ add: [wish(), wish({ until: inDays(3) })] }), subject(), [], 'nothing-changes'],
  ['what would have ended', scope({ add: [wish({ until: inDays(-1) })] }), subject(), [], 'end-out-of-range'],
  ['taking away what is there', scope({ add: [], remove: [held()] }), subject(), [held()], 'answer:tm_payments'],
  ['taking away what is not', scope({ add: [], remove: [held({ resource: 'orders' })] }), subject(), [held()], 'not-found'],
]
for (const [name, content, facts, grants, says] of SCOPES)
  test(`scope: ${name}`, () => assert.equal(told(planScope(content, { subject: facts, held: grants, now: NOW })), says))

const exception = (until: string): ContentOf<'exception'> => ({ kind: 'exception', rule: 'no-expiry', identity: 'idn_1', control: 'by hand', until })
const excepting = (given: Partial<ExceptionFacts> = {}): ExceptionFacts => ({
  subject: { id: 'idn_1', name: 'worker', owner: PAYMENTS },
  rule: { kind: 'rule', title: 'No expiry' },
  runningUntil: null,
  isByOwner: true,
  now: NOW,
  ...given,
})
const EXCEPTIONS: [name: string, until: string, facts: ExceptionFacts, says: string][] = [
  ['security approves what the owner asks for', inDays(30), excepting(), 'guard'],
  ['the owner too, when a stranger asks', inDays(30), excepting({ isByOwner: false }), 'guard answer:tm_payments'],
  ['half a year is the most', inDays(180), excepting(), 'guard'],
  ['a moment more is not', new Date(Date.parse(inDays(180)) + 1).toISOString(), excepting(), 'end-out-of-range'],
  ['none begins with its end', NOW.toISOString(), excepting(), 'end-out-of-range'],
  ['nobody answers', inDays(1), excepting({ subject: { id: 'idn_1', name: 'worker', owner: null } }), 'not-accountable'],
  ['no such rule', inDays(1), excepting({ rule: null }), 'not-found'],
  ['it runs already', inDays(1), excepting({ runningUntil: inDays(1) }), 'nothing-changes'],
]
for (const [name, until, facts, says] of EXCEPTIONS) test(`exception: ${name}`, () => assert.equal(told(planException(exception(until), facts)), says))

const version = (given: Partial<GuardrailVersion> = {}): GuardrailVersion => ({ version: 1, text: 'a', stage: 'enforce', graceUntil: null, ...given })
const guardrail = (given: Partial<ContentOf<'guardrail'>> = {}): ContentOf<'guardrail'> => ({ kind: 'guardrail', id: 'g', text: 'a', stage: 'enforce', graceUntil: null, ...given })
const GUARDRAILS: [name: string, current: GuardrailVersion | null, content: ContentOf<'guardrail'>, says: string, loosens: boolean][] = [
  ['a new one', null, guardrail(), 'guard', false],
  ['from warning to enforcing', version({ stage: 'warn' }), guardrail(), 'guard', false],
  ['from enforcing to warning loosens', version(), guardrail({ stage: 'warn' }), 'guard', true],
  ['another text may loosen', version(), guardrail({ text: 'b' }), 'guard', true],
  ['a new grace period loosens', version(), guardrail({ graceUntil: inDays(3) }), 'guard', true],
  ['a grace period that is over does not', version(), guardrail({ graceUntil: inDays(-3) }), 'guard', false],
  ['retiring loosens', version(), guardrail({ text: null, stage: 'off' }), 'guard', true],
  ['retiring what only warned does not', version({ stage: 'warn' }), guardrail({ text: null, stage: 'off' }), 'guard', false],
  ['the same', version(), guardrail(), 'nothing-changes', false],
  ['retiring what is not there', null, guardrail({ text: null, stage: 'off' }), 'not-found', false],
  ['retiring what is retired', version({ text: null, stage: 'off' }), guardrail({ text: null, stage: 'off' }), 'not-found', false],
  ['grace for a warning', null, guardrail({ stage: 'warn', graceUntil: inDays(3) }), 'end-out-of-range', false],
]
for (const [name, current, content, says, loosens] of GUARDRAILS)
  test(`guardrail: ${name}`, () => {
    assert.equal(told(planGuardrail(content, { current, fault: null, now: NOW })), says)
    assert.equal(isLoosening(current, content, NOW), loosens)
  })

const POWERS: [name: string, verb: 'give' | 'end', isHeld: boolean, othersLeft: number, says: string][] = [
  ['security gives', 'give', false, 1, 'guard'],
  ['not what is held', 'give', true, 1, 'power-not-changed'],
  ['security takes', 'end', true, 1, 'guard'],
  ['not what is not held', 'end', false, 1, 'power-not-changed'],
  ['not from the last', 'end', true, 0, 'power-not-changed'],
]
for (const [name, verb, isHeld, othersLeft, says] of POWERS)
  test(`power: ${name}`, () => assert.equal(told(planPower({ kind: 'power', power: 'guard', holder: { person: 'per_sam' }, verb }, { holder: SAM, isHeld, gains: [], othersLeft })), says))

test('function: the same name is the same function, and a handover asks both teams once', () => {
  assert.equal(functionId({ id: null, name: 'Monthly Invoicing' }), functionId({ id: null, name: 'monthly invoicing' }))
  const content = { kind: 'function', id: null, name: 'Invoicing', team: BILLING.id, sponsor: SAM.id, dataClasses: ['payment'], criticality: 'high' } as const
  const current = { id: 'fn_1', name: 'Invoicing', team: PAYMENTS, sponsor: SAM, dataClasses: ['payment'], criticality: 'high' }
  const facts = { isObserved: true, team: BILLING, sponsor: SAM }
  assert.equal(told(planFunction({ ...content, dataClasses: ['payment'] }, { ...facts, current })), 'answer:tm_payments answer:tm_billing sponsor:per_sam')
  assert.equal(told(planFunction({ ...content, dataClasses: ['payment'] }, { ...facts, current: { ...current, team: BILLING } })), 'nothing-changes')
})

test('ownership: each giving team once, and the receiving one', () => {
  const content = { kind: 'ownership', identities: ['idn_1', 'idn_2'], team: BILLING.id, until: inDays(10), answers: { purpose: null, function: null, sponsor: null, revocation: null } } as const
  const subjects = ['idn_1', 'idn_2'].map((id) => ({ ...subject({ id }), missing: [] }))
  const facts = { subjects, team: BILLING, sponsor: null, now: NOW }
  assert.equal(told(planOwnership({ ...content, identities: [...content.identities] }, facts)), 'answer:tm_payments answer:tm_billing')
  assert.equal(told(planOwnership({ ...content, identities: ['idn_1', 'idn_2', 'idn_3'] }, facts)), 'not-found')
  assert.equal(told(planOwnership({ ...content, identities: [...content.identities], until: inDays(401) }, facts)), 'end-out-of-range')
})

test('each seat stands once, with every reason', () => {
  const merged = mergeSeats([guardSeat('a'), answerSeat(PAYMENTS, 'x'), guardSeat('b'), guardSeat('a')])
  assert.deepEqual(merged.map(({ id, why }) => [id, why]), [['guard', 'a; b'], ['answer:tm_payments', 'x']])
})

test('a change is over on the instant it expires, and what is over moves no more', () => {
  assert.equal(stateAt('open', NOW, new Date(NOW.getTime() - 1)), 'open')
  assert.equal(stateAt('open', NOW, NOW), 'expired')
  assert.equal(stateAt('applied', NOW, NOW), 'applied')
  for (const state of CHANGE_STATES.filter((each) => each !== 'open'))
    for (const move of Object.keys(MOVES) as (keyof typeof MOVES)[]) assert.equal(canMove(move, state), move === 'comment', `${move} ${state}`)
})

test('the digest is of kind, content and base, whatever the order in which they are written', () => {
  const digest = changeDigest(scope(), { team: 'tm_1' }, sha256)
  assert.match(digest, /^sha256:[0-9a-f]{64}$/)
  const { kind, ...rest } = scope()
  assert.equal(changeDigest({ ...rest, kind }, { team: 'tm_1' }, sha256), digest)
  for (const other of [changeDigest(scope(), { team: 'tm_2' }, sha256), changeDigest(scope({ identity: 'idn_2' }), { team: 'tm_1' }, sha256), changeDigest(scope({ add: [wish({ until: null })] }), { team: 'tm_1' }, sha256)])
    assert.notEqual(other, digest)
})

test('days are whole and rounded up, and nothing lives longer than never', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 * 86_400_000 }), (ms) => {
      const days = lifetimeDays(NOW, new Date(NOW.getTime() + ms).toISOString())
      assert.equal(days, Math.ceil(ms / 86_400_000))
    }),
  )
  assert.equal(lifetimeDays(NOW, null), NEVER_DAYS)
  assert.equal(lifetimeDays(NOW, '9999-12-31T00:00:00.000Z'), NEVER_DAYS)
  assert.equal(lifetimeDays(NOW, inDays(-5)), 0)
})

test('a scope that is planned asks guardrails about each grant, and no content makes a plan throw', () => {
  const word = fc.string({ minLength: 1, maxLength: 8 })
  const wishes = fc.array(
    fc.record({ permission: word, resource: word, environment: fc.option(word, { nil: null }), level: fc.constantFrom('read' as const, 'admin' as const), until: fc.constantFrom(null, inDays(1)) }),
    { minLength: 1, maxLength: 4 },
  )
  fc.assert(
    fc.property(wishes, fc.constantFrom(true, false, null), (add, isProduction) => {
      const plan = planScope(scope({ add }), { subject: subject({ isProduction }), held: [], now: NOW })
      if (!plan.ok) return
      assert.equal(plan.guarded.length, add.length)
      assert.ok(plan.seats.some(({ capacity }) => capacity === 'answer'))
      changeDigest(scope({ add }), plan.base, sha256)
    }),
  )
})

test('a kind of change that nobody knows is not read', () => {
  assert.ok(!ChangeContent.safeParse({ kind: 'acceptance' }).success)
})
