/** Hours in which nobody is written to. */

/** Minutes of the day from 0 to 1439; `from` after `to` goes over midnight. */
export type QuietHours = { from: number; to: number; zone: string }

/** Reads `22:00-07:00 Europe/Berlin`; null when it is none. Without a zone: UTC. */
export function readQuietHours(text: string): QuietHours | null {
  const parts = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})(?:\s+(\S+))?$/.exec(text.trim())
  if (!parts) return null
  const [, fromHour = '', fromMinute = '', toHour = '', toMinute = '', zone = 'UTC'] = parts
  const minutes = (hour: string, minute: string): number | null =>
    Number(hour) < 24 && Number(minute) < 60 ? Number(hour) * 60 + Number(minute) : null
  const from = minutes(fromHour, fromMinute)
  const to = minutes(toHour, toMinute)
  return from === null || to === null || from === to || !isZone(zone) ? null : { from, to, zone }
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== ''
  } catch {
    return false
  }
}

function minuteOfDay(at: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    .formatToParts(at)
  const of = (type: 'hour' | 'minute'): number => Number(parts.find((part) => part.type === type)?.value ?? 0)
  return of('hour') * 60 + of('minute')
}

/** `now`, or the end of the quiet hours that it falls into. */
export function afterQuiet(now: Date, quiet: QuietHours | null): Date {
  if (quiet === null) return now
  let at = now
  // Not in one step: the night may have an hour more or less than the clock says.
  for (let round = 0; round < 4; round += 1) {
    const minute = minuteOfDay(at, quiet.zone)
    const isQuiet =
      quiet.from < quiet.to ? minute >= quiet.from && minute < quiet.to : minute >= quiet.from || minute < quiet.to
    if (!isQuiet) break
    const ahead = (quiet.to - minute + 1_440) % 1_440
    const step = ahead > 120 ? ahead - 120 : ahead
    at = new Date(Math.floor(at.getTime() / 60_000) * 60_000 + step * 60_000)
  }
  return at
}
