import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { jsonOf } from './json.ts'
import { html } from './markup.ts'
import { cell, columnsOf, fit, plain, wrap } from './plain.ts'

/** What moves a cursor, starts a sequence, or reorders text. */
const ACTING = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/

const NAMES: [name: string, raw: string, want: string][] = [
  ['an escape sequence', 'a\u001b[31mred', 'a\\u{1b}[31mred'],
  ['a sequence that starts with one C1 byte', 'a\u009b2Jb', 'a\\u{9b}2Jb'],
  ['a title that a terminal would set', '\u001b]0;owned\u0007', '\\u{1b}]0;owned\\u{7}'],
  ['text that reads backwards', 'safe\u202egnp.exe', 'safe\\u{202e}gnp.exe'],
  ['a line break that would forge a line', 'a\r\nonus: all is well', 'a onus: all is well'],
  ['an invisible character', 'pay\u200bments', 'pay\\u{200b}ments'],
  ['half a character', 'a\ud800b', 'a\\u{d800}b'],
  ['invisible tags', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ['what people write', 'Zürich 支付 👩‍💻 é', 'Zürich 支付 👩\\u{200d}💻 é'],
]
for (const [name, raw, want] of NAMES) test(`T46 plain text: ${name}`, () => assert.equal(plain(raw), want))

test('T46: whatever a name holds, nothing that acts reaches a terminal, by table or by JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 4, max: 60 }), (raw, columns) => {
      for (const text of [
        plain(raw),
        fit(raw, columns),
        cell(raw, columns),
        ...wrap(raw, columns),
        jsonOf({ [raw]: raw }),
      ])
        assert.doesNotMatch(text, ACTING)
      assert.deepEqual(JSON.parse(jsonOf(raw)), raw)
    }),
  )
})

test('a cell takes exactly its columns, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 4, max: 60 }), (raw, columns) => {
      assert.equal(columnsOf(cell(raw, columns)), columns)
      for (const line of wrap(raw, columns)) assert.ok(columnsOf(line) <= columns)
    }),
  )
})

test('wide characters count two columns and are not cut in half', () => {
  assert.equal(fit('支付团队', 5), '支付…')
  assert.equal(cell('支付', 6, 'right'), '  支付')
})

const MARKUP: [name: string, raw: string, want: string][] = [
  ['an element', '<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
  ['the end of an attribute', '" onmouseover="x', '&quot; onmouseover=&quot;x'],
  ['the end of a style', '</style><script>', '&lt;/style&gt;&lt;script&gt;'],
  ['an entity that was already there', '&lt;', '&amp;lt;'],
  ['text that reads backwards', 'a\u202eb', 'a\\u{202e}b'],
]
for (const [name, raw, want] of MARKUP)
  test(`T46 markup: ${name}`, () => assert.equal(html`<b>${raw}</b>`.text, `<b>${want}</b>`))
