/**
 * The tree as static files (C2SP tlog-tiles): a tile holds up to 256 hashes of one level, where level L has the roots
 * of complete subtrees of 256^L leaves. A bundle holds the entries of a tile of level 0.
 */
import { foldPeaks, rootOf } from './merkle.ts'
import type { Hash, Node, TreeHasher } from './merkle.ts'
import { MAX_ENTRY_BYTES } from './entry.ts'

/** Hashes of a full tile; its root is one hash of the level above. */
export const TILE_WIDTH = 256
const TILE_LEVELS = 8
/** What the specification allows; 256^7 leaves are more than a number counts. */
const MAX_LEVEL = 63

/** `width` is 1 to 256, the number of its hashes or entries; below 256 the tile is partial. */
export type Tile = { level: number | 'entries'; index: number; width: number }

/** The path of a tile below the address of the log: `tile/0/x001/x234/067.p/8`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0')
  const groups = digits.match(/\d{3}/g) ?? []
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${name}${width < TILE_WIDTH ? `.p/${width}` : ''}`
}

/** The tile that a path names, or null: each tile has one path, and no other spelling is taken. */
export function readTilePath(path: string): Tile | null {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  if (!match) return null
  const [, level = '', name = '', part] = match
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(name.replaceAll(/[x/]/g, '')),
    width: part === undefined ? TILE_WIDTH : Number(part),
  }
  const isWithin =
    (tile.level === 'entries' || tile.level <= MAX_LEVEL) && tile.width >= 1 && Number.isSafeInteger(tile.index)
  return isWithin && tilePath(tile) === path ? tile : null
}

/** How many hashes a level has in a tree of `size` leaves. */
export function levelWidth(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** Whether a tree of `size` leaves has so much of the tile. */
export function hasTile(tile: Tile, size: number): boolean {
  const width = levelWidth(tile.level === 'entries' ? 0 : tile.level, size)
  return tile.index * TILE_WIDTH + tile.width <= width
}

/** Where the hashes lie that a complete subtree is folded from: `count` of a level, within one tile. */
export function hashesBelow({ level, index }: Node): { level: number; from: number; count: number } {
  const count = 2 ** (level % TILE_LEVELS)
  return { level: Math.floor(level / TILE_LEVELS), from: index * count, count }
}

/** The unfinished tiles at the right edge, by level: all that is needed to go on. Each has fewer than 256 hashes. */
export type Edge = Hash[][]

/** Where the hashes of the edge lie in a tree of `size` leaves, by level. */
export function edgeSpans(size: number): { level: number; from: number; count: number }[] {
  const spans: { level: number; from: number; count: number }[] = []
  for (let level = 0; levelWidth(level, size) > 0; level += 1) {
    const count = levelWidth(level, size) % TILE_WIDTH
    spans.push({ level, from: levelWidth(level, size) - count, count })
  }
  return spans
}

/** Adds a leaf to the edge, in place, and answers the roots of the tiles that it filled, from level 1 up. */
export function extendEdge(edge: Edge, leaf: Hash, hasher: TreeHasher): Hash[] {
  const roots: Hash[] = []
  let hash = leaf
  for (let level = 0; ; level += 1) {
    const tile = (edge[level] ??= [])
    tile.push(hash)
    if (tile.length < TILE_WIDTH) return roots
    hash = rootOf(tile, hasher)
    roots.push(hash)
    edge[level] = []
  }
}

/** The root of the tree that ends in this edge. */
export function rootOfEdge(edge: Edge, hasher: TreeHasher): Hash {
  const peaks = edge.toReversed().flatMap((tile) => {
    // Within a tile the complete subtrees are the binary digits of its width.
    const found: Hash[] = []
    for (let size = TILE_WIDTH / 2, at = 0; size >= 1; size /= 2) {
      if (tile.length - at < size) continue
      found.push(rootOf(tile.slice(at, at + size), hasher))
      at += size
    }
    return found
  })
  return foldPeaks(peaks, hasher)
}

/** Entries with their lengths before them, in 16 bits, the higher byte first. Throws `RangeError` for a longer entry. */
export function entryBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = new Uint8Array(entries.reduce((sum, { length }) => sum + 2 + length, 0))
  let at = 0
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw new RangeError('an entry of a bundle has 65535 bytes at most')
    bundle.set([entry.length >> 8, entry.length & 0xff], at)
    bundle.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bundle
}
