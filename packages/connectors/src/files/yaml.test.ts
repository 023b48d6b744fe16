import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parse as referenceParse, stringify } from 'yaml'
import { readListItems } from './yaml-list.ts'
import { readYamlSource } from './yaml-source.ts'
import { readYaml } from './yaml.ts'

const SECRET = 'hunter2-Zq81'

/** Values and problems of a file; problems as `line: reason`. */
function read(text: string): { values: unknown[]; problems: string[] } {
  const { documents, problems } = readYaml(text)
  return { values: documents.map((document) => document.value), problems: problems.map(({ line, reason }) => `${line}: ${reason}`) }
}

test('documents are read as plain data', () => {
  const cases: [name: string, given: string, want: unknown[]][] = [
    ['several documents, empty ones left out', 'a: 1\n---\n---\n# nothing\n---\nb: [x, y]\n', [{ a: 1 }, { b: ['x', 'y'] }]],
    ['JSON, with a byte order mark', '\ufeff {"a": [1, {"b": null}]}', [{ a: [1, { b: null }] }]],
    ['JSON with a key twice: the last counts', '{"a": 1, "a": 2}', [{ a: 2 }]],
    ['YAML in brackets that is no JSON', '{a: 1, b: [x]}', [{ a: 1, b: ['x'] }]],
    ['anchors and merge keys', 'base: &b {x: 1, y: 2}\nmore:\n  <<: *b\n  y: 3\n', [{ base: { x: 1, y: 2 }, more: { x: 1, y: 3 } }]],
    ['dates stay text', 'at: 2024-03-05\n', [{ at: '2024-03-05' }]],
    ['local tags are read as if absent', 'a: !Ref Bucket\nb: !reference [x, y]\nc: !Sub {d: 1}\n', [{ a: 'Bucket', b: ['x', 'y'], c: { d: 1 } }]],
    ['expressions of CI files are text', 'run: echo ${{ secrets.KEY }}\n', [{ run: 'echo ${{ secrets.KEY }}' }]],
    ['quoted template expressions are text', 'name: "{{ .Values.name }}"\n', [{ name: '{{ .Values.name }}' }]],
    ['Windows line ends', 'a: 1\r\nb:\r\n  - x\r\n', [{ a: 1, b: ['x'] }]],
    ['nothing', '', []],
  ]
  for (const [name, given, want] of cases) {
    const { documents, problems } = readYaml(given)
    assert.deepEqual(problems, [], name)
    assert.deepEqual(documents.map((document) => document.value), want, name)
  }
})

test('T62: what is broken or dangerous is one problem with its line, and the other documents are read', () => {
  const laughs = ['l0: &l0 [ha, ha]', ...Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`)].join('\n')
  const cases: [name: string, given: string, line: number, reason: RegExp][] = [
    ['billion laughs', laughs, 1, /aliases multiply/],
    ['an alias inside what it names', 'a: &a\n  - x\n  - *a\n', 1, /alias/],
    ['an alias without anchor', 'a: 1\nb: *nowhere\n', 2, /an alias without an anchor/],
    ['a tag for a JavaScript function', `a: 1\nb: !!js/function 'function () { return "${SECRET}" }'\n`, 2, /nothing is run/],
    ['a tag for a Python call', `a: !!python/object/apply:os.system ["echo ${SECRET}"]\n`, 1, /nothing is run/],
    ['equal keys', `password: ${SECRET}\nuser: x\npassword: ${SECRET}\n`, 3, /the same key twice/],
    ['equal keys deep inside', 'a:\n  b:\n    c: 1\n    c: 2\n', 4, /the same key twice/],
    ['a mapping as key', '? {a: b}\n: c\n', 1, /a key that is no plain value/],
    ['a merge key with text', 'a:\n  <<: text\n', 1, /merge key/],
    ['wrong indentation', `a:\n  b: ${SECRET}\n c: 1\n`, 3, /not valid YAML/],
    ['an unclosed quote', `a: "${SECRET}\n`, 3, /not valid YAML/],
    ['an unknown escape', `a: "\\q${SECRET}"\n`, 1, /escape sequence/],
    ['a tab as indentation', `a:\n\tb: ${SECRET}\n`, 2, /not valid YAML/],
    ['text behind a value in brackets', `a: {b: 1} ${SECRET}\n`, 1, /not valid YAML/],
  ]
  for (const [name, given, line, reason] of cases) {
    const { values, problems } = read(`${given}\n---\nstill: read\n`)
    assert.deepEqual(values, [{ still: 'read' }], name)
    assert.equal(problems.length, 1, `${name}: ${problems.join('; ')}`)
    assert.match(problems[0] ?? '', reason, name)
    assert.equal(problems[0]?.startsWith(`${line}: `), true, `${name}: ${problems[0]}`)
    assert.doesNotMatch(problems.join(), new RegExp(SECRET), name)
  }
})

test('T59: a hundred thousand levels are refused quickly, in every style', () => {
  const deep = 100_000
  const cases: [name: string, given: string][] = [
    ['open brackets', '['.repeat(deep)],
    ['closed brackets (JSON)', `${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['JSON objects', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`],
    ['flow mappings', '{a: '.repeat(deep)],
    ['dashes', `${'- '.repeat(deep)}x`],
    ['braces as keys of braces', `a: ${'{'.repeat(300)}`],
    ['explicit keys of explicit keys', `${'? '.repeat(400)}x`],
    ['indentation', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['aliases on top of each other', Array.from({ length: 90 }, (_, i) => `a${i}: &a${i} {x: {y: ${i === 0 ? 1 : `*a${i - 1}`}}}`).join('\n')],
  ]
  for (const [name, given] of cases) {
    const started = process.cpuUsage()
    const { values, problems } = read(given)
    assert.deepEqual([values.length, problems.length], [0, 1], `${name}: ${problems.join('; ')}`)
    assert.ok(cpuSeconds(started) < 5, `${name} took ${cpuSeconds(started)} s`)
  }
  assert.deepEqual(read(`${'['.repeat(100)}${']'.repeat(100)}`).problems, [])
})

/** Of this process, so that a busy machine does not fail the test. */
function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1e6
}

test('a hundred thousand keys in one mapping, with their lines, and a seven megabyte scalar are read in linear time', () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => `k${i}: ${i}`).join('\n')
  const started = process.cpuUsage()
  for (const text of [keys, JSON.stringify(readYaml(keys).documents[0]?.value, null, 1)]) {
    const document = readYaml(text).documents[0]
    assert.equal(Object.keys(document?.value ?? {}).length, 100_000)
    const first = document?.line(['k0']) ?? 0
    for (let i = 0; i < 100_000; i += 5) assert.equal(document?.line([`k${i}`]), first + i)
  }
  assert.deepEqual(read(`a: "${'x'.repeat(7_000_000)}"\n`).problems, [])
  assert.ok(cpuSeconds(started) < 15)
})

test('a template is one problem, however many of its documents break', () => {
  const cases: [name: string, given: string, line: number][] = [
    ['Helm control lines', '{{- if .Values.rbac }}\nkind: Role\n{{- end }}\n---\n{{ include "x" . }}\n', 1],
    ['an unquoted expression', 'kind: Role\nmetadata:\n  name: {{ .Release.Name }}\n', 3],
    ['Jinja statements', '{% for team in teams %}\n- name: {{ team }}\n{% endfor %}\n', 1],
  ]
  for (const [name, given, line] of cases) assert.deepEqual(read(given).problems, [`${line}: a template (Helm, Jinja or the like); render it first`], name)
})

test('T50: keys that mean something to JavaScript are only keys', () => {
  for (const text of ['__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\n', '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}']) {
    const value = readYaml(text).documents[0]?.value ?? {}
    assert.deepEqual(Object.keys(value), ['__proto__', 'constructor'])
    assert.equal(Object.getPrototypeOf(value), Object.prototype)
    assert.equal('polluted' in {}, false)
  }
})

const MANIFEST = ['# comment', 'kind: List', 'items:', '- metadata:', '    name: a', '    labels: {team: x}', '- metadata:', '    "name": b', '', '---', 'kind: Other']

test('lines point at keys and items, and at the nearest ancestor of what is not there', () => {
  const [first, second] = readYaml(MANIFEST.join('\n')).documents
  const cases: [path: (string | number)[], want: number][] = [
    [[], 2], [['kind'], 2], [['items'], 3], [['items', 0], 4], [['items', 0, 'metadata', 'name'], 5], [['items', 0, 'metadata', 'labels', 'team'], 6],
    [['items', 1, 'metadata', 'name'], 8], [['items', 1, 'metadata', 'uid'], 7], [['items', 7], 3], [['no', 'such'], 2],
  ]
  for (const [path, want] of cases) assert.equal(first?.line(path), want, path.join('.'))
  assert.equal(second?.line(['kind']), 11)
})

test('lines in JSON point at keys and items too', () => {
  const text = JSON.stringify({ kind: 'List', items: [{ name: 'a "b" {', tags: ['x', 'y'] }, { name: 'c' }], last: 1 }, null, 1)
  const lines = text.split('\n')
  const document = readYaml(text).documents[0]
  const cases: [path: (string | number)[], want: string][] = [
    [[], '{'], [['kind'], ' "kind": "List",'], [['items', 0, 'tags', 1], '    "y"'], [['items', 1, 'name'], '   "name": "c"'], [['items', 1, 'no'], '  {'], [['last'], ' "last": 1'],
  ]
  for (const [path, want] of cases) assert.equal(lines[(document?.line(path) ?? 0) - 1], want, path.join('.'))
})

function list(count: number, indentation: string, broken: ReadonlySet<number> = new Set()): string {
  const items = Array.from({ length: count }, (_, i) => {
    const lines = ['- kind: RoleBinding', '  metadata:', `    name: b${i}`, ...(broken.has(i) ? [`    name: ${SECRET}`] : []), '    note: |', '      - kind: not an item', '', '    # a comment', '  subjects:', '  - kind: Group', `    name: team-${i}`]
    return lines.map((line) => indentation + line).join('\n')
  })
  return `apiVersion: v1\nitems:\n${items.join('\n')}\n# comment\nkind: List\nmetadata:\n  resourceVersion: ""\n`
}

test('a large list is read item by item and means the same as read whole', () => {
  for (const indentation of ['', '  ']) {
    const text = list(8_000, indentation)
    assert.ok(text.length > 1_000_000)
    const file = readYaml(text)
    const document = file.documents[0]
    assert.deepEqual(file.problems, [])
    assert.deepEqual(document?.value, referenceParse(text, { maxAliasCount: 0 }))
    const lines = text.split('\n')
    for (const index of [0, 1, 4_321, 7_999]) {
      assert.equal(lines[(document?.line(['items', index, 'metadata', 'name']) ?? 0) - 1], `${indentation}    name: b${index}`)
      assert.equal(lines[(document?.line(['items', index, 'subjects', 0]) ?? 0) - 1], `${indentation}  - kind: Group`)
    }
    assert.equal(lines[(document?.line(['kind']) ?? 0) - 1], 'kind: List')
    assert.equal(document?.line(['apiVersion']), 1)
  }
})

test('places in a list that is read by items are those of the same item read alone, whatever its keys and aliases', () => {
  const rest = '- kind: Other\nkind: List\n'
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
    const item = stringify([{ value, 7: { b: 1 }, base: [1, { c: 2 }] }])
    const alone = readYamlSource(item).documents[0]
    const listed = readListItems(`items:\n${item}${rest}`)?.documents[0]
    assert.deepEqual(listed?.value, { items: [...asList(alone?.value), { kind: 'Other' }], kind: 'List' })
    for (const path of [['value'], ['value', 0], ['value', 'a'], ['7', 'b'], ['base', 1, 'c'], ['base', 1, 'no'], []]) {
      assert.equal(listed?.locate(['items', 0, ...path]), (alone?.locate([0, ...path]) ?? 0) + 'items:\n'.length, JSON.stringify([item, path]))
    }
  }), { numRuns: 200 })
  const aliased = 'items:\n- a: &a {x: 1}\n  b: *a\n  c: {<<: *a, y: 2}\n  d: 1\n'
  const document = readListItems(`${aliased}${rest}`)?.documents[0]
  for (const key of ['a', 'b', 'c', 'd']) assert.equal(document?.locate(['items', 0, key]), aliased.indexOf(`${key}:`), key)
})

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

test('a broken item of a large list is left out with its line; a list broken everywhere is said once more', () => {
  const one = readYaml(list(8_000, '', new Set([17])))
  const left = one.documents[0]?.value
  assert.equal(typeof left === 'object' && left !== null && 'items' in left && Array.isArray(left.items) && left.items.length, 7_999)
  assert.deepEqual(one.problems, [{ line: 2 + 17 * 10 + 4, reason: 'the same key twice in one mapping' }])
  const all = readYaml(list(8_000, '', new Set(Array(8_000).keys())))
  assert.equal(all.problems.length, 21)
  assert.equal(all.problems[20]?.reason, '7980 more items that cannot be read')
})

test('a large file of many documents is divided between them; one that cannot be divided is refused', () => {
  const many = Array.from({ length: 20_000 }, (_, i) => `kind: Namespace\nmetadata:\n  name: n${i}\n  note: |\n    --- not a marker\n`).join('---\n')
  const { documents, problems } = readYaml(many)
  assert.deepEqual([documents.length, problems.length], [20_000, 0])
  assert.equal(documents[19_999]?.line(['metadata', 'name']), 19_999 * 6 + 3)
  const whole = readYaml(`a: 1\n---\n${'key: &a 1\n'.padEnd(8_000_001, '# x\n')}`)
  assert.deepEqual(whole.documents.map((document) => document.value), [{ a: 1 }])
  assert.deepEqual(whole.problems.map(({ line }) => line), [2])
})

test('any data survives being written and read, and its lines are within the file', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
    for (const text of [stringify({ value }), JSON.stringify({ value }, null, 2)]) {
      const { documents, problems } = readYaml(text)
      assert.deepEqual(problems, [])
      // JSON has no -0, YAML has.
      assert.equal(JSON.stringify(documents[0]?.value), JSON.stringify({ value }))
      const line = documents[0]?.line(['value', 0]) ?? 0
      assert.ok(line >= 1 && line <= text.split('\n').length)
    }
  }), { numRuns: 300 })
})

test('any text is read without an error, and no problem quotes it', () => {
  const piece = fc.constantFrom('a: ', '- ', '\n', '  ', '"', "'", '{', '}', '[', ']', '&x ', '*x', '!t ', '| ', '? ', ': ', '#', '---\n', '%', '\t', '<<: ', SECRET, '\u0000', '\ud800')
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
    for (const { line, reason } of readYaml(pieces.join('')).problems) {
      assert.ok(line >= 1)
      assert.doesNotMatch(reason, new RegExp(SECRET))
    }
  }), { numRuns: 2_000 })
})
