import assert from 'node:assert/strict'
import test from 'node:test'
import { readFixture } from './fixture.ts'

const CI_TRUST = `
resource "aws_iam_openid_connect_provider" "github" {
  url = "https://token.actions.githubusercontent.com"
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:lumen/parcels:*"]
    }
  }
}
resource "aws_iam_role" "deploy" {
  name               = "deploy"
  description        = "Deploys the parcel service"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
`

test('a role that pipelines become: its name in AWS, purpose and federation', async () => {
  const reading = await readFixture(CI_TRUST)
  const [role] = reading.all('identity')
  assert.deepEqual(
    [role?.kind, role?.name, role?.purpose, role?.nativeRef],
    ['cloud-principal', 'deploy', 'Deploys the parcel service', 'aws_iam_role.deploy'],
  )
  assert.deepEqual(role?.creates, { system: 'aws', realm: '', name: 'role/deploy', namespace: null })
  assert.deepEqual(reading.trusts('aws_iam_role.deploy'), [
    'https://token.actions.githubusercontent.com | sts.amazonaws.com | repo:lumen/parcels:*',
  ])
})

const trusting = (statement: string): string =>
  `resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow",
  Action = "sts:AssumeRole", ${statement} }] })
}`
const TRUSTS: [name: string, statement: string, trusts: string[], uses: string[]][] = [
  [
    'another account',
    'Principal = { AWS = "arn:aws:iam::111122223333:root" }',
    ['arn:aws:iam::111122223333:root |  | '],
    [],
  ],
  ['an account by its number', 'Principal = { AWS = ["444455556666"] }', ['arn:aws:iam::444455556666:root |  | '], []],
  [
    'a named role elsewhere, with the word agreed for this customer',
    `Principal = { AWS = "arn:aws:iam::111122223333:role/vendor" },
  Condition = { StringEquals = { "sts:ExternalId" = "lumen" } }`,
    ['arn:aws:iam::111122223333:root | lumen | arn:aws:iam::111122223333:role/vendor'],
    [],
  ],
  [
    'another role of the directory',
    'Principal = { AWS = aws_iam_role.other.arn }',
    ['sts.amazonaws.com |  | aws_iam_role.other.arn'],
    [],
  ],
  ['everybody', 'Principal = "*"', ['* |  | '], []],
  [
    'everybody of an organisation',
    'Principal = { AWS = "*" }, Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-example" } }',
    ['* |  | aws:PrincipalOrgID=o-example'],
    [],
  ],
  [
    'a service is a use, not a trust',
    'Principal = { Service = ["ec2.amazonaws.com", "lambda.amazonaws.com"] }',
    [],
    ['ec2.amazonaws.com', 'lambda.amazonaws.com'],
  ],
  [
    'a provider by its ARN',
    `Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.example/id/AB" },
  Condition = { StringEquals = { "oidc.eks.example/id/AB:sub" = "system:serviceaccount:shop:web" } }`,
    ['https://oidc.eks.example/id/AB |  | system:serviceaccount:shop:web'],
    [],
  ],
  [
    'a provider that a module makes stays open',
    'Principal = { Federated = module.eks.oidc_provider_arn }',
    ['module.eks.oidc_provider_arn |  | '],
    [],
  ],
]
for (const [name, statement, trusts, uses] of TRUSTS) {
  test(`trust: ${name}`, async () => {
    const reading = await readFixture(trusting(statement))
    assert.deepEqual(reading.trusts('aws_iam_role.r'), trusts)
    assert.deepEqual(
      reading.all('use').map((one) => one.by.name),
      uses,
    )
  })
}

test('a denied principal is not trusted', async () => {
  const reading = await readFixture(trusting('Principal = "*"').replace('"Allow"', '"Deny"'))
  assert.deepEqual(reading.trusts('aws_iam_role.r'), [])
})

const USER = 'resource "aws_iam_user" "u" { name = "ci" }\n'
const KEYS: [name: string, user: string][] = [
  ['by reference', 'aws_iam_user.u.name'],
  ['by id', 'aws_iam_user.u.id'],
  ['by the same name', '"ci"'],
  ['through a local', 'local.who'],
]
for (const [name, user] of KEYS) {
  test(`an access key is its user's, ${name}`, async () => {
    const reading = await readFixture(
      `locals { who = aws_iam_user.u.name }\nresource "aws_iam_access_key" "k" { user = ${user} }\n${USER}`,
    )
    assert.deepEqual(reading.identities, ['cloud-principal ci'])
    const [key] = reading.credentials('aws_iam_user.u')
    assert.deepEqual(
      [key?.kind, key?.name, key?.isActive, key?.kept, key?.place.line],
      ['access-key', 'aws_iam_access_key.k', true, [{ kind: 'terraform-state', name: 'aws_iam_access_key.k' }], 2],
    )
  })
}

test('a key of a user that another tool made mentions that user', async () => {
  const reading = await readFixture('resource "aws_iam_access_key" "k" {\n  user = "legacy"\n  status = "Inactive"\n}')
  assert.deepEqual(
    reading.all('credential').map((one) => [one.identity, one.isActive]),
    [[{ system: 'aws', realm: '', path: 'user/legacy' }, false]],
  )
})

test('a key whose user is only known where it is applied is still an identity', async () => {
  const reading = await readFixture('variable "user" {}\nresource "aws_iam_access_key" "k" { user = var.user }')
  assert.deepEqual(reading.identities, ['cloud-principal var.user'])
  assert.equal(reading.credentials('aws_iam_access_key.k').length, 1)
})

test('where a key is put is remembered, also through jsonencode and locals', async () => {
  const reading = await readFixture(`${USER}
resource "aws_iam_access_key" "k" { user = aws_iam_user.u.name }
locals { pair = { id = aws_iam_access_key.k.id, secret = aws_iam_access_key.k.secret } }
resource "aws_secretsmanager_secret_version" "v" {
  secret_id     = "parcels/ci"
  secret_string = jsonencode(local.pair)
}
resource "kubernetes_secret" "s" {
  metadata { name = "ci-aws" }
  data = { secret = base64encode(aws_iam_access_key.k.secret) }
}
resource "github_actions_secret" "g" {
  repository      = "parcels"
  secret_name     = "AWS_SECRET_ACCESS_KEY"
  plaintext_value = aws_iam_access_key.k.secret
}
resource "aws_ssm_parameter" "who" {
  name  = "/ci/user"
  value = aws_iam_access_key.k.user
}`)
  assert.deepEqual(
    reading
      .credentials('aws_iam_user.u')[0]
      ?.kept.slice(1)
      .sort((a, b) => (a.kind < b.kind ? -1 : 1)),
    [
      { kind: 'github-secret', name: 'parcels: AWS_SECRET_ACCESS_KEY' },
      { kind: 'kubernetes-secret', name: 'ci-aws' },
      { kind: 'secret-manager', name: 'parcels/ci' },
    ],
  )
  assert.deepEqual(reading.identities, ['cloud-principal ci'], 'the pipeline holds nothing of its own')
})

test('the account of a provider tells roles of equal names apart, also by alias', async () => {
  const reading = await readFixture(`
provider "aws" { allowed_account_ids = ["111122223333"] }
provider "aws" {
  alias               = "audit"
  allowed_account_ids = ["444455556666"]
}
resource "aws_iam_role" "a" { name = "r" }
resource "aws_iam_role" "b" {
  provider = aws.audit
  name     = "r"
}`)
  assert.deepEqual(
    reading.all('identity').map((one) => one.creates?.realm),
    ['111122223333', '444455556666'],
  )
})

test('clients, keys and certificates of applications', async () => {
  const reading = await readFixture(`
resource "aws_cognito_user_pool_client" "c" {
  name                 = "tracking"
  user_pool_id         = aws_cognito_user_pool.p.id
  generate_secret      = true
  allowed_oauth_flows  = ["client_credentials"]
  allowed_oauth_scopes = ["parcels/read", "parcels/write"]
  access_token_validity = 60
}
resource "aws_cognito_user_pool_client" "spa" { name = "page" }
resource "aws_api_gateway_api_key" "k" {
  name        = "partner"
  description = "Partner tracking"
  enabled     = false
}
resource "aws_api_gateway_usage_plan" "plan" { name = "partners" }
resource "aws_api_gateway_usage_plan_key" "pk" {
  key_id        = aws_api_gateway_api_key.k.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.plan.id
}
resource "aws_api_gateway_client_certificate" "cert" { description = "to the backend" }
resource "aws_transfer_user" "t" { user_name = "drop" }
resource "aws_transfer_ssh_key" "t" {
  user_name = aws_transfer_user.t.user_name
  body      = "ssh-ed25519 AAAA"
}`)
  assert.deepEqual(reading.identities, [
    'oauth-client tracking',
    'oauth-client page',
    'api-key partner',
    'workload to the backend',
    'service-account drop',
  ])
  const [secret] = reading.credentials('aws_cognito_user_pool_client.c')
  assert.deepEqual(
    [secret?.kind, secret?.expiresAt],
    ['client-secret', undefined],
    'how long a token lives is not how long the secret does',
  )
  assert.deepEqual(reading.credentials('aws_cognito_user_pool_client.spa'), [])
  assert.deepEqual(
    reading.grants('aws_cognito_user_pool_client.c').map((one) => one.split(' @ ')[0]),
    ['parcels/read', 'parcels/write'],
  )
  assert.deepEqual(
    reading.credentials('aws_api_gateway_api_key.k').map((one) => [one.kind, one.isActive]),
    [['api-key', false]],
  )
  assert.deepEqual(reading.grants('aws_api_gateway_api_key.k'), ['call APIs of usage plan partners @ partners = write'])
  assert.deepEqual(
    reading.credentials('aws_api_gateway_client_certificate.cert').map((one) => one.kind),
    ['certificate'],
  )
  assert.deepEqual(
    reading.credentials('aws_transfer_user.t').map((one) => one.kind),
    ['ssh-key'],
  )
})

test('a password and an SSH key of a user', async () => {
  const reading = await readFixture(`${USER}
resource "aws_iam_user_login_profile" "l" { user = aws_iam_user.u.name }
resource "aws_iam_user_ssh_key" "s" {
  username = aws_iam_user.u.name
  status   = "Inactive"
}
resource "aws_iam_service_specific_credential" "c" {
  user_name    = aws_iam_user.u.name
  service_name = "codecommit.amazonaws.com"
}`)
  assert.deepEqual(
    reading.credentials('aws_iam_user.u').map((one) => [one.kind, one.isActive]),
    [
      ['password', undefined],
      ['ssh-key', false],
      ['password', undefined],
    ],
  )
})

test('people and their passwords are marked', async () => {
  const reading = await readFixture(
    `${USER}resource "aws_iam_user_login_profile" "l" { user = aws_iam_user.u.name }
${trusting('Principal = { Federated = "arn:aws:iam::111122223333:saml-provider/corp" }')}`,
  )
  assert.deepEqual(
    [reading.tags('aws_iam_user.u'), reading.tags('aws_iam_role.r')],
    [{ 'onus:console-password': 'true' }, { 'onus:people-role': 'true' }],
  )
  assert.deepEqual(reading.trusts('aws_iam_role.r'), [])
})
