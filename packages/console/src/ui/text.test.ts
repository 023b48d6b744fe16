import assert from 'node:assert/strict'
import { test } from 'node:test'
import { legible } from './legible.ts'
import { webAddress } from './web-address.ts'
import { ago, exactly } from './time-words.ts'
import { counted, share } from './count.ts'

test('T47: only a plain http(s) address becomes a link', () => {
  const cases: [name: string, given: string, want: string | null][] = [
    ['https', 'https://git.example/a?b=c#d', 'https://git.example/a?b=c#d'],
    ['http', 'http://127.0.0.1/x', 'http://127.0.0.1/x'],
    ['script', 'javascript:alert(1)', null],
    ['script in capitals', 'JaVaScRiPt:alert(1)', null],
    ['script behind a blank', ' javascript:alert(1)', null],
    ['script with a tab inside', 'java\tscript:alert(1)', null],
    ['data', 'data:text/html,<script>alert(1)</script>', null],
    ['blob', 'blob:https://git.example/1', null],
    ['file', 'file:///etc/passwd', null],
    ['without a scheme', '//evil.example/x', null],
    ['with a password, which hides the host', 'https://bank.example:x@evil.example/', null],
    ['mail address', 'mailto:a@b.example', null],
    ['words', 'see https://git.example', null],
    ['broken', 'https://', null],
  ]
  for (const [name, given, want] of cases) assert.equal(webAddress(given), want, name)
})

test('characters that deceive the eye are written out, and words of any script stay as they are', () => {
  const cases: [name: string, given: string, want: string][] = [
    ['direction override', 'ledger\u202Eexe', 'ledger\\u202eexe'],
    ['zero-width space', 'pay\u200Bments', 'pay\\u200bments'],
    ['bell and null', '\u0000\u0007', '\\u0000\\u0007'],
    ['line break', 'a\nb', 'a\\u000ab'],
    ['Persian with its joiner', 'می\u200Cخواهم', 'می\u200Cخواهم'],
    ['an emoji family', '👩\u200D👧', '👩\u200D👧'],
    ['umlauts', 'Zürich', 'Zürich'],
  ]
  for (const [name, given, want] of cases) assert.equal(legible(given), want, name)
})

test('times are relative to the instant given and never rounded to a misleading single unit', () => {
  const now = Date.parse('2026-11-24T12:00:00Z')
  const cases: [at: string, want: string][] = [
    ['2026-11-24T11:59:40Z', 'just now'],
    ['2026-11-24T11:58:00Z', '2 minutes ago'],
    ['2026-11-24T10:40:00Z', '1 hour ago'],
    ['2026-11-23T10:00:00Z', '26 hours ago'],
    ['2026-11-20T12:00:00Z', '4 days ago'],
    ['2025-09-01T12:00:00Z', '15 months ago'],
    ['2024-11-24T12:00:00Z', '2 years ago'],
    ['2026-12-24T12:00:00Z', 'in 4 weeks'],
  ]
  for (const [at, want] of cases) assert.equal(ago(at, now), want, at)
  assert.equal(exactly('2026-11-24T11:59:40.123Z'), '2026-11-24 11:59:40 UTC')
})

test('a share never turns something into nothing or nearly all into all', () => {
  const cases: [part: number, all: number, want: string][] = [
    [0, 0, '–'],
    [0, 10, '0%'],
    [1, 100_000, '< 0.1%'],
    [99_999, 100_000, '> 99.9%'],
    [100, 100, '100%'],
    [1, 3, '33.3%'],
  ]
  for (const [part, all, want] of cases) assert.equal(share(part, all), want)
  assert.equal(counted(1, 'team'), '1 team')
  assert.equal(counted(20_311, 'identity', 'identities'), '20,311 identities')
})
