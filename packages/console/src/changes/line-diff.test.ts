import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineDiff } from './line-diff.ts'

const MARKS = { same: ' ', gone: '-', new: '+' }
const told = (before: string, after: string): string => lineDiff(before, after).map(({ kind, text }) => MARKS[kind] + text).join('\n')

const CASES: [name: string, before: string, after: string, want: string][] = [
  ['equal texts have no difference', 'a\nb', 'a\nb', ' a\n b'],
  ['a line in the middle is replaced, and the old one comes first', 'a\nb\nc', 'a\nx\nc', ' a\n-b\n+x\n c'],
  ['lines are added at the end', 'a', 'a\nb', ' a\n+b'],
  ['lines are taken from the beginning', 'a\nb', 'b', '-a\n b'],
  ['nothing in common', 'a', 'b', '-a\n+b'],
]
for (const [name, before, after, want] of CASES) test(name, () => assert.equal(told(before, after), want))

test('long texts are told one after the other, completely', () => {
  const long = (word: string): string => Array.from({ length: 1_000 }, (_, line) => `${word} ${line}`).join('\n')
  const lines = lineDiff(long('a'), long('b'))
  assert.equal(lines.filter(({ kind }) => kind === 'gone').length, 1_000)
  assert.equal(lines.filter(({ kind }) => kind === 'new').length, 1_000)
})
