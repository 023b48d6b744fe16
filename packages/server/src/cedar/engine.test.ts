import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from './engine.ts'

const SCHEMA = `namespace Shop {
  entity Team;
  entity Person in [Team] = { age: Long };
  entity Door = { owner?: Team };
  action open, close appliesTo { principal: [Person], resource: [Door], context: {} };
}`
const person = (age: number, ...teams: string[]) => ({
  uid: { type: 'Shop::Person', id: 'ada' },
  attrs: { age },
  parents: teams.map((id) => ({ type: 'Shop::Team', id })),
})
const door = (owner?: string) => ({
  uid: { type: 'Shop::Door', id: 'front' },
  attrs: owner ? { owner: { __entity: { type: 'Shop::Team', id: owner } } } : {},
  parents: [],
})
const ask = (entities: ReturnType<typeof person | typeof door>[], action = 'open') => ({
  principal: { type: 'Shop::Person', id: 'ada' },
  action: { type: 'Shop::Action', id: action },
  resource: { type: 'Shop::Door', id: 'front' },
  context: {},
  entities,
})
const OWNERS = '@id("owners-open") permit (principal, action == Shop::Action::"open", resource) when { resource has owner && principal in resource.owner };'
const CHILDREN = '@id("no-children") forbid (principal, action, resource) when { principal.age < 12 };'

function compiled(text: string) {
  const result = compile('test', text, SCHEMA)
  assert.ok(result.ok, JSON.stringify(result))
  return result.set
}

const DECISIONS: [name: string, policies: string, ask: ReturnType<typeof ask>, isAllowed: boolean, by: string[]][] = [
  ['a permit that holds allows and is named', OWNERS, ask([person(30, 'a'), door('a')]), true, ['owners-open']],
  ['without a permit nothing is allowed', OWNERS, ask([person(30, 'b'), door('a')]), false, []],
  ['a forbid outranks a permit and is named', OWNERS + CHILDREN, ask([person(9, 'a'), door('a')]), false, ['no-children']],
  ['another action is not permitted', OWNERS, ask([person(30, 'a'), door('a')], 'close'), false, []],
]
for (const [name, policies, given, isAllowed, by] of DECISIONS) {
  test(name, () => assert.deepEqual(compiled(policies).decide(given), { isAllowed, by, errored: [] }))
}

test('a forbid that cannot be evaluated denies, where the engine alone would allow', () => {
  // Arithmetic is the one error that strict validation lets pass.
  const overflow = '@id("overflow") forbid (principal, action, resource) when { principal.age * 9223372036854775807 == 0 };'
  const decision = compiled(OWNERS + overflow).decide(ask([person(30, 'a'), door('a')]))
  assert.equal(decision.isAllowed, false)
  assert.deepEqual(decision.errored.map(({ id }) => id), ['overflow'])
})

test('a request that the schema does not know is denied', () => {
  const decision = compiled(OWNERS).decide(ask([person(30, 'a'), door('a')], 'paint'))
  assert.equal(decision.isAllowed, false)
  assert.equal(decision.errored.length, 1)
})

const FAULTS: [name: string, text: string, line: number | null, says: RegExp][] = [
  ['a mistyped attribute is named with its line and what was meant', `${OWNERS}\n\n@id("x") forbid (principal, action, resource) when { principal.aged < 1 };`, 3, /`aged`.*not found/],
  ['a text that is no policy has a line', `${OWNERS}\npermit(`, 2, /unexpected/],
  ['a policy needs an id', `${OWNERS}\npermit (principal, action, resource);`, 2, /no id/],
  ['two policies of one id', `${OWNERS}\n${OWNERS.replace('Action::"open', 'Action::"close')}`, 2, /two policies have the id `owners-open`/],
  ['no templates', '@id("t") permit (principal == ?principal, action, resource);', 1, /templates/],
]
for (const [name, text, line, says] of FAULTS) {
  test(`fault: ${name}`, () => {
    const result = compile('test-fault', text, SCHEMA)
    assert.ok(!result.ok)
    assert.match(result.faults[0]?.message ?? '', says)
    assert.equal(result.faults[0]?.line, line)
  })
}

test('a set of the same name is replaced', () => {
  assert.equal(compiled(OWNERS).decide(ask([person(30, 'a'), door('a')])).isAllowed, true)
  assert.equal(compiled(CHILDREN).decide(ask([person(30, 'a'), door('a')])).isAllowed, false)
})
