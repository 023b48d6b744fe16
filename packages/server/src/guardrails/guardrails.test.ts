import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialAttributes, grantAttributes, identityAttributes } from '@onus/core/change/guarded.ts'
import type { Guarded, IdentityFacts } from '@onus/core/change/guarded.ts'
import { GUARDRAIL_SCHEMA, hitOf, readGuardrail, STARTERS } from './read.ts'

const NOW = new Date('2026-11-24T12:00:00Z')
const inDays = (days: number): string => new Date(NOW.getTime() + days * 86_400_000).toISOString()
const facts = (given: Partial<IdentityFacts> = {}): IdentityFacts => ({
  id: 'idn_1',
  name: 'ledger',
  kind: 'workload',
  environment: 'production',
  isProduction: true,
  isThirdParty: false,
  team: 'tm_1',
  sponsor: 'per_sam',
  dataClasses: [],
  isFederationAvailable: false,
  ...given,
})
const who = (given: IdentityFacts): Guarded['identity'] => ({ id: given.id, name: given.name, attributes: identityAttributes(given) })
const grant = (wish: Partial<Parameters<typeof grantAttributes>[1]> = {}, by = facts()): Guarded => ({
  action: 'grant',
  identity: who(by),
  label: 'it',
  attributes: grantAttributes(by, { permission: 'invoices:read', resource: 'invoices', environment: null, level: 'read', until: inDays(30), ...wish }, NOW),
})
const issue = (kind: Parameters<typeof credentialAttributes>[0]['kind'], expiresAt: string | null, by = facts()): Guarded => ({
  action: 'issue',
  identity: who(by),
  label: 'it',
  attributes: credentialAttributes({ kind, expiresAt }, NOW),
})
const staging = facts({ environment: 'staging', isProduction: false })

/** Which starter, what is asked, and the value found; null: it passes. */
const STARTER_CASES: [name: string, rule: string, asked: Guarded, found: string | null][] = [
  ['ninety days of a key in production pass', 'credential-lifetime', issue('access-key', inDays(90)), null],
  ['a second more does not', 'credential-lifetime', issue('access-key', new Date(Date.parse(inDays(90)) + 1_000).toISOString()), '91 days'],
  ['a key without end lives longest of all', 'credential-lifetime', issue('access-key', null), 'no end'],
  ['half a year in staging passes', 'credential-lifetime', issue('access-key', inDays(180), staging), null],
  ['more does not', 'credential-lifetime', issue('access-key', inDays(181), staging), '181 days'],
  ['a certificate has a year', 'credential-lifetime', issue('certificate', inDays(365)), null],
  ['an environment that nobody knows counts as production', 'credential-lifetime', issue('api-key', inDays(120), facts({ environment: null, isProduction: null })), '120 days'],
  ['a federated credential has no life to limit', 'credential-lifetime', issue('federated', null), null],
  ['everything on everything is refused in production', 'no-wildcard-in-production', grant({ permission: '*' }), '*, invoices'],
  ['a wildcard in the resource too', 'no-wildcard-in-production', grant({ resource: 'arn:aws:s3:::*' }), 'invoices:read, arn:aws:s3:::*'],
  ['it passes in staging', 'no-wildcard-in-production', grant({ permission: '*' }, staging), null],
  ['but not from staging into production', 'no-wildcard-in-production', grant({ permission: '*', environment: 'production' }, staging), '*, invoices'],
  ['no key where the platform proves who calls', 'no-static-key-where-federated', issue('access-key', inDays(1), facts({ isFederationAvailable: true })), 'access-key'],
  ['federation passes there', 'no-static-key-where-federated', issue('federated', null, facts({ isFederationAvailable: true })), null],
  ['regulated data without a sponsor', 'sponsor-for-regulated-data', grant({}, facts({ dataClasses: ['personal', 'internal'], sponsor: null })), 'internal, personal'],
  ['with a sponsor it passes', 'sponsor-for-regulated-data', grant({}, facts({ dataClasses: ['personal'] })), null],
  ['a grant in another environment', 'no-cross-environment-grant', grant({ environment: 'production' }, staging), 'production'],
  ['in its own', 'no-cross-environment-grant', grant({ environment: 'staging' }, staging), null],
  ['a third party without an end', 'third-party-end-date', grant({ until: null }, facts({ isThirdParty: true })), 'no end'],
  ['with an end', 'third-party-end-date', grant({}, facts({ isThirdParty: true })), null],
]
for (const [name, rule, asked, found] of STARTER_CASES) {
  test(`${rule}: ${name}`, () => {
    const reading = readGuardrail(STARTERS.find(({ id }) => id === rule)?.text ?? '', rule)
    assert.ok(reading.ok)
    assert.equal(hitOf(reading.guardrail, 'test', asked)?.found ?? null, found)
  })
}

const HEAD = '@id("x") @title("t") @found("resource.lifetimeDays") @allowed("a")\n'
const FAULTS: [name: string, text: string, says: RegExp][] = [
  ['it permits', HEAD + 'permit (principal, action, resource);', /forbids/],
  ['it is called otherwise', HEAD.replace('"x"', '"y"') + 'forbid (principal, action, resource);', /called `y`, not `x`/],
  ['it has no title', HEAD.replace('@title("t")', '') + 'forbid (principal, action, resource);', /no title/],
  ['it does not say what is allowed', HEAD.replace('@allowed("a")', '') + 'forbid (principal, action, resource);', /what is allowed/],
  ['it names a fact that its actions have not', HEAD.replace('lifetimeDays', 'isWildcard') + 'forbid (principal, action, resource);', /no action .* has the fact/],
  ['a fact is mistyped', HEAD + 'forbid (principal, action, resource)\nwhen { resource.lifetimeDay > 3 };', /lifetimeDay/],
  ['a fact is read that is not there for every action', HEAD + 'forbid (principal, action, resource) when { resource.isWildcard };', /isWildcard/],
  ['two policies', HEAD + 'forbid (principal, action, resource);\n@id("z") forbid (principal, action, resource);', /one policy/],
  ['another need', '@needs("lunch")' + HEAD + 'forbid (principal, action, resource);', /means nothing/],
  ['no Cedar', 'drop table guardrail;', /unexpected/],
]
for (const [name, text, says] of FAULTS) {
  test(`a guardrail is not accepted when ${name}`, () => {
    const reading = readGuardrail(text, 'x')
    assert.ok(!reading.ok)
    assert.match(reading.faults.map(({ message }) => message).join('; '), says)
  })
}

test('a limit that cannot be evaluated denies', () => {
  const reading = readGuardrail(HEAD + 'forbid (principal, action, resource) when { resource.lifetimeDays * 9223372036854775807 == 5 };', 'x')
  assert.ok(reading.ok)
  assert.equal(hitOf(reading.guardrail, 'test', grant())?.isErrored, true)
})

test('two texts that take turns in one slot answer for themselves', () => {
  const [a, b] = ['> 10', '> 100'].map((than) => readGuardrail(`${HEAD}forbid (principal, action, resource) when { resource.lifetimeDays ${than} };`, 'x'))
  assert.ok(a?.ok && b?.ok)
  for (let turn = 0; turn < 3; turn += 1)
    assert.deepEqual([hitOf(a.guardrail, 'test', grant()) !== null, hitOf(b.guardrail, 'test', grant()) !== null], [true, false])
})

test('hostile text in a proposal is only text', () => {
  const reading = readGuardrail(`${HEAD.replace('lifetimeDays', 'permission')}forbid (principal, action == Onus::Action::"grant", resource) when { resource.permission like "*admin*" };`, 'x')
  assert.ok(reading.ok)
  for (const permission of ['"};permit(principal,action,resource);//admin', '\ud800admin', '__proto__ admin', '{"__entity":"admin"}'])
    assert.ok(hitOf(reading.guardrail, 'test', grant({ permission })), permission)
})

test('every fact of the schema is there for each proposal', () => {
  for (const asked of [grant(), issue('api-key', null)])
    for (const name of [...Object.keys(asked.attributes), ...Object.keys(asked.identity.attributes)])
      assert.match(GUARDRAIL_SCHEMA, new RegExp(`\\b${name}: `), name)
})
