import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ABSENT } from './aws-condition.ts'
import { compilePattern, matchAction, matchPattern } from './aws-pattern.ts'
import {
  VERDICTS,
  decide,
  decideSomewhere,
  readPolicy,
  type Power,
  type Statement,
  type Verdict,
} from './aws-policy.ts'

const CONTEXT = new Map([
  ['aws:username', 'ledger'],
  ['aws:principalaccount', '111122223333'],
  ['aws:securetransport', 'true'],
])

type Given = Record<string, unknown>
function statements(...given: Given[]): Statement[] {
  const { statements, problems } = readPolicy({ Version: '2012-10-17', Statement: given })
  assert.deepEqual(problems, [])
  return statements
}
function power(policy: Given[], boundary: Given[] | null = null): Power {
  return { statements: statements(...policy), boundary: boundary && statements(...boundary), context: CONTEXT }
}
const allow = (Action: unknown, Resource: unknown = '*', more: Given = {}): Given => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
const deny = (Action: unknown, Resource: unknown = '*', more: Given = {}): Given => ({
  Effect: 'Deny',
  Action,
  Resource,
  ...more,
})
const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }

test('wildcards match as IAM says', () => {
  const cases: [pattern: string, text: string, want: 'yes' | 'no' | 'maybe'][] = [
    ['*', '', 'yes'],
    ['a*c', 'abbc', 'yes'],
    ['a*c', 'abbd', 'no'],
    ['a?c', 'abc', 'yes'],
    ['a?c', 'ac', 'no'],
    ['a*b*c', 'aXbXbc', 'yes'],
    ['arn:aws:s3:::Box', 'arn:aws:s3:::box', 'no'],
    ['', '', 'yes'],
    ['', 'a', 'no'],
    ['**', 'a', 'yes'],
    ['user/${aws:username}', 'user/ledger', 'yes'],
    ['user/${aws:username}', 'user/other', 'no'],
    ['user/${aws:username}-*', 'user/ledger-x', 'yes'],
    ['team/${aws:PrincipalTag/team}/x', 'team/any/x', 'maybe'],
    ['team/${aws:PrincipalTag/team}/x', 'team/any/y', 'no'],
    ['a${*}c', 'a*c', 'yes'],
    ['a${*}c', 'abc', 'no'],
    ['a${?}', 'a?', 'yes'],
    ['${unclosed', '${unclosed', 'yes'],
  ]
  for (const [pattern, text, want] of cases)
    assert.equal(matchPattern(compilePattern(pattern), text, CONTEXT), want, `${pattern} on ${text}`)
  assert.ok(matchAction('S3:get*', 's3:getobject') && !matchAction('s3:Get?', 's3:getobject'), 'actions know no case')
  assert.equal(
    matchPattern(compilePattern(`${'*a'.repeat(40)}b`), 'a'.repeat(4_000), CONTEXT),
    'no',
    'many stars end in time',
  )
})

test('one action on one resource', () => {
  const key = 'iam:CreateAccessKey'
  const own = 'arn:aws:iam::111122223333:user/ledger'
  const other = 'arn:aws:iam::111122223333:user/other'
  const cases: [name: string, power: Power, action: string, resource: string, want: Verdict][] = [
    ['nothing is allowed by silence', power([]), key, own, 'denied'],
    ['an allow allows', power([allow('iam:*')]), key, own, 'allowed'],
    ['case does not matter for actions', power([allow('IAM:createACCESSkey')]), key, own, 'allowed'],
    ['a deny wins over an allow', power([allow('*'), deny('iam:*')]), key, own, 'denied'],
    ['a deny wins in any order', power([deny('iam:*'), allow('*')]), key, own, 'denied'],
    [
      'NotAction allows the rest',
      power([{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }]),
      's3:GetObject',
      own,
      'allowed',
    ],
    [
      'NotAction leaves out what it names',
      power([{ Effect: 'Allow', NotAction: ['iam:*'], Resource: '*' }]),
      key,
      own,
      'denied',
    ],
    ['NotResource allows the rest', power([{ Effect: 'Allow', Action: '*', NotResource: own }]), key, other, 'allowed'],
    [
      'a deny with NotResource spares what it names',
      power([allow('*'), { Effect: 'Deny', Action: key, NotResource: own }]),
      key,
      own,
      'allowed',
    ],
    [
      'a deny with NotAction stops all else',
      power([allow('*'), { Effect: 'Deny', NotAction: 's3:*', Resource: '*' }]),
      key,
      own,
      'denied',
    ],
    ['its own user by variable', power([allow(key, 'arn:aws:iam::*:user/${aws:username}')]), key, own, 'allowed'],
    ["another's user by variable", power([allow(key, 'arn:aws:iam::*:user/${aws:username}')]), key, other, 'denied'],
    ['a condition that is not known', power([allow('*', '*', mfa)]), key, own, 'conditional'],
    [
      'a condition that holds',
      power([allow('*', '*', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } })]),
      key,
      own,
      'allowed',
    ],
    [
      'a condition that fails',
      power([allow('*', '*', { Condition: { StringEquals: { 'aws:PrincipalAccount': '999988887777' } } })]),
      key,
      own,
      'denied',
    ],
    [
      'a negated condition that holds',
      power([allow('*', '*', { Condition: { StringNotEquals: { 'aws:username': ['root'] } } })]),
      key,
      own,
      'allowed',
    ],
    [
      'any of several values',
      power([allow('*', '*', { Condition: { StringLike: { 'aws:username': ['x', 'led*'] } } })]),
      key,
      own,
      'allowed',
    ],
    [
      'a list operator on a known key',
      power([allow('*', '*', { Condition: { 'ForAnyValue:StringEquals': { 'aws:username': 'ledger' } } })]),
      key,
      own,
      'allowed',
    ],
    [
      'a known key is there',
      power([allow('*', '*', { Condition: { Null: { 'aws:username': 'true' } } })]),
      key,
      own,
      'denied',
    ],
    [
      'IfExists on an unknown key stays open',
      power([allow('*', '*', { Condition: { StringEqualsIfExists: { 'aws:RequestedRegion': 'eu-west-1' } } })]),
      key,
      own,
      'conditional',
    ],
    [
      'two conditions of which one fails',
      power([allow('*', '*', { Condition: { ...mfa.Condition, StringEquals: { 'aws:username': 'x' } } })]),
      key,
      own,
      'denied',
    ],
    [
      'a deny under an open condition does not deny for certain',
      power([allow('*'), deny('iam:*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } })]),
      key,
      own,
      'conditional',
    ],
    [
      'a deny whose condition fails',
      power([allow('*'), deny('*', '*', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]),
      key,
      own,
      'allowed',
    ],
    ['a boundary allows nothing by itself', power([], [allow('*')]), key, own, 'denied'],
    ['a boundary cuts', power([allow('*')], [allow('s3:*')]), key, own, 'denied'],
    ['a boundary that allows it too', power([allow('iam:*')], [allow('*')]), key, own, 'allowed'],
    ['a deny in the boundary', power([allow('*')], [allow('*'), deny('iam:*')]), key, own, 'denied'],
    ['a boundary that nobody exported', { ...power([allow('*')]), boundary: 'unknown' }, key, own, 'conditional'],
  ]
  for (const [name, given, action, resource, want] of cases)
    assert.equal(decide(given, action, resource).verdict, want, name)
})

test('a conditional answer says what it hangs on', () => {
  const cases: [name: string, power: Power, want: string][] = [
    ['an open condition', power([allow('*', '*', mfa)]), 'Bool aws:MultiFactorAuthPresent true'],
    [
      'a deny that may not apply',
      power([allow('*'), deny('*', '*', mfa)]),
      'unless Bool aws:MultiFactorAuthPresent true',
    ],
    [
      'an unknown variable',
      power([allow('*', '*${aws:PrincipalTag/team}*')]),
      'a policy variable has a value that is not known',
    ],
  ]
  for (const [name, given, want] of cases) assert.equal(decide(given, 'iam:GetUser', 'x').condition, want, name)
})

test('a key that is certainly absent', () => {
  const role: Power = { ...power([]), context: new Map([['aws:username', ABSENT]]) }
  const cases: [operator: string, value: string, want: Verdict][] = [
    ['StringEquals', 'x', 'denied'],
    ['StringNotEquals', 'x', 'allowed'],
    ['StringEqualsIfExists', 'x', 'allowed'],
    ['ForAllValues:StringEquals', 'x', 'allowed'],
    ['ForAnyValue:StringEquals', 'x', 'denied'],
    ['Null', 'true', 'allowed'],
    ['Null', 'false', 'denied'],
  ]
  for (const [operator, value, want] of cases) {
    const given = {
      ...role,
      statements: statements(allow('*', '*', { Condition: { [operator]: { 'aws:username': value } } })),
    }
    assert.equal(decide(given, 's3:GetObject', 'x').verdict, want, `${operator} ${value}`)
  }
})

test('a document is read in each form in which AWS hands it out', () => {
  const document = { Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: ['a', 'b'] } }
  for (const [name, given] of [
    ['object', document],
    ['JSON', JSON.stringify(document)],
    ['URL-encoded', encodeURIComponent(JSON.stringify(document))],
  ] as const) {
    const [statement] = readPolicy(given).statements
    assert.deepEqual(statement?.resources.patterns, ['a', 'b'], name)
  }
  const broken: [name: string, given: unknown, problems: number][] = [
    ['no object', 7, 1],
    ['half a document', '{"Statement": [', 1],
    ['not URL encoding', '%zz', 1],
    ['no statements', {}, 0],
    ['a statement without an action', { Statement: [{ Effect: 'Allow', Resource: '*' }] }, 1],
    ['an unknown effect', { Statement: [{ Effect: 'allow', Action: '*' }] }, 1],
  ]
  for (const [name, given, problems] of broken) assert.equal(readPolicy(given).problems.length, problems, name)
})

test('somewhere means any resource that the policy reaches', () => {
  const cases: [name: string, power: Power, want: Verdict][] = [
    ['everywhere', power([allow('lambda:CreateFunction')]), 'allowed'],
    [
      'in one place only',
      power([allow('lambda:CreateFunction', 'arn:aws:lambda:eu-west-1:111122223333:function:app-*')]),
      'allowed',
    ],
    [
      'in a place that is denied',
      power([allow('lambda:CreateFunction', 'arn:app-*'), deny('lambda:*', 'arn:app*')]),
      'denied',
    ],
    [
      'everywhere but in the denied places',
      power([allow('lambda:CreateFunction'), deny('lambda:*', 'arn:app*')]),
      'allowed',
    ],
    ['nowhere', power([allow('s3:*')]), 'denied'],
  ]
  for (const [name, given, want] of cases)
    assert.equal(decideSomewhere(given, 'lambda:CreateFunction').verdict, want, name)
})

const word = fc.constantFrom('iam:CreateAccessKey', 'iam:PassRole', 's3:GetObject', 'iam:*', 's3:*', '*', '*:Get*')
const place = fc.constantFrom('*', 'arn:a', 'arn:b', 'arn:*', 'arn:${aws:username}', 'arn:${aws:PrincipalTag/x}')
const condition = fc.constantFrom(
  {},
  mfa,
  { Condition: { StringEquals: { 'aws:username': 'ledger' } } },
  { Condition: { StringNotEquals: { 'aws:username': 'ledger' } } },
)
const statement = (effect: fc.Arbitrary<string>): fc.Arbitrary<Given> =>
  fc
    .tuple(
      effect,
      fc.boolean(),
      fc.boolean(),
      fc.array(word, { minLength: 1, maxLength: 3 }),
      fc.array(place, { minLength: 1, maxLength: 2 }),
      condition,
    )
    .map(([Effect, notAction, notResource, actions, places, when]) => ({
      Effect,
      [notAction ? 'NotAction' : 'Action']: actions,
      [notResource ? 'NotResource' : 'Resource']: places,
      ...when,
    }))
const anyStatement = statement(fc.constantFrom('Allow', 'Deny'))
const policies = fc.array(anyStatement, { maxLength: 5 })
const boundaries = fc.option(fc.array(anyStatement, { maxLength: 3 }))
const request = fc.tuple(
  fc.constantFrom('iam:CreateAccessKey', 'iam:PassRole', 's3:GetObject', 'ec2:RunInstances'),
  fc.constantFrom('arn:a', 'arn:b', 'arn:ledger', 'x'),
)
const level = (verdict: Verdict): number => VERDICTS.indexOf(verdict)

test('adding a Deny never adds power', () => {
  fc.assert(
    fc.property(
      policies,
      boundaries,
      statement(fc.constant('Deny')),
      request,
      (policy, boundary, more, [action, resource]) => {
        const before = decide(power(policy, boundary), action, resource)
        const after = decide(power([...policy, more], boundary), action, resource)
        assert.ok(level(after.verdict) <= level(before.verdict))
      },
    ),
    { numRuns: 2_000 },
  )
})

test('adding a boundary never adds power', () => {
  fc.assert(
    fc.property(policies, fc.array(anyStatement, { maxLength: 3 }), request, (policy, boundary, [action, resource]) => {
      const before = decide(power(policy), action, resource)
      const after = decide(power(policy, boundary), action, resource)
      assert.ok(level(after.verdict) <= level(before.verdict))
    }),
    { numRuns: 2_000 },
  )
})

test('widening an Allow never takes power away', () => {
  fc.assert(
    fc.property(
      policies,
      boundaries,
      fc.array(word, { minLength: 1, maxLength: 2 }),
      fc.array(place, { minLength: 1, maxLength: 2 }),
      condition,
      request,
      (policy, boundary, actions, places, when, [action, resource]) => {
        const narrow = decide(power([...policy, allow(actions, places, when)], boundary), action, resource)
        for (const wide of [
          allow('*', places, when),
          allow(actions, '*', when),
          allow(actions, places),
          allow([...actions, 's3:*'], [...places, 'x'], when),
        ]) {
          assert.ok(
            level(decide(power([...policy, wide], boundary), action, resource).verdict) >= level(narrow.verdict),
          )
        }
      },
    ),
    { numRuns: 2_000 },
  )
})

test('no document makes the reader throw', () => {
  fc.assert(
    fc.property(fc.anything(), (given) => {
      readPolicy(given)
      readPolicy({
        Statement: [
          given,
          { Effect: 'Allow', Action: given, Resource: given, Principal: given, Condition: { StringLike: given } },
        ],
      })
    }),
    { numRuns: 1_000 },
  )
})
