/**
 * Where the parts of a document stand, without its syntax tree: one number for each key and item, in the order in which
 * they are written. The value, which is kept anyway, says which number belongs to which part.
 */
import { isMap, isScalar, isSeq } from 'yaml'

/** null when value and text do not run in parallel: aliases, merge keys, keys that JavaScript puts in another order. */
export function offsetsOf(root: unknown): Uint32Array | null {
  const offsets: number[] = []
  return collect(root, offsets) ? Uint32Array.from(offsets) : null
}

/** The tree is known to be shallow (`MAX_DEPTH`), so recursion is safe here and below. */
function collect(node: unknown, offsets: number[]): boolean {
  if (isMap(node)) {
    return node.items.every(({ key, value }) => {
      if (!isScalar(key) || !key.range || key.value === '<<' || isIndex(String(key.value))) return false
      offsets.push(key.range[0])
      return collect(value, offsets)
    })
  }
  if (isSeq(node)) {
    return node.items.every((item) => {
      if (!isMap(item) && !isSeq(item) && !isScalar(item)) return false
      offsets.push(item.range?.[0] ?? 0)
      return collect(item, offsets)
    })
  }
  return node === null || isScalar(node)
}

/** Keys that look like an array index come first in an object, whatever the text says. */
function isIndex(key: string): boolean {
  return /^\d+$/.test(key)
}

/** The offset of the key or item at `path`, of its deepest existing ancestor, or of `start` when there is none. */
export function locateByOffsets(
  value: unknown,
  offsets: Uint32Array,
  path: readonly (string | number)[],
  start: number,
): number {
  let place = start
  let index = 0
  let inner = value
  for (const step of path) {
    if (typeof inner !== 'object' || inner === null) break
    const entries: [string, unknown][] = Object.entries(inner)
    const at = entries.findIndex(([key]) => key === String(step))
    if (at < 0) break
    for (const [, before] of entries.slice(0, at)) index += 1 + sizeOf(before)
    place = offsets[index] ?? place
    index += 1
    inner = entries[at]?.[1]
  }
  return place
}

/** How many keys and items there are below a value. */
function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce<number>((sum, part) => sum + 1 + sizeOf(part), 0)
}
