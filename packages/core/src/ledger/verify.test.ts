import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readCheckpoint } from './checkpoint.ts'
import type { SignedCheckpoint, VerifierKey } from './checkpoint.ts'
import { entryText } from './entry.ts'
import { checkpointLine, entryLine, headerLine, readHeader } from './export.ts'
import { growingTree, rootOf, treeHasher } from './merkle.ts'
import { announcement, exportLines, fileOf, madeEntries, madeEntry, newSigner, noteOf, ORIGIN, sha256, verifySignature } from './testing/made-ledger.ts'
import type { MadeEntry, Signer } from './testing/made-ledger.ts'
import { firstDifference, verifyExport } from './verify.ts'
import type { Altered, Verdict, Verified } from './verify.ts'

const signer = newSigner()
const hasher = treeHasher(sha256)

type Wish = { keys?: readonly VerifierKey[] | null; since?: SignedCheckpoint | null; chunkBytes?: number }
function check(file: Uint8Array, { keys = [signer.key], since = null, chunkBytes = 1_000 }: Wish = {}): Promise<Verdict> {
  const chunks = (function* () {
    for (let at = 0; at < file.length; at += chunkBytes) yield file.subarray(at, at + chunkBytes)
  })()
  return verifyExport(chunks, { sha256, verifySignature, keys, since })
}
const lines = (count: number, checkpoints: number[] = [], entries = madeEntries(count), by: Signer[] = [signer]): string[] =>
  exportLines({ entries, signersAt: () => by, checkpoints, keys: by.map(({ key }) => key) })
const checkpointOf = (of: string[]): SignedCheckpoint => readCheckpoint(readHeader(Buffer.from(of[0] ?? ''))?.checkpoint ?? '') as SignedCheckpoint
const asAltered = (verdict: Verdict): Altered => {
  assert.equal(verdict.state, 'altered', JSON.stringify(verdict))
  return verdict as Altered
}

test('an untouched export verifies, whatever pieces it comes in, and counts what was erased', async () => {
  for (const count of [0, 1, 2, 255, 256, 257])
    for (const chunkBytes of [7, 4_096, 10_000_000]) {
      const verdict = (await check(fileOf(lines(count, [1, 256])), { chunkBytes })) as Verified
      assert.equal(verdict.state, 'verified', JSON.stringify(verdict))
      assert.equal(verdict.size, count)
      assert.equal(verdict.shown, Math.ceil(count / 5))
      assert.equal(verdict.erased, Math.ceil(count / 10))
      assert.deepEqual(verdict.signers.map(({ text }) => text), [signer.key.text])
    }
})

test('any bit that is flipped anywhere is found, and the entry with it is named', async () => {
  const original = lines(4, [2])
  const file = fileOf(original)
  // Which entry each byte of the file belongs to; null in the header and in checkpoints.
  const owner: (number | null)[] = original.flatMap((line) => {
    const index = /^\{"index":(\d+)/.exec(line)?.[1]
    return Array.from<number | null>({ length: Buffer.byteLength(line) + 1 }).fill(index === undefined ? null : Number(index))
  })
  assert.equal(owner.length, file.length)
  for (let at = 0; at < file.length; at += 1)
    for (let bit = 0; bit < 8; bit += 1) {
      const copy = Buffer.from(file)
      copy[at] = (copy[at] as number) ^ (1 << bit)
      const verdict = await check(copy)
      assert.notEqual(verdict.state, 'verified', `byte ${at}, bit ${bit}`)
      if (owner[at] === null) continue
      const { first, last } = asAltered(verdict)
      assert.deepEqual([first, last], [owner[at], owner[at]], `byte ${at}, bit ${bit}: ${JSON.stringify(verdict)}`)
    }
})

test('an export that is cut anywhere does not verify', async () => {
  const file = fileOf(lines(5, [3]))
  for (let length = 0; length < file.length; length += 1) assert.notEqual((await check(file.subarray(0, length))).state, 'verified', `${length}`)
})

const tampered = (change: (lines: string[]) => string[]): Promise<Verdict> => check(fileOf(change(lines(20, [8, 16]))))
/** Entry `index` stands after the header and the checkpoints before it. */
const at = (index: number): number => 1 + index + [8, 16].filter((size) => size <= index).length

const CASES: [name: string, change: (lines: string[]) => string[], code: string, first: number | null, last?: number][] = [
  ['a word of an entry was changed', (all) => all.with(at(11), (all[at(11)] as string).replace('per_4', 'per_5')), 'entry-altered', 11],
  ['a reason was changed', (all) => all.with(at(10), (all[at(10)] as string).replace('Ada', 'Eve')), 'personal-altered', 10],
  ['an entry was taken out', (all) => all.toSpliced(at(5), 1), 'entry-missing', 5],
  ['two entries changed places', (all) => all.with(at(5), all[at(6)] as string).with(at(6), all[at(5)] as string), 'entry-missing', 5],
  ['an entry was doubled', (all) => all.toSpliced(at(5), 0, all[at(4)] as string), 'entry-altered', 5],
  ['the end is missing', (all) => all.slice(0, at(18)), 'entry-missing', 18],
  ['an entry was put behind the end', (all) => [...all, entryLine({ index: 20, leaf: sha256(Buffer.from('')), personal: {}, text: '{}' })], 'entry-extra', 20],
  ['the text of an entry is gone', (all) => all.with(at(7), (all[at(7)] as string).replace(/"entry":.*\}$/, '"entry":null}')), 'entry-missing', 7],
  ['an entry and its hash were changed', (all) => all.with(at(11), forged(11)), 'root-differs', 8, 15],
  ['a checkpoint was moved', (all) => [...all.slice(0, at(8) - 1), ...all.slice(at(8), at(9)), all[at(8) - 1] as string, ...all.slice(at(9))], 'entry-missing', 9],
  ['a checkpoint was signed by somebody else', (all) => all.with(at(8) - 1, checkpointLine(noteOf(ORIGIN, 8, rootOf([], hasher), [newSigner()]))), 'checkpoint-altered', null],
  ['white space was added', (all) => all.with(at(3), (all[at(3)] as string).replace('{"index"', '{ "index"')), 'entry-altered', 3],
  ['a personal value was escaped in another way', (all) => all.with(at(10), (all[at(10)] as string).replace('Ada', '\\u0041da')), 'entry-altered', 10],
  ['a personal value was invented', (all) => all.with(at(3), (all[at(3)] as string).replace(',"entry":', `,"personal":{"reason":{"salt":"${'00'.repeat(32)}","value":""}},"entry":`)), 'personal-altered', 3],
  ['a lone surrogate was put for the character that stands for one', (all) => all.with(at(10), (all[at(10)] as string).replace('Ada', '\\ud800')), 'entry-altered', 10],
  ['personal values are a list', (all) => all.with(at(3), (all[at(3)] as string).replace(',"entry":', ',"personal":[],"entry":')), 'entry-altered', 3],
  ['personal values are nested without end', (all) => all.with(at(3), (all[at(3)] as string).replace(',"entry":', `,"personal":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}},"entry":`)), 'entry-altered', 3],
  ['a line of nonsense was put in', (all) => all.toSpliced(at(3), 0, 'nonsense'), 'entry-altered', 3],
]
function forged(index: number): string {
  const text = entryText(madeEntry(index, { actor: { kind: 'person', id: 'per_0' } }), sha256)
  return entryLine({ index, leaf: hasher.leaf(Buffer.from(text)), personal: {}, text })
}

for (const [name, change, code, first, last = first] of CASES)
  test(`found: ${name}`, async () => {
    const verdict = asAltered(await tampered(change))
    assert.deepEqual([verdict.code, verdict.first, verdict.last], [code, first, last], verdict.detail)
  })

test('the altered entry is named by its id', async () => {
  const verdict = asAltered(await tampered((all) => all.with(at(11), (all[at(11)] as string).replace('per_4', 'per_5'))))
  assert.equal(verdict.id, madeEntry(11).id)
})

test('the entry whose reason was altered is named by its id', async () => {
  const verdict = asAltered(await tampered((all) => all.with(at(10), (all[at(10)] as string).replace('Ada', 'Eve'))))
  assert.equal(verdict.id, madeEntry(10).id)
})

test('what is no export is unreadable, not altered', async () => {
  for (const text of ['', '\n', '{}\n', 'onus\n', '{"ledger":2}\n', `${lines(1)[1]}\n`, ' '.repeat(3_000_000)]) assert.equal((await check(Buffer.from(text))).state, 'unreadable', text.slice(0, 40))
})

test('a personal value that was erased leaves the proof whole', async () => {
  const entries = madeEntries(30)
  const erased = entries.map(({ entry }) => ({ entry, shown: {} }))
  const verdict = (await check(fileOf(lines(30, [], erased)))) as Verified
  assert.deepEqual([verdict.state, verdict.shown, verdict.erased], ['verified', 0, 9])
})

test('keys: the export of one installation is not taken with the key of another, or none that was given', async () => {
  const file = fileOf(lines(3))
  assert.equal((await check(file, { keys: null })).state, 'verified')
  assert.equal(asAltered(await check(file, { keys: [newSigner().key] })).code, 'key-not-trusted')
  assert.equal(asAltered(await check(file, { keys: [] })).code, 'key-not-trusted')
})

test('keys: trust in the first key leads through announcements to the last, and not to one that was slipped in', async () => {
  const [first, second, third, thief] = [newSigner(), newSigner(), newSigner(), newSigner()]
  const rotated: MadeEntry[] = [announcement(0, first.key), ...madeEntries(5).slice(1), announcement(5, second.key), ...madeEntries(9).slice(6), announcement(9, third.key), ...madeEntries(12).slice(10)]
  const made = { entries: rotated, checkpoints: [3, 6, 8, 10], keys: [first.key, second.key, third.key] }
  const signersAt = (size: number): Signer[] => (size < 6 ? [first] : size === 6 ? [first, second] : size < 10 ? [second] : size === 10 ? [second, third] : [third])
  const file = fileOf(exportLines({ ...made, signersAt }))
  for (const key of [first.key, second.key, third.key]) assert.equal((await check(file, { keys: [key] })).state, 'verified')
  // The thief has written the end anew and signed it, with a key that is announced but by no signature of the old one.
  const stolen = exportLines({ ...made, entries: [...rotated.slice(0, 9), announcement(9, thief.key), ...rotated.slice(10)], keys: [first.key, second.key, thief.key], signersAt: (size) => (size < 10 ? signersAt(size) : [thief]) })
  for (const key of [first.key, second.key]) assert.equal(asAltered(await check(fileOf(stolen), { keys: [key] })).code, 'key-not-trusted')
})

test('T100: history that was rewritten and signed with the real key is refused against an older checkpoint, and the entry is named', async () => {
  const old = lines(10)
  const since = checkpointOf(old)
  assert.equal((await check(fileOf(lines(25)), { since })).state, 'verified')
  assert.equal((await check(fileOf(old), { since })).state, 'verified')
  assert.equal((await check(fileOf(lines(25)), { since: checkpointOf(lines(0)) })).state, 'verified', 'the empty ledger is continued by any')
  const rewritten = lines(25, [], madeEntries(25).with(6, { entry: madeEntry(6, { capacity: 'guard' }), shown: {} }))
  assert.equal((await check(fileOf(rewritten))).state, 'verified', 'by itself it is a ledger')
  const verdict = asAltered(await check(fileOf(rewritten), { since }))
  assert.deepEqual([verdict.code, verdict.first, verdict.last], ['history-rewritten', 0, 9])
  assert.equal(await firstDifference([fileOf(old)], [fileOf(rewritten)]), 6)
  assert.equal(await firstDifference([fileOf(old)], [fileOf(lines(25))]), null)
  const shortened = asAltered(await check(fileOf(lines(8)), { since }))
  assert.deepEqual([shortened.code, shortened.first, shortened.last], ['history-rewritten', 8, 9])
  const stranger = newSigner()
  const foreign = checkpointOf(lines(10, [], madeEntries(10), [stranger]))
  assert.equal((await check(fileOf(lines(25)), { since: foreign })).state, 'unreadable', 'what somebody else signed is no earlier state of it')
})

test('no input makes the verifier throw', async () => {
  const original = lines(4, [2])
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.constantFrom(...original), fc.string(), fc.json(), fc.string({ unit: 'binary' }))), async (some) => {
      const verdict = await check(fileOf(some))
      assert.ok(verdict.state !== 'verified' || some.length === original.length)
    }),
  )
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
    assert.notEqual((await check(Buffer.concat([fileOf(original.slice(0, 2)), bytes]))).state, 'verified')
  }))
})

test('a header names its size and its keys as they are in the checkpoint', async () => {
  const [first = '', ...rest] = lines(3)
  const header = readHeader(Buffer.from(first))
  assert.ok(header)
  for (const wish of [{ size: 4 }, { origin: 'onus/other' }, { keys: [] }, { keys: ['nonsense'] }, { keys: [newSigner().key.text] }, { checkpoint: 'x' }])
    assert.notEqual((await check(fileOf([headerLine({ ...header, ...wish }), ...rest]), { keys: null })).state, 'verified', JSON.stringify(wish))
  const tree = growingTree(hasher)
  assert.equal((await check(fileOf([headerLine({ ...header, size: 0, checkpoint: noteOf(ORIGIN, 0, tree.root(), [signer]) })]))).state, 'verified')
})
