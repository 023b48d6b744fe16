import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ESCALATION_STEPS, nextStep } from './escalation.ts'
import type { EscalationStep } from './escalation.ts'

const SINCE = new Date('2026-04-01T00:00:00Z')
const DUE = new Date('2026-04-22T00:00:00Z')
const everybody = (): boolean => true
const nobody = (): boolean => false
const day = (at: Date | undefined): string | undefined => at?.toISOString().slice(5, 10)

/** All steps, each taken at its time. */
function walk(has: (step: 'team' | 'sponsor') => boolean): string[] {
  const taken: string[] = []
  let last: EscalationStep | null = null
  let lastAt: Date | null = null
  for (let next = nextStep({ since: SINCE, due: DUE, last, lastAt }, has); next; next = nextStep({ since: SINCE, due: DUE, last, lastAt }, has)) {
    taken.push(`${day(next.at)} ${next.step}`)
    last = next.step
    lastAt = next.at
  }
  return taken
}

const WALKS: [name: string, has: (step: 'team' | 'sponsor') => boolean, taken: string[]][] = [
  ['everybody is there: team, sponsor, security, a reminder, the end', everybody, ['04-01 team', '04-08 sponsor', '04-15 security', '04-19 reminder', '04-22 suspend-due']],
  ['the team is gone: the sponsor is asked at once', (step) => step === 'sponsor', ['04-01 sponsor', '04-15 security', '04-19 reminder', '04-22 suspend-due']],
  ['no sponsor: security is asked when the sponsor would have been', (step) => step === 'team', ['04-01 team', '04-08 security', '04-19 reminder', '04-22 suspend-due']],
  ['nobody is left: security is asked at once', nobody, ['04-01 security', '04-19 reminder', '04-22 suspend-due']],
]
for (const [name, has, taken] of WALKS) test(`T33 ${name}`, () => assert.deepEqual(walk(has), taken))

test('T75 a reminder that is told late leaves a day before the end', () => {
  const late = new Date('2026-05-01T12:00:00Z')
  assert.deepEqual(nextStep({ since: SINCE, due: DUE, last: 'reminder', lastAt: late }, everybody), { step: 'suspend-due', at: new Date('2026-05-02T12:00:00Z') })
})

test('after the end nothing follows, and each step leads to a later one', () => {
  assert.equal(nextStep({ since: SINCE, due: DUE, last: 'suspend-due', lastAt: DUE }, everybody), null)
  for (const [index, last] of ESCALATION_STEPS.slice(0, -1).entries())
    for (const has of [everybody, nobody]) {
      const next = nextStep({ since: SINCE, due: DUE, last, lastAt: SINCE }, has)
      assert.ok(next && ESCALATION_STEPS.indexOf(next.step) > index)
    }
})
