/** Which units are part of others, from what each unit includes. */

/** What one unit includes: `from` and `to` are units of one reader, or files. */
export type Inclusion = { root: number; reader: number; from: string; to: readonly string[] }

/** A unit or file of one reader below one root. */
export function inclusionKey(root: number, reader: number, path: string): string {
  return `${root}\0${reader}\0${path}`
}

/**
 * The keys of everything that is reached from something else. Units that only include each other in a circle are not
 * lost: the first of them by name stands for itself.
 */
export function includedOf(inclusions: readonly Inclusion[]): Set<string> {
  const edges = new Map<string, Set<string>>()
  const included = new Set<string>()
  for (const { root, reader, from, to } of inclusions) {
    const source = inclusionKey(root, reader, from)
    for (const path of to) {
      const target = inclusionKey(root, reader, path)
      if (target === source) continue
      edges.set(source, (edges.get(source) ?? new Set()).add(target))
      included.add(target)
    }
  }
  const reached = new Set<string>()
  for (const source of edges.keys()) if (!included.has(source)) reach(source, edges, reached)
  for (const key of [...included].sort()) {
    if (reached.has(key)) continue
    included.delete(key)
    reach(key, edges, reached)
  }
  return included
}

function reach(start: string, edges: ReadonlyMap<string, ReadonlySet<string>>, reached: Set<string>): void {
  const todo = [start]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    for (const target of edges.get(next) ?? []) todo.push(target)
  }
}
