import assert from 'node:assert/strict'
import test from 'node:test'
import { readFixture } from './fixture.ts'

test('a service account module: name, namespace, rules, rotation as written, and where the token is kept', async () => {
  const reading = await readFixture({
    'clusters/prod/shop/main.tf': `
variable "namespace" { default = "shop" }
module "serviceaccount_ci" {
  source                            = "github.com/acme/terraform-k8s-serviceaccount?ref=1"
  namespace                         = var.namespace
  serviceaccount_name               = "ci"
  serviceaccount_token_rotated_date = "01-01-2000"
  github_repositories               = ["parcels", var.second]
  github_actions_secret_kube_cert   = "KUBE_CERT"
  github_actions_secret_kube_token  = "KUBE_TOKEN"
  api_token                         = "hidden-value"
  team_name                         = "parcels"
  serviceaccount_rules = [
    { api_groups = [""], resources = ["secrets"], verbs = ["*"] },
    { api_groups = ["apps"], resources = ["deployments"], verbs = ["get", "list"] },
  ]
}
# module "serviceaccount_old" {
#   source = "github.com/acme/terraform-k8s-serviceaccount?ref=1"
# }`,
  })
  assert.deepEqual(reading.identities, ['service-account ci'])
  const [account] = reading.all('identity')
  assert.deepEqual(
    [account?.nativeRef, account?.place.line, account?.scope, account?.creates],
    [
      'module.serviceaccount_ci',
      3,
      { kind: 'kubernetes-namespace', realm: 'clusters/prod', name: 'shop' },
      { system: 'kubernetes', realm: 'clusters/prod', name: 'ci', namespace: 'shop' },
    ],
  )
  const [token] = reading.credentials('module.serviceaccount_ci')
  assert.deepEqual(
    [token?.kind, token?.rotatedAt],
    ['service-account-token', { raw: '01-01-2000', place: { file: 'clusters/prod/shop/main.tf', line: 7 } }],
  )
  assert.equal(token?.revocation, 'change serviceaccount_token_rotated_date and apply')
  assert.deepEqual(token?.kept, [
    { kind: 'github-secret', name: 'parcels: KUBE_TOKEN' },
    { kind: 'github-secret', name: 'var.second: KUBE_TOKEN' },
  ])
  assert.deepEqual(reading.grants('module.serviceaccount_ci'), [
    '* secrets @ shop = write!',
    'get, list deployments @ shop = read',
  ])
  const tags = reading.tags('module.serviceaccount_ci')
  assert.equal(tags['team_name'], 'parcels')
  assert.equal(tags['serviceaccount_token_rotated_date'], '01-01-2000')
  assert.ok(!JSON.stringify(reading.observations).includes('hidden-value'))
})

test('a service account module without a name keeps its address, and one without a token has none', async () => {
  const reading = await readFixture(
    `module "serviceaccount" {
  source = "github.com/acme/terraform-k8s-serviceaccount"
  namespace = var.namespace
}`,
  )
  assert.deepEqual(
    reading.all('identity').map((one) => [one.name, one.creates, one.scope]),
    [['module.serviceaccount', undefined, undefined]],
  )
  assert.deepEqual(reading.all('credential'), [])
})

test("Google's module makes one account a name", async () => {
  const reading = await readFixture(`
module "accounts" {
  source        = "terraform-google-modules/service-accounts/google"
  project_id    = "lumen-prod"
  prefix        = "shop"
  names         = ["web", "job"]
  generate_keys = true
  project_roles = ["lumen-prod=>roles/editor"]
}`)
  assert.deepEqual(reading.identities, ['service-account shop-web', 'service-account shop-job'])
  assert.deepEqual(
    reading.all('credential').map((one) => [one.identity.path, one.kind]),
    [
      ['module.accounts/web', 'service-account-key'],
      ['module.accounts/job', 'service-account-key'],
    ],
  )
  assert.deepEqual(reading.grants('module.accounts/web'), ['roles/editor @ project lumen-prod = write!'])
})

test('roles for workloads, in the forms of well-known modules', async () => {
  const reading = await readFixture(`
resource "aws_iam_policy" "queue" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "arn:aws:sqs:::q" }] })
}
module "irsa" {
  source               = "github.com/acme/terraform-irsa"
  service_account_name = "web"
  namespace            = "shop"
  role_policy_arns = {
    queue = aws_iam_policy.queue.arn
    db    = module.db.policy_arn
    all   = "arn:aws:iam::aws:policy/AdministratorAccess"
  }
}
module "dns" {
  source                     = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks"
  role_name                  = "external-dns"
  attach_external_dns_policy = true
  attach_vpc_cni_policy      = false
  oidc_providers = {
    main = {
      provider_arn               = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.example/id/AB"
      namespace_service_accounts = ["dns:external-dns"]
    }
  }
}
module "reader" {
  source                        = "terraform-aws-modules/iam/aws//modules/iam-assumable-role-with-oidc"
  role_name                     = "reader"
  provider_url                  = "oidc.eks.example/id/CD"
  oidc_fully_qualified_subjects = ["system:serviceaccount:shop:reader"]
  inline_policy_statements      = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::labels/*"] }]
}
module "pod" {
  source       = "terraform-aws-modules/eks-pod-identity/aws"
  name         = "batch"
  associations = { one = { cluster_name = "live", namespace = "shop", service_account = "batch" } }
}`)
  assert.deepEqual(reading.identities, ['workload web', 'workload external-dns', 'workload reader', 'workload batch'])
  assert.deepEqual(
    reading.all('identity').map((one) => one.creates?.name),
    ['web', 'role/external-dns', 'role/reader', 'role/batch'],
  )
  assert.deepEqual(reading.grants('module.irsa'), [
    'sqs:* @ arn:aws:sqs:::q = write!',
    'db (module.db.policy_arn) @  = unknown',
    'AdministratorAccess @ * = admin!',
  ])
  assert.deepEqual(reading.grants('module.dns'), ['external dns policy @  = unknown'])
  assert.deepEqual(reading.trusts('module.dns'), [
    'https://oidc.eks.example/id/AB | sts.amazonaws.com | system:serviceaccount:dns:external-dns',
  ])
  assert.deepEqual(reading.trusts('module.reader'), [
    'https://oidc.eks.example/id/CD |  | system:serviceaccount:shop:reader',
  ])
  assert.deepEqual(reading.grants('module.reader'), ['s3:GetObject @ arn:aws:s3:::labels/* = read'])
  assert.deepEqual(
    reading.all('use').map((one) => one.by.name),
    ['ServiceAccount/external-dns', 'ServiceAccount/batch'],
  )
})

test('roles for pipelines, by their module or by their arguments', async () => {
  const reading = await readFixture(`
module "deploy" {
  source   = "terraform-aws-modules/iam/aws//modules/iam-github-oidc-role"
  name     = "deploy"
  subjects = ["lumen/parcels:ref:refs/heads/main"]
  policies = { admin = "arn:aws:iam::aws:policy/AdministratorAccess" }
}
module "registry" {
  source              = "github.com/acme/terraform-registry"
  oidc_providers      = ["github"]
  github_repositories = ["parcels"]
}`)
  assert.deepEqual(reading.identities, ['ci-workload deploy', 'ci-workload module.registry'])
  assert.deepEqual(reading.trusts('module.deploy'), [
    'https://token.actions.githubusercontent.com |  | repo:lumen/parcels:ref:refs/heads/main',
  ])
  assert.deepEqual(reading.trusts('module.registry'), [
    'https://token.actions.githubusercontent.com |  | repo:${owner}/parcels',
  ])
  assert.deepEqual(reading.grants('module.deploy'), ['AdministratorAccess @ * = admin!'])
  assert.deepEqual(reading.all('credential'), [])
})

test("users, and modules whose arguments speak of a credential's dates", async () => {
  const reading = await readFixture(`
module "ci_user" {
  source                = "terraform-aws-modules/iam/aws//modules/iam-user"
  name                  = "ci"
  create_iam_access_key = true
  policy_arns           = ["arn:aws:iam::aws:policy/PowerUserAccess"]
}
module "people" {
  source = "terraform-aws-modules/iam/aws//modules/iam-user"
  name   = "no-key"
}
module "bot" {
  source              = "github.com/acme/terraform-user"
  name                = "bot"
  access_key_rotation = 1
}
module "template" {
  source                     = "github.com/acme/terraform-project-template"
  application                = "labels"
  github_repo                = "labels"
  custom_token_rotation_date = "2026-03-20"
}
module "tls" {
  source           = "github.com/acme/terraform-partner"
  name             = "partner"
  certificate_valid_until = "2026-12-31"
}
module "bucket" {
  source          = "github.com/acme/terraform-bucket"
  expiration      = 30
  log_expiration  = "P30D"
  rotation_enabled = true
}`)
  assert.deepEqual(reading.identities, [
    'cloud-principal ci',
    'cloud-principal no-key',
    'cloud-principal bot',
    'ci-workload labels',
    'ci-workload partner',
  ])
  assert.deepEqual(
    reading
      .all('credential')
      .map((one) => [one.identity.path, one.kind, one.rotatedAt?.raw, one.expiresAt?.raw, one.kept.length]),
    [
      ['module.ci_user', 'access-key', undefined, undefined, 0],
      ['module.template', 'token', '2026-03-20', undefined, 1],
      ['module.tls', 'certificate', undefined, '2026-12-31', 0],
    ],
  )
  assert.deepEqual(reading.grants('module.ci_user'), ['PowerUserAccess @ * = admin!'])
})

test('a call with for_each is one identity for each key, and none where it is switched off', async () => {
  const reading = await readFixture(`
module "irsa" {
  for_each             = toset(["web", "job"])
  source               = "github.com/acme/terraform-irsa"
  service_account_name = each.key
}
module "irsa_off" {
  count  = 0
  source = "github.com/acme/terraform-irsa"
}`)
  assert.deepEqual(
    reading.all('identity').map((one) => [one.ref.path, one.name]),
    [
      ['module.irsa["web"]', 'web'],
      ['module.irsa["job"]', 'job'],
    ],
  )
})

const USER_MODULE = {
  'infra/modules/app/main.tf': `variable "name" {}
variable "team" { default = "nobody" }
resource "aws_iam_user" "this" {
  name = "\${var.name}-bot"
  tags = { Team = var.team }
}
resource "aws_iam_access_key" "this" { user = aws_iam_user.this.name }
output "user" { value = aws_iam_user.this.name }
output "secret" { value = aws_iam_access_key.this.secret }
`,
}

test('local modules are followed: one identity for each call, placed there, none for the module alone', async () => {
  const reading = await readFixture({
    ...USER_MODULE,
    'infra/main.tf': `
module "a" {
  source      = "./modules/app"
  name        = "a"
  cost_centre = "42"
}
module "b" {
  source = "./modules/app"
  name   = "b"
  team   = "parcels"
}
resource "aws_iam_user_policy_attachment" "x" {
  user       = module.b.user
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "github_actions_secret" "s" {
  repository      = "parcels"
  secret_name     = "AWS_SECRET"
  plaintext_value = module.b.secret
}`,
  })
  assert.deepEqual(
    reading.all('identity').map((one) => [one.name, one.nativeRef, one.place, one.ref.realm]),
    [
      ['a-bot', 'module.a.aws_iam_user.this', { file: 'infra/main.tf', line: 2 }, 'infra'],
      ['b-bot', 'module.b.aws_iam_user.this', { file: 'infra/main.tf', line: 7 }, 'infra'],
    ],
  )
  assert.deepEqual(reading.tags('module.a.aws_iam_user.this'), { Team: 'nobody', name: 'a', cost_centre: '42' })
  assert.equal(reading.tags('module.b.aws_iam_user.this')['Team'], 'parcels')
  assert.deepEqual(reading.grants('module.b.aws_iam_user.this'), ['AdministratorAccess @ * = admin!'])
  assert.deepEqual(
    reading.credentials('module.b.aws_iam_user.this').map((one) => one.kept.map((kept) => kept.kind)),
    [['terraform-state', 'github-secret']],
  )
  assert.equal(reading.all('credential').length, 2)
})

test('environments call the modules beside them', async () => {
  const files = {
    ...USER_MODULE,
    'infra/environments/prod/main.tf': 'module "app" {\n  source = "../../modules/app"\n  name = "prod"\n}',
    'infra/environments/dev/main.tf': 'module "app" {\n  source = "../../modules/app"\n  name = "dev"\n}',
  }
  assert.deepEqual(
    (await readFixture(files)).all('identity').map((one) => [one.ref.realm, one.name]),
    [
      ['infra/environments/prod', 'prod-bot'],
      ['infra/environments/dev', 'dev-bot'],
    ],
  )
})

test('a local module out of reach is counted by its callers if its directory says what it is, else once', async () => {
  const called = await readFixture({
    'teams/shop/main.tf': `module "one" {
  source = "../../modules/irsa"
  role_name = "web"
}
module "two" { source = "../../modules/app" }`,
  })
  assert.deepEqual(called.identities, ['workload web'])
  assert.deepEqual(
    (
      await readFixture({
        'modules/irsa/main.tf': 'variable "role_name" {}\nresource "aws_iam_role" "this" { name = var.role_name }',
      })
    ).identities,
    [],
  )
  assert.deepEqual(
    (await readFixture({ 'modules/app/main.tf': 'resource "aws_iam_role" "this" { name = "app" }' })).identities,
    ['cloud-principal app'],
  )
  assert.deepEqual(
    (await readFixture({ 'infra/irsa/main.tf': 'resource "aws_iam_role" "this" { name = "app" }' })).identities,
    ['cloud-principal app'],
    'not in a library of modules',
  )
})

test('local modules are followed wherever they lie, through modules that call others, with what they are given', async () => {
  const files = {
    'teams/shop/live/main.tf': `locals {
  bots = { web = { admin = true }, job = { admin = false } }
}
module "bots" {
  source   = "../../../platform/identities"
  for_each = local.bots
  name     = "shop-\${each.key}"
  is_admin = each.value.admin
}`,
    'platform/identities/main.tf': `variable "name" {}
variable "is_admin" { default = false }
module "user" {
  source = "../users/bot"
  name   = var.name
}
resource "aws_iam_user_policy_attachment" "admin" {
  count      = var.is_admin ? 1 : 0
  user       = module.user.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}`,
    'platform/users/bot/main.tf': `variable "name" {}
resource "aws_iam_user" "this" { name = var.name }
output "name" { value = aws_iam_user.this.name }`,
  }
  const reading = await readFixture(files)
  assert.deepEqual(
    reading.all('identity').map((one) => [one.name, one.nativeRef, one.place, one.ref.realm]),
    [
      [
        'shop-web',
        'module.bots["web"].module.user.aws_iam_user.this',
        { file: 'teams/shop/live/main.tf', line: 4 },
        'teams/shop/live',
      ],
      [
        'shop-job',
        'module.bots["job"].module.user.aws_iam_user.this',
        { file: 'teams/shop/live/main.tf', line: 4 },
        'teams/shop/live',
      ],
    ],
  )
  assert.deepEqual(reading.grants('module.bots["web"].module.user.aws_iam_user.this'), [
    'AdministratorAccess @ * = admin!',
  ])
  assert.deepEqual(reading.grants('module.bots["job"].module.user.aws_iam_user.this'), [])
  assert.deepEqual(reading.unread, [])
})

test('a call in a comment calls nothing, and a source that is no module hides none', async () => {
  const user = 'resource "aws_iam_user" "this" { name = "bot" }'
  const cases: [name: string, caller: string, want: string[]][] = [
    ['a line comment', '# module "a" {\n#   source = "../shared"\n# }', ['bot']],
    ['a block comment', '/*\nmodule "a" {\n  source = "../shared"\n}\n*/', ['bot']],
    ['an ARN before the call', 'locals { x = "a/*" }\nmodule "a" {\n  source = "../shared"\n}', ['bot']],
    ['a file that is uploaded', 'resource "aws_s3_object" "a" {\n  source = "../shared/x.txt"\n}', ['bot']],
  ]
  for (const [name, caller, want] of cases) {
    const reading = await readFixture({ 'live/main.tf': caller, 'shared/main.tf': user })
    assert.deepEqual(
      reading.all('identity').map((one) => one.name),
      want,
      name,
    )
  }
})

test('of directories that only call each other the first counts', async () => {
  const reading = await readFixture({
    'a/main.tf': 'module "b" { \n source = "../b"\n }\nresource "aws_iam_user" "a" { name = "a" }',
    'b/main.tf': 'module "a" { \n source = "../a"\n }\nresource "aws_iam_user" "b" { name = "b" }',
  })
  assert.deepEqual(
    reading.all('identity').map((one) => [one.ref.realm, one.name]),
    [
      ['a', 'a'],
      ['a', 'b'],
    ],
  )
  assert.ok(reading.unread.some((entry) => /circle/.test(entry.reason)))
})

test('modules that call each other end', async () => {
  const reading = await readFixture({
    'infra/modules/a/main.tf': 'module "b" { source = "../b" }\nresource "aws_iam_user" "a" { name = "a" }',
    'infra/modules/b/main.tf': 'module "a" { source = "../a" }',
  })
  assert.ok(reading.all('identity').length <= 2)
  assert.ok(reading.unread.some((entry) => /circle/.test(entry.reason)))
})

test("a wrapper of somebody else's module makes the identity through it", async () => {
  const reading = await readFixture({
    'infra/main.tf': 'module "web" {\n  source = "./modules/role"\n  name = "web"\n  team_name = "parcels"\n}',
    'infra/modules/role/main.tf': `variable "name" {}
module "this" {
  source = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks"
  role_name = var.name
}`,
  })
  assert.deepEqual(
    reading.all('identity').map((one) => [one.name, one.nativeRef]),
    [['web', 'module.web.module.this']],
  )
})
