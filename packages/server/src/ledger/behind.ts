/**
 * Is the ledger too far behind for anybody to decide? Entries that wait are safe, but not yet provable; beyond a limit the
 * operator is to mend it before more is decided. Pure: what was seen and two clocks in, an answer out.
 */

/** Of entries that wait to be signed: how many, and for how long. */
export type LedgerLimits = { entries: number; minutes: number }
export const LEDGER_LIMITS: LedgerLimits = { entries: 1_000_000, minutes: 10 }

/** The oldest entry that waits, and whether there are more than the limit. */
export type Waiting = { oldest: string; at: Date; isTooMany: boolean }
/** `since`: milliseconds of a clock that is never set, when this process first saw that entry wait. */
export type Seen = { oldest: string; since: number }

/** A working sequencer has taken an entry by then, whatever the clock of the machine says of its age. */
const SURELY_WAITS_MS = 10_000

export function watch(seen: Seen | null, waiting: Waiting | null, monotonic: number): Seen | null {
  if (waiting === null) return null
  return seen?.oldest === waiting.oldest ? seen : { oldest: waiting.oldest, since: monotonic }
}

/**
 * Why nobody decides now, or null. The age of an entry is by the clock of the machine, so that a restart does not begin it
 * anew, but never by that clock alone: it may have been set.
 */
export function behind(
  seen: Seen | null,
  waiting: Waiting | null,
  limits: LedgerLimits,
  { monotonic, now }: { monotonic: number; now: Date },
): string | null {
  if (seen === null || waiting === null) return null
  if (waiting.isTooMany) return `more than ${limits.entries} entries wait to be signed`
  const longest = limits.minutes * 60_000
  const watched = monotonic - seen.since
  const age = now.getTime() - waiting.at.getTime()
  const isLate = watched > longest || (watched > SURELY_WAITS_MS && age > longest)
  return isLate ? `entries have waited for more than ${limits.minutes} minutes to be signed` : null
}
