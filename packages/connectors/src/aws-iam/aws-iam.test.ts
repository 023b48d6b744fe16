/** Longer than other files: one table a fact of the export, and one of everything that can be wrong with it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Observation } from '@onus/core/observation.ts'
import { READER_TAGS } from '@onus/core/reader-tags.ts'
import { TextFile } from '../files/text-file.ts'
import { awsIamReader } from './index.ts'
import { scanRecords } from './records.ts'

const ACCOUNT = '111122223333'
type Given = Record<string, unknown>
const arn = (what: string, account = ACCOUNT): string => `arn:aws:iam::${account}:${what}`
const allow = (Action: unknown, Resource: unknown = '*', more: Given = {}): Given => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource, ...more }],
})
const trustOf = (Principal: unknown, Condition?: unknown): Given => ({
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal, ...(Condition ? { Condition } : {}) }],
})
const role = (name: string, more: Given = {}): Given => ({
  Path: '/',
  RoleName: name,
  RoleId: `AROA-${name}`,
  Arn: arn(`role/${name}`),
  CreateDate: '2024-05-06T07:08:09Z',
  AssumeRolePolicyDocument: trustOf({ Service: 'lambda.amazonaws.com' }),
  ...more,
})
const user = (name: string, more: Given = {}): Given => ({
  Path: '/',
  UserName: name,
  UserId: `AIDA-${name}`,
  Arn: arn(`user/${name}`),
  CreateDate: '2024-05-06T07:08:09Z',
  ...more,
})
const policy = (name: string, document: unknown, more: Given = {}): Given => ({
  PolicyName: name,
  Arn: arn(`policy/${name}`),
  DefaultVersionId: 'v2',
  PolicyVersionList: [{ VersionId: 'v2', IsDefaultVersion: true, Document: document }],
  ...more,
})
const attach = (...arns: string[]): Given => ({
  AttachedManagedPolicies: arns.map((PolicyArn) => ({ PolicyArn, PolicyName: 'x' })),
})

async function read(...files: [path: string, content: unknown][]) {
  const all = files.map(
    ([path, content]) => new TextFile(path, typeof content === 'string' ? content : JSON.stringify(content, null, 1)),
  )
  for (const file of all) assert.ok(awsIamReader.wantsPath(file.path) && awsIamReader.wants(file), file.path)
  return awsIamReader.read(all)
}
function only<T extends Observation['type']>(
  type: T,
  observations: readonly Observation[],
): Extract<Observation, { type: T }>[] {
  return observations.filter((one): one is Extract<Observation, { type: T }> => one.type === type)
}

test('only exports are taken', () => {
  const cases: [path: string, text: string, want: boolean][] = [
    ['a.json', '{"UserDetailList": []}', true],
    ['a.ndjson', '{"RoleId": "x", "Arn": "y", "AttachedManagedPolicies": []}', true],
    ['a.json', '{"Policies": [{"PolicyVersionList": []}]}', true],
    ['a.json', '{"policies": {"PolicyVersionList": []}}', false],
    ['a.json', '{"Policies": []}', false],
    ['a.csv', 'user,arn,user_creation_time,x', true],
    ['a.csv', '\uFEFF"user","arn","user_creation_time"', true],
    ['a.csv', 'name,price', false],
    ['a.json', '{"Content": "dXNlcg==", "ReportFormat": "text/csv"}', true],
    ['a.yaml', '{"UserDetailList": []}', false],
  ]
  for (const [path, text, want] of cases)
    assert.equal(awsIamReader.wantsPath(path) && awsIamReader.wants(new TextFile(path, text)), want, `${path} ${text}`)
})

test('users and roles become identities of their account', async () => {
  const { observations, unread } = await read([
    'a.json',
    {
      UserDetailList: [user('ledger', { Tags: [{ Key: 'Team', Value: 'payments' }] })],
      RoleDetailList: [
        role('sync', {
          Description: 'copies parcels at night',
          RoleLastUsed: { LastUsedDate: '2026-01-02T00:00:00Z' },
        }),
      ],
    },
  ])
  assert.deepEqual(unread, [])
  assert.deepEqual(
    only('scope', observations).map((one) => one.ref),
    [{ kind: 'cloud-account', realm: 'aws', name: ACCOUNT }],
  )
  const [ledger, sync] = only('identity', observations)
  assert.deepEqual(ledger?.ref, { system: 'aws', realm: ACCOUNT, path: 'user/ledger', uid: 'AIDA-ledger' })
  assert.deepEqual(ledger?.tags.map(({ key, value }) => [key, value]), [['Team', 'payments']])
  assert.equal(ledger?.createdAt?.raw, '2024-05-06T07:08:09Z')
  assert.deepEqual(
    [sync?.kind, sync?.name, sync?.purpose, sync?.nativeRef],
    ['cloud-principal', 'sync', 'copies parcels at night', arn('role/sync')],
  )
  assert.deepEqual(
    only('use', observations).map((one) => one.by.name),
    ['lambda.amazonaws.com'],
  )
  const [session] = only('credential', observations)
  assert.deepEqual([session?.kind, session?.lastUsedAt?.raw], ['federated', '2026-01-02T00:00:00Z'])
})

test('the same account in each form of export', async () => {
  const users = [user('a', { GroupList: ['team'] })]
  const groups = [{ GroupName: 'team', GroupId: 'G', Arn: arn('group/team'), ...attach(arn('policy/all')) }]
  const roles = [role('b', attach(arn('policy/all')))]
  const policies = [policy('all', encodeURIComponent(JSON.stringify(allow('*'))))]
  const page = {
    UserDetailList: users,
    GroupDetailList: groups,
    RoleDetailList: roles,
    Policies: policies,
    IsTruncated: false,
  }
  const forms: [name: string, files: [string, unknown][]][] = [
    ['one file', [['a.json', page]]],
    ['compact', [['a.json', JSON.stringify(page)]]],
    [
      'pages in one file',
      [
        [
          'a.ndjson',
          [
            { RoleDetailList: roles, IsTruncated: true },
            { UserDetailList: users, GroupDetailList: groups },
            { Policies: policies, IsTruncated: false },
          ]
            .map((one) => JSON.stringify(one))
            .join('\n'),
        ],
      ],
    ],
    [
      'pages in files of two directories',
      [
        ['x/1.json', { RoleDetailList: roles, UserDetailList: users }],
        ['y/2.json', { Policies: policies, GroupDetailList: groups }],
      ],
    ],
    [
      'one record a line',
      [
        [
          'a.ndjson',
          [...users.map((one) => ({ ...one, ...attach() })), ...groups, ...roles, ...policies]
            .map((one) => JSON.stringify(one))
            .join('\n'),
        ],
      ],
    ],
    [
      'one list of records',
      [['a.json', [...users.map((one) => ({ ...one, ...attach() })), ...groups, ...roles, ...policies]]],
    ],
    ['wrapped', [['a.json', { account: { name: 'x' }, details: page }]]],
  ]
  for (const [name, files] of forms) {
    const { observations, unread } = await read(...files)
    assert.deepEqual(unread, [], name)
    assert.deepEqual(
      only('access', observations).map((one) => [one.identity.path, one.admin]),
      [
        ['user/a', 'yes'],
        ['role/b', 'yes'],
      ],
      name,
    )
    assert.deepEqual(
      only('grant', observations).map((one) => one.via),
      ['group team: policy all', 'policy all'],
      name,
    )
  }
})

test('lines point at the identity and at the policy behind a grant', async () => {
  const page = {
    RoleDetailList: [
      role('a', {
        RolePolicyList: [{ PolicyName: 'inner', PolicyDocument: allow('s3:GetObject') }],
        ...attach(arn('policy/outer')),
      }),
    ],
    Policies: [policy('outer', allow('sqs:SendMessage'))],
  }
  const lines = JSON.stringify(page, null, 1).split('\n')
  const { observations } = await read(['a.json', page])
  const lineWith = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1
  assert.equal(only('identity', observations)[0]?.place.line, lineWith(`"Arn": "${arn('role/a')}"`))
  assert.deepEqual(
    only('grant', observations).map((one) => one.place.line),
    [lineWith('"inner"'), lineWith(`"Arn": "${arn('policy/outer')}"`)],
  )
})

test('two accounts are kept apart, and the policies of AWS serve both', async () => {
  const aws = {
    PolicyName: 'X',
    Arn: 'arn:aws:iam::aws:policy/X',
    PolicyVersionList: [{ IsDefaultVersion: true, Document: allow('*') }],
  }
  const other = '999988887777'
  const { observations, unread } = await read(
    ['one.json', { RoleDetailList: [role('a', attach(aws.Arn))], Policies: [aws] }],
    ['two.json', { RoleDetailList: [role('a', { Arn: arn('role/a', other), ...attach(aws.Arn) })], Policies: [aws] }],
  )
  assert.deepEqual(unread, [])
  assert.deepEqual(
    only('access', observations).map((one) => [one.identity.realm, one.admin]),
    [
      [ACCOUNT, 'yes'],
      [other, 'yes'],
    ],
  )
})

test('power is judged with boundaries, and what is missing is said', async () => {
  const admin = 'arn:aws:iam::aws:policy/AdministratorAccess'
  const boundary = (PermissionsBoundaryArn: string): Given => ({
    PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn },
  })
  const cases: [name: string, role: Given, want: string][] = [
    ['an administrator by a policy that the export lacks but everyone knows', attach(admin), 'yes'],
    ['within a boundary', { ...attach(admin), ...boundary(arn('policy/narrow')) }, 'no'],
    ['within a boundary that the export lacks', { ...attach(admin), ...boundary(arn('policy/gone')) }, 'conditional'],
    ['with a policy that the export lacks', attach(arn('policy/gone')), 'unknown'],
    ['harmless', attach(arn('policy/narrow')), 'no'],
  ]
  for (const [name, more, want] of cases) {
    const { observations } = await read([
      'a.json',
      { RoleDetailList: [role('a', more)], Policies: [policy('narrow', allow('s3:Get*'))] },
    ])
    assert.equal(only('access', observations)[0]?.admin, want, name)
  }
  const lacking = await read(['a.json', { UserDetailList: [user('a', { GroupList: ['gone'] })] }])
  assert.deepEqual(
    only('grant', lacking.observations).map((one) => [one.permission, one.level]),
    [['whatever group gone allows: it is not in the export', 'unknown']],
  )
})

test('escalation names its target and its condition', async () => {
  const { observations } = await read([
    'a.json',
    {
      UserDetailList: [
        user('boss', attach('arn:aws:iam::aws:policy/AdministratorAccess')),
        user('a', {
          UserPolicyList: [
            {
              PolicyName: 'p',
              PolicyDocument: allow('iam:CreateAccessKey', '*', {
                Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
              }),
            },
          ],
        }),
      ],
    },
  ])
  const access = only('access', observations).find((one) => one.identity.path === 'user/a')
  assert.deepEqual(access?.escalations, [
    {
      path: 'CreateAccessKey → user/boss',
      permissions: ['iam:CreateAccessKey'],
      condition: 'Bool aws:MultiFactorAuthPresent true',
    },
  ])
})

test('who is trusted from outside', async () => {
  const github = arn('oidc-provider/token.actions.githubusercontent.com')
  const cases: [name: string, trust: Given, want: [issuer: string, audiences: string[], subjects: string[]][]][] = [
    [
      'workflows of a repository',
      trustOf(
        { Federated: github },
        {
          StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
          StringLike: { 'token.actions.githubusercontent.com:sub': ['repo:lumen/a:*', 'repo:lumen/b:*'] },
        },
      ),
      [['https://token.actions.githubusercontent.com', ['sts.amazonaws.com'], ['repo:lumen/a:*', 'repo:lumen/b:*']]],
    ],
    [
      'a provider without conditions',
      trustOf({ Federated: github }),
      [['https://token.actions.githubusercontent.com', [], []]],
    ],
    [
      'a condition that only leaves one out',
      trustOf({ Federated: github }, { StringNotEquals: { 'token.actions.githubusercontent.com:sub': 'x' } }),
      [['https://token.actions.githubusercontent.com', [], []]],
    ],
    [
      'Cognito',
      trustOf(
        { Federated: 'cognito-identity.amazonaws.com' },
        { StringEquals: { 'cognito-identity.amazonaws.com:aud': 'pool' } },
      ),
      [['https://cognito-identity.amazonaws.com', ['pool'], []]],
    ],
    [
      'a vendor with an external id',
      trustOf({ AWS: 'arn:aws:iam::999988887777:root' }, { StringEquals: { 'sts:ExternalId': 'k' } }),
      [['arn:aws:iam::999988887777:root', ['k'], []]],
    ],
    [
      'a role of another account',
      trustOf({ AWS: 'arn:aws:iam::999988887777:role/x' }),
      [['arn:aws:iam::999988887777:root', [], ['arn:aws:iam::999988887777:role/x']]],
    ],
    ['another account by its number', trustOf({ AWS: '999988887777' }), [['arn:aws:iam::999988887777:root', [], []]]],
    ['everyone', trustOf('*'), [['*', [], []]]],
    [
      'everyone of an organisation',
      trustOf({ AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }),
      [['*', [], ['aws:PrincipalOrgID=o-1']]],
    ],
    [
      'everyone but one',
      { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', NotPrincipal: { AWS: '999988887777' } }] },
      [['*', [], []]],
    ],
    ['its own account', trustOf({ AWS: arn('root') }), []],
    ['a denial', { Statement: [{ Effect: 'Deny', Action: 'sts:AssumeRole', Principal: '*' }] }, []],
  ]
  for (const [name, trust, want] of cases) {
    const { observations } = await read([
      'a.json',
      { RoleDetailList: [role('a', { AssumeRolePolicyDocument: trust })] },
    ])
    assert.deepEqual(
      only('trust', observations).map((one) => [one.issuer, one.audiences, one.subjects]),
      want,
      name,
    )
    const federated = only('credential', observations)
      .filter((one) => one.kind === 'federated')
      .map((one) => one.name)
    assert.deepEqual(
      federated,
      want.filter(([issuer]) => issuer.startsWith('https:')).map(([issuer]) => issuer),
      name,
    )
  }
})

test('roles that are not machines of the company are told apart', async () => {
  const { observations } = await read([
    'a.json',
    {
      RoleDetailList: [
        role('AWSServiceRoleForX', { Path: '/aws-service-role/x.amazonaws.com/' }),
        role('AWSReservedSSO_Admin', { Path: '/aws-reserved/sso.amazonaws.com/' }),
        role('staff', { AssumeRolePolicyDocument: trustOf({ Federated: arn('saml-provider/idp') }) }),
      ],
    },
  ])
  const tagged = only('identity', observations).map((one) => [
    one.name,
    one.tags.some((tag) => tag.key === READER_TAGS.peopleRole),
  ])
  assert.deepEqual(tagged, [
    ['AWSReservedSSO_Admin', true],
    ['staff', true],
  ])
  assert.deepEqual(only('trust', observations), [])
})

test('long policies are summed up', async () => {
  const actions = Array.from({ length: 400 }, (_, i) => `s3:Get${i}`)
  const many = {
    Statement: Array.from({ length: 400 }, (_, i) => ({
      Effect: 'Allow',
      Action: `svc${i}:Put`,
      Resource: ['a', 'b', 'c', 'd', 'e'],
    })),
  }
  const { observations } = await read([
    'a.json',
    {
      RoleDetailList: [
        role('a', {
          RolePolicyList: [
            { PolicyName: 'p', PolicyDocument: allow(actions) },
            { PolicyName: 'q', PolicyDocument: many },
          ],
        }),
      ],
    },
  ])
  const grants = only('grant', observations)
  assert.equal(grants.length, 150)
  assert.equal(grants[0]?.permission, 's3:Get0, s3:Get1, s3:Get2, s3:Get3, s3:Get4, s3:Get5 and 394 more')
  assert.deepEqual([grants[1]?.resource, grants[1]?.level], ['a, b, c and 2 more', 'write'])
  assert.deepEqual([grants[149]?.permission, grants[149]?.level], ['252 more grants', 'write'])
})

test('rights over oneself are no rule over others', async () => {
  const cases: [resource: string, want: string][] = [
    ['arn:aws:iam::*:user/${aws:username}', 'write'],
    ['arn:aws:iam::*:user/*', 'admin'],
  ]
  for (const [resource, want] of cases) {
    const { observations } = await read([
      'a.json',
      {
        UserDetailList: [
          user('a', { UserPolicyList: [{ PolicyName: 'p', PolicyDocument: allow('iam:CreateAccessKey', resource) }] }),
        ],
      },
    ])
    assert.equal(only('grant', observations)[0]?.level, want, resource)
  }
})

const HEADER = [
  'user,arn,user_creation_time',
  'password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active',
  'access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date',
  'access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date',
  'cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated',
].join(',')
const NO_KEYS = 'false,N/A,N/A,false,N/A,N/A,false,N/A,false,N/A'
const ROOT = [
  `<root_account>,${arn('root')},2020-01-01T00:00:00+00:00`,
  'not_supported,no_information,not_supported,not_supported,true',
  NO_KEYS,
].join(',')
const ROBOT = [
  `robot,${arn('user/robot')},2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false`,
  'true,2024-01-02T00:00:00+00:00,2026-01-01T00:00:00+00:00,false,2023-01-02T00:00:00+00:00,N/A',
  'true,2022-01-01T00:00:00+00:00,false,N/A',
].join(',')
const PERSON = [
  `jo,${arn('user/jo')},2024-01-01T00:00:00+00:00,true,2026-01-01T00:00:00+00:00,2025-01-01T00:00:00+00:00,N/A,true`,
  NO_KEYS,
].join(',')
const REPORT = [HEADER, ROOT, ROBOT, PERSON].join('\n')

test('a credential report gives keys their dates', async () => {
  const wrapped = {
    Content: Buffer.from(REPORT).toString('base64'),
    ReportFormat: 'text/csv',
    GeneratedTime: '2026-01-01T00:00:00Z',
  }
  for (const [name, path, content] of [
    ['CSV', 'r.csv', REPORT],
    [
      'CSV with quotes and carriage returns',
      'r.csv',
      REPORT.replaceAll('user,arn', '"user","arn"').replaceAll('\n', '\r\n'),
    ],
    ['base64', 'r.json', wrapped],
  ] as const) {
    const { observations, unread } = await read([path, content])
    assert.deepEqual(unread, [], name)
    assert.deepEqual(
      only('identity', observations).map((one) => [one.ref.path, one.place.line]),
      path === 'r.csv'
        ? [
            ['user/robot', 3],
            ['user/jo', 4],
          ]
        : [
            ['user/robot', 1],
            ['user/jo', 1],
          ],
      name,
    )
    const credentials = only('credential', observations).map((one) => [
      one.identity.path,
      one.kind,
      one.name,
      one.isActive,
      one.rotatedAt?.raw.slice(0, 10),
      one.lastUsedAt?.raw.slice(0, 10),
      one.neverExpires,
    ])
    assert.deepEqual(
      credentials,
      [
        ['user/robot', 'access-key', 'access key 1', true, '2024-01-02', '2026-01-01', true],
        ['user/robot', 'certificate', 'signing certificate 1', true, '2022-01-01', undefined, undefined],
        ['user/robot', 'access-key', 'access key 2', false, '2023-01-02', 'N/A', true],
        ['user/jo', 'password', 'console password', true, '2025-01-01', '2026-01-01', undefined],
      ],
      name,
    )
    const tags = only('identity', observations).map((one) => one.tags.map((tag) => `${tag.key}=${tag.value}`))
    assert.deepEqual(tags, [['onus:mfa=false'], ['onus:console-password=true', 'onus:mfa=true']], name)
  }
})

test('the report joins the export, wherever both lie', async () => {
  const { observations } = await read(['a/export.json', { UserDetailList: [user('robot')] }], ['b/report.csv', REPORT])
  assert.deepEqual(
    only('identity', observations).map((one) => [one.ref.path, one.ref.uid]),
    [
      ['user/robot', 'AIDA-robot'],
      ['user/jo', undefined],
    ],
  )
  assert.ok(
    only('credential', observations)
      .filter((one) => one.identity.path === 'user/robot')
      .every((one) => one.identity.uid === 'AIDA-robot'),
  )
})

test('the root user is an identity while it has keys', async () => {
  const { observations } = await read([
    'r.csv',
    [HEADER, ROOT.replace('true,false,N/A', 'true,true,2021-01-01T00:00:00+00:00')].join('\n'),
  ])
  assert.deepEqual(
    only('identity', observations).map((one) => [one.ref.path, one.name]),
    [['root', 'root user']],
  )
  assert.deepEqual(
    only('access', observations).map((one) => one.admin),
    ['yes'],
  )
})

test('what cannot be read is said with its line and without its text, and the rest is read', async () => {
  const canary = 'canary-7f3a'
  const good = JSON.stringify(user('good'))
  const cases: [name: string, path: string, text: string, line: number, identities: number][] = [
    [
      'a record that is not JSON',
      'a.json',
      `{"UserDetailList": [\n${good},\n{"UserName": "${canary}",, "Arn": "x"}]}`,
      3,
      1,
    ],
    ['a record without an ARN', 'a.json', `{"UserDetailList": [\n{"UserName": "${canary}"},\n${good}]}`, 2, 1],
    ['a file cut in a record', 'a.json', `{"UserDetailList": [\n${good},\n{"UserName": "${canary}`, 3, 1],
    ['a file cut between records', 'a.json', `{"UserDetailList": [\n${good}`, 2, 1],
    [
      'a page that is not the last',
      'a.json',
      `{"UserDetailList": [${good}], "IsTruncated": true, "Marker": "${canary}"}`,
      1,
      1,
    ],
    ['no records', 'a.json', `{"UserDetailList": [], "x": "${canary}"}`, 1, 0],
    ['the same user twice', 'a.json', `{"UserDetailList": [${good}, ${good}]}`, 1, 1],
    [
      'a policy that is no policy',
      'a.json',
      JSON.stringify({
        UserDetailList: [
          user('a', { UserPolicyList: [{ PolicyName: 'p', PolicyDocument: { Statement: [{ Effect: canary }] } }] }),
        ],
      }),
      1,
      1,
    ],
    ['a report whose quotes do not close', 'r.csv', `${HEADER}\nx,"${canary}\n`, 2, 0],
    ['a row without an ARN', 'r.csv', `${HEADER}\n${canary},x\n${ROBOT}`, 2, 1],
    [
      'base64 of something else',
      'r.json',
      JSON.stringify({ Content: Buffer.from(canary).toString('base64'), ReportFormat: 'text/csv' }),
      1,
      0,
    ],
  ]
  for (const [name, path, text, line, identities] of cases) {
    const { observations, unread } = await read([path, text])
    assert.equal(unread.length, 1, `${name}: ${JSON.stringify(unread)}`)
    assert.equal(unread[0]?.line, line, name)
    assert.ok(!JSON.stringify(unread).includes(canary), name)
    assert.equal(only('identity', observations).length, identities, name)
  }
})

test('records are found as a parser would find them', () => {
  const anyRecord = fc.record({
    Arn: fc.string(),
    Path: fc.string({ unit: 'grapheme' }),
    Tags: fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), { maxLength: 2 }),
  })
  fc.assert(
    fc.property(
      fc.array(anyRecord, { maxLength: 4 }),
      fc.array(anyRecord, { maxLength: 4 }),
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(0, 2),
      (users, policies, other, indent) => {
        const text = JSON.stringify(
          { before: other, UserDetailList: users, between: { deep: other }, Policies: policies, after: other },
          null,
          indent,
        )
        const { records, cutLine } = scanRecords(text)
        const found = (list: string): unknown[] =>
          records
            .filter((one) => one.list === list)
            .map(({ start, end }) => JSON.parse(text.slice(start, end)) as unknown)
        assert.equal(cutLine, null)
        assert.deepEqual(found('UserDetailList'), JSON.parse(JSON.stringify(users)))
        assert.deepEqual(found('Policies'), JSON.parse(JSON.stringify(policies)))
        for (const { start, line } of records) assert.equal(line, text.slice(0, start).split('\n').length)
      },
    ),
    { numRuns: 300 },
  )
})

test('no shape of records makes the reader throw', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const any = {
        Arn: arn('user/a'),
        Tags: value,
        GroupList: value,
        UserPolicyList: value,
        AttachedManagedPolicies: value,
        PermissionsBoundary: value,
        CreateDate: value,
        UserId: value,
      }
      const trusting = {
        ...role('a'),
        AssumeRolePolicyDocument: { Statement: value },
        RoleLastUsed: value,
        RolePolicyList: [value, { PolicyDocument: value }],
      }
      const page = JSON.stringify({
        UserDetailList: [value, any],
        RoleDetailList: [trusting],
        Policies: [{ Arn: arn('policy/p'), PolicyVersionList: value }],
      })
      awsIamReader.read([
        new TextFile('a.json', page),
        new TextFile('b.json', JSON.stringify(value)),
        new TextFile('r.csv', `${HEADER}\n${JSON.stringify(value)}`),
      ])
    }),
    { numRuns: 300 },
  )
})
