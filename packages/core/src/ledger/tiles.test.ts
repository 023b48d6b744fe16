import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { foldPeaks, growingTree, inclusionParts, nodesOf, rootOf, treeHasher, verifyInclusion } from './merkle.ts'
import type { Hash, Node } from './merkle.ts'
import { edgeSpans, entryBundle, extendEdge, hashesBelow, hasTile, levelWidth, readTilePath, rootOfEdge, tilePath } from './tiles.ts'
import type { Edge, Tile } from './tiles.ts'

const hasher = treeHasher((bytes) => createHash('sha256').update(bytes).digest())
const hex = (hash: Hash): string => Buffer.from(hash).toString('hex')

const PATHS: [path: string, tile: Tile][] = [
  ['tile/0/000', { level: 0, index: 0, width: 256 }],
  ['tile/0/000.p/1', { level: 0, index: 0, width: 1 }],
  ['tile/3/x001/x234/067', { level: 3, index: 1_234_067, width: 256 }],
  ['tile/0/x001/x234/067.p/8', { level: 0, index: 1_234_067, width: 8 }],
  ['tile/1/x001/000', { level: 1, index: 1_000, width: 256 }],
  ['tile/entries/999.p/255', { level: 'entries', index: 999, width: 255 }],
  ['tile/63/x999/x999/x999/x999/999', { level: 63, index: 999_999_999_999_999, width: 256 }],
]

test('a tile has one path', () => {
  for (const [path, tile] of PATHS) {
    assert.equal(tilePath(tile), path)
    assert.deepEqual(readTilePath(path), tile)
  }
})

test('no other spelling of a path is taken', () => {
  for (const path of [
    '', 'tile', 'tile/0', 'tile/0/0', 'tile/0/00', 'tile/00/000', 'tile/0/x000/001', 'tile/0/001.p/0', 'tile/0/001.p/256', 'tile/0/001.p/08', 'tile/64/000',
    'tile/0/1234', 'tile/0/x001/x234', '/tile/0/000', 'tile/0/000/', 'tile/0/../000', 'tile/-1/000', 'tile/data/000', 'tile/0/x999/x999/x999/x999/x999/999', 'tile/0/000\n',
  ])
    assert.equal(readTilePath(path), null, path)
  fc.assert(fc.property(fc.string(), (text) => readTilePath(text) === null || tilePath(readTilePath(text) as Tile) === text))
})

test('a tree has a tile when it has all of its hashes', () => {
  const has = (path: string, size: number): boolean => hasTile(readTilePath(path) as Tile, size)
  assert.ok(!has('tile/0/000.p/1', 0))
  assert.ok(has('tile/0/000.p/1', 1))
  assert.ok(has('tile/0/000.p/255', 255) && !has('tile/0/000', 255) && has('tile/0/000', 256))
  assert.ok(!has('tile/1/000.p/1', 255) && has('tile/1/000.p/1', 256) && !has('tile/1/000.p/2', 511))
  assert.ok(has('tile/2/000.p/1', 65_536) && !has('tile/2/000.p/1', 65_535))
  assert.ok(has('tile/entries/001.p/1', 257) && !has('tile/entries/001.p/2', 257))
})

test('tiles of trees around their widths: the edge has the root, and proofs fold from stored hashes', () => {
  const sizes = new Set([1, 2, 127, 128, 254, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_793])
  const last = Math.max(...sizes)
  const tree = growingTree(hasher)
  const edge: Edge = []
  const levels: Hash[][] = [[]]
  for (let size = 1; size <= last; size += 1) {
    const leaf = hasher.leaf(Buffer.from(`entry ${size}`))
    tree.add(leaf)
    levels[0]?.push(leaf)
    for (const [above, root] of extendEdge(edge, leaf, hasher).entries()) (levels[above + 1] ??= []).push(root)
    if (!sizes.has(size)) continue
    assert.equal(hex(rootOfEdge(edge, hasher)), hex(tree.root()), `root of ${size}`)
    for (const { level, from, count } of edgeSpans(size)) {
      assert.equal(levels[level]?.length, levelWidth(level, size), `level ${level} of ${size}`)
      assert.deepEqual((edge[level] ?? []).map(hex), levels[level]?.slice(from, from + count).map(hex), `edge at level ${level} of ${size}`)
    }
    const stored = (node: Node): Hash => {
      const { level, from, count } = hashesBelow(node)
      const hashes = (levels[level] as Hash[]).slice(from, from + count)
      assert.equal(hashes.length, count)
      assert.equal(Math.floor(from / 256), Math.floor((from + count - 1) / 256), 'all in one tile')
      return rootOf(hashes, hasher)
    }
    for (const index of [0, Math.floor(size / 2), size - 1]) {
      const proof = inclusionParts(index, size).map((nodes) => foldPeaks(nodes.map(stored), hasher))
      assert.ok(verifyInclusion({ leaf: levels[0]?.[index] as Hash, index, size, proof, root: tree.root() }, hasher), `${index} of ${size}`)
    }
    assert.equal(hex(foldPeaks(nodesOf({ from: 0, to: size }).map(stored), hasher)), hex(tree.root()))
  }
})

test('a bundle tells each length in two bytes, and refuses what they cannot tell', () => {
  assert.deepEqual([...entryBundle([Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(258, 1)])].slice(0, 8), [0, 2, 97, 98, 0, 0, 1, 2])
  assert.equal(entryBundle([Buffer.alloc(65_535)]).length, 65_537)
  assert.throws(() => entryBundle([Buffer.alloc(65_536)]), RangeError)
})
