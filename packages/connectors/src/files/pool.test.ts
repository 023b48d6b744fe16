import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { deserialize } from 'node:v8'
import type { PersonObserved, Unread } from '@onus/core/observation.ts'
import { ODD_READERS, oddFiles } from '../testing/odd-readers.ts'
import { groupFiles } from './groups.ts'
import { Pool, type PoolLimits } from './pool.ts'
import { MAX_UNREAD_KEPT } from './unread-list.ts'

type Got = { seen: string[]; unread: string[]; unreadCount: number; kept: Unread[]; files: number }

async function readTree(tree: Record<string, string>, limits: Partial<PoolLimits> = {}): Promise<Got> {
  const root = mkdtempSync(join(tmpdir(), 'onus-pool-'))
  const observed: PersonObserved[] = []
  const got: Got = { seen: [], unread: [], unreadCount: 0, kept: [], files: 0 }
  const pool = new Pool({
    readersModule: ODD_READERS.module,
    readers: ODD_READERS.list,
    limits: { workers: 1, heapMb: 96, stepMs: 30_000, lostWorkers: 40, ...limits },
    onObservations: (packed) => observed.push(...(deserialize(packed) as PersonObserved[])), // the odd readers observe nothing else
    onDone: ({ tallies }) => {
      for (const tally of tallies) {
        got.files += tally.files
        got.unreadCount += tally.unreadCount
        got.kept.push(...tally.unread)
        got.unread.push(
          ...tally.unread
            .slice(0, 3)
            .map((entry) => `${ODD_READERS.list[tally.reader]?.name ?? 'files'}: ${entry.file} ${entry.reason}`),
        )
      }
    },
  })
  try {
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    await pool.read(await groupFiles(0, await oddFiles(root), ODD_READERS.list))
    got.seen = observed.map((one) => `${one.place.file} by ${one.name}`).sort()
    return got
  } finally {
    await pool.close()
    rmSync(root, { recursive: true, force: true })
  }
}

test('pool: every reader sees every file it wants, units together', async () => {
  const got = await readTree({ 'a.txt': '', 'd/b.txt': '', 'd/1.unit': '', 'd/2.unit': '', 'e/1.unit': '' })
  assert.deepEqual(got.seen, [
    'a.txt by calm',
    'a.txt by one-by-one',
    'd/1.unit by by-directory of 2',
    'd/2.unit by by-directory of 2',
    'd/b.txt by calm',
    'd/b.txt by one-by-one',
    'e/1.unit by by-directory of 1',
  ])
  assert.deepEqual(got.unread, [])
})

const BOMBS: [name: string, text: string, reason: RegExp, limits?: Partial<PoolLimits>][] = [
  ['loops for ever', 'LOOP', /took longer than 2 s in the one-by-one reader: not read/, { stepMs: 1_500 }],
  ['eats all memory', 'MEMORY', /needed more than 96 MB of memory in the one-by-one reader: not read/],
  ['ends the process', 'EXIT', /ended its process in the one-by-one reader: not read/],
  [
    'makes the reader throw',
    'THROW secret-canary',
    /^one-by-one: b\.txt the one-by-one reader failed on this file; please report it$/,
  ],
]
for (const [name, text, reason, limits] of BOMBS) {
  test(`pool: a file that ${name} costs itself and that reader, nothing else`, async () => {
    const got = await readTree({ 'a.txt': '', 'b.txt': text, 'c.txt': '' }, limits)
    assert.deepEqual(got.seen, [
      'a.txt by calm',
      'a.txt by one-by-one',
      'b.txt by calm',
      'c.txt by calm',
      'c.txt by one-by-one',
    ])
    assert.equal(got.unread.length, 1)
    assert.match(got.unread[0] ?? '', reason)
    assert.doesNotMatch(got.unread.join(), /secret-canary/)
  })
}

test('pool: in a unit, a bomb is found by reading its files one by one', async () => {
  const got = await readTree({ 'd/1.unit': '', 'd/2.unit': 'LOOP', 'd/3.unit': '', 'd/x.txt': '' }, { stepMs: 1_500 })
  assert.deepEqual(got.seen, [
    'd/1.unit by by-directory of 1',
    'd/3.unit by by-directory of 1',
    'd/x.txt by calm',
    'd/x.txt by one-by-one',
  ])
  assert.deepEqual(got.unread, ['by-directory: d/2.unit took longer than 2 s in the by-directory reader: not read'])
})

test('pool: ten thousand problems in one file are counted, a thousand kept, each of a bounded length', async () => {
  const got = await readTree({ 'a.txt': 'FLOOD' })
  assert.equal(got.unreadCount, 10_000)
  assert.equal(got.kept.length, MAX_UNREAD_KEPT)
  assert.deepEqual([got.kept[0]?.line, got.kept.at(-1)?.line], [1, MAX_UNREAD_KEPT])
  assert.ok(got.kept.every((entry) => entry.reason.length <= 301))
})

test('pool: an estate of bombs ends, and what was not read is told', async () => {
  const tree = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${String(i).padStart(2, '0')}.txt`, 'EXIT']))
  const got = await readTree(tree, { lostWorkers: 3 })
  const told = new Set(got.kept.map((entry) => entry.file))
  assert.equal(told.size, 10, 'every file is told of')
  assert.match(got.unread.join(), /3 files before it stopped their readers/)
})

test('pool: a broken installation is an error, not sixty unread files', async () => {
  const pool = new Pool({
    readersModule: 'file:///no/such/module.ts',
    readers: [],
    limits: { workers: 1, heapMb: 96, stepMs: 1_000, lostWorkers: 1 },
    onObservations: () => {},
    onDone: () => {},
  })
  await assert.rejects(
    pool.read([{ root: 0, files: [{ path: 'a', absolute: '/a', bytes: 1, readers: [] }] }]),
    /did not start/,
  )
  await pool.close()
})
