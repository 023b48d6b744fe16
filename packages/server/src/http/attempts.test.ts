import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import { openDatabase } from '../db/database.ts'
import { testDatabases } from '../testing/database.ts'
import { BUCKETS, bucketOf, limitAttempts } from './attempts.ts'
import { Refused } from './refused.ts'

const connection = await (await testDatabases()).fresh()
const db = openDatabase(connection, () => {})
after(() => db.close())
const KEY = Buffer.alloc(32, 7)
const LIMIT = { purpose: 'link', most: 3, windowMs: 60_000 }
const second = (n: number): Date => new Date(Date.UTC(2026, 3, 1) + n * 1_000)
const tooMany = (error: unknown): boolean => error instanceof Refused && error.code === 'too-many-attempts'

test('attempts are counted since the first of the window, and the window ends', async () => {
  const attempts = limitAttempts(db, KEY, LIMIT)
  for (const at of [0, 20, 59]) await attempts.note('192.0.2.1', second(at))
  await assert.rejects(attempts.note('192.0.2.1', second(59)), (error) => tooMany(error) && /wait 1 second/.test((error as Error).message))
  await attempts.note('192.0.2.1', second(61))
})

test('T54 another process counts on: a restart forgets nothing', async () => {
  const first = limitAttempts(db, KEY, LIMIT)
  for (const at of [100, 101, 102]) await first.note('192.0.2.2', second(at))
  const second_ = limitAttempts(db, KEY, LIMIT)
  await assert.rejects(second_.note('192.0.2.2', second(103)), tooMany)
})

test('T54 however many addresses, there are no more rows than buckets, and none is forgotten for them', async () => {
  const attempts = limitAttempts(db, KEY, LIMIT)
  for (const at of [200, 201, 202]) await attempts.note('192.0.2.3', second(at))
  const buckets = new Set<number>()
  for (let index = 0; index < 100_000; index += 1) buckets.add(bucketOf(KEY, 'link', `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`))
  assert.ok(buckets.size > BUCKETS * 0.9 && buckets.size <= BUCKETS)
  for (let index = 0; index < 300; index += 1) await attempts.note(`10.0.${index >> 8}.${index & 255}`, second(203)).catch(() => {})
  await assert.rejects(attempts.note('192.0.2.3', second(204)), tooMany)
  assert.ok((await db.read.selectFrom('attempt').select('bucket').execute()).length <= 303)
})

test('T54 many at once are counted one by one', async () => {
  const attempts = limitAttempts(db, KEY, LIMIT)
  const done = await Promise.allSettled(Array.from({ length: 20 }, () => attempts.note('192.0.2.4', second(300))))
  assert.equal(done.filter(({ status }) => status === 'fulfilled').length, 3)
})

test('an IPv6 network is one source, and an IPv4 address is itself in both of its forms', () => {
  const same = (a: string, b: string): boolean => bucketOf(KEY, 'link', a) === bucketOf(KEY, 'link', b)
  assert.ok(same('2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'))
  assert.ok(same('2001:db8::1', '2001:0db8:0:0:8::'))
  assert.ok(!same('2001:db8:1:2::1', '2001:db8:1:3::1'))
  assert.ok(same('::ffff:192.0.2.1', '192.0.2.1'))
})

test('a clock that is set back does not lock anybody out', async () => {
  const attempts = limitAttempts(db, KEY, LIMIT)
  for (let index = 0; index < 5; index += 1) await attempts.note('192.0.2.5', second(100_000)).catch(() => {})
  await attempts.note('192.0.2.5', second(400))
})
