/** When to try again what did not arrive. */

const FIRST_MS = 30_000
const LONGEST_MS = 3_600_000

/**
 * Milliseconds until the next try after `attempts` of them (from 1): doubling from half a minute to an hour, of which the
 * upper half is chance, so that what failed together is not tried together. `random` is in [0, 1).
 */
export function backoffMs(attempts: number, random: () => number = Math.random): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20))
  return Math.round(whole / 2 + (whole / 2) * random())
}
