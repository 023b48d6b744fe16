import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { fromBase64, toBase64 } from './base64.ts'
import { checkpointText, readCheckpoint, readVerifierKey, signedNote, signersOf, verifierKey } from './checkpoint.ts'
import type { SignedCheckpoint, VerifierKey, VerifySignature } from './checkpoint.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const verifyWithNode: VerifySignature = (publicKey, message, signature) => {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') }, format: 'jwk' })
  return verify(null, message, key, signature)
}

type Pair = { key: VerifierKey; sign(text: string): { name: string; id: string; signature: Uint8Array } }
function pair(name: string): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = verifierKey(name, Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'), sha256)
  return { key, sign: (text) => ({ name, id: key.id, signature: sign(null, Buffer.from(text), privateKey) }) }
}

// The example of golang.org/x/mod/sumdb/note, on which the specification is built.
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const GO_NOTE = 'If you think cryptography is the answer to your problem,\nthen you don\'t know what your problem is.\n'
const GO_SIGNATURE = 'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM='

test('the published key and signature of the Go implementation verify', async () => {
  const key = readVerifierKey(GO_KEY, sha256)
  assert.ok(key)
  assert.equal(key.id, 'c74f20a3')
  const bytes = Buffer.from(GO_SIGNATURE, 'base64')
  assert.equal(bytes.subarray(0, 4).toString('hex'), key.id)
  assert.ok(await verifyWithNode(key.publicKey, Buffer.from(GO_NOTE), bytes.subarray(4)))
})

test('a checkpoint is written as the specification shows it', () => {
  const root = Buffer.from('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=', 'base64')
  assert.equal(checkpointText({ origin: 'example.com/behind-the-sofa', size: 20_852_163, root }), 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n')
  assert.match(signedNote('a\n', [pair('log').sign('a\n')]), /^a\n\n— log [A-Za-z0-9+/]{91}=\n$/)
})

const CHECKPOINT = { origin: 'onus/one', size: 7, root: sha256(Buffer.from('root')) }

test('two keys sign one checkpoint, and each is found', async () => {
  const [a, b, c] = [pair('onus/one'), pair('onus/one'), pair('onus/one')]
  const text = checkpointText(CHECKPOINT)
  const read = readCheckpoint(signedNote(text, [a.sign(text), b.sign(text)]))
  assert.ok(read)
  assert.deepEqual({ origin: read.origin, size: read.size, root: Buffer.from(read.root) }, CHECKPOINT)
  assert.deepEqual(await signersOf(read, [a.key, b.key, c.key], verifyWithNode), [a.key, b.key])
  assert.equal(await signersOf(read, [a.key, c.key], verifyWithNode), null, 'a signature by an unknown key is not passed over')
})

test('a key of another log signs nothing here', async () => {
  const foreign = pair('onus/two')
  const text = checkpointText(CHECKPOINT)
  assert.equal(await signersOf(readCheckpoint(signedNote(text, [foreign.sign(text)])) as SignedCheckpoint, [foreign.key], verifyWithNode), null)
})

test('a note in which any bit is flipped does not verify', async () => {
  const { key, sign: by } = pair('onus/one')
  const text = checkpointText(CHECKPOINT)
  const note = Buffer.from(signedNote(text, [by(text)]))
  for (let bit = 0; bit < note.length * 8; bit += 1) {
    const copy = Buffer.from(note)
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7))
    const read = readCheckpoint(copy.toString('utf8'))
    assert.ok(read === null || (await signersOf(read, [key], verifyWithNode)) === null, `bit ${bit}`)
  }
})

test('what is no note or no key is refused', () => {
  const root = toBase64(CHECKPOINT.root)
  const { key, sign: by } = pair('o')
  const good = signedNote(`o\n7\n${root}\n`, [by('x')])
  assert.ok(readCheckpoint(good))
  for (const note of ['', 'o', `o\n7\n${root}\n`, `o\n07\n${root}\n\n`, good.replace('o\n7', 'o\n-7'), good.replace('o\n7', 'o\n7.5'), good.replace('o\n7', 'o\n1e3'), good.slice(0, -1), `${good}\n`, good.replace('—', '-'), good.replace(root, root.slice(4)), good.replace(`${root}\n`, `${root}\nextension\n`), good.replace('=\n\n', '=\n')])
    assert.equal(readCheckpoint(note), null, JSON.stringify(note))
  assert.ok(readVerifierKey(key.text, sha256))
  for (const text of ['', 'o', key.text.slice(1), `x${key.text}`, `${key.text} `, key.text.replace('+', ' +'), key.text.slice(0, -4)]) assert.equal(readVerifierKey(text, sha256), null, text)
})

test('base64 has one spelling', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => {
    const text = toBase64(bytes)
    assert.equal(text, Buffer.from(bytes).toString('base64'))
    assert.deepEqual(fromBase64(text), Uint8Array.from(bytes))
  }))
  for (const text of ['A', 'AA', 'AB==', 'AAB=', 'AA=', 'AAAA=', '-_==', ' AAAA', 'AAAA\n', '====', 'A===']) assert.equal(fromBase64(text), null, text)
})
