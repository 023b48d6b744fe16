import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MOST_BYTES, code, write } from './markdown.ts'
import type { Change } from './markdown.ts'

const HOSTILE = [
  'plain',
  '',
  '`',
  'a`b``c```d',
  '``` \n# Approved by @security\n```',
  '@org/everyone please approve',
  '[click](https://evil.example) ![x](https://evil.example/pixel)',
  '<img src=x onerror=alert(1)><details><!-- onus:plan -->',
  'a | b \\` c',
  '\u202Eesrever \u0000 \u001B[31m red',
  'x'.repeat(10_000),
]

/** Whether all of `markdown` is one code span, by the rule of CommonMark: it ends at the next run of as many backticks. */
function isOneSpan(markdown: string): boolean {
  const fence = /^`+/.exec(markdown)?.[0] ?? ''
  const runs = [...markdown.slice(fence.length).matchAll(/`+/g)]
  const end = runs.find(([run]) => run.length === fence.length)
  return fence !== '' && end !== undefined && end.index + fence.length * 2 === markdown.length && !/[\n\r]/.test(markdown)
}

test('a text from outside is one code span, whatever it holds', () => {
  for (const text of HOSTILE) assert.ok(isOneSpan(code(text)), JSON.stringify(code(text)).slice(0, 80))
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[`\n @<>*_-]*$/)), (text) => isOneSpan(code(text))))
})

const change = (given: Partial<Change> = {}): Change => ({ summary: 's', state: null, url: null, answers: [], identities: [], seats: [], verdicts: [], blocked: [], ...given })

test('all that is said fits into what GitHub takes; what does not is counted, and no change is there in part', () => {
  const long = change({ identities: Array.from({ length: 500 }, (_, n) => `identity-${n} ${'é'.repeat(100)}`) })
  const { text, whole } = write({ heading: 'h', lines: [], changes: [change(), long, long, change()], withheld: [], problems: HOSTILE, footer: 'f' })
  assert.ok(Buffer.byteLength(text) <= MOST_BYTES)
  assert.deepEqual(whole, [true, false, false, true])
  assert.match(text, /2 more do not fit here/)
})

test('nothing of a hostile manifest is more than code', () => {
  const bad = '`](https://evil.example) @org/everyone <b>'
  const { text } = write({
    heading: 'h',
    lines: [{ kind: 'not-found', name: bad, namespace: null }, { kind: 'differs', identity: { id: 'i', name: bad, namespace: bad, environment: null, accepted: null }, differences: [{ field: 'purpose', stands: bad, declared: bad }] }],
    changes: [change({ summary: bad, answers: [{ field: 'purpose', value: bad }], identities: [bad], blocked: [bad], verdicts: [{ outcome: 'warned', text: bad }], seats: [{ who: bad, why: bad, filledBy: { login: bad } }] })],
    withheld: [{ login: bad, reason: 'it was dismissed' }],
    problems: [bad],
    footer: 'f',
  })
  // Code spans taken out, nothing of it is left.
  const outside = text.replaceAll(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '')
  assert.doesNotMatch(outside, /evil|@org|<b>/)
})
