import { test } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Refused } from '../http/refused.ts'
import { createReportSplitter } from './report-stream.ts'
import type { Limits, Piece } from './report-stream.ts'

const LISTS = new Set(['identities', 'findings'])
const LIMITS: Limits = { maxPieceBytes: 2_000, maxDepth: 10 }

function split(text: string, chunkBytes = 7, wants: (key: string) => boolean = () => true, limits = LIMITS): Piece[] {
  const bytes = Buffer.from(text)
  const splitter = createReportSplitter({ isList: (key) => LISTS.has(key), wants }, limits)
  const pieces: Piece[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes)
    pieces.push(...splitter.feed(bytes.subarray(at, at + chunkBytes)))
  splitter.end()
  return pieces
}

function joined(pieces: Piece[]): Record<string, unknown> {
  const whole: Record<string, unknown> = {}
  for (const { key, index, value } of pieces) {
    if (index === null) whole[key] = value
    else ((whole[key] ??= []) as unknown[])[index] = value
  }
  return whole
}

test('the pieces together are what JSON.parse makes of the whole, however the bytes are cut', () => {
  const value = fc.jsonValue({ maxDepth: 4 })
  const report = fc.record({
    asOf: value,
    identities: fc.array(value, { minLength: 1 }),
    'ü"\\{': value,
    findings: fc.array(value, { minLength: 1 }),
  })
  const space = fc.constantFrom(0, 1, 2)
  fc.assert(
    fc.property(report, space, fc.integer({ min: 1, max: 40 }), (given, indent, chunkBytes) => {
      const text = JSON.stringify(given, null, indent)
      assert.deepEqual(
        joined(split(text, chunkBytes, () => true, { maxPieceBytes: 1e6, maxDepth: 64 })),
        JSON.parse(text),
      )
    }),
    { numRuns: 300 },
  )
})

test('only the wanted values are handed out', () => {
  const text = '{"asOf":"x","identities":[{"a":1},{"a":2}],"findings":[3]}'
  assert.deepEqual(
    split(text, 5, (key) => key === 'identities').map(({ index, value }) => [index, value]),
    [
      [0, { a: 1 }],
      [1, { a: 2 }],
    ],
  )
})

test('what is not valid JSON is refused wherever JSON.parse would refuse it', () => {
  const texts = [
    '',
    '{',
    '[]',
    '{"a":1',
    '{"a":1}x',
    '{"a":1,}',
    '{,}',
    '{"a" 1}',
    '{"a":}',
    '{"identities":[1,]}',
    '{"identities":[,1]}',
    '{"identities":[1 2]}',
    '{"identities":[1}',
    '{"a":tru}',
    '{"a":01}',
    '{"a":"x\ny"}',
    '{"a":{"b":]}}',
    '{"a":1]',
    '{a:1}',
    '{"a":"x',
    'null',
  ]
  for (const text of texts) {
    assert.throws(() => JSON.parse(text).a.b.c, text)
    assert.throws(
      () => split(text),
      (error) => error instanceof Refused && error.code === 'malformed-json',
      text,
    )
  }
})

test('any text that JSON.parse refuses is refused here', () => {
  const soup = fc.string({
    unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '1', 'a', '\\', ' ', '"identities":', 'null'),
    maxLength: 14,
  })
  fc.assert(
    fc.property(soup, (inner) => {
      const text = `{"identities":${inner}`
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      if (!isJson) assert.throws(() => split(text), Refused, text)
      else assert.doesNotThrow(() => split(text), text)
    }),
    { numRuns: 3_000 },
  )
})

test('T59 a value too large or too deep is refused before it is held', () => {
  const cases: [string, string, string][] = [
    ['one large string', `{"a":"${'x'.repeat(3_000)}"}`, 'body-too-large'],
    ['a large string nobody wants', `{"identities":["${'x'.repeat(3_000)}"]}`, 'body-too-large'],
    ['a large key', `{"${'k'.repeat(3_000)}":1}`, 'body-too-large'],
    ['depth', `{"a":${'['.repeat(100_000)}`, 'body-too-deep'],
    [
      'many keys in one value',
      `{"a":{${Array.from({ length: 1_000 }, (_, n) => `"k${n}":1`).join()}}}`,
      'body-too-large',
    ],
  ]
  for (const [name, text, want] of cases) {
    assert.throws(
      () => split(text, 64, () => false),
      (error) => error instanceof Refused && error.code === want,
      name,
    )
  }
})

test('T52 a refusal never quotes what it read', () => {
  assert.throws(
    () => split('{"a": "canary-secret" canary-secret}'),
    (error) => error instanceof Refused && !error.message.includes('canary'),
  )
  assert.throws(
    () => split('{"a": [canary-secret]}'),
    (error) => error instanceof Refused && !error.message.includes('canary'),
  )
})
