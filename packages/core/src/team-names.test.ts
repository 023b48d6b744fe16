import assert from 'node:assert/strict'
import test from 'node:test'
import { parseGroupName, TeamDirectory, type GroupSeen } from './team-names.ts'

const place = { file: 'rbac.yaml', line: 1 }
const group = (raw: string, more: Partial<GroupSeen> = {}): GroupSeen => ({ raw, via: 'kubernetes-rbac', place, ...more })
const named = (directory: TeamDirectory, raw: string): string => {
  const reading = directory.readTeam(raw, 'team', place)
  return reading.reading === 'team' ? (directory.teams.get(reading.team)?.name ?? '?') : reading.reading
}

test('the spelling of a group is read down to organisation and name', () => {
  const table: [given: string, want: { org: string | null; slug: string }][] = [
    ['github:payments', { org: null, slug: 'payments' }],
    ['@acme/Payments', { org: 'acme', slug: 'payments' }],
    ['payments_team', { org: null, slug: 'payments-team' }],
    ['Payments Team', { org: null, slug: 'payments-team' }],
    ['group:default/payments', { org: null, slug: 'payments' }],
    ['oidc:acme/payments', { org: 'acme', slug: 'payments' }],
    ['group:payments@corp.example', { org: null, slug: 'payments' }],
    ['  PAYMENTS ', { org: null, slug: 'payments' }],
    ['größen-team', { org: null, slug: 'größen-team' }],
    ['<script>', { org: null, slug: 'script' }],
  ]
  for (const [given, want] of table) assert.deepEqual(parseGroupName(given), want, given)
})

test('a name matches a real group through case, separators, prefixes and filler words', () => {
  const directory = new TeamDirectory([group('github:payments-core'), group('@acme/Ledger')])
  for (const raw of ['payments-core', 'Payments Core', 'payments_core', '@acme/payments-core', 'payments-core-team', 'PaymentsCore']) {
    assert.equal(named(directory, raw), 'payments-core', raw)
  }
  assert.equal(named(directory, 'ledger squad'), 'ledger')
})

test('two real groups that a spelling could mean are never merged', () => {
  const directory = new TeamDirectory([group('payments-team'), group('payments-squad')])
  const reading = directory.readTeam('Payments', 'team', place)
  assert.equal(reading.reading, 'ambiguous')
  assert.equal(named(directory, 'payments-team'), 'payments-team', 'an exact spelling is not ambiguous')
})

test('groups of one name in two organisations are two teams, and the bare name is ambiguous', () => {
  const directory = new TeamDirectory([group('@acme/ops'), group('@umbrella/ops')])
  assert.equal(directory.teams.size, 2)
  assert.equal(named(directory, '@acme/ops'), 'acme/ops')
  assert.equal(named(directory, 'ops'), 'ambiguous')
})

test('a field that holds team names names a team even when no group is known; free text does not', () => {
  const directory = new TeamDirectory([group('payments')])
  const reading = directory.readTeam('fulfilment', 'team', place)
  assert.ok(reading.reading === 'team')
  assert.equal(directory.teams.get(reading.team)?.isKnown, false)
  assert.equal(directory.readOwner('Fulfilment Guild: fulfilment@corp.example', 'owner', place).reading, 'unresolved')
  const nothingKnown = new TeamDirectory([])
  assert.equal(nothingKnown.readOwner('Fulfilment Guild', 'owner', place).reading, 'team', 'the label is all there is')
})

test('a name that a field for teams holds is that team in free text too', () => {
  const directory = new TeamDirectory([group('payments')])
  const reading = directory.readTeam('haar', 'team', place)
  assert.ok(reading.reading === 'team')
  assert.deepEqual(directory.readOwner('HAAR: platforms@corp.example', 'owner', place), { ...reading, confidence: 'low' })
})

test('accents are spelling: systems that allow none have the same group', () => {
  const directory = new TeamDirectory([group('oidc:equipe-paiement')])
  const reading = directory.readTeam('Équipe Paiement', 'équipe', place)
  assert.equal(reading.reading === 'team' && directory.teams.get(reading.team)?.isKnown, true)
  assert.equal(directory.groupId('équipe-paiement'), reading.reading === 'team' ? reading.team : null)
  const stated = directory.readTeam('équipe-catalogue', 'équipe', place)
  assert.equal(stated.reading === 'team' && directory.teams.get(stated.team)?.name, 'équipe-catalogue', 'as people write it')
})

test('a person is not a team', () => {
  const directory = new TeamDirectory([group('payments')])
  assert.equal(directory.readOwner('Jane Doe <jane.doe@corp.example>', 'owner', place).reading, 'person')
  assert.equal(directory.readTeam('user:default/jane', 'team', place).reading, 'person')
})

test('an address finds the team that has it as contact', () => {
  const directory = new TeamDirectory([group('ledger', { contacts: ['Books@corp.example'] })])
  const reading = directory.readOwner('The Books: books@corp.example', 'owner', place)
  assert.ok(reading.reading === 'team')
  assert.equal(directory.teams.get(reading.team)?.name, 'ledger')
})

test('resemblance keeps two spellings of one owner from being two owners, and no more', () => {
  const directory = new TeamDirectory([group('central-parcel-product-team'), group('connect-hub-devs'), group('billing')])
  const id = (name: string): string => directory.groupId(name) ?? ''
  const table: [label: string, team: string, want: boolean][] = [
    ['CPPT: help@corp.example', 'central-parcel-product-team', true],
    ['Connect Hub: shared@corp.example', 'connect-hub-devs', true],
    ['Retail Services: retail@corp.example', 'billing', false],
    ['The Team: team@corp.example', 'billing', false],
  ]
  for (const [label, team, want] of table) assert.equal(directory.resembles(label, id(team)), want, `${label} ~ ${team}`)
})

test('an alias from the conventions file names the team it says', () => {
  const directory = new TeamDirectory([group('fulfilment')], { 'Warehouse Wizards': 'fulfilment' })
  assert.equal(named(directory, 'warehouse-wizards'), 'fulfilment')
})
