import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { judgeAccountability, rankClaims, type ReachingController } from './accountability.ts'
import type { Claim } from './identity.ts'
import { CLAIM_VIAS } from './observation.ts'
import { TeamDirectory } from './team-names.ts'

const place = { file: 'x.yaml', line: 1 }
const directory = new TeamDirectory(['payments', 'ledger', 'webops'].map((raw) => ({ raw, via: 'kubernetes-rbac', place })))
directory.setKind(directory.groupId('webops') ?? '', 'platform')
const id = (name: string): string => directory.groupId(name) ?? ''

const claim = (team: string | null, more: Partial<Claim> = {}): Claim => ({
  team: team === null ? null : id(team), raw: team ?? 'someone', reading: team === null ? 'unresolved' : 'team', candidates: [], via: 'tag', key: 'team',
  isInherited: false, ...place, confidence: 'high', ...more,
})
const controller = (team: string, more: Partial<ReachingController> = {}): ReachingController => ({
  team: id(team), raw: team, kind: 'group', power: 'admin', via: 'RoleBinding', ...place, isEverywhere: false, ...more,
})

test('the state follows from claims and controls', () => {
  const table: [name: string, claims: Claim[], controllers: ReachingController[], state: string, kinds: string[]][] = [
    ['nobody says anything', [], [], 'unowned', []],
    ['one team is named and nothing is known of controls', [claim('payments')], [], 'claimed', []],
    ['the named team administers it', [claim('payments')], [controller('payments')], 'claimed', []],
    ['two statements name two teams', [claim('payments'), claim('ledger', { via: 'catalog' })], [], 'split', ['claims-differ']],
    ['a free-text owner resembles nothing', [claim('payments'), claim(null, { raw: 'Retail Guild' })], [], 'split', ['claims-differ']],
    ['a free-text owner resembles the team', [claim('payments'), claim(null, { raw: 'The Payments People' })], [], 'claimed', []],
    ['another team holds all power', [claim('payments')], [controller('ledger')], 'split', ['owner-without-power']],
    ['the platform alone approves', [claim('payments')], [controller('webops', { power: 'approve' })], 'split', ['platform-alone']],
    ['the platform approves but the team administers', [claim('payments')], [controller('webops'), controller('payments')], 'claimed', []],
    ['a cluster administrator alone proves nothing', [claim('payments')], [controller('webops', { isEverywhere: true })], 'claimed', []],
    ['the platform owns its own', [claim('webops')], [controller('webops')], 'claimed', []],
    ['only a person is named', [claim(null, { reading: 'person', raw: 'Jane Doe' })], [], 'unowned', []],
    ['a name could mean two teams', [claim(null, { reading: 'ambiguous', candidates: [id('payments'), id('ledger')] })], [], 'split', ['ambiguous-name']],
    ['an ambiguous name beside a clear one that it could mean', [claim('payments'), claim(null, { reading: 'ambiguous', candidates: [id('payments'), id('ledger')] })], [], 'claimed', []],
    ['only CODEOWNERS speaks', [claim('ledger', { via: 'codeowners' })], [], 'claimed', []],
    ['only the platform\'s CODEOWNERS speaks', [claim('webops', { via: 'codeowners' })], [], 'unowned', []],
    ['CODEOWNERS differing from a statement is control, not a second statement', [claim('payments'), claim('ledger', { via: 'codeowners' })], [controller('payments')], 'claimed', []],
    ['an author of a commit is no owner', [claim(null, { reading: 'person', via: 'history' })], [], 'unowned', []],
  ]
  for (const [name, claims, controllers, state, kinds] of table) {
    const judged = judgeAccountability(claims, controllers, directory)
    assert.equal(judged.state, state, name)
    assert.deepEqual(judged.disagreement?.kinds ?? [], kinds, name)
  }
})

test('a split names its sides in words', () => {
  const judged = judgeAccountability([claim('payments')], [controller('webops', { power: 'approve' })], directory)
  assert.deepEqual(judged.disagreement?.names, ['payments', 'webops'])
  assert.match(judged.disagreement?.explanation ?? '', /`payments` is said to answer, but webops \(platform\) alone/)
})

const anyClaim = fc.record({
  team: fc.constantFrom('payments', 'ledger', 'webops', null), via: fc.constantFrom(...CLAIM_VIAS), isInherited: fc.boolean(),
  reading: fc.constantFrom('person', 'unresolved', 'contact'), confidence: fc.constantFrom('high', 'medium', 'low'),
}).map(({ team, reading, ...rest }) => claim(team, { ...rest, ...(team === null ? { reading: reading as Claim['reading'], raw: 'x' } : {}) } as Partial<Claim>))

test('law 3: a stronger claim always comes before a weaker one', () => {
  fc.assert(fc.property(fc.array(anyClaim), (claims) => {
    const ranks = rankClaims(claims).map((one) => CLAIM_VIAS.indexOf(one.via))
    assert.deepEqual(ranks, [...ranks].sort((a, b) => a - b))
  }))
})

test('law 1: inference alone never makes anything accountable, and a team is only ever one that a claim names', () => {
  fc.assert(fc.property(fc.array(anyClaim), fc.array(fc.constantFrom('payments', 'ledger', 'webops').map((team) => controller(team))), (claims, controllers) => {
    const judged = judgeAccountability(claims, controllers, directory)
    assert.ok(judged.state !== 'accountable' && judged.state !== 'lapsed')
    assert.ok(judged.team === null || claims.some((one) => one.team === judged.team))
    assert.equal(judged.state === 'unowned', judged.team === null && judged.disagreement === null)
  }))
})

test('adding a statement that names a team never makes a subject unowned', () => {
  fc.assert(fc.property(fc.array(anyClaim), fc.constantFrom('payments', 'ledger'), (claims, team) => {
    assert.notEqual(judgeAccountability([...claims, claim(team)], [], directory).state, 'unowned')
  }))
})
