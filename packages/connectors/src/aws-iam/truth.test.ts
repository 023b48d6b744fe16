/** The reader against a published account export, and the judgement of policies against other tools' labels. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { test } from 'node:test'
import { adminOf } from '@onus/core/access/aws-account.ts'
import { escalationsOfDocument } from '@onus/core/access/aws-document-escalation.ts'
import { readPolicy, type Statement } from '@onus/core/access/aws-policy.ts'
import type { Observation } from '@onus/core/observation.ts'
import { READER_TAGS } from '@onus/core/reader-tags.ts'
import { sharedData } from '@onus/connectors/testing/shared-data.ts'
import { TextFile } from '../files/text-file.ts'
import { awsIamReader } from './index.ts'

const folder = sharedData('iam-policies')
const options = { skip: folder ? false : 'no shared data beside this checkout' }

async function read(path: string, text: string) {
  const file = new TextFile(path, text)
  assert.ok(awsIamReader.wantsPath(path) && awsIamReader.wants(file), path)
  return awsIamReader.read([file])
}

type Version = { Document: unknown; IsDefaultVersion: boolean }
type Judged = {
  PolicyName: string
  PolicyDocument?: unknown
  PolicyVersionList?: Version[]
  PrivilegeEscalation: { type: string }[]
}

/** Their three ways to start a new function with a role are the alternatives of our one path. */
function theirPath(type: string): string {
  return type.startsWith('PassExistingRoleToNewLambdaThen') ? 'PassExistingRoleToNewLambda' : type
}

/**
 * Paths that we list beyond theirs, each for a reason:
 * - role policies: they ask for sts:AssumeRole besides, but a role can write a policy for itself;
 * - UpdateRolePolicyToAssumeIt: likewise, a trust that names a principal of the same account needs no policy of its
 *   own;
 * - the others are not in their catalogue.
 */
const OUR_OWN = new Set([
  'AttachRolePolicy',
  'PutRolePolicy',
  'UpdateRolePolicyToAssumeIt',
  'DropPermissionsBoundary',
  'AssumeRole',
  'PassExistingRoleToExistingInstance',
  'CommandOnInstance',
  'EditExistingStack',
  'EditExistingBuild',
  'OpenExistingNotebook',
  'CommandInTask',
])

test('policies open the escalation paths that another tool lists for them', options, () => {
  const results = JSON.parse(readFileSync(`${folder}/cloudsplaining-results-example.json`, 'utf8')) as Record<
    string,
    Record<string, Judged>
  >
  let withPaths = 0
  for (const group of ['aws_managed_policies', 'customer_managed_policies', 'inline_policies']) {
    for (const policy of Object.values(results[group] ?? {})) {
      const document =
        policy.PolicyDocument ?? policy.PolicyVersionList?.find((version) => version.IsDefaultVersion)?.Document
      const found = escalationsOfDocument(readPolicy(document).statements)
      const theirs = [...new Set(policy.PrivilegeEscalation.map(({ type }) => theirPath(type)))].sort()
      const ours = found
        .filter(({ id, verdict }) => verdict === 'allowed' && !OUR_OWN.has(id))
        .map(({ id }) => id)
        .sort()
      assert.deepEqual(ours, theirs, policy.PolicyName)
      if (theirs.length > 0) withPaths++
    }
  }
  assert.equal(withPaths, 5)
})

test("the export's users and roles come with their effective power", options, async () => {
  const text = readFileSync(`${folder}/example-authz-details.json`, 'utf8')
  const { observations, unread } = await read('account/authz.json', text)
  assert.deepEqual(unread, [])
  const exported = JSON.parse(text) as { UserDetailList: { Arn: string }[]; RoleDetailList: { Arn: string }[] }
  const expected = [...exported.UserDetailList, ...exported.RoleDetailList].map((one) => one.Arn)
  const identities = observations.filter((one) => one.type === 'identity')
  assert.deepEqual(identities.map((one) => one.nativeRef), expected)
  const lines = text.split('\n')
  for (const { nativeRef, place } of identities)
    assert.ok(lines[place.line - 1]?.includes(`"${nativeRef}"`), `line of ${nativeRef}`)
  const access = observations.filter((one) => one.type === 'access')
  const groupOfAdmins = 2 // two users are in a group that has everything, one of them also by itself
  assert.equal(access.filter((one) => one.admin === 'yes').length, groupOfAdmins)
  const paths = access.flatMap((one) =>
    one.escalations.map(({ path, condition }) => `${path.split(' → ')[0]}${condition === undefined ? '' : '?'}`),
  )
  // The other tool judges policies one by one. In this account the new function is a rise only once a strong role
  // trusts the service, and two roles that it passes over reach the third one through an instance.
  assert.deepEqual(paths.sort(), [
    'CreateAccessKey',
    'PassExistingRoleToExistingInstance',
    'PassExistingRoleToExistingInstance',
    'PassExistingRoleToNewLambda?',
  ])
})

type Managed = { name: string; document: { Statement: unknown }; privesc: boolean; malformed: boolean }

/** Every action an Allow names, in lower case. */
function allowedActions(statements: readonly Statement[]): string[] {
  return statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap(({ actions }) => actions.patterns.map((one) => one.toLowerCase()))
}

test("AWS's own policies all parse, and none is an administrator's but by its name", options, () => {
  const lines = gunzipSync(readFileSync(`${folder}/aws-managed-policies-sample.ndjson.gz`))
    .toString('utf8')
    .trim()
    .split('\n')
  const policies = lines.map((line) => JSON.parse(line) as Managed)
  assert.equal(policies.length, 181)
  let agreed = 0
  for (const { name, document, privesc, malformed } of policies) {
    const { statements, problems } = readPolicy(document)
    assert.equal(problems.length > 0, malformed, name)
    assert.ok(statements.length > 0, name)
    const hasAll = allowedActions(statements).includes('*')
    assert.equal(
      adminOf({ statements, boundary: null, context: new Map() }, '111122223333').verdict !== 'denied',
      hasAll,
      name,
    )
    const isRise = escalationsOfDocument(statements).length > 0
    if (isRise && privesc) agreed++
    // Their label counts every right to pass a role, to let AWS make a service's role, or to open one's own resource to
    // others; ours asks for a whole path to more rights.
    if (!isRise && privesc) {
      const iam = allowedActions(statements).filter((one) => /^iam:(?!get|list|simulate)|^sts:assumerole$/.test(one))
      assert.ok(
        iam.every((one) => one === 'iam:passrole' || one.endsWith('servicelinkedrole')),
        `${name}: ${iam.join(', ')}`,
      )
    }
  }
  assert.ok(agreed >= 20, `${agreed} policies are a rise by both`)
})

type Labelled = { policy: string; test: string; compliant_expected: boolean; resource: Record<string, unknown> }

function cases(...policies: string[]): Labelled[] {
  const lines = readFileSync(`${folder}/panther-iam-config-tests.ndjson`, 'utf8').trim().split('\n')
  const found = lines.map((line) => JSON.parse(line) as Labelled).filter(({ policy }) => policies.includes(policy))
  assert.ok(found.length > 0)
  return found
}

test('trust in others is told as labelled', options, async () => {
  for (const { test: name, compliant_expected: isFine, resource } of cases(
    'AWS.IAM.Role.ExternalPermission',
    'AWS.IAM.Role.RestrictsUsage',
  )) {
    const inline = Object.entries((resource['InlinePolicies'] ?? {}) as Record<string, string>)
    const role = {
      Arn: resource['Arn'],
      RoleName: 'x',
      RoleId: 'y',
      Path: '/',
      AssumeRolePolicyDocument: resource['AssumeRolePolicyDocument'],
      RolePolicyList: inline.map(([PolicyName, PolicyDocument]) => ({ PolicyName, PolicyDocument })),
    }
    const { observations, unread } = await read('roles.json', JSON.stringify({ RoleDetailList: [role] }))
    assert.deepEqual(unread, [], name)
    assert.equal(observations.some((one) => one.type === 'trust'), !isFine, name)
  }
})

/** `AccessKey1LastRotated` → `access_key_1_last_rotated`. */
function column(field: string): string {
  return field.replace(/([a-z])([A-Z0-9])/g, '$1_$2').replace(/([0-9])([A-Z])/g, '$1_$2').toLowerCase()
}

async function readReport(resource: Record<string, unknown>): Promise<Observation[]> {
  const report = resource['CredentialReport'] as Record<string, unknown>
  const cells = new Map(Object.entries(report).map(([field, value]) => [column(field), String(value)]))
  const rest = [...cells.keys()].filter((name) => !['arn', 'user_name', 'user_creation_time'].includes(name))
  const header = ['user', 'arn', 'user_creation_time', ...rest]
  const row = [
    cells.get('user_name'),
    cells.get('arn'),
    cells.get('user_creation_time'),
    ...rest.map((name) => cells.get(name)),
  ]
  const { observations, unread } = await read('report.csv', `${header.join(',')}\n${row.join(',')}\n`)
  assert.deepEqual(unread, [])
  return observations
}

test('keys of the root user and passwords without a second factor are told as labelled', options, async () => {
  for (const { test: name, compliant_expected: isFine, resource } of cases('AWS.RootAccount.AccessKeys')) {
    const observations = await readReport(resource)
    assert.equal(observations.some((one) => one.type === 'identity'), !isFine, name)
  }
  for (const { test: name, compliant_expected: isFine, resource } of cases('AWS.IAM.User.MFA')) {
    const [identity] = (await readReport(resource)).filter((one) => one.type === 'identity')
    const tags = new Map(identity?.tags.map((tag) => [tag.key, tag.value]))
    assert.equal(
      tags.get(READER_TAGS.consolePassword) === 'true' && tags.get(READER_TAGS.mfa) === 'false',
      !isFine,
      name,
    )
  }
})
