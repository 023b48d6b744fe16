import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import test from 'node:test'
import fc from 'fast-check'
import {
  consistencyParts, foldPeaks, growingTree, inclusionParts, rootOf, treeHasher, verifyConsistency, verifyInclusion,
} from './merkle.ts'
import type { Hash, Node } from './merkle.ts'

const hasher = treeHasher((bytes) => createHash('sha256').update(bytes).digest())
const hex = (hash: Hash): string => Buffer.from(hash).toString('hex')
const leaves = (count: number): Hash[] => Array.from({ length: count }, (_, n) => hasher.leaf(Buffer.from(`entry ${n}`)))

/** The definition of RFC 9162 §2.1.1, word for word. */
function definition(of: Hash[]): Hash {
  if (of.length === 0) return hasher.empty
  if (of.length === 1) return of[0] as Hash
  let k = 1
  while (k * 2 < of.length) k *= 2
  return hasher.node(definition(of.slice(0, k)), definition(of.slice(k)))
}
const fold = (all: Hash[], parts: Node[][]): Hash[] =>
  parts.map((nodes) => foldPeaks(nodes.map(({ level, index }) => definition(all.slice(index * 2 ** level, (index + 1) * 2 ** level))), hasher))

// The trees of RFC 6962's first implementation; the roots are in every implementation since.
const REFERENCE = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const ROOTS: [size: number, root: string][] = [
  [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
]

test('the roots of the reference trees', () => {
  for (const [size, root] of ROOTS) {
    const of = REFERENCE.slice(0, size).map((entry) => hasher.leaf(Buffer.from(entry, 'hex')))
    assert.equal(hex(rootOf(of, hasher)), root, `${size} leaves`)
  }
})

test('a tree that grows has the root of the definition at every size', () => {
  const tree = growingTree(hasher)
  for (const [index, leaf] of leaves(300).entries()) {
    assert.equal(hex(tree.root()), hex(definition(leaves(index))))
    tree.add(leaf)
  }
})

test('every leaf of a tree is proved, and proved for nothing else', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat(), fc.nat(), (size, at, other, bit) => {
      const all = leaves(size)
      const index = at % size
      const root = definition(all)
      const proof = fold(all, inclusionParts(index, size))
      const claim = { leaf: all[index] as Hash, index, size, proof, root }
      assert.ok(verifyInclusion(claim, hasher))
      const wrong = other % (size + 3)
      if (wrong !== index) assert.ok(!verifyInclusion({ ...claim, index: wrong }, hasher))
      assert.ok(!verifyInclusion({ ...claim, leaf: flipped(claim.leaf, bit) }, hasher))
      assert.ok(!verifyInclusion({ ...claim, root: flipped(root, bit) }, hasher))
      assert.ok(!verifyInclusion({ ...claim, proof: [...proof, root] }, hasher))
      if (proof.length > 0) {
        assert.ok(!verifyInclusion({ ...claim, proof: proof.slice(1) }, hasher))
        const [first, ...rest] = proof as [Hash, ...Hash[]]
        assert.ok(!verifyInclusion({ ...claim, proof: [flipped(first, bit), ...rest] }, hasher))
      }
    }),
  )
})

test('every earlier tree is proved to be continued, and no other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat(), (size, at, bit) => {
      const all = leaves(size)
      const oldSize = 1 + (at % size)
      const proof = fold(all, consistencyParts(oldSize, size))
      const claim = { oldSize, oldRoot: definition(all.slice(0, oldSize)), size, root: definition(all), proof }
      assert.ok(verifyConsistency(claim, hasher))
      const rewritten = [...all]
      rewritten[bit % oldSize] = flipped(all[bit % oldSize] as Hash, bit)
      assert.ok(!verifyConsistency({ ...claim, oldRoot: definition(rewritten.slice(0, oldSize)) }, hasher))
      assert.ok(!verifyConsistency({ ...claim, root: definition(rewritten), proof: fold(rewritten, consistencyParts(oldSize, size)) }, hasher))
      assert.ok(!verifyConsistency({ ...claim, proof: [...proof, claim.root] }, hasher))
      if (proof.length > 0) assert.ok(!verifyConsistency({ ...claim, proof: proof.slice(0, -1) }, hasher))
    }),
  )
})

test('positions beyond 32 bits are not cut', () => {
  const size = 2 ** 40 + 3
  assert.deepEqual(inclusionParts(2 ** 40, size), [[{ level: 0, index: 2 ** 40 + 1 }], [{ level: 0, index: 2 ** 40 + 2 }], [{ level: 40, index: 0 }]])
  assert.deepEqual(consistencyParts(2 ** 40, size), [[{ level: 1, index: 2 ** 39 }, { level: 0, index: 2 ** 40 + 2 }]])
  // The subtree of 2^40 leaves is any hash here: the proof goes around it.
  const [peak, a, b, c] = leaves(4) as [Hash, Hash, Hash, Hash]
  const root = hasher.node(peak, hasher.node(hasher.node(a, b), c))
  assert.ok(verifyInclusion({ leaf: a, index: 2 ** 40, size, proof: [b, c, peak], root }, hasher))
  assert.ok(verifyConsistency({ oldSize: 2 ** 40, oldRoot: peak, size, root, proof: [hasher.node(hasher.node(a, b), c)] }, hasher))
})

test('what is no tree is refused', () => {
  for (const [index, size] of [[0, 0], [3, 3], [-1, 3], [0.5, 3], [0, 2 ** 60]] as const) assert.throws(() => inclusionParts(index, size), RangeError)
  for (const [from, to] of [[4, 3], [-1, 3], [0.5, 3]] as const) assert.throws(() => consistencyParts(from, to), RangeError)
})

type Vectors = {
  inclusion: { name: string; leafIdx: number; treeSize: number; root: string; leafHash: string; proof: string[] | null; wantErr: boolean }[]
  consistency: { name: string; size1: number; size2: number; root1: string; root2: string; proof: string[] | null; wantErr: boolean }[]
}
const shared = new URL('../../../../../shared/data/merkle/rfc6962-proof-vectors.json', import.meta.url)

test('the proof vectors of the transparency community', { skip: existsSync(shared) ? false : 'no shared data beside this checkout' }, () => {
  // A file of the known form; a wrong one fails the comparisons below.
  const vectors = JSON.parse(readFileSync(shared, 'utf8')) as Vectors
  const bytes = (text: string | null): Hash => Buffer.from(text ?? '', 'base64')
  const proofOf = (proof: string[] | null): Hash[] => (proof ?? []).map(bytes)
  for (const v of vectors.inclusion) {
    const claim = { leaf: bytes(v.leafHash), index: v.leafIdx, size: v.treeSize, proof: proofOf(v.proof), root: bytes(v.root) }
    assert.equal(verifyInclusion(claim, hasher), !v.wantErr, v.name)
  }
  for (const v of vectors.consistency) {
    const claim = { oldSize: v.size1, oldRoot: bytes(v.root1), size: v.size2, root: bytes(v.root2), proof: proofOf(v.proof) }
    assert.equal(verifyConsistency(claim, hasher), !v.wantErr, v.name)
  }
  assert.ok(vectors.inclusion.length > 90 && vectors.consistency.length > 90)
})

function flipped(hash: Hash, bit: number): Hash {
  const copy = Uint8Array.from(hash)
  const at = bit % (copy.length * 8)
  copy[at >> 3] = (copy[at >> 3] as number) ^ (1 << (at & 7))
  return copy
}
