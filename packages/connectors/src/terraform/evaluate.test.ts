import assert from 'node:assert/strict'
import test from 'node:test'
import { readFixture } from './fixture.ts'

const NAMES: [name: string, given: string, want: string[]][] = [
  ['a literal', 'resource "aws_iam_user" "u" { name = "ci" }', ['ci']],
  [
    'a local through a local',
    'locals {\n  a = "crew"\n  b = "${local.a}-bot"\n}\nresource "aws_iam_user" "u" { name = local.b }',
    ['crew-bot'],
  ],
  [
    'a variable with a default',
    'variable "env" { default = "dev" }\nresource "aws_iam_user" "u" { name = "ci-${var.env}" }',
    ['ci-dev'],
  ],
  [
    'a variable without one stays a hole',
    'variable "env" {}\nresource "aws_iam_user" "u" { name = "ci-${var.env}" }',
    ['ci-${var.env}'],
  ],
  [
    'a reference that nothing declares stays itself',
    'resource "aws_iam_user" "u" { name = "u-${random_pet.x.id}" }',
    ['u-${random_pet.x.id}'],
  ],
  [
    "another resource's argument",
    `resource "aws_iam_group" "g" { name = "ops" }
resource "aws_iam_user" "u" { name = "\${aws_iam_group.g.name}-bot" }`,
    ['ops-bot'],
  ],
  [
    'functions on texts',
    `locals { n = "CI" }
resource "aws_iam_user" "u" { name = format("%s-%02d-%s", lower(local.n), 7, replace("a_b", "_", "-")) }`,
    ['ci-07-a-b'],
  ],
  [
    'join, split, element and concat',
    'resource "aws_iam_user" "u" { name = join("-", concat(split(",", "a,b"), [element(["x", "y"], 3)])) }',
    ['a-b-y'],
  ],
  [
    'coalesce, try, lookup and one',
    `locals { m = { k = "v" } }
resource "aws_iam_user" "u" {
  name = "\${coalesce("", "c")}\${try("t", "u")}\${lookup(local.m, "no", "d")}\${one(["o"])}"
}`,
    ['ctdo'],
  ],
  [
    'a conditional that can be decided',
    'variable "prod" { default = true }\nresource "aws_iam_user" "u" { name = var.prod ? "live" : "test" }',
    ['live'],
  ],
  [
    'a conditional that cannot',
    'variable "prod" {}\nresource "aws_iam_user" "u" { name = "u-${var.prod ? "live" : "test"}" }',
    ['u-${var.prod ? … : …}'],
  ],
  [
    'a name of which nothing is known is the address',
    'resource "aws_iam_user" "u" {\n  for_each = var.all\n  name = each.value.name\n}',
    ['aws_iam_user.u'],
  ],
  [
    'for_each over every pair of two lists',
    `locals {
  pairs = { for p in setproduct(["prod", "dev"], keys({ b = 1, a = 2 })) : "\${p[0]}-\${p[1]}" => p[1] }
}
resource "aws_iam_user" "u" {
  for_each = local.pairs
  name = "\${each.value}@\${each.key}"
}`,
    ['a@prod-a', 'b@prod-b', 'a@dev-a', 'b@dev-b'],
  ],
  [
    'lists without items of other lists, parts of lists, and maps turned round',
    `resource "aws_iam_user" "u" {
  name = join("+", concat(setsubtract(["a", "b"], ["a"]), setintersection(["a", "b"], ["b", "c"]), slice(["x", "y", "z"], 1, 2), keys(transpose({ k = ["t"] }))))
}`,
    ['b+b+y+t'],
  ],
  [
    'count of a number',
    'resource "aws_iam_user" "u" {\n  count = 3\n  name = "ci-${count.index}"\n}',
    ['ci-0', 'ci-1', 'ci-2'],
  ],
  ['count that switches off', 'resource "aws_iam_user" "u" {\n  count = 0\n  name = "ci"\n}', []],
  [
    'count that cannot be told is one',
    'variable "on" {}\nresource "aws_iam_user" "u" {\n  count = var.on ? 1 : 0\n  name = "ci"\n}',
    ['ci'],
  ],
  [
    'for_each over a set',
    'resource "aws_iam_user" "u" {\n  for_each = toset(["a", "b", "a"])\n  name = each.key\n}',
    ['a', 'b'],
  ],
  [
    'for_each over a map of objects',
    `locals { users = { a = { suffix = "x" }, b = { suffix = "y" } } }
resource "aws_iam_user" "u" {
  for_each = local.users
  name = "\${each.key}-\${each.value.suffix}"
}`,
    ['a-x', 'b-y'],
  ],
  [
    'for_each over a for',
    `locals { names = ["a", "b", "skip"] }
resource "aws_iam_user" "u" {
  for_each = { for n in local.names : n => upper(n) if n != "skip" }
  name = each.value
}`,
    ['A', 'B'],
  ],
  [
    'for_each over resources',
    `resource "aws_iam_group" "g" {
  for_each = toset(["a", "b"])
  name = "group-\${each.key}"
}
resource "aws_iam_user" "u" {
  for_each = aws_iam_group.g
  name = each.value.name
}`,
    ['group-a', 'group-b'],
  ],
  [
    'a splat over counted resources',
    `resource "aws_iam_group" "g" {
  count = 2
  name = "g\${count.index}"
}
resource "aws_iam_user" "u" { name = join("+", aws_iam_group.g[*].name) }`,
    ['g0+g1'],
  ],
  [
    'a local that is a circle ends',
    'locals {\n  a = local.b\n  b = local.a\n}\nresource "aws_iam_user" "u" { name = "u-${local.a}" }',
    ['u-${local.a}'],
  ],
  [
    'a block that refers to itself ends',
    'resource "aws_iam_user" "u" {\n  for_each = aws_iam_user.u\n  name = aws_iam_user.u.name\n}',
    [],
  ],
  [
    'a sensitive variable is not read',
    'variable "n" {\n  default = "hidden"\n  sensitive = true\n}\nresource "aws_iam_user" "u" { name = "u-${var.n}" }',
    ['u-${var.n}'],
  ],
  [
    "a variable with a secret's name is not read",
    'variable "api_token" { default = "hidden" }\nresource "aws_iam_user" "u" { name = "u-${var.api_token}" }',
    ['u-${var.api_token}'],
  ],
  [
    "a switch with a secret's name is read",
    `variable "create_access_key" { default = false }
resource "aws_iam_user" "u" {
  count = var.create_access_key ? 1 : 0
  name = "x"
}`,
    [],
  ],
]
for (const [name, given, want] of NAMES) {
  test(`value: ${name}`, async () => {
    const { unread, ...reading } = await readFixture(given)
    assert.deepEqual(unread, [])
    assert.deepEqual(
      reading.observations.filter((one) => one.type === 'identity').map((one) => one.name),
      want,
    )
  })
}

test("variable files apply in Terraform's order, and only those that apply by themselves", async () => {
  const reading = await readFixture({
    'infra/main.tf': `variable "a" { default = "default" }
variable "b" {}
variable "c" {}
resource "aws_iam_user" "u" { name = "\${var.a} \${var.b} \${var.c}" }`,
    'infra/terraform.tfvars': 'a = "first"\nb = "first"\n',
    'infra/z.auto.tfvars': 'b = "last"\n',
    'infra/a.auto.tfvars.json': '{ "b": "earlier", "c": "json" }',
  })
  assert.deepEqual(reading.identities, ['cloud-principal first last json'])
})

test('an override file replaces arguments', async () => {
  const reading = await readFixture({
    'infra/main.tf': 'resource "aws_iam_user" "u" { name = "a" }',
    'infra/override.tf': 'resource "aws_iam_user" "u" { name = "b" }',
  })
  assert.deepEqual(reading.identities, ['cloud-principal b'])
})

test('instances have the address that Terraform gives them', async () => {
  const reading = await readFixture(
    `resource "aws_iam_user" "u" {
  for_each = toset(["a\\"b"])
  name = "x"
}
resource "aws_iam_user" "n" {
  count = 1
  name = "y"
}`,
  )
  assert.deepEqual(
    reading.all('identity').map((one) => [one.ref.realm, one.ref.path]),
    [
      ['infra', 'aws_iam_user.u["a\\"b"]'],
      ['infra', 'aws_iam_user.n[0]'],
    ],
  )
})

test('tags come from the resource, locals, merge and the provider, each with a line of the file', async () => {
  const reading = await readFixture({
    'infra/main.tf': `resource "aws_iam_user" "u" {
  name = "ci"
  tags = merge(local.common, {
    Purpose = "deploys"
    Team    = "crew"
  })
}
`,
    'infra/common.tf': `provider "aws" {
  default_tags {
    tags = { CostCentre = "42", Team = "nobody" }
  }
}
locals {
  common = { Service = "parcels", db_password = "x" }
}
`,
  })
  assert.deepEqual(reading.tags('aws_iam_user.u'), {
    CostCentre: '42',
    Team: 'crew',
    Service: 'parcels',
    Purpose: 'deploys',
  })
  const [user] = reading.all('identity')
  assert.deepEqual(Object.fromEntries((user?.tags ?? []).map((tag) => [tag.key, tag.line])), {
    CostCentre: 1,
    Team: 5,
    Service: 1,
    Purpose: 4,
  })
})

test('a tag of a partly unknown map is read all the same', async () => {
  const reading = await readFixture(
    'resource "aws_iam_user" "u" {\n  name = "ci"\n  tags = merge(var.tags, { Team = "crew" })\n}',
  )
  assert.deepEqual(reading.tags('aws_iam_user.u'), { Team: 'crew' })
})

test('the JSON form is read like the native one', async () => {
  const reading = await readFixture({
    'infra/main.tf.json': JSON.stringify(
      {
        locals: { crew: 'parcels' },
        resource: {
          aws_iam_user: { ci: { name: '${local.crew}-ci', tags: { Team: 'crew' } } },
          aws_iam_access_key: { ci: [{ user: '${aws_iam_user.ci.name}' }] },
        },
      },
      null,
      2,
    ),
    'infra/broken.tf.json': '{ "resource": { "aws_iam_user": ',
  })
  assert.deepEqual(reading.identities, ['cloud-principal parcels-ci'])
  assert.deepEqual(reading.tags('aws_iam_user.ci'), { Team: 'crew' })
  assert.deepEqual(
    reading.credentials('aws_iam_user.ci').map((one) => one.kind),
    ['access-key'],
  )
  assert.equal(reading.all('identity')[0]?.place.line, 7)
  assert.deepEqual(
    reading.unread.map((entry) => entry.file),
    ['infra/broken.tf.json'],
  )
})
