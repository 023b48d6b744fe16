/**
 * Dates and durations as people and tools write them. Whether a date is known, never happened, or cannot be read is
 * decided here and nowhere else. Nothing here reads a clock.
 */
import type { KnownDate } from './identity.ts'
import type { RawDate } from './observation.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY_MILLISECONDS = 24 * HOUR

/** Longer texts are not dates; the limit also bounds the work of matching. */
const MAX_LENGTH = 64
/** Nobody plans a credential's end this far ahead: 2099 and 9999 are ways to write "never". */
const FAR_YEARS = 50
/** 1 January up to this year is a placeholder: no tool whose credentials still live recorded a rotation then. */
const PLACEHOLDER_UNTIL_YEAR = 2001
/** The last second of a signed 32-bit clock, another way to write "never". */
const END_OF_32_BITS = 2_147_483_647 * SECOND

const ABSENT = new Set([
  '',
  '-',
  '--',
  '?',
  'n/a',
  'na',
  'none',
  'null',
  'nil',
  'undefined',
  'unknown',
  'no_information',
  'no information',
  'not_supported',
  'not supported',
  'not applicable',
  'not set',
  'tbd',
  'tba',
  'todo',
])
const NEVER = new Set([
  'never',
  'never expires',
  'no expiry',
  'no expiration',
  'does not expire',
  'unlimited',
  'infinite',
  'infinity',
  'indefinite',
  'indefinitely',
  'perpetual',
  'permanent',
  'forever',
  'never rotated',
  'not rotated',
])
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const MONTH_NAMES = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]

export type DateOptions = {
  /** Which comes first where a date could be either: "03-04-2026". A date that fits one order only is read so. */
  order: 'day-month' | 'month-day'
  asOf: Date
}

type Calendar = { year: number; month: number; day: number }
type Day = Calendar | { reason: string }
type Parsed = { at: Date; written: Calendar } | { reason: string }

/**
 * Reads one date. Without an offset the time is UTC; a month or a quarter means its first day. `unknown`: the text says
 * nothing (`N/A`). `never`: a word or a placeholder (1 January 2000, the epoch, 9999). `unreadable`: with the reason;
 * the text is kept for people to look at. Dates after `asOf` are returned as they are: a rule may object, not this.
 */
export function readDate(raw: RawDate['raw'], options: DateOptions): KnownDate {
  const text = raw.normalize('NFKC').trim().replace(/\s+/g, ' ')
  const lower = text.toLowerCase()
  if (ABSENT.has(lower)) return { state: 'unknown' }
  if (NEVER.has(lower)) return { state: 'never', raw }
  if (text.length > MAX_LENGTH) {
    return { state: 'unreadable', raw: `${raw.slice(0, MAX_LENGTH)}…`, reason: 'too long for a date' }
  }
  const parsed = parse(lower, options)
  if ('reason' in parsed) return { state: 'unreadable', raw, reason: parsed.reason }
  if (isPlaceholder(parsed.at, parsed.written, options.asOf)) return { state: 'never', raw }
  return { state: 'at', at: toIso(parsed.at), raw }
}

/** ISO 8601 in UTC with milliseconds, the one form in which instants are stored and sent. */
export function toIso(instant: Date): string {
  return instant.toISOString()
}

/** Whole days that have passed from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: Date | string, to: Date | string): number {
  const days = Math.floor((new Date(to).getTime() - new Date(from).getTime()) / DAY_MILLISECONDS)
  return days === 0 ? 0 : days
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', SECOND],
  ['sec', SECOND],
  ['second', SECOND],
  ['m', MINUTE],
  ['min', MINUTE],
  ['minute', MINUTE],
  ['h', HOUR],
  ['hr', HOUR],
  ['hour', HOUR],
  ['d', DAY_MILLISECONDS],
  ['day', DAY_MILLISECONDS],
  ['w', 7 * DAY_MILLISECONDS],
  ['week', 7 * DAY_MILLISECONDS],
  ['mo', 30 * DAY_MILLISECONDS],
  ['month', 30 * DAY_MILLISECONDS],
  ['y', 365 * DAY_MILLISECONDS],
  ['yr', 365 * DAY_MILLISECONDS],
  ['year', 365 * DAY_MILLISECONDS],
])
const ISO_DURATION = /^p(?:(\d+)y)?(?:(\d+)m)?(?:(\d+)w)?(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?)?$/
const ISO_UNITS = ['y', 'mo', 'w', 'd', 'h', 'm', 's']

/**
 * Reads a span such as `8760h`, `1h30m`, `90d`, `12 months` or `P90D`, in milliseconds. A month counts 30 days and a
 * year 365: good for age limits, not for calendars. null when it is no span; a bare number has no unit, so it is none.
 */
export function readDuration(raw: string): number | null {
  const text = raw.trim().toLowerCase()
  if (text === '' || text.length > MAX_LENGTH) return null
  const iso = ISO_DURATION.exec(text)
  if (iso) {
    const amounts = iso.slice(1)
    if (amounts.every((amount) => amount === undefined)) return null
    return amounts.reduce((sum, amount, i) => sum + Number(amount ?? 0) * (UNITS.get(ISO_UNITS[i] ?? '') ?? 0), 0)
  }
  let total = 0
  let rest = text
  while (rest !== '') {
    const part = /^(\d+(?:\.\d+)?) ?([a-z]+),? ?/.exec(rest)
    const word = part?.[2] ?? ''
    const unit = UNITS.get(word) ?? (word.length > 2 && word.endsWith('s') ? UNITS.get(word.slice(0, -1)) : undefined)
    if (!part || unit === undefined) return null
    total += Number(part[1]) * unit
    rest = rest.slice(part[0].length)
  }
  return total
}

function isPlaceholder(at: Date, written: Calendar, asOf: Date): boolean {
  const instant = at.getTime()
  if (instant === 0 || instant === END_OF_32_BITS) return true
  const isNewYear = (day: Calendar): boolean => day.month === 1 && day.day === 1 && day.year <= PLACEHOLDER_UNTIL_YEAR
  // In UTC as well: the epoch in New York is written as 31 December 1969.
  if (isNewYear(written) || isNewYear(calendarOf(at))) return true
  return at.getUTCFullYear() >= asOf.getUTCFullYear() + FAR_YEARS
}

const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?/
/** What may precede a clock time within the text, and what may follow it. */
const CLOCK = new RegExp(
  [
    /(?:^|t| |, )(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?) ?(z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?/,
    /(?: (?:utc|gmt))?(?: m=[+-][\d.]+)?(?= |$)/, // what Go prints after the offset
  ]
    .map((part) => part.source)
    .join(''),
)

function parse(text: string, options: DateOptions): Parsed {
  const unix = readUnix(text)
  if (unix) return unix
  const compact = /^(\d{4})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})(z|[+-]\d{2}:?\d{2})?$/.exec(text)
  if (compact) {
    const [, year, month, day, hour, minute, second, zone = ''] = compact
    return parse(`${year}-${month}-${day}t${hour}:${minute}:${second}${zone}`, options)
  }
  const clock = CLOCK.exec(text)
  // "… 10:00:00 2026": the year may stand behind the time, so the text without the time is read as the day.
  const dayText = clock ? `${text.slice(0, clock.index)} ${text.slice(clock.index + clock[0].length)}`.trim() : text
  const day = readDay(dayText.replace(/ (?:z|utc|gmt)$/, ''), options)
  if ('reason' in day) return day
  const offset = clock ? readClock(clock[1] ?? '', clock[2] ?? '') : 0
  if (offset === null) return { reason: 'no such time of day' }
  const at = instantOf(day)
  if (!at) return { reason: `no such day: ${day.day} ${MONTH_NAMES[day.month - 1] ?? ''} ${day.year}` }
  return { at: new Date(at.getTime() + offset), written: day }
}

/** Seconds (with or without a fraction) or milliseconds since 1970; eight digits are a date, not a time. */
function readUnix(text: string): Parsed | null {
  const match = /^-?\d+(?:\.\d{1,9})?$/.exec(text)
  if (!match) return null
  const digits = text.replace(/^-/, '').split('.')[0] ?? ''
  if (digits.length === 4) return { reason: 'only a year' }
  const isSeconds = text === '0' || digits.length === 9 || digits.length === 10 || text === '-62135596800'
  const isMilliseconds = digits.length === 12 || digits.length === 13
  if (!isSeconds && !isMilliseconds) {
    return digits.length === 8 && digits === text ? null : { reason: 'a number that is neither a date nor a Unix time' }
  }
  const at = new Date(isSeconds ? Math.round(Number(text) * SECOND) : Math.round(Number(text)))
  return { at, written: calendarOf(at) }
}

/** Milliseconds after midnight UTC of the written day; null when there is no such time. */
function readClock(clock: string, zone: string): number | null {
  const parts = TIME.exec(clock)
  if (!parts) return null
  const [hours, minutes, seconds] = [Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0)]
  if (hours > 23 || minutes > 59 || seconds > 60) return null
  // RFC 3339 allows the leap second :60; the clocks of computers do not.
  const fraction = Math.floor(Number(`0.${parts[4] ?? '0'}`) * SECOND)
  const time = hours * HOUR + minutes * MINUTE + Math.min(seconds, 59) * SECOND + fraction
  const offset = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone)
  if (!offset) return time
  if (Number(offset[2]) > 23 || Number(offset[3] ?? 0) > 59) return null
  const shift = Number(offset[2]) * HOUR + Number(offset[3] ?? 0) * MINUTE
  return offset[1] === '+' ? time - shift : time + shift
}

function readDay(text: string, options: DateOptions): Day {
  const yearFirst = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text)
  if (yearFirst) return calendar(yearFirst[1], yearFirst[2], yearFirst[3])
  const yearLast = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/.exec(text)
  if (yearLast) return inOrder(Number(yearLast[1]), Number(yearLast[2]), Number(yearLast[3]), options.order)
  if (/^\d{1,2}[-/. ]\d{1,2}[-/. ]\d{1,2}$/.test(text)) return { reason: 'the year has two digits' }
  const month = /^(\d{4})[-/](\d{1,2})$/.exec(text)
  if (month) return calendar(month[1], month[2], '1')
  const quarter = /^(\d{4})[- /]?q([1-4])$/.exec(text) ?? flip(/^q([1-4])[- /]?(\d{4})$/.exec(text))
  if (quarter) return calendar(quarter[1], String(Number(quarter[2]) * 3 - 2), '1')
  return readWords(text) ?? { reason: 'no known date format' }
}

function flip(match: RegExpExecArray | null): [string, string | undefined, string | undefined] | null {
  return match ? [match[0], match[2], match[1]] : null
}

/** "1 January 2000", "Jan 2, 2026", "20-Mar-2026", "Tue, 3 Feb 2026", "March 2026": the month is a word. */
function readWords(text: string): Day | null {
  const words = text
    .replace(/^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /, '')
    .split(/[\s,./-]+/)
    .filter((word) => word !== '' && word !== 'of')
  const at = words.findIndex((word) => monthOf(word) > 0)
  if (at < 0 || words.length < 2 || words.length > 3) return null
  const month = String(monthOf(words[at] ?? ''))
  const numbers = words.filter((_, i) => i !== at).map((word) => word.replace(/^(\d{1,2})(?:st|nd|rd|th)$/, '$1'))
  const year = numbers.find((number) => /^\d{4}$/.test(number))
  const rest = numbers.filter((number) => number !== year)
  if (year === undefined) {
    const isDayOnly = numbers.every((number) => /^\d{1,2}$/.test(number))
    return isDayOnly ? { reason: 'the year is missing or has two digits' } : null
  }
  if (rest.length === 0) return words.length === 2 ? calendar(year, month, '1') : null
  return /^\d{1,2}$/.test(rest[0] ?? '') ? calendar(year, month, rest[0]) : null
}

/** 1 to 12; 0 when the word is no month. */
function monthOf(word: string): number {
  const full = MONTH_NAMES.indexOf(word)
  return full >= 0 ? full + 1 : word === 'sept' ? 9 : MONTHS.indexOf(word) + 1
}

function inOrder(first: number, second: number, year: number, order: DateOptions['order']): Day {
  const dayMonth = { year, month: second, day: first }
  const monthDay = { year, month: first, day: second }
  const [preferred, other] = order === 'day-month' ? [dayMonth, monthDay] : [monthDay, dayMonth]
  if (instantOf(preferred)) return preferred
  return instantOf(other) ? other : { reason: 'no such day in either order of day and month' }
}

function calendar(year: string | undefined, month: string | undefined, day: string | undefined): Day {
  const read = { year: Number(year), month: Number(month), day: Number(day) }
  return read.month < 1 || read.month > 12 ? { reason: 'no such month' } : read
}

/** Midnight UTC; null for a day that no calendar has. Years below 100 stay what they are. */
function instantOf({ year, month, day }: Calendar): Date | null {
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  return at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? at : null
}

function calendarOf(at: Date): Calendar {
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() }
}
