import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { daysBetween, readDate, readDuration, toIso } from './time.ts'

const asOf = new Date('2026-06-01T00:00:00Z')
const read = (raw: string, order: 'day-month' | 'month-day' = 'day-month'): string => {
  const date = readDate(raw, { order, asOf })
  if (date.state === 'at') return date.at
  return date.state === 'unreadable' ? `unreadable: ${date.reason}` : date.state
}

test('a date is read in the formats that tools and people write', () => {
  const table: [raw: string, want: string][] = [
    ['2026-03-20', '2026-03-20T00:00:00.000Z'],
    ['2026-3-5', '2026-03-05T00:00:00.000Z'],
    ['2026/03/20', '2026-03-20T00:00:00.000Z'],
    ['2026.03.20', '2026-03-20T00:00:00.000Z'],
    ['20260320', '2026-03-20T00:00:00.000Z'],
    ['20-03-2026', '2026-03-20T00:00:00.000Z'],
    ['20/03/2026', '2026-03-20T00:00:00.000Z'],
    ['20.03.2026', '2026-03-20T00:00:00.000Z'],
    ['2026-03-20T10:15:30Z', '2026-03-20T10:15:30.000Z'],
    ['2026-03-20T10:15Z', '2026-03-20T10:15:00.000Z'],
    ['2026-03-20t10:15:30.123456789z', '2026-03-20T10:15:30.123Z'],
    ['2026-03-20 10:15:30', '2026-03-20T10:15:30.000Z'],
    ['2026-03-20T10:15:30+02:00', '2026-03-20T08:15:30.000Z'],
    ['2026-03-20T22:15:30-05:00', '2026-03-21T03:15:30.000Z'],
    ['2026-03-20T10:15:30+0530', '2026-03-20T04:45:30.000Z'],
    ['2026-03-20 10:15:30 +01', '2026-03-20T09:15:30.000Z'],
    ['2026-03-20 10:15:30 UTC', '2026-03-20T10:15:30.000Z'],
    ['2026-03-20 10:15:30.5 +0000 UTC m=+0.01', '2026-03-20T10:15:30.500Z'],
    ['20260320T101530Z', '2026-03-20T10:15:30.000Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z'],
    ['20/03/2026 10:15', '2026-03-20T10:15:00.000Z'],
    ['20 March 2026', '2026-03-20T00:00:00.000Z'],
    ['20th of March 2026', '2026-03-20T00:00:00.000Z'],
    ['March 20, 2026', '2026-03-20T00:00:00.000Z'],
    ['Jan 2, 2026', '2026-01-02T00:00:00.000Z'],
    ['Sept. 3 2025', '2025-09-03T00:00:00.000Z'],
    ['20-Mar-2026', '2026-03-20T00:00:00.000Z'],
    ['Fri, 20 Mar 2026 10:15:30 GMT', '2026-03-20T10:15:30.000Z'],
    ['Fri Mar 20 10:15:30 2026', '2026-03-20T10:15:30.000Z'],
    ['Mar 20 10:15:30 2026 GMT', '2026-03-20T10:15:30.000Z'],
    ['1774001730', '2026-03-20T10:15:30.000Z'],
    ['1774001730.5', '2026-03-20T10:15:30.500Z'],
    ['1774001730123', '2026-03-20T10:15:30.123Z'],
    ['2026-03', '2026-03-01T00:00:00.000Z'],
    ['March 2026', '2026-03-01T00:00:00.000Z'],
    ['2026-Q3', '2026-07-01T00:00:00.000Z'],
    ['Q1 2026', '2026-01-01T00:00:00.000Z'],
    ['  2026-03-20  ', '2026-03-20T00:00:00.000Z'],
    ['2026-12-01', '2026-12-01T00:00:00.000Z'],
    ['29-02-2024', '2024-02-29T00:00:00.000Z'],
  ]
  for (const [raw, want] of table) assert.equal(read(raw), want, raw)
})

test('a placeholder means that it never happened or never ends', () => {
  const placeholders = [
    '01-01-2000', '1 January 2000', '2000-01-01', 'Jan 1, 2001', '01/01/1970', '1970-01-01T00:00:00Z',
    '1969-12-31T19:00:00-05:00', '0', '-62135596800',
    '0001-01-01T00:00:00Z', '0001-01-01 00:00:00 +0000 UTC', '1900-01-01', '9999-12-31', '9999-12-31T23:59:59Z',
    '2099-12-31', '2099-01-01',
    '2038-01-19T03:14:07Z', 'never', 'Never expires', 'No expiry', 'forever',
  ]
  for (const raw of placeholders) {
    const date = readDate(raw, { order: 'day-month', asOf })
    assert.deepEqual(date, { state: 'never', raw }, raw)
  }
})

test('an ordinary old date is not a placeholder', () => {
  const ordinary = ['2000-01-02', '31-12-1999', '2002-01-01', '2026-01-01', '2045-01-01']
  for (const raw of ordinary) assert.match(read(raw), /^\d{4}-/, raw)
})

test('a word that says nothing leaves the date unknown', () => {
  const words = ['', '  ', 'N/A', 'n/a', 'no_information', 'not_supported', 'null', 'none', 'TBD', '-']
  for (const raw of words) assert.equal(read(raw), 'unknown', raw)
})

test('what cannot be read says why and keeps the text', () => {
  const table: [raw: string, reason: RegExp][] = [
    ['31-02-2026', /no such day/],
    ['2026-02-30', /no such day: 30 february 2026/],
    ['29 February 2026', /no such day/],
    ['2026-13-01', /no such month/],
    ['2026-00', /no such month/],
    ['00-00-2026', /no such day/],
    ['20-03-26', /two digits/],
    ['01/02/03', /two digits/],
    ['20 March', /year is missing or has two digits/],
    ['20 March 26', /year is missing or has two digits/],
    ['2026', /only a year/],
    ['2026-03-20T25:00:00Z', /no such time/],
    ['2026-03-20T10:75:00Z', /no such time/],
    ['2026-03-20 10:00 PST', /no known date format/],
    ['12345', /neither a date nor a Unix time/],
    ['soon', /no known date format/],
    ['every 90 days', /no known date format/],
    ['2026-03-20; drop table', /no known date format/],
    ['20032026', /no such month/],
    ['9'.repeat(500), /too long/],
    [`1 January ${'2'.repeat(60)}`, /too long/],
  ]
  for (const [raw, reason] of table) {
    const date = readDate(raw, { order: 'day-month', asOf })
    assert.ok(date.state === 'unreadable', `${raw} is ${date.state}`)
    assert.match(date.reason, reason, raw)
    assert.ok(raw.startsWith(date.raw.replace('…', '')), raw)
  }
})

test('day and month follow the house order, and a date that fits one order only is read in that one', () => {
  assert.equal(read('03-04-2026', 'day-month'), '2026-04-03T00:00:00.000Z')
  assert.equal(read('03-04-2026', 'month-day'), '2026-03-04T00:00:00.000Z')
  assert.equal(read('20-03-2026', 'month-day'), '2026-03-20T00:00:00.000Z')
  assert.equal(read('03/20/2026', 'day-month'), '2026-03-20T00:00:00.000Z')
})

test('how far ahead "never" begins depends on the date of the question', () => {
  assert.equal(readDate('2060-05-05', { order: 'day-month', asOf: new Date('2005-01-01T00:00:00Z') }).state, 'never')
  assert.equal(readDate('2060-05-05', { order: 'day-month', asOf }).state, 'at')
})

const two = (n: number): string => String(n).padStart(2, '0')
const monthName = (at: Date, month: 'long' | 'short'): string => at.toLocaleString('en-US', { month, timeZone: 'UTC' })
const WRITERS: Record<string, (at: Date) => string> = {
  'ISO date': (at) => toIso(at).slice(0, 10),
  'ISO instant': toIso,
  'ISO with a space': (at) => toIso(at).slice(0, 19).replace('T', ' '),
  'ISO with an offset': (at) => `${toIso(new Date(at.getTime() + 5.5 * 3_600_000)).slice(0, 19)}+05:30`,
  'compact date': (at) => toIso(at).slice(0, 10).replaceAll('-', ''),
  'compact instant': (at) => `${toIso(at).slice(0, 19).replace(/[-:]/g, '')}Z`,
  'year first with slashes': (at) => toIso(at).slice(0, 10).replaceAll('-', '/'),
  'day first': (at) => `${two(at.getUTCDate())}-${two(at.getUTCMonth() + 1)}-${at.getUTCFullYear()}`,
  'day first with slashes': (at) => `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`,
  'RFC 1123': (at) => at.toUTCString(),
  'long words': (at) => `${at.getUTCDate()} ${monthName(at, 'long')} ${at.getUTCFullYear()}`,
  'short words': (at) => `${monthName(at, 'short')} ${at.getUTCDate()}, ${at.getUTCFullYear()}`,
  'Unix seconds': (at) => String(at.getTime() / 1_000),
  'Unix milliseconds': (at) => String(at.getTime()),
}

test('every format that is written is read back as the same day, and as the same second where it holds one', () => {
  // From 2002, because 1 January up to 2001 is a placeholder; to 2070, because what is 50 years ahead is one too.
  const seconds = fc.integer({ min: Date.UTC(2002, 0, 1) / 1_000, max: Date.UTC(2070, 0, 1) / 1_000 })
  for (const [name, write] of Object.entries(WRITERS)) {
    fc.assert(fc.property(seconds, (second) => {
      const at = new Date(second * 1_000)
      const raw = write(at)
      const whole = /\d:\d|T\d|^\d{10,}$/.test(raw)
      const want = whole ? toIso(at) : `${toIso(at).slice(0, 10)}T00:00:00.000Z`
      fc.pre(at.getTime() !== 2_147_483_647_000)
      assert.equal(read(raw), want, `${name}: ${raw}`)
    }), { numRuns: 300 })
  }
})

test('no text makes the reader throw, and every answer is one of the four states', () => {
  const piece = fc.constantFrom('20', '2026', '-', '/', ':', 'T', 'Z', ' ', 'jan', 'q3', '+01', '.', '99', '\u0000', '٣')
  const pieces = fc.array(piece, { maxLength: 14 })
  fc.assert(fc.property(fc.oneof(fc.string(), pieces.map((parts) => parts.join(''))), (raw) => {
    assert.ok(['at', 'never', 'unreadable', 'unknown'].includes(readDate(raw, { order: 'day-month', asOf }).state))
  }), { numRuns: 2_000 })
})

test('days between two instants are whole days that have passed', () => {
  const table: [from: string, to: string, want: number][] = [
    ['2026-03-01T00:00:00Z', '2026-06-01T00:00:00Z', 92],
    ['2026-03-01T12:00:00Z', '2026-03-02T11:59:59Z', 0],
    ['2026-03-01T12:00:00Z', '2026-03-02T12:00:00Z', 1],
    ['2026-03-02T00:00:00Z', '2026-03-01T00:00:00Z', -1],
    ['2024-02-28T00:00:00Z', '2024-03-01T00:00:00Z', 2],
  ]
  for (const [from, to, want] of table) assert.equal(daysBetween(from, new Date(to)), want, `${from} to ${to}`)
})

test('a span is read with its unit; without one it is no span', () => {
  const day = 86_400_000
  const table: [raw: string, want: number | null][] = [
    ['8760h', 365 * day], ['90d', 90 * day], ['P90D', 90 * day], ['p1y', 365 * day], ['PT1H30M', 5_400_000],
    ['P4W', 28 * day], ['P1M', 30 * day],
    ['1h30m', 5_400_000], ['2160h0m0s', 90 * day], ['12 months', 360 * day], ['1 year', 365 * day],
    ['2 weeks', 14 * day], ['1.5h', 5_400_000],
    ['1 day, 12 hours', 1.5 * day], ['500ms', 500], ['15m', 900_000],
    ['90', null], ['', null], ['P', null], ['PT', null], ['-1h', null], ['ninety days', null], ['90 parsecs', null],
    ['1h 2', null],
  ]
  for (const [raw, want] of table) assert.equal(readDuration(raw), want, raw)
})
