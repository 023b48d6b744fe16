import assert from 'node:assert/strict'
import test from 'node:test'
import { readFixture } from './fixture.ts'

const POLICY = '{ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::labels/*" }] }'
const role = (policy: string): string => `resource "aws_iam_role" "r" { name = "r" }
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.name
  policy = ${policy}
}`

const POLICIES: [name: string, files: Record<string, string>, want: string[]][] = [
  [
    'a policy in a file beside the module, which is its place',
    { 'infra/main.tf': role('file("${path.module}/policies/a.json")'), 'infra/policies/a.json': POLICY },
    ['s3:* @ arn:aws:s3:::labels/* = write!'],
  ],
  [
    'relative to the directory that is applied',
    { 'infra/main.tf': role('file("../shared/a.json")'), 'shared/a.json': POLICY },
    ['s3:* @ arn:aws:s3:::labels/* = write!'],
  ],
  [
    'a template with variables',
    {
      'infra/main.tf': role('templatefile("${path.module}/a.tftpl", { bucket = "parcels" })'),
      'infra/a.tftpl': POLICY.replace('labels', '${bucket}'),
    },
    ['s3:* @ arn:aws:s3:::parcels/* = write!'],
  ],
  [
    'a file that is not there',
    { 'infra/main.tf': role('file("${path.module}/none.json")') },
    ['file(…) @  = unknown'],
  ],
  [
    'no file outside the scanned directory',
    { 'infra/main.tf': role('file("../../../etc/passwd.json")') },
    ['file(…) @  = unknown'],
  ],
]
for (const [name, files, want] of POLICIES) {
  test(`files read by functions: ${name}`, async () => {
    const reading = await readFixture(files)
    assert.deepEqual(reading.grants('aws_iam_role.r'), want)
    assert.deepEqual(reading.unread, [])
  })
}

test('a grant whose policy is a file is found in that file', async () => {
  const reading = await readFixture({
    'infra/main.tf': role('file("${path.module}/a.json")'),
    'infra/a.json': POLICY,
  })
  assert.deepEqual(reading.all('grant')[0]?.place, { file: 'infra/a.json', line: 1 })
})

test('a file that is passed on as a whole is no tag', async () => {
  const reading = await readFixture({
    'infra/main.tf':
      'module "irsa" {\n  source = "github.com/acme/terraform-irsa"\n  role_name = "r"\n  settings = file("${path.module}/a.yaml")\n  more = file("${path.module}/b.json")\n}',
    'infra/a.yaml': 'db: CANARY-not-a-secret\nuser: x\n',
    'infra/b.json': '{ "db": "CANARY-not-a-secret" }',
  })
  assert.deepEqual(reading.tags('module.irsa'), { role_name: 'r' })
  assert.doesNotMatch(JSON.stringify(reading.observations), /CANARY/)
})

test('one identity for each file of a directory', async () => {
  const reading = await readFixture({
    'infra/main.tf': `locals {
  bots = { for f in fileset(path.module, "bots/*.yaml") : trimsuffix(basename(f), ".yaml") => yamldecode(file("\${path.module}/\${f}")) }
}
resource "aws_iam_user" "bot" {
  for_each = local.bots
  name     = each.key
  tags     = { Team = each.value.team, password = each.value.password }
}`,
    'infra/bots/web.yaml': 'team: shop\npassword: CANARY-not-a-secret\n',
    'infra/bots/job.yaml': 'team: parcels\npassword: CANARY-not-a-secret\n',
    'infra/bots/notes.md': 'CANARY',
  })
  assert.deepEqual(
    reading.all('identity').map((one) => [one.name, reading.tags(one.ref.path)]),
    [
      ['job', { Team: 'parcels' }],
      ['web', { Team: 'shop' }],
    ],
  )
  assert.doesNotMatch(JSON.stringify([reading.observations, reading.unread]), /CANARY/)
})

test('units of Terragrunt read the data files above them', async () => {
  const reading = await readFixture({
    'modules/bot/main.tf': 'variable "name" {}\nresource "aws_iam_user" "b" { name = var.name }',
    'live/common.yaml': 'name: parcels-bot\n',
    'live/prod/bot/terragrunt.hcl':
      'locals {\n common = yamldecode(file(find_in_parent_folders("common.yaml")))\n}\nterraform {\n source = "../../../modules/bot"\n}\ninputs = local.common',
  })
  assert.deepEqual(reading.identities, ['cloud-principal parcels-bot'])
})

test('reading one large file again and again comes to an end', async () => {
  const reading = await readFixture({
    'infra/main.tf': `resource "aws_iam_user" "u" {
  for_each = toset([for i in range(10000) : yamldecode(file("big.yaml")).name])
  name     = each.key
}`,
    'infra/big.yaml': `name: x\n${'a: 1 # padding\n'.replace('a', 'key').repeat(1)}${Array.from({ length: 9_000 }, (_, i) => `k${i}: value\n`).join('')}`,
  })
  assert.ok(reading.unread.some((entry) => /expands to more/.test(entry.reason)))
})
