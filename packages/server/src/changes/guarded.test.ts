import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeContent } from '@onus/core/change/content.ts'
import { LOOSENING_HOURS } from '@onus/core/change/kinds/guardrail.ts'
import { STARTERS } from '../guardrails/read.ts'
import { testDatabases } from '../testing/database.ts'
import { credential, identity } from '../testing/reports.ts'
import { tellLapses, warnOfLapses } from './clock.ts'
import { approve, enforce, estate, grant, inDays, outcome, propose } from './testing/estate.ts'
import type { Estate } from './testing/estate.ts'

const databases = await testDatabases()
const WILDCARD = STARTERS.find(({ id }) => id === 'no-wildcard-in-production')?.text ?? ''
const LIMIT = (days: number): string =>
  `@id("grant-limit") @title("Grants end") @found("resource.lifetimeDays") @allowed("${days} days")
forbid (principal, action == Onus::Action::"grant", resource) when { resource.lifetimeDays > ${days} };`

const exception = (it: Estate, rule: string, until: string): ChangeContent => ({ kind: 'exception', rule, identity: it.worker.id, control: 'reviewed by hand each week', until })

test('an enforced guardrail holds a change back until it is excepted; the exception lapses by its date', async () => {
  const it = await estate(await databases.fresh())
  const set = await enforce(it, 'grant-limit', LIMIT(10))
  assert.equal(set.state, 'applied')
  const change = await propose(it.ada, grant(it, it.worker))
  assert.deepEqual(change.verdicts.map(({ rule, outcome: said, found, allowed }) => [rule, said, found, allowed]), [['grant-limit', 'refused', '30 days', '10 days']])
  assert.equal(await outcome(approve(it.bob, change.id)), 'guardrail-exceeded')
  // Ada is of the team that answers, so security alone decides; a stranger would need the team besides.
  const byOwner = await propose(it.ada, exception(it, 'grant-limit', inDays(it, 20)))
  assert.deepEqual(byOwner.seats.map(({ id }) => id), ['guard'])
  const byStranger = await propose(it.dan, exception(it, 'grant-limit', inDays(it, 20)))
  assert.deepEqual(byStranger.seats.map(({ id }) => id), ['guard', `answer:${it.payments.id}`])
  assert.equal(await outcome(approve(it.bob, byOwner.id)), 'forbidden decide-as-security')
  assert.equal(await outcome(propose(it.ada, exception(it, 'grant-limit', inDays(it, 181)))), 'change-not-possible end-out-of-range')
  assert.equal(await outcome(propose(it.ada, exception(it, 'no-such-rule', inDays(it, 10)))), 'change-not-possible not-found')
  await approve(it.gil, byOwner.id)
  const after = await it.ada.client.change({ params: { id: change.id } })
  assert.deepEqual([after.verdicts[0]?.outcome, after.blocked], ['excepted', []])
  // Renewed only by a new decision, which replaces it.
  const renewed = await propose(it.ada, exception(it, 'grant-limit', inDays(it, 25)))
  await approve(it.gus, renewed.id)
  const listed = await it.client.listExceptions({ query: { state: 'all' } })
  assert.deepEqual(listed.items.map(({ state, until }) => [state, until]), [['replaced', inDays(it, 20)], ['running', inDays(it, 25)]])
  const until = inDays(it, 25)
  await it.turn(until)
  // On the instant, before any job has run. What remained of the wish is shorter than the limit by now.
  assert.deepEqual((await it.client.listExceptions()).items, [])
  const late = await propose(it.ada, grant(it, it.worker, { resource: 'late' }))
  assert.equal(late.verdicts[0]?.outcome, 'refused')
  assert.equal(await it.ctx.db.tx((tx) => tellLapses(tx, it.clock.now)), 1)
  assert.equal(await it.ctx.db.tx((tx) => tellLapses(tx, it.clock.now)), 0, 'told once')
  const told = await it.client.listLedger({ query: { action: 'exception.lapse' } })
  assert.deepEqual(told.items.map(({ entry }) => entry.subject.id), [it.worker.id])
})

test('T39 a guardrail that is lowered for an hour lets nothing pass: the old one holds for a day', async () => {
  const it = await estate(await databases.fresh())
  await enforce(it, 'grant-limit', LIMIT(10))
  const change = await propose(it.ada, grant(it, it.worker))
  await enforce(it, 'grant-limit', LIMIT(100))
  assert.equal(await outcome(approve(it.bob, change.id)), 'guardrail-exceeded', 'loosened')
  await enforce(it, 'grant-limit', LIMIT(10))
  assert.equal(await outcome(approve(it.bob, change.id)), 'guardrail-exceeded', 'tightened again')
  const { id } = await propose(it.gil, { kind: 'guardrail', id: 'grant-limit', text: null, stage: 'off', graceUntil: null })
  await approve(it.gus, id)
  assert.equal(await outcome(approve(it.bob, change.id)), 'guardrail-exceeded', 'retired')
  const { versions } = await it.client.guardrail({ params: { id: 'grant-limit' } })
  assert.deepEqual(versions.map(({ version, endsAt }) => [version, endsAt]), [[4, null], [3, inDays(it, 1)], [2, inDays(it, 1)], [1, inDays(it, 1)]])
  await it.turn(inDays(it, (LOOSENING_HOURS + 1) / 24))
  assert.equal((await approve(it.bob, change.id)).state, 'applied')
  const used = await it.client.listLedger({ query: { action: 'guardrail.publish' } })
  assert.deepEqual(used.items.map(({ entry }) => entry.after?.['previousHoldsOn']), [true, true, false])
})

test('a guardrail in its grace period warns, says from when on it refuses, and then does', async () => {
  const it = await estate(await databases.fresh())
  const grace = inDays(it, 5)
  await enforce(it, 'grant-limit', LIMIT(10), 'enforce', grace)
  const change = await propose(it.ada, grant(it, it.worker))
  assert.deepEqual(change.verdicts.map(({ outcome: said, enforcedFrom }) => [said, enforcedFrom]), [['warned', grace]])
  assert.deepEqual((await it.client.listGuardrails()).items.map(({ stage, standing }) => [stage, standing]), [['enforce', 'warn']])
  await it.turn(grace)
  assert.equal(await outcome(approve(it.bob, change.id)), 'guardrail-exceeded')
  const needing = LIMIT(10).replace('@id', '@needs("guard") @id')
  await enforce(it, 'grant-limit', needing)
  await it.turn(inDays(it, 1.1))
  const again = await it.ada.client.change({ params: { id: change.id } })
  assert.deepEqual([again.verdicts[0]?.outcome, again.seats.map(({ id }) => id)], ['needs-guard', [`answer:${it.payments.id}`, 'guard']])
  assert.equal((await approve(it.bob, change.id)).state, 'open')
  assert.equal((await approve(it.gil, change.id)).state, 'applied')
})

test('a guardrail is under change control itself: security writes, another of security approves', async () => {
  const it = await estate(await databases.fresh())
  const wish = { kind: 'guardrail', id: 'grant-limit', text: LIMIT(10), stage: 'warn', graceUntil: null } as const
  assert.equal(await outcome(propose(it.gil, { ...wish, text: LIMIT(10).replace('lifetimeDays >', 'lifetime >') })), 'change-not-possible guardrail-not-valid')
  const { id } = await propose(it.ada, wish)
  assert.equal(await outcome(approve(it.bob, id)), 'forbidden decide-as-security')
  assert.equal(await outcome(approve(it.olga, id)), 'forbidden decide-as-security')
  assert.equal((await approve(it.gil, id)).state, 'applied')
  // Two of security at once, written against the same version: one is applied, the other is edited first.
  const stricter = await propose(it.gil, { ...wish, text: LIMIT(5) })
  const looser = await propose(it.gil, { ...wish, text: LIMIT(50) })
  const outcomes = await Promise.all([outcome(approve(it.gus, stricter.id)), outcome(approve(it.gus, looser.id))])
  assert.deepEqual(outcomes.toSorted(), ['ok', 'world-moved'])
})

test('a simulation counts what the estate of today has, by team, with the exceptions it would need', async () => {
  const keys = ['a', 'b', 'c'].map((name) => {
    const made = identity({ name: `key-${name}`, team: 'payments' })
    return { ...made, credentials: [{ ...credential(made.id, 'key', '2026-01-01T00:00:00.000Z'), expiresAt: name === 'c' ? '2026-02-01T00:00:00.000Z' : null }] }
  })
  const wide = identity({ name: 'wide', team: 'payments', grants: [{ permission: '*', resource: '*', level: 'admin', isWildcard: true, environment: null, condition: null, via: 'role', file: 'x.yaml', line: 1 }] })
  const it = await estate(await databases.fresh(), [...keys, wide])
  const answer = async (text: string, id: string, by = it.gil) => {
    const job = await by.client.simulateGuardrail({ body: { id, text } })
    assert.deepEqual([job.kind, job.simulation, job.result], ['simulation', null, null])
    for (;;) {
      const now = await by.client.job({ params: { id: job.id } })
      if (now.state === 'done' && now.simulation) return now.simulation
      assert.ok(['queued', 'running'].includes(now.state), now.message ?? now.state)
      await sleep(50)
    }
  }
  const ask = (id: string, by = it.gil) => answer(STARTERS.find((each) => each.id === id)?.text ?? 'forbid', id, by)
  const wildcards = await ask('no-wildcard-in-production')
  assert.deepEqual([wildcards.looked, wildcards.hit, wildcards.exceptionsNeeded, wildcards.first.map(({ identity: { name }, found }) => [name, found])], [7, 1, 1, [['wide', '*, *']]])
  const lifetimes = await ask('credential-lifetime')
  assert.deepEqual(lifetimes.first.map(({ identity: { name } }) => name).filter((name) => name.startsWith('key-')).toSorted(), ['key-a', 'key-b'], 'the third lived a month')
  assert.ok(lifetimes.teams.every(({ name, hit }) => name.length > 0 && hit > 0))
  assert.equal(await outcome(ask('no-wildcard-in-production', it.ada)), 'forbidden simulate-guardrails')
  const broken = await answer('forbid (', 'x')
  assert.deepEqual([broken.looked, broken.faults.length > 0], [0, true])
  await enforce(it, 'no-wildcard-in-production', WILDCARD)
  const { id } = await propose(it.gil, { kind: 'exception', rule: 'no-wildcard-in-production', identity: wide.id, control: 'rotated each day', until: inDays(it, 9) })
  assert.equal(await outcome(approve(it.gil, id)), 'forbidden nobody-decides-on-their-own-change')
  await approve(it.bob, id)
  await approve(it.gus, id)
  const then = await answer(WILDCARD, 'no-wildcard-in-production')
  assert.deepEqual([then.hit, then.excepted, then.exceptionsNeeded], [1, 1, 0])
})

test('the end of an exception is told to who answers, before and after, once each, and to nobody else', async () => {
  const it = await estate(await databases.fresh())
  const granted = async (target: Estate['worker'], days: number): Promise<void> => {
    const { id } = await propose(it.ada, { kind: 'exception', rule: 'no-purpose', identity: target.id, control: 'reviewed by hand', until: inDays(it, days) })
    await approve(it.gil, id)
  }
  await granted(it.worker, 60)
  await granted(it.ledger, 4)
  const clock = async (days: number): Promise<void> => {
    await it.turn(inDays(it, days))
    const work = [warnOfLapses, tellLapses, warnOfLapses, tellLapses]
    for (const each of work) await it.ctx.db.tx((tx) => each(tx, it.clock.now))
  }
  const told = async () =>
    (await it.ctx.db.read.selectFrom('notice').select(['team_id', 'person_id', 'power', 'text']).where('text', 'like', '%exception of%').orderBy('id').execute()).map(
      (row) => [row.team_id, row.person_id ?? row.power, /`(\w+)`/.exec(row.text)?.[1], row.text.startsWith('It is over')],
    )
  await clock(1)
  assert.deepEqual(await told(), [])
  await clock(1)
  assert.deepEqual(await told(), [[it.payments.id, null, 'ledger', false]])
  await clock(3)
  await clock(41)
  await clock(20)
  assert.deepEqual(await told(), [
    [it.payments.id, null, 'ledger', false],
    [it.payments.id, null, 'ledger', true],
    [it.payments.id, null, 'worker', false],
    [it.payments.id, null, 'worker', true],
  ])
})

test('a finding shows the exception that covers it, until its end', async () => {
  const bare = { ...identity({ name: 'bare', team: 'payments' }), credentials: [{ ...credential('idn_x', 'key', '2020-01-01T00:00:00.000Z'), expiresAt: null }] }
  const it = await estate(await databases.fresh(), [bare])
  const of = async () => (await it.client.listFindings({ query: { q: 'bare' } })).items
  const [finding] = await of()
  assert.ok(finding)
  assert.equal(finding.exception, null)
  const until = inDays(it, 20)
  const { id } = await propose(it.ada, { kind: 'exception', rule: finding.rule, identity: bare.id, control: 'reviewed by hand', until })
  await approve(it.gil, id)
  const after = await of()
  assert.equal(after.find(({ rule }) => rule === finding.rule)?.exception?.endsAt, until)
  assert.ok(after.filter(({ rule }) => rule !== finding.rule).every(({ exception: covered }) => covered === null))
  await it.turn(inDays(it, 21))
  assert.ok((await of()).every(({ exception: covered }) => covered === null))
})
