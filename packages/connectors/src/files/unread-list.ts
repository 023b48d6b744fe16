import type { Unread } from '@onus/core/observation.ts'

/** Kept in a report, for each reader and root; all are counted. */
export const MAX_UNREAD_KEPT = 1_000
/** A reason is a sentence; what is longer quotes something. */
const MAX_REASON = 300

/**
 * What could not be read, in bounded memory: all counted, the first thousand by file and line kept. Which ones are kept
 * does not depend on the order in which they arrive.
 */
export class UnreadList {
  count = 0
  #kept: Unread[] = []

  add(entry: Unread): void {
    this.count += 1
    const { file, line, reason } = entry
    this.#kept.push({
      file,
      line: Math.max(1, Math.trunc(line) || 1),
      reason: reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason,
    })
    if (this.#kept.length > 2 * MAX_UNREAD_KEPT) this.#cut()
  }

  /** Takes over another list: its kept entries, and the count of all of its. */
  merge(entries: readonly Unread[], count: number): void {
    for (const entry of entries) this.add(entry)
    this.count += count - entries.length
  }

  /** Sorted by file and line, at most `MAX_UNREAD_KEPT`. */
  get entries(): Unread[] {
    this.#cut()
    return this.#kept
  }

  #cut(): void {
    this.#kept.sort((a, b) => compare(a.file, b.file) || a.line - b.line || compare(a.reason, b.reason))
    this.#kept.length = Math.min(this.#kept.length, MAX_UNREAD_KEPT)
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
