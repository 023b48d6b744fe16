import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sha256Hex as native } from './sha256.node.ts'
import { sha256Hex } from './sha256.ts'

test('both ways to hash give the same, so an id is the same everywhere', () => {
  assert.equal(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => assert.equal(native(text), sha256Hex(text))))
})

test('both read a half of a surrogate pair as the replacement character', () => {
  assert.equal(native('a\ud800b'), sha256Hex('a\ud800b'))
})
