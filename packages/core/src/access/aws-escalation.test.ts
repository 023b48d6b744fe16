/** Longer than other files: all tables ask about the one account below. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contextOf, type AwsAccount, type AwsPrincipal } from './aws-account.ts'
import { escalationsOfDocument } from './aws-document-escalation.ts'
import { ESCALATION_PATHS } from './aws-escalation-paths.ts'
import { accessIn, type Access } from './aws-escalation.ts'
import { VERDICTS, readPolicy, type Statement } from './aws-policy.ts'

const ACCOUNT = '111122223333'
type Given = Record<string, unknown>

const arnOf = (what: string): string => `arn:aws:iam::${ACCOUNT}:${what}`
const read = (given: Given[]): Statement[] => readPolicy({ Statement: given }).statements
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

type Facts = { groups?: string[]; policies?: string[]; boundary?: Given[]; trust?: Given[] }
function principal(kind: AwsPrincipal['kind'], name: string, policy: Given[], facts: Facts = {}): AwsPrincipal {
  const arn = arnOf(`${kind}/${name}`)
  return {
    kind,
    arn,
    name,
    groups: (facts.groups ?? []).map((group) => arnOf(`group/${group}`)),
    policies: facts.policies ?? [],
    isServiceLinked: false,
    trust: read(facts.trust ?? []),
    power: {
      statements: read(policy),
      boundary: facts.boundary ? read(facts.boundary) : null,
      context: contextOf({ kind, arn, name }, ACCOUNT, []),
    },
  }
}
const trusts = (Principal: unknown, more: Given = {}): Given => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal,
  ...more,
})
const byService = (service: string): Given => trusts({ Service: `${service}.amazonaws.com` })

/** An account with an administrator of each kind, and with a harmless one of each. */
const RESIDENTS: AwsPrincipal[] = [
  principal('user', 'root-admin', [allow('*')]),
  principal('user', 'harmless', [allow('s3:GetObject', 'arn:aws:s3:::box/*')]),
  principal('group', 'admins', [allow('*')]),
  principal('group', 'readers', [allow('s3:Get*')]),
  principal('role', 'lambda-admin', [allow('*')], { trust: [byService('lambda')] }),
  principal('role', 'ec2-admin', [allow('*')], { trust: [byService('ec2')] }),
  principal('role', 'lambda-reader', [allow('s3:Get*')], { trust: [byService('lambda')] }),
  principal('role', 'deployer', [allow('*')], { trust: [trusts({ AWS: arnOf('root') })] }),
]

function accountOf(...people: AwsPrincipal[]): AwsAccount {
  return { id: ACCOUNT, principals: [...people, ...RESIDENTS], otherVersions: new Map() }
}
function accessOf(self: AwsPrincipal, ...others: AwsPrincipal[]): Access {
  const access = accessIn(accountOf(self, ...others)).get(self.arn)
  assert.ok(access)
  return access
}
/** `id` of what it can do for certain, `id?` of what hangs on a condition. */
function idsOf({ escalations }: Access): string[] {
  return escalations.map(({ id, verdict }) => (verdict === 'allowed' ? id : `${id}?`))
}

test('an administrator is one after boundaries and denies', () => {
  const cases: [name: string, policy: Given[], boundary: Given[] | undefined, want: Access['admin']][] = [
    ['everything', [allow('*')], undefined, 'yes'],
    [
      'everything in two statements',
      [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }, allow('iam:*')],
      undefined,
      'yes',
    ],
    ['everything but a few actions', [allow('*'), deny('s3:DeleteBucket')], undefined, 'yes'],
    ['everything but IAM', [allow('*'), deny('iam:*')], undefined, 'no'],
    ['a power user', [{ Effect: 'Allow', NotAction: ['iam:*', 'organizations:*'], Resource: '*' }], undefined, 'no'],
    ['IAM alone is no administrator, but leads there', [allow('iam:*')], undefined, 'no'],
    ['everything within a boundary of one service', [allow('*')], [allow('s3:*')], 'no'],
    ['everything within a boundary of everything', [allow('*')], [allow('*')], 'yes'],
    [
      'everything with a second factor',
      [allow('*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })],
      undefined,
      'conditional',
    ],
    [
      'everything unless without a second factor',
      [allow('*'), deny('*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } })],
      undefined,
      'conditional',
    ],
    ['every action on one bucket', [allow('*', 'arn:aws:s3:::box/*')], undefined, 'no'],
  ]
  for (const [name, policy, boundary, want] of cases) {
    const self = principal('user', 'x', policy, boundary ? { boundary } : {})
    assert.equal(accessOf(self).admin, want, name)
    if (want === 'yes') assert.deepEqual(accessOf(self).escalations, [], `${name}: there is nothing above`)
  }
})

test('what a user can raise itself to', () => {
  const key = 'iam:CreateAccessKey'
  const cases: [name: string, policy: Given[], want: string[]][] = [
    ['nothing', [], []],
    ['a key for anyone reaches the administrator', [allow(key)], ['CreateAccessKey']],
    ['a key for itself is no rise', [allow(key, arnOf('user/${aws:username}'))], []],
    ['a key for a harmless user is no rise', [allow(key, arnOf('user/harmless'))], []],
    ['a key for the administrator by name', [allow(key, arnOf('user/root-*'))], ['CreateAccessKey']],
    ['a key for anyone but the administrator', [allow(key), deny(key, arnOf('user/root-admin'))], ['CreateAccessKey?']],
    [
      'a password for anyone',
      [allow(['iam:CreateLoginProfile', 'iam:UpdateLoginProfile'])],
      ['CreateLoginProfile', 'UpdateLoginProfile'],
    ],
    ['a policy for itself', [allow('iam:AttachUserPolicy', arnOf('user/x'))], ['AttachUserPolicy']],
    [
      'a policy for itself when the policy is a given one',
      [
        allow('iam:AttachUserPolicy', '*', {
          Condition: { ArnEquals: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/ReadOnlyAccess' } },
        }),
      ],
      ['AttachUserPolicy?'],
    ],
    ['a policy for others whom it cannot become', [allow('iam:PutUserPolicy', arnOf('user/harmless'))], []],
    [
      'a policy for one whom it can become',
      [allow(['iam:PutUserPolicy', key], arnOf('user/harmless'))],
      ['PutUserPolicy'],
    ],
    ['a policy for a group that it is in', [allow('iam:PutGroupPolicy', arnOf('group/team'))], ['PutGroupPolicy']],
    ['a policy for a group that it is not in', [allow('iam:PutGroupPolicy', arnOf('group/readers'))], []],
    ['to join the administrators', [allow('iam:AddUserToGroup')], ['AddUserToGroup']],
    ['to join the readers', [allow('iam:AddUserToGroup', arnOf('group/readers'))], []],
    [
      'a new version of a policy of its own',
      [allow('iam:CreatePolicyVersion', arnOf('policy/team'))],
      ['CreateNewPolicyVersion'],
    ],
    ['a new version of any policy', [allow('iam:CreatePolicyVersion')], ['CreateNewPolicyVersion']],
    ["a new version of another's policy", [allow('iam:CreatePolicyVersion', arnOf('policy/other'))], []],
    ['to assume a role that trusts the account', [allow('sts:AssumeRole')], ['AssumeRole']],
    ['to assume roles of another name', [allow('sts:AssumeRole', arnOf('role/app-*'))], []],
    [
      'to make a role trust it',
      [allow('iam:UpdateAssumeRolePolicy', arnOf('role/ec2-admin'))],
      ['UpdateRolePolicyToAssumeIt'],
    ],
    ['to make a harmless role trust it', [allow('iam:UpdateAssumeRolePolicy', arnOf('role/lambda-reader'))], []],
    [
      'a function with any role',
      [allow(['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction'])],
      ['PassExistingRoleToNewLambda'],
    ],
    [
      'a function with a harmless role',
      [allow('iam:PassRole', arnOf('role/lambda-reader')), allow('lambda:*')],
      ['EditExistingLambdaFunctionWithRole?'],
    ],
    ['a function without passing a role', [allow(['lambda:CreateFunction', 'lambda:InvokeFunction'])], []],
    ['a function that nothing starts', [allow(['iam:PassRole', 'lambda:CreateFunction'])], []],
    [
      'a function of its own name',
      [
        allow('iam:PassRole', arnOf('role/lambda-*')),
        allow(['lambda:CreateFunction', 'lambda:InvokeFunction'], 'arn:aws:lambda:*:*:function:app-*'),
      ],
      ['PassExistingRoleToNewLambda'],
    ],
    [
      'a role for functions only, and functions',
      [
        allow('iam:PassRole', '*', { Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } } }),
        allow(['lambda:CreateFunction', 'lambda:InvokeFunction', 'ec2:RunInstances']),
      ],
      ['PassExistingRoleToNewLambda'],
    ],
    ['an instance with its role', [allow(['iam:PassRole', 'ec2:RunInstances'])], ['PassExistingRoleToNewInstance']],
    [
      'a stack with a role that nobody has made yet',
      [allow(['iam:PassRole', 'cloudformation:CreateStack'])],
      ['PassExistingRoleToCloudFormation?'],
    ],
    [
      'the code of functions that may run with power',
      [allow('lambda:UpdateFunctionCode')],
      ['EditExistingLambdaFunctionWithRole?'],
    ],
    ['commands on instances that may run with power', [allow('ssm:SendCommand')], ['CommandOnInstance?']],
    ['the code of a service that no powerful role trusts', [allow('glue:UpdateDevEndpoint')], []],
  ]
  for (const [name, policy, want] of cases) {
    const self = principal('user', 'x', policy, { groups: ['team'], policies: [arnOf('policy/team')] })
    assert.deepEqual(idsOf(accessOf(self)), want, name)
  }
})

test('what a role can raise itself to', () => {
  const cases: [name: string, policy: Given[], want: string[]][] = [
    ['a policy for itself', [allow('iam:AttachRolePolicy')], ['AttachRolePolicy']],
    [
      'a policy for roles that it can assume',
      [allow('iam:PutRolePolicy', arnOf('role/open')), allow('sts:AssumeRole', arnOf('role/open'))],
      ['PutRolePolicy'],
    ],
    ['a policy for roles that it cannot become', [allow('iam:PutRolePolicy', arnOf('role/lambda-reader'))], []],
    [
      'a policy for roles that it can run',
      [
        allow('iam:PutRolePolicy', arnOf('role/lambda-reader')),
        allow(['lambda:CreateFunction', 'lambda:InvokeFunction']),
        allow('iam:PassRole', arnOf('role/lambda-reader')),
      ],
      ['PutRolePolicy'],
    ],
    ['a role has no user name', [allow('iam:CreateAccessKey', arnOf('user/${aws:username}'))], []],
    ['users put into groups that it does not control', [allow('iam:AddUserToGroup')], ['AddUserToGroup?']],
    [
      'users put into groups whom it takes over',
      [allow('iam:AddUserToGroup'), allow('iam:CreateAccessKey', arnOf('user/harmless'))],
      ['AddUserToGroup'],
    ],
    [
      'users raised and taken over',
      [allow(['iam:AttachUserPolicy', 'iam:CreateAccessKey'], arnOf('user/harmless'))],
      ['AttachUserPolicy'],
    ],
  ]
  const open = principal('role', 'open', [], { trust: [trusts({ AWS: ACCOUNT })] })
  for (const [name, policy, want] of cases)
    assert.deepEqual(idsOf(accessOf(principal('role', 'x', policy), open)), want, name)
})

test('a trust decides who becomes a role', () => {
  const x = arnOf('user/x')
  const cases: [name: string, trust: Given, policy: Given[], want: string[]][] = [
    ['named, it needs no policy', trusts({ AWS: x }), [], ['AssumeRole']],
    ['named, but forbidden', trusts({ AWS: x }), [deny('sts:*')], []],
    ['another is named', trusts({ AWS: arnOf('user/y') }), [allow('sts:AssumeRole', arnOf('role/boss'))], []],
    ['everyone is trusted', trusts('*'), [allow('sts:AssumeRole', arnOf('role/boss'))], ['AssumeRole']],
    [
      'named under a condition',
      trusts({ AWS: x }, { Condition: { StringEquals: { 'sts:ExternalId': 'k' } } }),
      [],
      ['AssumeRole?'],
    ],
    [
      'named by a condition that holds',
      trusts({ AWS: '*' }, { Condition: { ArnLike: { 'aws:PrincipalArn': arnOf('user/*') } } }),
      [allow('sts:AssumeRole', arnOf('role/boss'))],
      ['AssumeRole'],
    ],
    [
      'another account',
      trusts({ AWS: 'arn:aws:iam::999988887777:root' }),
      [allow('sts:AssumeRole', arnOf('role/boss'))],
      [],
    ],
  ]
  for (const [name, trust, policy, want] of cases) {
    const boss = principal('role', 'boss', [allow('*')], { trust: [trust] })
    assert.deepEqual(idsOf(accessOf(principal('user', 'x', policy), boss)), want, name)
  }
})

test('strength spreads along a chain, and a harmless chain stays harmless', () => {
  const step = (name: string, to: string): AwsPrincipal =>
    principal('role', name, [allow('sts:AssumeRole', arnOf(`role/${to}`))], { trust: [trusts({ AWS: ACCOUNT })] })
  const self = principal('user', 'x', [allow('sts:AssumeRole', arnOf('role/one'))])
  const access = accessOf(self, step('one', 'two'), step('two', 'deployer'))
  assert.deepEqual(access.escalations.map(({ id, target }) => [id, target]), [['AssumeRole', arnOf('role/one')]])
  assert.deepEqual(accessOf(self, step('one', 'two'), step('two', 'nobody')).escalations, [])
})

test('a boundary limits the rise and is worth dropping when it holds back power', () => {
  const boundary = [allow(['s3:*', 'iam:AttachUserPolicy', 'iam:DeleteUserPermissionsBoundary'])]
  const cases: [name: string, policy: Given[], want: string[]][] = [
    ['an administrator under a boundary', [allow('*')], ['AttachUserPolicy?', 'DropPermissionsBoundary']],
    ['a harmless user under a boundary', [allow(['s3:*', 'iam:DeleteUserPermissionsBoundary'])], []],
    ["another kind's boundary", [allow('iam:DeleteRolePermissionsBoundary')], []],
  ]
  for (const [name, policy, want] of cases)
    assert.deepEqual(idsOf(accessOf(principal('user', 'x', policy, { boundary }))), want, name)
})

test('choosing another version rises only when one is stronger', () => {
  const policy = arnOf('policy/team')
  const self = principal('user', 'x', [allow('iam:SetDefaultPolicyVersion', policy)], { policies: [policy] })
  const cases: [name: string, version: Given[], want: string[]][] = [
    ['a version of an administrator', [allow('*')], ['SetExistingDefaultPolicyVersion']],
    ['a harmless version', [allow('s3:Get*')], []],
  ]
  for (const [name, version, want] of cases) {
    const account = { ...accountOf(self), otherVersions: new Map([[policy, [read(version)]]]) }
    assert.deepEqual(idsOf(accessIn(account).get(self.arn) ?? { admin: 'no', escalations: [] }), want, name)
  }
})

test('roles of AWS itself can neither be passed nor changed', () => {
  const linked = {
    ...principal('role', 'aws-service-role/x', [allow('*')], { trust: [byService('glue')] }),
    isServiceLinked: true,
  }
  const self = principal('user', 'x', [
    allow(['glue:CreateDevEndpoint']),
    allow(['iam:PassRole', 'iam:UpdateAssumeRolePolicy'], linked.arn),
  ])
  assert.deepEqual(idsOf(accessOf(self, linked)), [])
})

test('a document by itself opens what it does not restrict', () => {
  const cases: [name: string, policy: Given[], want: string[]][] = [
    ['nothing', [allow('s3:*')], []],
    ['a key for anyone', [allow('iam:CreateAccessKey')], ['CreateAccessKey']],
    ['a key for some', [allow('iam:CreateAccessKey', arnOf('user/app-*'))], ['CreateAccessKey?']],
    ['a key for nobody', [allow('iam:CreateAccessKey'), deny('iam:*')], []],
    [
      'a function in its own corner with any role',
      [
        allow('iam:PassRole'),
        allow(['lambda:CreateFunction', 'lambda:InvokeFunction'], 'arn:aws:lambda:*:*:function:app'),
      ],
      ['PassExistingRoleToNewLambda'],
    ],
    [
      'any role, but to another service',
      [
        allow('iam:PassRole', '*', { Condition: { StringEquals: { 'iam:PassedToService': 'glue.amazonaws.com' } } }),
        allow(['lambda:CreateFunction', 'lambda:InvokeFunction']),
      ],
      [],
    ],
  ]
  for (const [name, policy, want] of cases) {
    assert.deepEqual(
      escalationsOfDocument(read(policy)).map(({ id, verdict }) => (verdict === 'allowed' ? id : `${id}?`)),
      want,
      name,
    )
  }
  const all = escalationsOfDocument(read([allow('*')]))
  assert.deepEqual(
    all.map(({ id, verdict }) => [id, verdict]),
    ESCALATION_PATHS.map(({ id }) => [id, 'allowed']),
    'everything opens every path',
  )
})

const action = fc.constantFrom(
  '*',
  'iam:*',
  'sts:AssumeRole',
  'iam:PassRole',
  'lambda:*',
  'ec2:RunInstances',
  'ssm:*',
  'iam:SetDefaultPolicyVersion',
  'iam:CreatePolicyVersion',
  ...ESCALATION_PATHS.flatMap((path) => path.ways.flat()).filter((one) => one.startsWith('iam:')),
)
const place = fc.constantFrom(
  '*',
  ...['user/*', 'user/x', 'user/root-admin', 'role/*', 'role/lambda-*', 'role/deployer', 'group/*', 'policy/team'].map(
    arnOf,
  ),
)
const when = fc.constantFrom(
  {},
  {},
  { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } },
  { Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } } },
)
const lists = fc.tuple(
  fc.array(action, { minLength: 1, maxLength: 4 }),
  fc.array(place, { minLength: 1, maxLength: 2 }),
  when,
)
const allows = lists.map(([actions, places, more]) => allow(actions, places, more))
const denies = lists.map(([actions, places, more]) => deny(actions, places, more))
const policies = fc.array(fc.oneof({ arbitrary: allows, weight: 3 }, denies), { maxLength: 5 })

/** How far each path leads, with an administrator above everything. */
function heightsOf(policy: Given[], boundary?: Given[]): (id: string) => number {
  const facts = { groups: ['team'], policies: [arnOf('policy/team')] }
  const { admin, escalations } = accessOf(principal('user', 'x', policy, boundary ? { ...facts, boundary } : facts))
  const verdicts = new Map(escalations.map(({ id, verdict }) => [id, VERDICTS.indexOf(verdict)]))
  return (id) => (admin === 'yes' ? VERDICTS.length : (verdicts.get(id) ?? 0))
}
const ids = ESCALATION_PATHS.map((path) => path.id)

test('adding a Deny never opens a path', () => {
  fc.assert(fc.property(policies, denies, (policy, more) => {
    const before = heightsOf(policy)
    const after = heightsOf([...policy, more])
    for (const id of ids) assert.ok(after(id) <= before(id), id)
  }), { numRuns: 300 })
})

test('adding a boundary never opens a path but the one out of it', () => {
  fc.assert(fc.property(policies, fc.array(allows, { maxLength: 2 }), (policy, boundary) => {
    const before = heightsOf(policy)
    const after = heightsOf(policy, boundary)
    for (const id of ids) assert.ok(id === 'DropPermissionsBoundary' || after(id) <= before(id), id)
  }), { numRuns: 300 })
})

test('widening an Allow never closes a path', () => {
  fc.assert(
    fc.property(policies, lists, action, place, (policy, [actions, places, more], otherAction, otherPlace) => {
      const before = heightsOf([...policy, allow(actions, places, more)])
      for (const wide of [
        allow([...actions, otherAction], places, more),
        allow(actions, [...places, otherPlace], more),
        allow(actions, places),
        allow('*', '*', more),
      ]) {
        const after = heightsOf([...policy, wide])
        for (const id of ids) assert.ok(after(id) >= before(id), id)
      }
    }),
    { numRuns: 300 },
  )
})
