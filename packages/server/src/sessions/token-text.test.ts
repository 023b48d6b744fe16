import { test } from 'node:test'
import assert from 'node:assert/strict'
import { TOKEN_PATTERN, newToken, wellFormed } from './token-text.ts'

test('a token has the prefix, the length and the letters that the pattern for scanners says', () => {
  const many = Array.from({ length: 500 }, newToken)
  for (const token of many) assert.match(token, TOKEN_PATTERN)
  for (const token of many) assert.ok(wellFormed(token), token)
  assert.equal(new Set(many).size, many.length)
})

const CASES: [name: string, text: string, want: boolean][] = [
  ["a token without its checksum", `onus_${"0".repeat(32)}`, false],
  ['a wrong checksum', `onus_${'a'.repeat(38)}`, false],
  ['a token of the version before', `onus_${'a_'.repeat(21)}x`, true],
  ['another prefix', `ghp_${'a'.repeat(38)}`, false],
  ['an empty text', '', false],
  ['a token within a text', ` onus_${'a'.repeat(38)}`, false],
]
for (const [name, text, want] of CASES) test(`${name} is ${want ? 'asked about' : 'refused without asking'}`, () => assert.equal(wellFormed(text), want))

test('the checksum is CRC-32 in base 62, as anyone can compute it', () => {
  const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  const table = Array.from({ length: 256 }, (_, n) => {
    let c = n
    for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? (c >>> 1) ^ 0xed_b8_83_20 : c >>> 1
    return c >>> 0
  })
  for (let round = 0; round < 50; round += 1) {
    const token = newToken()
    let crc = 0xff_ff_ff_ff
    for (const char of token.slice(5, 37)) crc = ((table[(crc ^ char.charCodeAt(0)) & 0xff] ?? 0) ^ (crc >>> 8)) >>> 0
    crc = (crc ^ 0xff_ff_ff_ff) >>> 0
    const said = Array.from(token.slice(37)).reduce((sum, letter) => sum * 62 + letters.indexOf(letter), 0)
    assert.equal(said, crc)
  }
})

test('a changed letter is noticed', () => {
  const token = newToken()
  for (let index = 5; index < token.length; index += 1) {
    const other = token.slice(0, index) + (token[index] === 'x' ? 'y' : 'x') + token.slice(index + 1)
    assert.equal(wellFormed(other), false)
  }
})
