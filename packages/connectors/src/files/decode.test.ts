import assert from 'node:assert/strict'
import test from 'node:test'
import { decode } from './decode.ts'

const CASES: [name: string, bytes: Uint8Array, text: string | null, note: RegExp | null][] = [
  ['plain UTF-8 with a byte order mark', Buffer.from('\ufeffkind: ServiceAccount'), 'kind: ServiceAccount', null],
  ['UTF-16, little endian', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a: ü', 'utf16le')]), 'a: ü', null],
  [
    'UTF-16, big endian',
    Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('a: ü', 'utf16le').swap16()]),
    'a: ü',
    null,
  ],
  ['UTF-16 cut in half', Buffer.from([0xff, 0xfe, 0x41]), null, /UTF-16LE but is not valid/],
  [
    'a comment in Latin-1 costs one character, not the file',
    Buffer.concat([Buffer.from('a: 1\nb: 2 # caf'), Buffer.from([0xe9]), Buffer.from('\nmore: text to be sure')]),
    'a: 1\nb: 2 # caf\ufffd\nmore: text to be sure',
    /read with 1 characters replaced/,
  ],
  ['bytes of no encoding', Buffer.from([0x61, 0x0a, 0xff, 0xfe, 0xfd, 0xfc]), null, /not UTF-8: not read/],
  ['binary content', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0]), null, /binary/],
  ['nothing', Buffer.alloc(0), '', null],
]
for (const [name, bytes, text, note] of CASES) {
  test(`decode: ${name}`, () => {
    const got = decode(bytes)
    assert.equal(got.text, text)
    if (note) assert.match(got.note?.reason ?? '', note)
    else assert.equal(got.note, null)
  })
}

test('decode: the note tells the line of the first byte that is not UTF-8', () => {
  assert.equal(
    decode(Buffer.concat([Buffer.from('x\n'.repeat(40)), Buffer.from([0xe9]), Buffer.from('y'.repeat(40))])).note?.line,
    41,
  )
})
