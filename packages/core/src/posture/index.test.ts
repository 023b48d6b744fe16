import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import * as fc from 'fast-check'
import { Finding, SEVERITIES } from '../finding.ts'
import { Identity, type Claim } from '../identity.ts'
import { OwnedScope } from '../owned-scope.ts'
import { isIdleDefaultAccount } from './default-account.ts'
import { judgeAccountability } from '../accountability.ts'
import { TeamDirectory } from '../team-names.ts'
import { judge, judgeIdentity, judgeScope, RULES } from './index.ts'
import { claim, estate, identity, scope } from './testing/arbitrary.ts'
import {
  makeClaim,
  makeCredential,
  makeEstate,
  makeGrant,
  makeIdentity,
  makeScope,
  makeUnowned,
} from './testing/make.ts'

const FOLDER = new URL('./rules/', import.meta.url)
const FRAMEWORKS = new URL('../../../../../shared/data/frameworks/', import.meta.url)
const VERBS = [
  'Add',
  'Agree',
  'Delete',
  'Disable',
  'Give',
  'Label',
  'Let',
  'Make',
  'Name',
  'Pin',
  'Remove',
  'Replace',
  'Require',
  'Review',
  'Revoke',
  'Rotate',
  'Set',
  'Start',
  'Use',
  'Write',
]

test('every rule file is in RULES under its own name and has a table of cases', () => {
  const files = readdirSync(FOLDER)
  const names = files
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => file.replace('.ts', ''))
    .sort()
  assert.deepEqual(RULES.map((rule) => rule.id).sort(), names)
  for (const name of names)
    assert.match(readFileSync(new URL(`${name}.test.ts`, FOLDER), 'utf8'), /\btestRule\(/, `${name} has no table`)
})

for (const rule of RULES) {
  test(`${rule.id} says what it needs, what to do and where it belongs`, () => {
    assert.match(rule.id, /^[a-z]+(?:-[a-z]+)*$/)
    assert.match(rule.title, /^[A-Z].*[^.]$/)
    assert.match(rule.fix, /^[A-Z].*[.]$/)
    assert.ok(VERBS.includes(rule.fix.split(' ')[0] ?? ''), `the fix begins with what to do: ${rule.fix}`)
    assert.equal(rule.fix.match(/[.](?: |$)/g)?.length, 1, 'the fix is one sentence')
    assert.ok(rule.needs.length > 0 && rule.maps.owaspNhi.length > 0 && rule.maps.csf.length > 0)
    assert.ok(SEVERITIES.includes(rule.severity))
  })
}

function frameworkIds(file: string, pattern: RegExp): Set<string> | null {
  try {
    return new Set(readFileSync(new URL(file, FRAMEWORKS), 'utf8').match(pattern))
  } catch {
    return null
  }
}

const owasp = frameworkIds('owasp-nhi-top10-2025.json', /NHI\d+:2025/g)
const csf = frameworkIds('nist-csf-2.0-core.json', /(?<=")[A-Z]{2}\.[A-Z]{2}-\d{2}(?=")/g)

test(
  'every id a rule maps to exists in its framework',
  { skip: owasp && csf ? false : 'no framework files beside this checkout' },
  () => {
    assert.equal(owasp?.size, 10)
    assert.ok((csf?.size ?? 0) > 100)
    for (const rule of RULES) {
      for (const id of rule.maps.owaspNhi) assert.ok(owasp?.has(id), `${rule.id} maps to ${id}`)
      for (const id of rule.maps.csf) assert.ok(csf?.has(id), `${rule.id} maps to ${id}`)
    }
  },
)

test('a well-kept identity in a well-kept namespace is only asked what nobody watched', () => {
  const findings = judge({ identities: [makeIdentity()], scopes: [makeScope()] }, makeEstate())
  assert.deepEqual(
    findings.map(({ rule, verdict }) => [rule, verdict]),
    [['dormant', 'unknown']],
  )
})

test('a finding goes to the queue of the team that would answer', () => {
  const [finding] = judgeIdentity(makeIdentity({ purpose: null }), makeEstate()).filter(
    (one) => one.rule === 'no-purpose',
  )
  assert.equal(finding?.team, 'tm_payments')
})

test('a finding about a credential names its identity, and one about a namespace none', () => {
  const [ofCredential] = judgeIdentity(makeIdentity({ credentials: [makeCredential()] }), makeEstate()).filter(
    (one) => one.rule === 'no-expiry',
  )
  assert.deepEqual(
    [ofCredential?.subject, ofCredential?.identity, ofCredential?.credential],
    [{ kind: 'credential', id: 'crd_1' }, 'idn_1', 'crd_1'],
  )
  const [ofScope] = judgeScope(makeScope({ accountability: makeUnowned() }), makeEstate())
  assert.deepEqual([ofScope?.subject, ofScope?.identity], [{ kind: 'namespace', id: 'own_1' }, null])
})

test('a finding keeps its id when its line, its severity and the date of the question change', () => {
  const before = judgeIdentity(makeIdentity({ accountability: makeUnowned() }), makeEstate())
  const moved = makeIdentity({
    accountability: makeUnowned(),
    isProduction: false,
    source: { ...makeIdentity().source, line: 99 },
  })
  const after = judgeIdentity(moved, makeEstate({ asOf: new Date('2027-01-01') }))
  assert.deepEqual(
    after.map((finding) => finding.id),
    before.map((finding) => finding.id),
  )
})

test('a finding is proved by ten places at the most, without repeats', () => {
  const grants = Array.from({ length: 500 }, (_, line) => makeGrant({ level: 'admin', line: 1 + (line % 250) }))
  const [finding] = judgeIdentity(makeIdentity({ grants }), makeEstate()).filter(
    (one) => one.rule === 'admin-or-wildcard',
  )
  assert.equal(finding?.evidence.length, 10)
  assert.equal(new Set(finding?.evidence.map((place) => place.line)).size, 10)
})

test('hostile names cannot leave their backticks', () => {
  const [finding] = judgeIdentity(
    makeIdentity({ name: '`\u001b[2J\u202e\n' + 'x'.repeat(500), purpose: null }),
    makeEstate(),
  ).filter((one) => one.rule === 'no-purpose')
  assert.match(finding?.title ?? '', /^Nothing says why `'\uFFFD\[2J\uFFFD\uFFFDx{72}…` in `payments` exists$/)
})

test('whatever is valid is judged: no rule throws, every finding is valid, ids are unique and repeatable', () => {
  fc.assert(
    fc.property(identity, scope, estate, (one, around, world) => {
      Identity.parse(one)
      OwnedScope.parse(around)
      const ids = new Set<string>()
      const credentials = one.credentials.map((credential, index) => ({ ...credential, id: `crd_${index}` }))
      const subject = { ...one, id: 'idn_1', credentials }
      const findings = judge({ identities: [subject], scopes: [{ ...around, id: 'own_1' }] }, world)
      for (const finding of findings) {
        Finding.parse(finding)
        assert.ok(!ids.has(finding.id), `${finding.rule} twice`)
        ids.add(finding.id)
        assert.doesNotMatch(`${finding.title}`, /[\p{Cc}\u202e]/u)
      }
      assert.deepEqual(judge({ identities: [subject], scopes: [{ ...around, id: 'own_1' }] }, world), findings)
    }),
    { numRuns: 2_000 },
  )
})

test('a scope is unowned, split or owned; each state that needs somebody has its finding', () => {
  fc.assert(
    fc.property(identity, estate, (one, world) => {
      const rules = judgeIdentity(one, world).map((finding) => finding.rule)
      // A default account that nothing uses needs nobody.
      const needsOwner = one.accountability.state === 'unowned' && !isIdleDefaultAccount(one)
      assert.equal(rules.includes('unowned'), needsOwner)
      assert.equal(rules.includes('split'), one.accountability.state === 'split')
    }),
  )
})

test('one more claim that names a team never makes an identity ownerless', () => {
  const directory = new TeamDirectory([
    { raw: 'payments', via: 'test', place: { file: 'teams', line: 1 } },
    { raw: 'billing', via: 'test', place: { file: 'teams', line: 2 } },
  ])
  const [payments = '', billing = ''] = [...directory.teams.keys()]
  const consistent = (given: Claim): Claim => ({ ...given, team: given.reading === 'team' ? billing : null })
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 4 }), (claims) => {
      const isUnowned = (all: Claim[]): boolean => {
        const accountability = judgeAccountability(all, [], directory)
        return judgeIdentity(makeIdentity({ accountability }), makeEstate()).some(
          (finding) => finding.rule === 'unowned',
        )
      }
      const before = claims.map(consistent)
      assert.equal(isUnowned([...before, makeClaim({ team: payments })]), false)
      if (!isUnowned(before)) assert.equal(isUnowned([...before, makeClaim({ team: payments, via: 'catalog' })]), false)
    }),
  )
})
