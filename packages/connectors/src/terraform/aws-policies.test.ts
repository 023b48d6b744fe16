import assert from 'node:assert/strict'
import test from 'node:test'
import { readFixture } from './fixture.ts'

const USER = 'resource "aws_iam_user" "u" { name = "ci" }\n'

const policy = (body: string): string =>
  `${USER}resource "aws_iam_user_policy" "p" {\n  user = aws_iam_user.u.name\n  policy = ${body}\n}`
const POLICIES: [name: string, body: string, want: string[]][] = [
  [
    'jsonencode with one statement',
    'jsonencode({ Statement = { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::parcels/*" } })',
    ['s3:GetObject @ arn:aws:s3:::parcels/* = read'],
  ],
  [
    'several actions',
    `jsonencode({ Statement = [{ Effect = "Allow", Action = ["s3:PutObject", "s3:*"],
  Resource = ["arn:aws:s3:::a", "arn:aws:s3:::b"] }] })`,
    ['s3:PutObject, s3:* @ arn:aws:s3:::a, arn:aws:s3:::b = write!'],
  ],
  [
    'everything',
    'jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })',
    ['* @ * = admin!'],
  ],
  [
    'a heredoc with a hole',
    `<<EOT
{"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "\${aws_sqs_queue.q.arn}"}]}
EOT`,
    ['sqs:SendMessage @ ${aws_sqs_queue.q.arn} = write'],
  ],
  ['a deny gives nothing', 'jsonencode({ Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }] })', []],
  [
    'everything except',
    'jsonencode({ Statement = [{ Effect = "Allow", NotAction = ["ec2:*"], Resource = "*" }] })',
    ['all but ec2:* @ * = admin!'],
  ],
  [
    'everything except power',
    'jsonencode({ Statement = [{ Effect = "Allow", NotAction = "iam:*", Resource = "*" }] })',
    ['all but iam:* @ * = write!'],
  ],
  ['a document from a file', 'file("policy.json")', ['file(…) @  = unknown']],
  ['a heredoc that is no JSON', '<<EOT\n{"Statement": [ }\nEOT', ['a policy that is not written here @  = unknown']],
]
for (const [name, body, want] of POLICIES) {
  test(`policy: ${name}`, async () =>
    assert.deepEqual((await readFixture(policy(body))).grants('aws_iam_user.u'), want))
}

test('policies reach their holders by every way of attaching them', async () => {
  const reading = await readFixture(`
resource "aws_iam_user" "u" { name = "ci" }
resource "aws_iam_role" "r" {
  name                = "r"
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  inline_policy {
    name   = "own"
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = "arn:aws:sns:::t" }] })
  }
}
data "aws_iam_policy_document" "d" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::parcels"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
  }
  dynamic "statement" {
    for_each = toset(["a", "b"])
    content {
      actions   = ["sqs:ReceiveMessage"]
      resources = ["arn:aws:sqs:::\${statement.value}"]
    }
  }
}
data "aws_iam_policy_document" "base" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["arn:aws:kms:::key/1"]
  }
}
resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.d.json }
resource "aws_iam_role_policy_attachment" "a" {
  for_each   = { mine = aws_iam_policy.p.arn, admin = "arn:aws:iam::aws:policy/AdministratorAccess" }
  role       = aws_iam_role.r.name
  policy_arn = each.value
}
resource "aws_iam_group" "g" { name = "bots" }
resource "aws_iam_group_policy_attachment" "g" {
  group      = aws_iam_group.g.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}
resource "aws_iam_user_group_membership" "m" {
  user   = aws_iam_user.u.name
  groups = [aws_iam_group.g.name]
}
resource "aws_iam_policy_attachment" "x" {
  name       = "x"
  users      = [aws_iam_user.u.name]
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}`)
  assert.deepEqual(reading.grants('aws_iam_role.r').sort(), [
    'AdministratorAccess @ * = admin!',
    'ReadOnlyAccess @ * = read',
    'kms:Decrypt @ arn:aws:kms:::key/1 = write',
    's3:ListBucket @ arn:aws:s3:::parcels = read',
    'sns:Publish @ arn:aws:sns:::t = write',
    'sqs:ReceiveMessage @ arn:aws:sqs:::a = write',
    'sqs:ReceiveMessage @ arn:aws:sqs:::b = write',
  ])
  assert.equal(
    reading.all('grant').find((one) => one.permission === 's3:ListBucket')?.condition,
    'Bool aws:SecureTransport true',
  )
  assert.deepEqual(reading.grants('aws_iam_user.u').sort(), [
    'AmazonS3FullAccess @ * = write!',
    'PowerUserAccess @ * = admin!',
  ])
})

const ACCESS: [name: string, body: string, want: unknown][] = [
  [
    'everything is an administrator',
    'jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })',
    ['yes', []],
  ],
  [
    'everything under a condition may be one',
    `jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*",
  Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }] })`,
    ['conditional', []],
  ],
  [
    'everything with a deny may be one',
    `jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }, { Effect = "Deny",
  Action = "iam:*", Resource = "*" }] })`,
    ['conditional', []],
  ],
  [
    'a right to attach policies raises',
    'jsonencode({ Statement = [{ Effect = "Allow", Action = "iam:AttachUserPolicy", Resource = "*" }] })',
    ['unknown', ['AttachUserPolicy']],
  ],
  [
    'rights on named things do not',
    `jsonencode({ Statement = [{ Effect = "Allow", Action = "iam:AttachUserPolicy",
  Resource = "arn:aws:iam::111122223333:user/one" }] })`,
    null,
  ],
  ['a reader does not', 'jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = "*" }] })', null],
]
for (const [name, body, want] of ACCESS) {
  test(`access: ${name}`, async () => {
    const [access] = (await readFixture(policy(body))).all('access')
    assert.deepEqual(
      access ? [access.admin, access.admin === 'unknown' ? access.escalations.map((one) => one.path) : []] : null,
      want,
    )
  })
}

test('a boundary leaves an administrator conditional', async () => {
  const reading = await readFixture(
    `resource "aws_iam_role" "r" {
  name = "r"
  permissions_boundary = "arn:aws:iam::111122223333:policy/limit"
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}`,
  )
  assert.deepEqual(
    reading.all('access').map((one) => one.admin),
    ['conditional'],
  )
})
