/**
 * What this browser remembers of the ledger: the last checkpoint that it saw and believed, and the keys that signed.
 * A server that rewrites history, or signs with another key, is noticed by whoever has been here before.
 */
import { z } from 'zod'

const STORED_AS = 'onus-ledger-seen'

const Memory = z.object({ origin: z.string(), checkpoint: z.string(), size: z.int().nonnegative(), keys: z.array(z.string()).min(1), at: z.iso.datetime() })
export type Memory = z.infer<typeof Memory>

/** Null when nothing is remembered, or what is there is not readable. */
export function remembered(): Memory | null {
  try {
    return Memory.parse(JSON.parse(localStorage.getItem(STORED_AS) ?? 'null'))
  } catch {
    return null
  }
}

export function remember(memory: Memory): void {
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(memory))
  } catch {
    // A full or forbidden store: the next visit begins anew, and says so.
  }
}

export function forget(): void {
  localStorage.removeItem(STORED_AS)
}
