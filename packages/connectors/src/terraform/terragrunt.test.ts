import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readFixture } from './fixture.ts'

const MODULE = {
  'modules/app/main.tf': `variable "name" {}
variable "environment" {}
resource "aws_iam_user" "this" {
  name = "\${var.name}-\${var.environment}"
  tags = { Environment = var.environment }
}
resource "aws_iam_access_key" "this" { user = aws_iam_user.this.name }`,
}
const ROOT = `remote_state {
  backend = "s3"
  config  = { key = "\${path_relative_to_include()}/terraform.tfstate" }
}
locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl"))
}
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite"
  contents  = <<EOF
provider "aws" {
  region = "\${get_env("REGION")}"
  default_tags { tags = { Owner = "\${local.env.locals.owner}" } }
}
EOF
}
inputs = { environment = local.env.locals.name, name = "from the root" }
`

test('a unit is one call of its module: inputs of all its files, tags of the provider that is written out', async () => {
  const reading = await readFixture({
    ...MODULE,
    'live/root.hcl': ROOT,
    'live/prod/env.hcl': 'locals {\n  name = "prod"\n  owner = "parcels"\n}\n',
    'live/prod/shop/terragrunt.hcl': `include "root" {
  path = find_in_parent_folders("root.hcl")
}
terraform {
  source = "../../../modules//app"
}
inputs = { name = basename(get_terragrunt_dir()), api_token = "EXAMPLE" }
`,
  })
  assert.deepEqual(
    reading.all('identity').map((one) => [one.name, one.nativeRef, one.place, one.ref.realm]),
    [['shop-prod', 'aws_iam_user.this', { file: 'live/prod/shop/terragrunt.hcl', line: 5 }, 'live/prod/shop']],
  )
  assert.deepEqual(reading.tags('aws_iam_user.this'), {
    Owner: 'parcels',
    Environment: 'prod',
    environment: 'prod',
    name: 'shop',
  })
  assert.equal(reading.credentials('aws_iam_user.this').length, 1)
  assert.deepEqual(reading.unread, [])
})

/** What the unit at live/prod/shop makes: `name`, or the whole estate's when there is more. */
const SOURCES: [name: string, files: Record<string, string>, want: string[]][] = [
  [
    'a source that the root of the repository begins',
    { 'live/prod/shop/terragrunt.hcl': 'terraform {\n source = "${get_repo_root()}/modules/app"\n}\ninputs = { name = "a", environment = "b" }' },
    ['a-b'],
  ],
  [
    'a repository in a directory of the estate',
    {
      'repo/modules/app/main.tf': 'resource "aws_iam_user" "this" { name = "inner" }',
      'repo/live/terragrunt.hcl': 'terraform {\n source = "${get_repo_root()}/modules/app//"\n}',
      'modules/app/main.tf': '# nothing',
    },
    ['inner'],
  ],
  [
    'the source of a file that is included, and inputs over its own',
    {
      'live/_common/app.hcl':
        'terraform {\n source = "${dirname(find_in_parent_folders("root.hcl"))}/../modules/app"\n}\ninputs = { name = "a", environment = "common" }',
      'live/root.hcl': '',
      'live/prod/shop/terragrunt.hcl':
        'include "root" {\n path = find_in_parent_folders("root.hcl")\n}\ninclude "common" {\n path = "${dirname(find_in_parent_folders("root.hcl"))}/_common/app.hcl"\n expose = true\n}\ninputs = { environment = "${include.common.inputs.name}2" }',
    },
    ['a-a2'],
  ],
  [
    'a parent called like a unit is none, and its relative source is the unit’s',
    {
      'live/terragrunt.hcl':
        'terraform {\n source = "${path_relative_from_include()}/../modules/app"\n}\ninputs = { name = path_relative_to_include(), environment = "x" }',
      'live/prod/shop/terragrunt.hcl': 'include {\n path = find_in_parent_folders()\n}',
      'live/dev/shop/terragrunt.hcl': 'include {\n path = find_in_parent_folders()\n}',
    },
    ['prod/shop-x', 'dev/shop-x'],
  ],
  [
    'a module that is looked for in the directories above',
    {
      'live/prod/shop/terragrunt.hcl':
        'terraform {\n source = find_in_parent_folders("modules/app")\n}\ninputs = { name = "a", environment = "b" }',
    },
    ['a-b'],
  ],
  [
    'a source beside the file that the unit includes',
    {
      'live/root.hcl': '',
      'live/prod/shop/terragrunt.hcl':
        'include "root" {\n path = find_in_parent_folders("root.hcl")\n}\nterraform {\n source = "${get_parent_terragrunt_dir()}/../modules//app"\n}\ninputs = { name = "a", environment = "b" }',
    },
    ['a-b'],
  ],
  [
    'no source: the directory of the unit, with its inputs',
    {
      'modules/app/main.tf': '',
      'live/prod/shop/main.tf': 'variable "who" {}\nresource "aws_iam_user" "this" { name = var.who }',
      'live/prod/shop/terragrunt.hcl': 'inputs = { who = "me" }',
    },
    ['me'],
  ],
  [
    "somebody else's module by its address, though the version is not known",
    {
      'modules/app/main.tf': '',
      'live/prod/shop/terragrunt.hcl':
        'terraform {\n source = "git::https://git.example/acme/terraform-irsa.git?ref=${get_env("V")}"\n}\ninputs = { role_name = "web" }',
    },
    ['web'],
  ],
  [
    'outputs of other units stay unknown',
    {
      'live/prod/shop/terragrunt.hcl':
        'dependency "vpc" {\n config_path = "../vpc"\n}\nterraform {\n source = "../../../modules/app"\n}\ninputs = { name = "a", environment = dependency.vpc.outputs.env }',
    },
    ['a-${dependency.vpc.outputs.env}'],
  ],
  [
    'maps are merged in depth where the unit asks for it',
    {
      'modules/app/main.tf':
        'variable "tags" {}\nresource "aws_iam_user" "this" { name = join("+", values(var.tags)) }',
      'live/root.hcl': 'inputs = { tags = { a = "1", b = "2" } }',
      'live/prod/shop/terragrunt.hcl':
        'include "root" {\n path = find_in_parent_folders("root.hcl")\n merge_strategy = "deep"\n}\nterraform {\n source = "../../../modules/app"\n}\ninputs = { tags = { b = "3" } }',
    },
    ['1+3'],
  ],
  [
    'files that read each other end',
    {
      'live/a.hcl': 'locals {\n x = read_terragrunt_config("b.hcl").locals.y\n}',
      'live/b.hcl': 'locals {\n y = read_terragrunt_config("a.hcl").locals.x\n}',
      'live/prod/shop/terragrunt.hcl':
        'locals {\n v = read_terragrunt_config(find_in_parent_folders("a.hcl"))\n}\nterraform {\n source = "../../../modules/app"\n}\ninputs = { name = "a", environment = local.v.locals.x }',
    },
    ['a-${read_terragrunt_config(…).locals.x}'],
  ],
]
for (const [name, files, want] of SOURCES) {
  test(`Terragrunt: ${name}`, async () => {
    const reading = await readFixture({ ...MODULE, ...files })
    assert.deepEqual(
      reading.all('identity').map((one) => one.name),
      want,
    )
    assert.deepEqual(reading.unread, [])
  })
}

test('files of other tools in the same language are left alone', async () => {
  const { unread, observations } = await readFixture({
    'a/.terraform.lock.hcl': 'provider "registry.example/aws" {\n version = "1"',
    'a/image.pkr.hcl': 'source "amazon-ebs" "x" {',
    'a/policy.hcl': 'path "secret/*" { capabilities = ["read"] ',
  })
  assert.deepEqual([unread, observations], [[], []])
})

test('no unit makes the reader throw', async () => {
  const word = fc.constantFrom(
    'include "a" {\n path = find_in_parent_folders()\n}',
    'include {\n path = "terragrunt.hcl"\n}',
    'locals {\n a = local.a\n b = include.a.locals.b\n}',
    'terraform {\n source = local.a\n}',
    'terraform {\n source = "/../.."\n}',
    'terraform {\n source = "."\n}',
    'inputs = local.b',
    'inputs = include.a.inputs',
    'generate "x" {\n contents = "provider \\"aws\\" {"\n}',
    'generate "x" {\n contents = local.a\n}',
    '}',
    'locals {\n c = read_terragrunt_config(get_terragrunt_dir())\n d = abspath("../../..")\n}',
  )
  const file = fc.array(word, { maxLength: 6 }).map((words) => words.join('\n'))
  await fc.assert(
    fc.asyncProperty(file, file, file, async (root, middle, leaf) => {
      await readFixture({
        'terragrunt.hcl': root,
        'a/terragrunt.hcl': middle,
        'a/b/terragrunt.hcl': leaf,
        'a/b/main.tf': 'resource "aws_iam_user" "u" { name = "u" }',
      })
    }),
    { numRuns: 200 },
  )
})
