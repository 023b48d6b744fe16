import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerSeat, guardSeat, sponsorSeat } from '@onus/core/change/plan.ts'
import type { SeatPlan } from '@onus/core/change/plan.ts'
import type { PersonActor } from '../sessions/index.ts'
import { seatVerdict } from './assess.ts'
import { humanAmong, humansOf } from './people.ts'
import type { PersonNow } from './people.ts'

const TEAM = { id: 'tm_payments', name: 'Payments', kind: 'business' as const }
const SEATS: Record<'answer' | 'sponsor' | 'guard', SeatPlan> = {
  answer: answerSeat(TEAM, 'answers'),
  sponsor: sponsorSeat({ id: 'per_x', name: 'X' }, 'vouches'),
  guard: guardSeat('guards'),
}
type Wish = Partial<Pick<PersonActor, 'teams' | 'powers'>> & { id?: string; email?: string | null; userName?: string; fresh?: PersonNow['fresh'] }

/** Whoever asks could fill every seat, were it not for what a row says. */
function person({ id = 'per_x', email = 'x@co.example', userName = 'x', teams = [TEAM.id], powers = ['guard'], fresh = [] }: Wish = {}): PersonNow {
  return { actor: { kind: 'person', id, name: id, teams, powers, session: '', behind: null }, humans: humansOf({ id, email, userName }), fresh }
}
const names = (...people: { id: string; email: string | null; userName: string }[]): Set<string> => new Set(people.flatMap(humansOf))

const OWN = 'nobody-decides-on-their-own-change'
const PLATFORM = 'operators-do-not-approve-for-business'
const NEW = 'a-new-power-waits-a-day'
const ADA = { id: 'per_ada', email: 'ada@co.example', userName: 'ada' }
/** Who asks, who is excluded, who sits already, and the rule that refuses at each seat; null: allowed. */
const RELATIONS: [name: string, asks: PersonNow, excluded: Set<string>, others: PersonNow[], answer: string | null, sponsor: string | null, guard: string | null][] = [
  ['somebody else, as a member', person({ powers: [] }), names(ADA), [], null, null, 'decide-as-security'],
  ['somebody else, as security', person({ teams: [] }), names(ADA), [], 'decide-as-the-team-that-answers', null, null],
  ['who wrote it', person(), names({ id: 'per_x', email: 'x@co.example', userName: 'x' }), [], OWN, OWN, OWN],
  ['who edited it last', person(), names(ADA, { id: 'per_x', email: null, userName: 'x' }), [], OWN, OWN, OWN],
  ['who edited it first', person(), names({ id: 'per_x', email: null, userName: 'x' }, ADA), [], OWN, OWN, OWN],
  ['a second account with the same address', person({ email: 'ada@co.example' }), names(ADA), [], OWN, OWN, OWN],
  ['a second account with the address in capitals', person({ email: ' ADA@Co.Example ' }), names(ADA), [], OWN, OWN, OWN],
  ['a second account with a plus address', person({ email: 'ada+admin@co.example' }), names(ADA), [], OWN, OWN, OWN],
  ['a second account in full-width letters', person({ email: 'ａｄａ@co.example' }), names(ADA), [], OWN, OWN, OWN],
  ['a second account whose user name is the address', person({ email: null, userName: 'ada@co.example' }), names(ADA), [], OWN, OWN, OWN],
  ['a second account when the author is named by the address', person({ email: 'ada@co.example' }), names({ id: 'per_ada', email: null, userName: 'Ada@co.example' }), [], OWN, OWN, OWN],
  ['the same account after its address changed', person({ email: 'new@co.example' }), names({ id: 'per_x', email: 'old@co.example', userName: 'x' }), [], OWN, OWN, OWN],
  ['who made the token that wrote it', person(), new Set(['tok_1', ...names({ id: 'per_x', email: null, userName: 'x' })]), [], OWN, OWN, OWN],
  ['who would gain by it', person(), names(ADA, { id: 'per_x', email: null, userName: 'x' }), [], OWN, OWN, OWN],
  ['who sits on another seat', person(), names(ADA), [person()], OWN, OWN, OWN],
  ['whose second account sits on another seat', person(), names(ADA), [person({ id: 'per_y' })], OWN, OWN, OWN],
  ['beside somebody else', person({ powers: [] }), names(ADA), [person({ id: 'per_y', email: 'y@co.example', userName: 'y' })], null, null, 'decide-as-security'],
  ['a stranger', person({ id: 'per_z', teams: [], powers: [] }), names(ADA), [], 'decide-as-the-team-that-answers', 'decide-as-sponsor', 'decide-as-security'],
  ['a member of another team', person({ id: 'per_z', teams: ['tm_other'], powers: [] }), names(ADA), [], 'decide-as-the-team-that-answers', 'decide-as-sponsor', 'decide-as-security'],
  ['a member who operates', person({ id: 'per_z', powers: ['operate'] }), names(ADA), [], PLATFORM, 'decide-as-sponsor', 'decide-as-security'],
  ['a member who guards', person({ id: 'per_z', powers: ['guard'] }), names(ADA), [], PLATFORM, 'decide-as-sponsor', null],
  ['a member with every power', person({ id: 'per_z', powers: ['guard', 'operate'] }), names(ADA), [], PLATFORM, 'decide-as-sponsor', null],
  ['an auditor', person({ powers: ['audit'] }), names(ADA), [], 'auditors-only-read', 'auditors-only-read', 'auditors-only-read'],
  ['an auditor who guards', person({ powers: ['audit', 'guard'] }), names(ADA), [], 'auditors-only-read', 'auditors-only-read', 'auditors-only-read'],
  ['a guard of an hour', person({ fresh: ['guard'] }), names(ADA), [], PLATFORM, null, NEW],
  ['a sponsor of an hour', person({ powers: [] }), names(ADA), [], null, NEW, 'decide-as-security'],
  ['another person than the sponsor', person({ id: 'per_z', powers: [] }), names(ADA), [], null, 'decide-as-sponsor', 'decide-as-security'],
  ['an account without an address, beside another without', person({ email: null, powers: [] }), names({ id: 'per_ada', email: null, userName: 'ada' }), [], null, null, 'decide-as-security'],
  ['an account with an empty address, beside another', person({ email: '', powers: [] }), names({ id: 'per_ada', email: '', userName: 'ada' }), [], null, null, 'decide-as-security'],
  ['the same name with another address', person({ email: 'x@other.example', userName: 'ada', powers: [] }), names(ADA), [], null, null, 'decide-as-security'],
]
for (const [name, asks, excluded, others, ...rules] of RELATIONS) {
  for (const [index, capacity] of (['answer', 'sponsor', 'guard'] as const).entries()) {
    test(`T35 ${name}, at the seat of ${capacity}: ${rules[index] ?? 'may'}`, () => {
      const freshSponsors = new Set(name === 'a sponsor of an hour' ? ['per_x'] : [])
      const verdict = seatVerdict({ id: 'chg_1', kind: 'scope' }, { excluded, freshSponsors }, SEATS[capacity], asks, others)
      const rule = verdict.isAllowed ? null : verdict.rule
      // Where two rules refuse, either is a true answer.
      const wanted = rules[index] ?? null
      if (wanted === null || rule === null) assert.equal(rule, wanted)
      else assert.ok(rule === wanted || (verdict.isAllowed === false && [OWN, PLATFORM, NEW].includes(rule)), `${rule}`)
    })
  }
}

test('a human is the account and every address it carries', () => {
  assert.deepEqual(humansOf({ id: 'per_1', email: 'A+b@X.example', userName: 'a@x.example' }), ['per_1', 'a@x.example'])
  assert.equal(humanAmong(person(), new Set(['x@co.example'])), 'x@co.example')
  assert.equal(humanAmong(person(), new Set(['y@co.example'])), 'per_x')
})
