import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { isCatchAll, ownersOf } from './codeowners.ts'
import type { CodeownersObserved } from './observation.ts'

type Line = [pattern: string, owners: string, section?: string]
const file = (lines: Line[], more: Partial<CodeownersObserved> = {}): CodeownersObserved => ({
  type: 'codeowners', root: '', file: 'CODEOWNERS', ...more,
  rules: lines.map(([pattern, owners, section], i) => ({
    pattern,
    owners: owners.split(' ').filter((owner) => owner !== ''),
    line: i + 1,
    ...(section === undefined ? {} : { section }),
  })),
})
const covers = (pattern: string, path: string, syntax: 'github' | 'gitlab' = 'github'): boolean =>
  ownersOf(file([[pattern, '@a']], { syntax }), path) !== null

test('a GitHub pattern covers what gitignore rules say, except that docs/* stays in its directory', () => {
  const table: [pattern: string, covered: string[], not: string[]][] = [
    ['*', ['a', 'a/b', '.hidden', 'a/.b/c'], []],
    ['**', ['a', 'a/b'], []],
    ['*.tf', ['main.tf', 'a/b/main.tf', 'x.tf/y'], ['main.tfvars', 'a/tf']],
    ['docs', ['docs', 'docs/a', 'x/docs/a/b'], ['docs2/a', 'mydocs/a']],
    ['docs/', ['docs/a', 'x/docs/a/b'], ['docs', 'x/docs']],
    ['/docs/', ['docs/a', 'docs/a/b'], ['x/docs/a', 'docs']],
    ['/docs', ['docs', 'docs/a/b'], ['x/docs']],
    ['docs/*', ['docs/a'], ['docs/a/b', 'x/docs/a', 'docs']],
    ['docs/**', ['docs/a', 'docs/a/b'], ['docs', 'x/docs/a']],
    ['docs/api', ['docs/api', 'docs/api/a'], ['x/docs/api']],
    ['**/logs', ['logs/a', 'x/logs/a', 'x/y/logs'], ['logsx/a']],
    ['/apps/*/config', ['apps/a/config', 'apps/a/config/x'], ['apps/config', 'apps/a/b/config']],
    ['apps/**/config', ['apps/config', 'apps/a/config/x', 'apps/a/b/config'], ['x/apps/config']],
    ['/a*b?c', ['abxc', 'azzbxc/d'], ['abc', 'x/abxc']],
    ['a\\*b', ['a*b'], ['axb']],
    ['/namespaces/pay-*/', ['namespaces/pay-dev/a', 'namespaces/pay-/x/y'], ['namespaces/pay/a', 'namespaces/pay-dev']],
    ['my file.md', ['my file.md', 'x/my file.md'], ['my']],
    ['/', [], ['a', 'a/b']],
    ['Docs', [], ['docs/a']],
    ['**/**/a', ['a', 'x/a', 'x/y/a/z'], ['b']],
    ['/**/a/**', ['a/x', 'y/a/x/z'], ['a', 'y/a']],
  ]
  for (const [pattern, covered, not] of table) {
    for (const path of covered) assert.equal(covers(pattern, path), true, `${pattern} covers ${path}`)
    for (const path of not) assert.equal(covers(pattern, path), false, `${pattern} does not cover ${path}`)
  }
})

test('a GitLab pattern is anchored by a leading slash only and covers a directory by a trailing one only', () => {
  const table: [pattern: string, covered: string[], not: string[]][] = [
    ['*', ['a', 'a/b'], []],
    ['README.md', ['README.md', 'x/y/README.md'], ['README.md/x']],
    ['docs/', ['docs/a', 'x/docs/a/b'], ['docs']],
    ['docs/*.md', ['docs/a.md', 'x/docs/a.md'], ['docs/x/a.md']],
    ['/docs', ['docs'], ['docs/a']],
    ['/docs/', ['docs/a', 'docs/a/b'], ['x/docs/a']],
    ['/docs/**/index.md', ['docs/index.md', 'docs/a/b/index.md'], ['x/docs/index.md']],
    ['/docs/**', ['docs/a'], ['docs/a/b']],
  ]
  for (const [pattern, covered, not] of table) {
    for (const path of covered) assert.equal(covers(pattern, path, 'gitlab'), true, `${pattern} covers ${path}`)
    for (const path of not) assert.equal(covers(pattern, path, 'gitlab'), false, `${pattern} does not cover ${path}`)
  }
})

test('the last matching rule decides, and one without owners leaves the path without owners', () => {
  const codeowners = file([
    ['*', '@acme/platform'], ['/payments/', '@acme/payments pay@corp.example'], ['*.md', '@acme/docs'],
    ['/payments/generated/', ''], ['/payments/generated/keep.ts', '@jane'],
  ])
  const table: [path: string, owners: string[] | null, line: number][] = [
    ['main.tf', ['@acme/platform'], 1], ['payments/main.tf', ['@acme/payments', 'pay@corp.example'], 2],
    ['payments/README.md', ['@acme/docs'], 3], ['payments/generated/a.ts', null, 0],
    ['payments/generated/README.md', null, 0], ['payments/generated/keep.ts', ['@jane'], 5],
  ]
  for (const [path, owners, line] of table) {
    const found = ownersOf(codeowners, path)
    assert.deepEqual(found?.owners ?? null, owners, path)
    if (found) assert.equal(found.line, line, path)
  }
  assert.equal(ownersOf(codeowners, 'payments/main.tf')?.pattern, '/payments/')
})

test('a file below another root is measured from that root, and nothing outside of it is covered', () => {
  const codeowners = file([['/role.tf', '@a']], { root: 'repos/payments' })
  assert.deepEqual(ownersOf(codeowners, 'repos/payments/role.tf')?.owners, ['@a'])
  for (const path of ['role.tf', 'repos/role.tf', 'repos/payments2/role.tf', 'repos/payments/x/role.tf']) {
    assert.equal(ownersOf(codeowners, path), null, path)
  }
})

test('GitLab sections add their owners up, each by its own last rule and exclusions', () => {
  const codeowners = file([
    ['*', '@acme/platform'], ['*', '@acme/security', 'Security'], ['/docs/', '@acme/docs', 'Docs'],
    ['*.tf', '@acme/cloud', 'SECURITY'],
    ['!/docs/', '', 'Security'],
  ], { syntax: 'gitlab' })
  const table: [path: string, owners: string[]][] = [
    ['a', ['@acme/platform', '@acme/security']], ['a/b.tf', ['@acme/platform', '@acme/cloud']],
    ['docs/a', ['@acme/platform', '@acme/docs']], ['docs/a.tf', ['@acme/platform', '@acme/docs']],
  ]
  for (const [path, owners] of table) assert.deepEqual(ownersOf(codeowners, path)?.owners, owners, path)
})

test('a catch-all rule is told from one that only covers the top directory', () => {
  for (const pattern of ['*', '**', '/**', '**/*']) assert.equal(isCatchAll({ pattern }), true, pattern)
  for (const pattern of ['/*', '*.tf', '/docs/', 'a/**', '/']) assert.equal(isCatchAll({ pattern }), false, pattern)
})

test('the answer is that of trying every rule alone, from the last to the first', () => {
  const part = fc.constantFrom('a', 'b', 'ab', '*', '**', 'a*', '*b', '?')
  const parts = fc.array(part, { minLength: 1, maxLength: 4 })
  const pattern = fc.tuple(fc.constantFrom('', '/'), parts, fc.constantFrom('', '/'))
    .map(([start, middle, end]) => `${start}${middle.join('/')}${end}`)
  const segments = fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', 'c'), { minLength: 1, maxLength: 5 })
  const path = segments.map((names) => names.join('/'))
  fc.assert(fc.property(fc.array(pattern, { minLength: 1, maxLength: 8 }), path, (patterns, given) => {
    const codeowners = file(patterns.map((one, i) => [one, `@${i}`]))
    const want = patterns.findLastIndex((one) => covers(one, given))
    assert.deepEqual(ownersOf(codeowners, given)?.owners ?? null, want < 0 ? null : [`@${want}`])
  }), { numRuns: 3_000 })
})

test('21,000 paths against 500 rules take less than a second', () => {
  const kinds = (i: number): string[] =>
    [`/namespaces/team-${i}-*/`, `/namespaces/app-${i}/`, `team-${i}/`, `*.ext${i}`, `services/**/m${i}`]
  const rules = Array.from({ length: 499 }, (_, i): Line => [kinds(i)[i % 5] ?? '', `@acme/t${i}`])
  const codeowners = file([['*', '@platform'], ...rules])
  const paths = Array.from({ length: 21_000 }, (_, i) => `namespaces/app-${i % 700}/resources/role-${i}.ext${i % 900}`)
  // Processor time, because other tests run beside this one.
  const started = process.cpuUsage()
  let owned = 0
  for (const path of paths) if (ownersOf(codeowners, path)) owned += 1
  const milliseconds = process.cpuUsage(started).user / 1_000
  assert.equal(owned, paths.length)
  assert.ok(milliseconds < 1_000, `${milliseconds} ms`)
})

test('a hostile pattern costs no more than the product of the lengths', () => {
  const started = process.cpuUsage()
  covers(`${'*a'.repeat(2_000)}b`, 'a'.repeat(4_000))
  covers(`${'**/a/'.repeat(500)}b`, `${'a/'.repeat(1_000)}a`)
  assert.ok(process.cpuUsage(started).user < 1_000_000)
})
