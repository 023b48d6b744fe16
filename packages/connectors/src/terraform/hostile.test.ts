import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { readFixture } from './fixture.ts'
import { terraformReader } from './index.ts'

/** Far above what any case needs on a busy machine, far below what an endless one would take. */
const LIMIT_MS = 60_000

/** Locals that are each made of the one before, and a user whose name is made of the last. */
function chain(first: string, length: number, next: (last: string) => string, name: (last: string) => string): string {
  const locals = Array.from({ length }, (_, i) => `  a${i + 1} = ${next(`local.a${i}`)}`)
  const user = `resource "aws_iam_user" "u" { name = ${name(`local.a${length}`)} }`
  return `locals {\n  a0 = ${first}\n${locals.join('\n')}\n}\n${user}`
}

const BOMBS: [name: string, given: string][] = [
  [
    'for_each over a product of ranges',
    `resource "aws_iam_user" "u" {
  for_each = toset([for a in range(1000) : join("-", [for b in range(1000) : "\${a}-\${b}"])])
  name = each.key
}`,
  ],
  [
    'strings that double',
    chain(
      '"xxxxxxxxxx"',
      60,
      (last) => `"\${${last}}\${${last}}"`,
      (last) => last,
    ),
  ],
  [
    'lists that double',
    chain(
      '["x"]',
      60,
      (last) => `concat(${last}, ${last})`,
      (last) => `join(",", ${last})`,
    ),
  ],
  [
    'maps within maps, encoded',
    chain(
      '{ x = "y" }',
      60,
      (last) => `{ l = ${last}, r = ${last} }`,
      (last) => `"n\${jsonencode(${last})}"`,
    ),
  ],
  [
    'a long chain of locals',
    chain(
      '"x"',
      20_000,
      (last) => last,
      (last) => last,
    ),
  ],
  [
    'for within for',
    `locals { n = range(3000) }
resource "aws_iam_user" "u" { name = length([for a in local.n : [for b in local.n : [for c in local.n : c]]]) }`,
  ],
  ['a count beyond reason', 'resource "aws_iam_user" "u" {\n  count = 1000000000\n  name = "x${count.index}"\n}'],
  [
    'dynamic blocks without end',
    `data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = range(9000)
    content {
      actions = [for i in range(9000) : "s3:Get\${i}"]
    }
  }
}
resource "aws_iam_user" "u" { name = "x" }
resource "aws_iam_user_policy" "p" {
  user = aws_iam_user.u.name
  policy = data.aws_iam_policy_document.d.json
}`,
  ],
  [
    'a policy document that includes itself',
    `data "aws_iam_policy_document" "d" {
  source_policy_documents = [data.aws_iam_policy_document.d.json, data.aws_iam_policy_document.d.json]
}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = data.aws_iam_policy_document.d.json
}`,
  ],
  [
    'splats of splats',
    `resource "aws_iam_group" "g" {
  count = 1000
  name = "g"
}
resource "aws_iam_user" "u" { name = join(",", flatten([for g in aws_iam_group.g : aws_iam_group.g[*].name])) }`,
  ],
]
for (const [name, given] of BOMBS) {
  test(`bomb: ${name}`, { timeout: LIMIT_MS }, async () => {
    const before = process.memoryUsage().heapUsed
    const reading = await readFixture({
      'infra/main.tf': given,
      'other/main.tf': 'resource "aws_iam_user" "next" { name = "next" }',
    })
    assert.ok(reading.identities.includes('cloud-principal next'), 'its neighbours are read')
    assert.ok(reading.all('identity').length <= 1_001)
    assert.ok(process.memoryUsage().heapUsed - before < 700 * 1024 * 1024)
  })
}

test('module calls that multiply end', { timeout: LIMIT_MS }, async () => {
  const call = (next: string): string =>
    `module "m" {\n  source = "../${next}"\n  count = 1000\n}\nresource "aws_iam_user" "u" { name = "x" }`
  const reading = await readFixture({
    'infra/main.tf': 'module "m" {\n  source = "./modules/a"\n  count = 1000\n}',
    'infra/modules/a/main.tf': call('b'),
    'infra/modules/b/main.tf': call('c'),
    'infra/modules/c/main.tf': 'resource "aws_iam_user" "u" { name = "y" }',
  })
  assert.ok(reading.all('identity').length <= 2_001)
  assert.ok(reading.unread.some((entry) => /not every call is followed/.test(entry.reason)))
  assert.ok(reading.unread.length < 10)
})

test('more instances than are listed are told', async () => {
  const reading = await readFixture('resource "aws_iam_user" "u" {\n  count = 1001\n  name = "x"\n}')
  assert.deepEqual(
    reading.unread.map((entry) => [entry.line, /instances/.test(entry.reason)]),
    [[1, true]],
  )
})

test('T50: names that mean something to JavaScript mean nothing here', async () => {
  const reading = await readFixture(`
locals {
  m = { __proto__ = "polluted", constructor = "c", toString = "t" }
}
resource "aws_iam_user" "__proto__" {
  name = "a-\${local.m["__proto__"]}"
  tags = merge(local.m, { __proto__ = "tag" })
}
resource "aws_iam_user" "constructor" { name = constructor("x") }
resource "__proto__" "x" {}
module "__proto__" { source = "github.com/acme/terraform-irsa" }
variable "__proto__" { default = "x" }`)
  assert.equal(reading.identities.length, 3)
  // A property of every object would show here.
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  assert.equal(reading.identities[0], 'cloud-principal a-polluted')
})

test('T52: no secret of any argument, variable, tag, heredoc or broken block leaves the reader', async () => {
  const secret = 'kV9-canary-7QzT'
  const reading = await readFixture({
    'infra/main.tf': `
variable "db_password" { default = "${secret}" }
variable "plain" {
  default   = "${secret}"
  sensitive = true
}
locals { token = "${secret}" }
resource "aws_iam_user" "u" {
  name = "u-\${var.db_password}"
  tags = { password = "${secret}", apiToken = "${secret}", note = "postgres://app:${secret}@db.example/x" }
}
resource "keycloak_openid_client" "k" {
  client_id     = "k"
  access_type   = "CONFIDENTIAL"
  client_secret = "${secret}"
}
resource "github_actions_secret" "g" {
  repository      = "r"
  secret_name     = "S"
  plaintext_value = "${secret}"
}
resource "kubernetes_secret" "s" {
  metadata { name = "s" }
  data = { k = "${secret}" }
}
module "irsa" {
  source        = "github.com/acme/terraform-irsa"
  client_secret = "${secret}"
  private_key   = <<EOT
${secret}
EOT
  password      = "${secret}"
  kube_token    = "${secret}"
  url           = "https://app:${secret}@host.example/"
}
resource "aws_iam_user" "broken" {
  password = "${secret}" "${secret}"
}`,
    'infra/terraform.tfvars': `db_password = "${secret}"\nbroken = = "${secret}"\n`,
    'infra/x.tf.json': `{ "locals": { "password": "${secret}" "x": 1 } }`,
  })
  assert.ok(reading.unread.length >= 3)
  assert.ok(!JSON.stringify([reading.observations, reading.unread]).includes(secret))
})

test('control characters and HTML in names stay data', async () => {
  const reading = await readFixture('resource "aws_iam_user" "u" { name = "<img src=x onerror=alert(1)>\\u0007" }')
  assert.deepEqual(
    reading.all('identity').map((one) => one.name),
    ['<img src=x onerror=alert(1)>\u0007'],
  )
})

const PIECES = [
  'resource "aws_iam_user" "u" {',
  '}',
  '\n',
  ' = ',
  '"',
  '${',
  '<<EOT',
  'EOT',
  '[',
  ']',
  '(',
  ')',
  'name',
  'each.key',
  '#',
  '/*',
  '*/',
  '\\',
  '😀',
  'for x in y :',
  '?',
  ':',
  '...',
  'local.a',
  '\u0000',
  '%{ if',
  '~}',
  ',',
]
test('no text makes the reader fail', { timeout: LIMIT_MS }, async () => {
  const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(''))
  await fc.assert(
    fc.asyncProperty(text, async (given) => {
      const reading = await readFixture({ 'infra/main.tf': given, 'infra/main.tf.json': given })
      const lines = given.split('\n').length
      for (const entry of reading.unread) assert.ok(entry.line >= 1 && entry.line <= lines, `${entry.line} of ${lines}`)
    }),
    { numRuns: 300 },
  )
})

test('what comes before a broken part, and after it, does not depend on the broken part', async () => {
  const text = fc
    .array(fc.constantFrom(...PIECES.filter((piece) => !/EOT|\*|"|resource/.test(piece))), { maxLength: 12 })
    .map((pieces) => pieces.join(''))
  await fc.assert(
    fc.asyncProperty(text, async (broken) => {
      const reading = await readFixture(
        `resource "aws_iam_user" "first" {
  name = "first"
}
resource "aws_iam_role" "x" {
  x = ${broken}
}
resource "aws_iam_user" "last" {
  name = "last"
}
`,
      )
      assert.ok(
        reading.identities.includes('cloud-principal first') && reading.identities.includes('cloud-principal last'),
        broken,
      )
    }),
    { numRuns: 200 },
  )
})

test('one scan after another keeps no memory of the parser', { timeout: LIMIT_MS }, async () => {
  const text = Array.from({ length: 200 }, (_, i) => `resource "aws_iam_user" "u${i}" { name = "n${i}" }`).join('\n')
  for (let i = 0; i < 20; i++) await readFixture(text)
  await setTimeout(0)
  const before = process.memoryUsage().rss
  for (let i = 0; i < 60; i++) await readFixture(text)
  assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024)
})

const PATHS: [path: string, want: boolean][] = [
  ['a/main.tf', true],
  ['main.tf', true],
  ['a/main.tf.json', true],
  ['a/main.tofu', true],
  ['a/terraform.tfvars', true],
  ['a/x.auto.tfvars', true],
  ['a/prod.tfvars', false],
  ['a/main.tf.tmpl', false],
  ['a/terraform.tfstate', false],
  ['a/package.json', false],
  ['.tf', true],
]
test('the reader takes configuration, not state and not variable files that must be named', () => {
  for (const [path, want] of PATHS) assert.equal(terraformReader.wantsPath(path), want, path)
})
