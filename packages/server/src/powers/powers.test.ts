import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROUTES } from '@onus/core/contract/routes.ts'
import type { PersonActor, TokenActor } from '../sessions/index.ts'
import { ACTIONS, verdictOf } from './index.ts'
import type { Ask, Seat, TeamFacts } from './index.ts'

const PAYMENTS: TeamFacts = { id: 'tm_payments', kind: 'business' }
const PLATFORM: TeamFacts = { id: 'tm_platform', kind: 'platform' }
const person = (given: Partial<PersonActor> = {}): PersonActor => ({
  kind: 'person',
  id: 'per_ada',
  name: 'Ada',
  teams: [],
  powers: [],
  session: 'ses_1',
  behind: null,
  ...given,
})
const token = (...scopes: TokenActor['scopes']): TokenActor => ({ kind: 'token', id: 'tok_1', name: 'ci', team: null, scopes })
const seat = (given: Partial<Seat>): Seat => ({ capacity: 'answer', team: null, person: null, ...given })
const change = (...humans: string[]): Ask['resource'] => ({ kind: 'change', id: 'chg_1', change: 'scope', humans })
const INSTALLATION: Ask['resource'] = { kind: 'installation' }

const owner = person({ teams: ['tm_payments'] })
const stranger = person({ teams: ['tm_other'] })
const operator = person({ powers: ['operate'] })
const guard = person({ powers: ['guard'] })
const auditor = person({ powers: ['audit'] })
const ownerSeat = seat({ team: PAYMENTS })

/** `null`: allowed; else the rule that a denial names. */
const MATRIX: [name: string, actor: PersonActor | TokenActor, ask: Ask, denied: string | null][] = [
  ['platform scans', operator, { action: 'startScan', resource: INSTALLATION }, null],
  ['an owner does not scan', owner, { action: 'startScan', resource: INSTALLATION }, 'operate-the-tooling'],
  ['security does not scan', guard, { action: 'startScan', resource: INSTALLATION }, 'operate-the-tooling'],
  ['an auditor does not scan', auditor, { action: 'startScan', resource: INSTALLATION }, 'auditors-only-read'],
  ['an auditor who also operates still only reads', person({ powers: ['audit', 'operate'] }), { action: 'startScan', resource: INSTALLATION }, 'auditors-only-read'],
  ['a token for imports imports', token('import'), { action: 'importReport', resource: INSTALLATION }, null],
  ['another token does not', token('read'), { action: 'importReport', resource: INSTALLATION }, 'import-by-token'],
  ['a token does not scan', token('import'), { action: 'startScan', resource: INSTALLATION }, 'no-rule-permits-it'],
  ['everyone keeps their views', auditor, { action: 'saveView', resource: INSTALLATION }, null],
  ['a member accepts for the team', owner, { action: 'acceptIdentities', resource: { kind: 'team', team: PAYMENTS } }, null],
  ['a member of another team does not', stranger, { action: 'acceptIdentities', resource: { kind: 'team', team: PAYMENTS } }, 'answer-for-ones-team'],
  ['an operator who belongs to a business team does not', person({ powers: ['operate'], teams: ['tm_payments'] }), { action: 'acceptIdentities', resource: { kind: 'team', team: PAYMENTS } }, 'operators-do-not-answer-for-business'],
  ['nor one who guards', person({ powers: ['guard'], teams: ['tm_payments'] }), { action: 'acceptIdentities', resource: { kind: 'team', team: PAYMENTS } }, 'guards-do-not-answer-for-business'],
  ['platform answers for what is its own', person({ powers: ['operate'], teams: ['tm_platform'] }), { action: 'acceptIdentities', resource: { kind: 'team', team: PLATFORM } }, null],
  ['a token accepts nothing', token('propose'), { action: 'acceptIdentities', resource: { kind: 'team', team: PAYMENTS } }, 'no-rule-permits-it'],
  ['anyone proposes', stranger, { action: 'proposeChange', resource: INSTALLATION }, null],
  ['an auditor does not', auditor, { action: 'proposeChange', resource: INSTALLATION }, 'auditors-only-read'],
  ['a token with the scope proposes', token('propose'), { action: 'proposeChange', resource: INSTALLATION }, null],
  ['the author withdraws', owner, { action: 'withdrawChange', resource: change('ada') }, null],
  ['another does not', owner, { action: 'withdrawChange', resource: change('bob') }, 'change-ones-own-proposal'],
  ['a member of the accountable team approves', owner, { action: 'decide', resource: change('bob'), seat: ownerSeat }, null],
  ['not their own', owner, { action: 'decide', resource: change('ada'), seat: ownerSeat }, 'nobody-decides-on-their-own-change'],
  ['nor a stranger', stranger, { action: 'decide', resource: change('bob'), seat: ownerSeat }, 'decide-as-the-team-that-answers'],
  ['nor platform for a business team', person({ powers: ['operate'], teams: ['tm_payments'] }), { action: 'decide', resource: change('bob'), seat: ownerSeat }, 'operators-do-not-approve-for-business'],
  ['nor security for a business team', person({ powers: ['guard'], teams: ['tm_payments'] }), { action: 'decide', resource: change('bob'), seat: ownerSeat }, 'operators-do-not-approve-for-business'],
  ['security decides in its own place', guard, { action: 'decide', resource: change('bob'), seat: seat({ capacity: 'guard' }) }, null],
  ['not with a power that a change gave an hour ago', guard, { action: 'decide', resource: change('bob'), seat: seat({ capacity: 'guard' }), fresh: ['guard'] }, 'a-new-power-waits-a-day'],
  ['another power that is new hinders nothing', guard, { action: 'decide', resource: change('bob'), seat: seat({ capacity: 'guard' }), fresh: ['audit'] }, null],
  ['security simulates', guard, { action: 'simulateGuardrail', resource: INSTALLATION }, null],
  ['an owner does not', owner, { action: 'simulateGuardrail', resource: INSTALLATION }, 'simulate-guardrails'],
  ['platform appoints the first guard', operator, { action: 'appointFirst', resource: INSTALLATION }, null],
  ['nobody else does', guard, { action: 'appointFirst', resource: INSTALLATION }, 'appoint-the-first'],
  ['an owner does not decide for security', owner, { action: 'decide', resource: change('bob'), seat: seat({ capacity: 'guard' }) }, 'decide-as-security'],
  ['the sponsor decides', owner, { action: 'decide', resource: change('bob'), seat: seat({ capacity: 'sponsor', person: 'per_ada' }) }, null],
  ['another is not the sponsor', owner, { action: 'decide', resource: change('bob'), seat: seat({ capacity: 'sponsor', person: 'per_bob' }) }, 'decide-as-sponsor'],
  ['a token decides nothing', token('propose'), { action: 'decide', resource: change('bob'), seat: ownerSeat }, 'no-rule-permits-it'],
]
for (const [name, actor, ask, denied] of MATRIX) {
  test(name, () => {
    const verdict = verdictOf(actor, 'ada', ask)
    assert.equal(verdict.isAllowed ? null : verdict.rule, denied)
    if (!verdict.isAllowed && denied !== 'no-rule-permits-it') assert.notEqual(verdict.who, 'nobody')
  })
}

test('every write of the API is known to the policies', () => {
  const writes = Object.entries(ROUTES).filter(([, route]) => route.method !== 'GET' && !('isPublic' in route && route.isPublic))
  assert.deepEqual(writes.map(([name]) => name).filter((name) => !ACTIONS.has(name)), [])
})
