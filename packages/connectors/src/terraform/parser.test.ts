import assert from 'node:assert/strict'
import test from 'node:test'
import type { Expr } from './ast.ts'
import { topLevelChunks } from './chunks.ts'
import { HclParser } from './parser.ts'

const hcl = await HclParser.load()

function valueOf(text: string): Expr | undefined {
  const { attributes, problems } = hcl.parse('a.tf', `v = ${text}\n`)
  assert.deepEqual(problems, [], text)
  return attributes.get('v')?.value
}

/** An expression as one line, with brackets that show how it was grouped. */
function show(expr: Expr | undefined): string {
  switch (expr?.kind) {
    case undefined:
      return 'nothing'
    case 'literal':
      return JSON.stringify(expr.value)
    case 'template':
      return `\`${expr.parts.map((part) => (typeof part === 'string' ? part : `{${show(part)}}`)).join('')}\``
    case 'list':
      return `[${expr.items.map(show).join(' ')}]`
    case 'object':
      return `{${expr.entries.map(({ key, value }) => `${show(key)}:${show(value)}`).join(' ')}}`
    case 'name':
      return expr.name
    case 'get':
      return `${show(expr.of)}.${expr.name}`
    case 'index':
      return `${show(expr.of)}[${show(expr.index)}]`
    case 'splat':
      return `${show(expr.of)}[*]${expr.each.map(showStep).join('')}`
    case 'call':
      return `${expr.name}(${expr.args.map(show).join(' ')}${expr.isSpread ? '...' : ''})`
    case 'for':
      return showFor(expr)
    case 'unary':
      return `(${expr.operator}${show(expr.of)})`
    case 'binary':
      return `(${show(expr.left)}${expr.operator}${show(expr.right)})`
    case 'conditional':
      return `(${show(expr.test)}?${show(expr.yes)}:${show(expr.no)})`
    case 'opaque':
    case 'value':
      return '…'
  }
}

function showStep(step: string | Expr): string {
  return typeof step === 'string' ? `.${step}` : `[${show(step)}]`
}

function showFor(expr: Extract<Expr, { kind: 'for' }>): string {
  const key = expr.key ? `${show(expr.key)}=>` : ''
  const filter = expr.filter ? ` if ${show(expr.filter)}` : ''
  const names = `${expr.keyName ?? '_'} ${expr.valueName}`
  return `for ${names} in ${show(expr.over)}: ${key}${show(expr.result)}${filter}${expr.isGrouped ? '...' : ''}`
}

const EXPRESSIONS: [name: string, given: string, want: string][] = [
  ['a string', '"plain"', '"plain"'],
  [
    'escapes',
    String.raw`"tab\t quote\" u\u00e9 U\U0001F600 back\\slash"`,
    JSON.stringify('tab\t quote" ué U😀 back\\slash'),
  ],
  ['an escaped interpolation is text', '"$${not} %%{this}"', '"${not} %{this}"'],
  ['white space around an interpolation stays', '"a ${b} c"', '`a {b} c`'],
  ['interpolations nest', '"${f("x-${y}")}"', '`{f(`x-{y}`)}`'],
  ['a number, a truth and nothing', '[1, -2.5, 1.5e3, true, null]', '[1 (-2.5) 1500 true null]'],
  ['a reference with steps of every kind', 'a.b["c"][0].d.0.e', 'a.b["c"][0].d[0].e'],
  ['both splats', '[a.*.b, a[*].b.c[0]]', '[a[*].b a[*].b.c[0]]'],
  ['a call with a spread', 'merge({ a = 1 }, local.more...)', 'merge({"a":1} local.more...)'],
  ['keys in every form', '{ a = 1, "b" : 2, (c) = 3, "d-${e}" = 4 }', '{"a":1 "b":2 c:3 `d-{e}`:4}'],
  ['a list is made with for', '[for k, v in m : upper(k) if v != ""]', 'for k v in m: upper(k) if (v!="")'],
  ['a map is made with for and grouped', '{ for x in xs : x.k => x.v... }', 'for _ x in xs: x.k=>x.v...'],
  [
    'conditions and operators group as Terraform does',
    'a && b || !c.d ? 1 + 2 * 3 : (x)',
    '(((a&&b)||(!c.d))?(1+(2*3)):x)',
  ],
  ['steps follow brackets', '(a).b', 'a.b'],
  ['a provider function', 'provider::aws::arn_parse(x)', 'provider::aws::arn_parse(x)'],
  ['a directive is not guessed', '"a%{ if b }c%{ endif }d"', '`a{…}d`'],
  ['unicode is counted in the right units', '"😀é${x}ü"', '`😀é{x}ü`'],
]

for (const [name, given, want] of EXPRESSIONS)
  test(`expression: ${name}`, () => assert.equal(show(valueOf(given)), want))

test('heredocs keep their lines, and <<- takes the common indentation away', () => {
  const plain = valueOf('<<EOT\n  {"a": "${b}"}\n # not a comment\nEOT')
  assert.equal(show(plain), '`  {"a": "{b}"}\n # not a comment\n`')
  assert.equal(show(valueOf('<<-EOT\n    one\n      two ${x}\n\n    three\n  EOT')), '`one\n  two {x}\n\nthree\n`')
  assert.equal(show(valueOf('<<EOT\nEOT')), '``')
})

test('blocks, labels and lines are those of the file, with Windows line ends and a comment of each kind', () => {
  const { blocks, problems } = hcl.parse(
    'a.tf',
    `# one\r
// two\r
/* three\r
 four */\r
resource "aws_iam_user" "ci" {\r
  name = "ci" # tail\r
  x { y = 1 }\r
}\r
locals {}\r
`,
  )
  assert.deepEqual(problems, [])
  const [user] = blocks
  assert.deepEqual(
    [user?.type, user?.labels, user?.line, user?.attributes.get('name')?.line, user?.blocks[0]?.line],
    ['resource', ['aws_iam_user', 'ci'], 5, 6, 7],
  )
})

const BROKEN: [name: string, given: string, blocks: string[], lines: number[]][] = [
  [
    'a broken block leaves its neighbours',
    'resource "a" "one" {}\nresource "a" "two" {\n  x = = 1\n}\nresource "a" "three" {}\n',
    ['one', 'three'],
    [3],
  ],
  [
    'an unclosed block ends where the next begins',
    'resource "a" "one" {\n  x {\nresource "a" "two" {\n}\n',
    ['two'],
    [1],
  ],
  [
    'an unclosed string stays in its block',
    'resource "a" "one" {\n  x = "open\n}\nresource "a" "two" {}\n',
    ['two'],
    [1],
  ],
  [
    'conflict marks take nothing with them',
    'resource "a" "one" {\n}\n<<<<<<< HEAD\nresource "a" "two" {\n}\n=======\n>>>>>>> theirs\n',
    ['one', 'two'],
    [3, 6],
  ],
  [
    'blocks that stand in a heredoc of a broken file are text',
    'x = = 1\nresource "a" "one" {\n  d = <<EOT\nresource "a" "ghost" {\n}\nEOT\n}\n',
    ['one'],
    [1],
  ],
  [
    'blocks that stand in a comment of a broken file are text',
    'x = = 1\n/*\nresource "a" "ghost" {\n}\n*/\nresource "a" "one" {}\n',
    ['one'],
    [1],
  ],
  ['something else altogether', '\u0000\u0001PK\u0003\u0004', [], [1]],
]
for (const [name, given, want, lines] of BROKEN) {
  test(`broken HCL: ${name}`, () => {
    const { blocks, problems } = hcl.parse('a.tf', given)
    assert.deepEqual(
      blocks.map((block) => block.labels[1]),
      want,
    )
    assert.equal(problems.length, lines.length, JSON.stringify(problems))
    for (const [i, line] of lines.entries())
      assert.ok(Math.abs((problems[i]?.line ?? 0) - line) <= 1, `line ${line}, not ${problems[i]?.line}`)
  })
}

test('T52: a reason never quotes the text around the error', () => {
  const secret = 'hunter2-hunter2'
  const { problems } = hcl.parse('a.tf', `resource "a" "one" {\n  password = "${secret}" = \n}\nfoo "${secret}" {\n`)
  assert.ok(problems.length > 0)
  assert.ok(!JSON.stringify(problems).includes(secret), JSON.stringify(problems))
})

test('chunks cover the text without gaps', () => {
  const text = 'locals {}\n\nresource "a" "b" {\n  x = 1\n}\nmodule "m" {}\n'
  const chunks = topLevelChunks(text)
  assert.equal(chunks.map(({ start, end }) => text.slice(start, end)).join(''), text)
  assert.equal(chunks.length, 3)
})

test('nesting beyond the limit is told once and the rest of the file is read', () => {
  const { blocks, problems } = hcl.parse(
    'a.tf',
    `resource "a" "deep" {\n  x = ${'['.repeat(5_000)}${']'.repeat(5_000)}\n  y = 1\n}\nresource "a" "next" {}\n`,
  )
  assert.deepEqual(
    blocks.map((block) => block.labels[1]),
    ['deep', 'next'],
  )
  assert.equal(problems.length, 1)
  assert.match(problems[0]?.reason ?? '', /nested/)
})

test('a file of 5 MB is read block by block', () => {
  const block = (i: number): string =>
    `resource "aws_iam_user" "u${i}" {\n  name = "user-${i}"\n  tags = { Team = "crew" }\n}\n`
  const text = Array.from({ length: 65_000 }, (_, i) => block(i)).join('')
  assert.ok(text.length > 5_000_000)
  const { blocks, problems } = hcl.parse('a.tf', text)
  assert.equal(blocks.length, 65_000)
  assert.equal(blocks[64_999]?.line, 64_999 * 4 + 1)
  assert.deepEqual(problems, [])
})

test('one endless block is refused and its neighbours are read', () => {
  const { blocks, problems } = hcl.parse('a.tf', `locals {\n  x = "${'y'.repeat(3_000_000)}"\n}\nresource "a" "b" {}\n`)
  assert.deepEqual(
    blocks.map((block) => block.type),
    ['resource'],
  )
  assert.match(problems[0]?.reason ?? '', /MB/)
})
