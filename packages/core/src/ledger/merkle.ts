/**
 * The Merkle tree of RFC 9162 §2.1: roots, and proofs that an entry is in a tree and that a tree continues another.
 * Positions are numbers up to 2^53, so they are halved by division: shifts would cut them at 32 bits.
 */
import type { Sha256 } from './entry.ts'

export type Hash = Uint8Array
export const HASH_BYTES = 32

export type TreeHasher = {
  /** The hash of nothing, the root of the empty tree. */
  empty: Hash
  leaf(entry: Uint8Array): Hash
  node(left: Hash, right: Hash): Hash
}

/** Leaves and inner nodes are hashed under different first bytes, so that neither can be taken for the other. */
export function treeHasher(sha256: Sha256): TreeHasher {
  const pair = new Uint8Array(1 + 2 * HASH_BYTES)
  pair[0] = 1
  let framed = new Uint8Array(4_096)
  return {
    empty: sha256(new Uint8Array(0)),
    leaf(entry) {
      if (framed.length <= entry.length) framed = new Uint8Array(2 * entry.length)
      framed.set(entry, 1)
      return sha256(framed.subarray(0, entry.length + 1))
    },
    node(left, right) {
      pair.set(left, 1)
      pair.set(right, 1 + HASH_BYTES)
      return sha256(pair)
    },
  }
}

const isHash = (hash: Hash): boolean => hash.length === HASH_BYTES

export function isSameHash(a: Hash, b: Hash): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

/** A tree that grows by one leaf at a time and keeps only the roots of its complete subtrees: 53 hashes at most. */
export type GrowingTree = { readonly size: number; add(leaf: Hash): void; root(): Hash }

export function growingTree(hasher: TreeHasher): GrowingTree {
  /** Roots of complete subtrees, the largest and leftmost first; their sizes are the binary digits of `size`. */
  const peaks: Hash[] = []
  let size = 0
  return {
    get size() {
      return size
    },
    add(leaf) {
      let hash = leaf
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
        // Each binary one of `size` has its peak.
        hash = hasher.node(peaks.pop() as Hash, hash)
      }
      peaks.push(hash)
      size += 1
    },
    root: () => foldPeaks(peaks, hasher),
  }
}

/** The root of a tree from the roots of its complete subtrees, the leftmost first. */
export function foldPeaks(peaks: readonly Hash[], hasher: TreeHasher): Hash {
  return peaks.length === 0 ? hasher.empty : peaks.reduceRight((right, left) => hasher.node(left, right))
}

export function rootOf(leaves: Iterable<Hash>, hasher: TreeHasher): Hash {
  const tree = growingTree(hasher)
  for (const leaf of leaves) tree.add(leaf)
  return tree.root()
}

/** A complete subtree: the leaves from `index` · 2^`level` on, 2^`level` of them. */
export type Node = { level: number; index: number }
/** Leaves `from` to before `to`. */
type Span = { from: number; to: number }

/** The largest power of two below `count`, where RFC 9162 divides a tree. */
function half(count: number): number {
  let size = 1
  while (size * 2 < count) size *= 2
  return size
}

/** The complete subtrees of a span that begins where one can begin, the leftmost first. */
export function nodesOf({ from, to }: Span): Node[] {
  const nodes: Node[] = []
  for (let at = from; at < to;) {
    let level = 0
    let size = 1
    while (at % (size * 2) === 0 && at + size * 2 <= to) {
      level += 1
      size *= 2
    }
    nodes.push({ level, index: at / size })
    at += size
  }
  return nodes
}

/**
 * Which parts of the tree prove that leaf `index` is in a tree of `size` leaves, in the order of the proof
 * (RFC 9162 §2.1.3.1); each part is folded from complete subtrees. Throws `RangeError` when there is no such leaf.
 */
export function inclusionParts(index: number, size: number): Node[][] {
  if (!(Number.isSafeInteger(size) && Number.isSafeInteger(index) && index >= 0 && index < size))
    throw new RangeError('no such leaf in this tree')
  const parts: Span[] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    const middle = from + half(to - from)
    if (index < middle) {
      parts.push({ from: middle, to })
      to = middle
    } else {
      parts.push({ from, to: middle })
      from = middle
    }
  }
  return parts.reverse().map(nodesOf)
}

/**
 * Which parts of the tree prove that the tree of `size` leaves continues the one of `oldSize` (RFC 9162 §2.1.4.1).
 * Nothing needs proof from the empty tree, or for equal sizes. Throws `RangeError` when `oldSize` is larger.
 */
export function consistencyParts(oldSize: number, size: number): Node[][] {
  if (!(Number.isSafeInteger(size) && Number.isSafeInteger(oldSize) && oldSize >= 0 && oldSize <= size))
    throw new RangeError('the older tree is not the smaller one')
  if (oldSize === 0 || oldSize === size) return []
  const parts: Span[] = []
  let [from, to] = [0, size]
  // The walk ends at the largest complete subtree at the old tree's right edge. It is told, unless it is the old tree.
  while (to !== oldSize) {
    const middle = from + half(to - from)
    if (oldSize <= middle) {
      parts.push({ from: middle, to })
      to = middle
    } else {
      parts.push({ from, to: middle })
      from = middle
    }
  }
  if (from !== 0) parts.push({ from, to })
  return parts.reverse().map(nodesOf)
}

export type InclusionClaim = { leaf: Hash; index: number; size: number; proof: readonly Hash[]; root: Hash }

/** Whether the proof shows that the leaf is at `index` of the tree with this size and root (RFC 9162 §2.1.3.2). */
export function verifyInclusion({ leaf, index, size, proof, root }: InclusionClaim, hasher: TreeHasher): boolean {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size)) return false
  if (![leaf, root, ...proof].every(isHash)) return false
  let [at, last, hash] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = hasher.node(sibling, hash)
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else hash = hasher.node(hash, sibling)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && isSameHash(hash, root)
}

export type ConsistencyClaim = { oldSize: number; oldRoot: Hash; size: number; root: Hash; proof: readonly Hash[] }

/**
 * Whether the proof shows that the tree begins with all the leaves of the older one (RFC 9162 §2.1.4.2). From the empty
 * tree nothing is shown by any proof, so only the empty one is taken.
 */
export function verifyConsistency(claim: ConsistencyClaim, hasher: TreeHasher): boolean {
  const { oldSize, oldRoot, size, root, proof } = claim
  if (!(Number.isSafeInteger(oldSize) && Number.isSafeInteger(size) && oldSize >= 0 && oldSize <= size)) return false
  if (oldSize === 0 && !isSameHash(oldRoot, hasher.empty)) return false
  if (oldSize === size) return proof.length === 0 && isSameHash(oldRoot, root)
  if (oldSize === 0) return proof.length === 0 && isHash(root)
  if (![oldRoot, root, ...proof].every(isHash)) return false
  let [at, last] = [oldSize - 1, size - 1]
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  // An old tree that is one complete subtree is where the proof begins; it is not told again.
  const path = at === 0 ? [oldRoot, ...proof] : [...proof]
  const first = path.shift()
  if (!first) return false
  let [oldHash, hash] = [first, first]
  for (const sibling of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      oldHash = hasher.node(sibling, oldHash)
      hash = hasher.node(sibling, hash)
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else hash = hasher.node(hash, sibling)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && isSameHash(oldHash, oldRoot) && isSameHash(hash, root)
}
