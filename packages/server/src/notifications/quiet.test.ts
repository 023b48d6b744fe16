import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffMs } from '../net/backoff.ts'
import { afterQuiet, readQuietHours } from './quiet.ts'
import { oneLine } from './notices.ts'
import { bodyOf, chatText, subjectOf } from './render.ts'

const BERLIN = '22:00-07:00 Europe/Berlin'
const CASES: [name: string, hours: string, now: string, then: string][] = [
  ['by day at once', BERLIN, '2026-04-01T12:00:00Z', '2026-04-01T12:00:00Z'],
  ['in the evening the next morning', BERLIN, '2026-04-01T20:30:00Z', '2026-04-02T05:00:00Z'],
  ['after midnight the same morning', BERLIN, '2026-04-01T23:30:20Z', '2026-04-02T05:00:00Z'],
  ['at the end at once', BERLIN, '2026-04-02T05:00:00Z', '2026-04-02T05:00:00Z'],
  ['T75 over the night in which the clock goes ahead', BERLIN, '2026-03-28T22:00:00Z', '2026-03-29T05:00:00Z'],
  ['T75 over the night in which it goes back', BERLIN, '2026-10-24T21:00:00Z', '2026-10-25T06:00:00Z'],
  ['in hours of one day', '12:00-13:00', '2026-04-01T12:59:59Z', '2026-04-01T13:00:00Z'],
]
for (const [name, hours, now, then] of CASES) {
  test(`quiet hours: ${name}`, () => {
    const quiet = readQuietHours(hours)
    assert.ok(quiet)
    assert.equal(afterQuiet(new Date(now), quiet).toISOString(), new Date(then).toISOString())
  })
}

test('quiet hours that are none are not read', () => {
  for (const text of ['', '22:00', '25:00-07:00', '22:00-22:00', '22:00-07:00 Mars/Phobos', '22:00-07:61']) assert.equal(readQuietHours(text), null, text)
})

test('tries come half a minute to an hour apart, and never all at once', () => {
  for (const [attempts, whole] of [[1, 30_000], [2, 60_000], [7, 1_920_000], [8, 3_600_000], [400, 3_600_000]] as const)
    assert.deepEqual([backoffMs(attempts, () => 0), backoffMs(attempts, () => 0.999_999_99)], [whole / 2, whole])
})

test('T61 what a source calls a thing stays one line, mentions nobody and links nowhere', () => {
  assert.equal(oneLine('a\r\nBcc: x@evil.example\u2028\u202e\u001b[31m\0 b'), 'a Bcc: x@evil.example [31m b')
  assert.equal(oneLine('x'.repeat(900)).length, 401)
  assert.equal(chatText('<!channel> & <https://evil.example|here>'), '&lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;')
})

test('one thing is its own subject; many are counted, and the body ends', () => {
  const told = Array.from({ length: 60 }, (_, n) => ({ text: `thing ${n}`, path: `/changes/${n}` }))
  assert.deepEqual([subjectOf(told.slice(0, 1)), subjectOf(told)], ['thing 0', '60 things need a look in Onus'])
  const body = bodyOf(told, 'https://onus.example')
  assert.match(body, /^thing 0\nhttps:\/\/onus\.example\/changes\/0\n\n/)
  assert.match(body, /And 10 more:\nhttps:\/\/onus\.example\/queue$/)
})
