/** Counts attempts in a fixed window. A sign-in link has 256 bits, so this guards the database, not the link. */
import { Refused } from './refused.ts'

export type Attempts = { note(key: string, now: Date): void }

/** A table of addresses must not grow with whoever sends from many. */
const MAX_KEYS = 10_000

export function limitAttempts(most: number, windowMs: number): Attempts {
  let from = Number.NEGATIVE_INFINITY
  let counts = new Map<string, number>()
  return {
    /** Throws `Refused` (`too-many-attempts`) beyond `most` in the window. */
    note(key, now) {
      if (now.getTime() - from >= windowMs || counts.size >= MAX_KEYS) {
        from = now.getTime()
        counts = new Map()
      }
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      if (count > most)
        throw new Refused('too-many-attempts', `wait ${Math.ceil(windowMs / 1_000)} seconds and try again`)
    },
  }
}
