/** Walks parsed CI configuration: every text with the keys that lead to it. */

export type Scalar = { path: (string | number)[]; value: string }

/** A file with more nodes than this, reached through aliases again and again, is an attack or generated noise. */
const MAX_NODES = 200_000

/**
 * Every scalar below `root` as text, depth first, in file order; `isWhole` is false when the walk stopped at the limit.
 * Lists and maps shared by YAML aliases are walked for each place that uses them, because a secret is used there too.
 */
export function scalarsOf(root: unknown): { scalars: Scalar[]; isWhole: boolean } {
  const scalars: Scalar[] = []
  const pending: { value: unknown; path: (string | number)[] }[] = [{ value: root, path: [] }]
  for (let visited = 0; pending.length > 0; visited++) {
    if (visited === MAX_NODES) return { scalars, isWhole: false }
    const { value, path } = pending.pop() ?? { value: null, path: [] }
    if (typeof value === 'string') scalars.push({ path, value })
    else if (typeof value === 'number' || typeof value === 'boolean') scalars.push({ path, value: String(value) })
    else if (Array.isArray(value)) {
      for (let i = value.length - 1; i >= 0; i--) pending.push({ value: value[i] as unknown, path: [...path, i] })
    } else if (isRecord(value)) {
      for (const key of Object.keys(value).reverse()) pending.push({ value: value[key], path: [...path, key] })
    }
  }
  return { scalars, isWhole: true }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The map under a key, or an empty one: absent and wrongly typed parts of a CI file mean the same, nothing. */
export function mapAt(value: unknown, key: string): Record<string, unknown> {
  const inner = isRecord(value) ? value[key] : undefined
  return isRecord(inner) ? inner : {}
}

/** A text or number as text; null for anything else. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : null
}

/** One text or a list of texts, as a list. */
export function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? (value as unknown[]) : [value]).map(textOf).filter((text) => text !== null)
}

/**
 * The line at or below `from` (1-based) that holds `needle`: the place inside a block of script, of which YAML only
 * knows the first line. `from` when it is not found there.
 */
export function lineHolding(lines: readonly string[], from: number, needle: string): number {
  for (let i = from - 1; i < lines.length; i++) if (lines[i]?.includes(needle)) return i + 1
  return from
}
