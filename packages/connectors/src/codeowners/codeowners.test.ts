import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import ignore from 'ignore'
import { ownersOf } from '@onus/core/codeowners.ts'
import type { CodeownersObserved } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import type { ReaderResult } from '../reader.ts'
import { sharedData } from '../testing/shared-data.ts'
import { codeownersReader } from './index.ts'

const read = async (files: Record<string, string>): Promise<ReaderResult> =>
  await codeownersReader.read(Object.entries(files).map(([path, text]) => new TextFile(path, text)))
const ownersIn = (file: CodeownersObserved, path: string): string[] => ownersOf(file, path)?.owners ?? []
const observed = async (path: string, text: string): Promise<CodeownersObserved> => {
  const [first] = (await read({ [path]: text })).observations
  assert.ok(first?.type === 'codeowners')
  return first
}

test('a CODEOWNERS file governs the directory of its repository', () => {
  const table: [path: string, root: string | null][] = [
    ['CODEOWNERS', ''], ['.github/CODEOWNERS', ''], ['.gitlab/CODEOWNERS', ''], ['docs/CODEOWNERS', ''],
    ['repos/payments/CODEOWNERS', 'repos/payments'], ['repos/payments/.github/CODEOWNERS', 'repos/payments'],
    ['acme+payments/.github__CODEOWNERS', 'acme+payments'], ['acme+payments/docs__CODEOWNERS', 'acme+payments'],
    ['codeowners', null], ['CODEOWNERS.md', null], ['MY_CODEOWNERS', null], ['src/codeowners.ts', null],
  ]
  for (const [path, root] of table) {
    assert.equal(codeownersReader.wantsPath(path), root !== null, path)
    if (root !== null) assert.equal(codeownersReader.unitOf?.(path), root, path)
  }
})

test('GitHub lines are read with comments, escapes and several owners', async () => {
  const text = [
    '# everything', '*  @acme/platform', '', '/payments/ @acme/payments pay@corp.example @jane # the ledger too',
    '/docs/my\\ file.md\t@acme/docs',
    '\\#odd @jane', '/generated/', '/a#b @jane', '  /indented/ @jane  ',
  ].join('\r\n')
  const file = await observed('.github/CODEOWNERS', text)
  assert.equal(file.syntax, 'github')
  assert.deepEqual(file.rules, [
    { pattern: '*', owners: ['@acme/platform'], line: 2 },
    { pattern: '/payments/', owners: ['@acme/payments', 'pay@corp.example', '@jane'], line: 4 },
    { pattern: '/docs/my file.md', owners: ['@acme/docs'], line: 5 },
    { pattern: '#odd', owners: ['@jane'], line: 6 },
    { pattern: '/generated/', owners: [], line: 7 },
    { pattern: '/a#b', owners: ['@jane'], line: 8 },
    { pattern: '/indented/', owners: ['@jane'], line: 9 },
  ])
})

test('a line that GitHub skips is reported and changes nothing', async () => {
  const lines = [
    '* @acme/all', '!docs/ @jane', '[a-z].md @jane', 'x jane', 'x @', 'x @jane extra,comma', 'x***y @jane',
    '[Section] @jane',
  ]
  const { observations, unread } = await read({ '.github/CODEOWNERS': lines.join('\n') })
  assert.ok(observations[0]?.type === 'codeowners')
  assert.deepEqual(observations[0].rules, [{ pattern: '*', owners: ['@acme/all'], line: 1 }])
  assert.deepEqual(unread.map(({ line }) => line), [2, 3, 4, 5, 6, 7, 8])
  assert.equal(unread.some(({ reason }) => /jane|extra/.test(reason)), false, 'reasons quote no line')
})

test('GitLab sections give their default owners to lines without any', async () => {
  const text = [
    '* @acme/all', '[Payments][2] @acme/payments @jane', '/payments/', '/payments/ledger/ @acme/ledger/core', '^[Docs]',
    'docs/', '*.md @bob',
    '[payments] @other', '/more/', '!/payments/generated/', '[Roles] @@maintainer', '/r/', '/s/ @@owner @jane',
    '/t/ nonsense @jane',
  ].join('\n')
  const { observations, unread } = await read({ CODEOWNERS: text })
  const [file] = observations
  assert.ok(file?.type === 'codeowners')
  assert.equal(file.syntax, 'gitlab')
  assert.deepEqual(file.rules.map(({ pattern, owners, section }) => [pattern, owners.join(' '), section]), [
    ['*', '@acme/all', undefined], ['/payments/', '@acme/payments @jane', 'Payments'],
    ['/payments/ledger/', '@acme/ledger/core', 'Payments'],
    ['docs/', '', 'Docs'], ['*.md', '@bob', 'Docs'], ['/more/', '@other', 'payments'],
    ['!/payments/generated/', '@other', 'payments'],
    ['/r/', '', 'Roles'], ['/s/', '@jane', 'Roles'], ['/t/', '@jane', 'Roles'],
  ])
  assert.deepEqual(unread.map(({ line }) => line), [11, 13, 14])
  assert.deepEqual(ownersIn(file, 'payments/a.md'), ['@acme/all', '@acme/payments', '@jane', '@bob'])
  assert.deepEqual(ownersIn(file, 'payments/generated/a'), ['@acme/all'])
  assert.deepEqual(ownersIn(file, 'more/a'), ['@acme/all', '@other'])
})

test('of several files the platform uses the first, and the others are reported', async () => {
  const { observations, unread } = await read({
    'r/CODEOWNERS': '* @root', 'r/docs/CODEOWNERS': '* @docs', 'r/.github/CODEOWNERS': '* @github',
  })
  const [file, ...more] = observations
  assert.ok(file?.type === 'codeowners')
  assert.deepEqual([file.file, file.root, more], ['r/.github/CODEOWNERS', 'r', []])
  assert.deepEqual(unread.map(({ file, reason }) => [file, reason.slice(0, 12)]), [
    ['r/CODEOWNERS', 'not in force'], ['r/docs/CODEOWNERS', 'not in force'],
  ])
  const gitlab = await read({ 'r/CODEOWNERS': '* @root', 'r/.gitlab/CODEOWNERS': '* @gitlab' })
  assert.deepEqual(gitlab.observations.map((one) => one.type === 'codeowners' && one.file), ['r/CODEOWNERS'])
})

test('a file that GitHub is too small for is not in force', async () => {
  const { observations, unread } = await read({ '.github/CODEOWNERS': `* @acme/all\n${'# filler\n'.repeat(400_000)}` })
  assert.ok(observations[0]?.type === 'codeowners')
  assert.deepEqual(observations[0].rules, [])
  assert.match(unread[0]?.reason ?? '', /larger than 3 MB/)
})

test('patterns cover what gitignore covers, in the judgement of an independent matcher', () => {
  const part = fc.constantFrom('a', 'b', 'ab', '*b', 'a*', '?', '**', 'a\\*')
  const parts = fc.array(part, { minLength: 1, maxLength: 4 })
  const pattern = fc.tuple(fc.constantFrom('', '/'), parts, fc.constantFrom('', '/'))
    .map(([start, middle, end]) => `${start}${middle.join('/')}${end}`)
    // gitignore ends at `x/*` by ignoring directories as well, and reads `**` beside other signs in its own ways.
    .filter((text) => !/\*\*\/?$|\*\*\/\*\*/.test(text))
  const segment = fc.constantFrom('a', 'b', 'ab', 'aab', 'a*', 'c')
  const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join('/'))
  fc.assert(fc.property(pattern, path, (text, given) => {
    const rules = [{ pattern: text, owners: ['@a'], line: 1 }]
    const isOwned = ownersIn({ type: 'codeowners', root: '', file: 'CODEOWNERS', rules }, given).length > 0
    assert.equal(isOwned, ignore({ ignorecase: false }).add(text).ignores(given), `${text} on ${given}`)
  }), { numRuns: 5_000 })
})

test('no text breaks the reader', async () => {
  const piece = fc.constantFrom('*', '/', '\\', '[', ']', '^', ' ', '\n', '@a', '@@', '#', '!', 'x', '\u0000', '💥')
  const path = fc.constantFrom('CODEOWNERS', '.github/CODEOWNERS', '.gitlab/CODEOWNERS')
  await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 60 }), path, async (pieces, at) => {
    const file = await observed(at, pieces.join(''))
    // A name after `@`, or an address.
    for (const owner of ownersIn(file, 'x/a/b')) assert.match(owner, /@[^@]/)
  }), { numRuns: 1_000 })
})

const catalogs = sharedData('catalogs')
test('published files are read whole', { skip: catalogs ? false : 'no shared data beside this checkout' }, async () => {
  assert.ok(catalogs)
  type Counted = [text: string, owners: number][]
  const table: [path: string, rules: Counted, owned: Counted][] = [
    ['Kong+deck/CODEOWNERS', [['*', 1]], [['cmd/main.go', 1]]],
    ['JupiterOne+graph-okta/CODEOWNERS', [['*', 1], ['CODEOWNERS', 1]], [['CODEOWNERS', 1], ['src/index.ts', 1]]],
    ['JupiterOne+graph-github/CODEOWNERS', [['*', 1], ['CODEOWNERS', 1]], [['src/index.ts', 1]]],
    ['DataDog+stratus-red-team/.github__CODEOWNERS', [['*', 2]], [['a', 2]]],
    ['ConductorOne+baton-sdk/.github__CODEOWNERS', [['docs/*', 1]], [['docs/a', 1], ['docs/a/b', 0], ['a', 0]]],
    ['panther-labs+panther-analysis/.github__CODEOWNERS', [['*', 2]], [['rules/a.py', 2]]],
  ]
  for (const [path, rules, owned] of table) {
    const { observations: [file], unread } = await read({ [path]: readFileSync(join(catalogs, path), 'utf8') })
    assert.ok(file?.type === 'codeowners', path)
    assert.deepEqual(unread, [], path)
    assert.deepEqual(file.rules.map((rule) => [rule.pattern, rule.owners.length]), rules, path)
    const root = path.slice(0, path.indexOf('/'))
    assert.equal(file.root, root)
    for (const [below, owners] of owned) assert.equal(ownersIn(file, `${root}/${below}`).length, owners, `${root}/${below}`)
  }
})
