const SECOND = 1_000
const DAY = 86_400 * SECOND
const STEPS: [unit: Intl.RelativeTimeFormatUnit, length: number][] = [
  ['year', 365.25 * DAY],
  ['month', 30.44 * DAY],
  ['week', 7 * DAY],
  ['day', DAY],
  ['hour', 3_600 * SECOND],
  ['minute', 60 * SECOND],
]
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** `3 days ago`, `in 2 months`, `just now`. */
export function ago(at: string, now: number): string {
  const distance = Date.parse(at) - now
  // Two of a unit read better than fifteen of the next smaller one, but a single one hides too much.
  const step = STEPS.find(([, length]) => Math.abs(distance) >= (length >= DAY ? 1.6 : 1) * length)
  return step ? relative.format(Math.round(distance / step[1]), step[0]) : 'just now'
}

/** `2026-11-24 04:12:10 UTC`: the same words for everyone who looks at it. */
export function exactly(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
