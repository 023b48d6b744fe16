/** Sequencers in processes of their own that are stopped and killed in the middle of their work. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import test, { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Verified } from '@onus/core/ledger/verify.ts'
import { testDatabases } from '../testing/database.ts'
import { lastCheckpoint } from './export.ts'
import { testLedger } from './testing/ledger.ts'
import type { TestLedger } from './testing/ledger.ts'
import type { SequencerOrders } from './testing/sequencer-worker.ts'

const databases = await testDatabases()
const PROGRAM = fileURLToPath(new URL('./testing/sequencer-worker.ts', import.meta.url))

type Process = { child: ChildProcess; said: string[]; says(wanted: RegExp): Promise<void>; end(signal: NodeJS.Signals): Promise<void> }

function run(it: TestLedger, orders: Partial<SequencerOrders> = {}): Process {
  const whole: SequencerOrders = { connection: it.connection, dataDir: it.dataDir, batch: 3, fenceMs: 10_000, ...orders }
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(whole)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: string[] = []
  child.stdout.on('data', (chunk: Buffer) => said.push(...String(chunk).split('\n').filter(Boolean)))
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  const process_: Process = {
    child,
    said,
    async says(wanted) {
      while (!said.some((line) => wanted.test(line))) {
        if (child.exitCode !== null) throw new Error(`it ended, having said: ${said.join('; ')}`)
        await sleep(5)
      }
    },
    async end(signal) {
      child.kill(signal)
      // A stopped process hears of no other signal before it goes on.
      child.kill('SIGCONT')
      await exited
    },
  }
  after(() => process_.end('SIGKILL'))
  return process_
}

const sizeOf = async (it: TestLedger): Promise<number> => (await lastCheckpoint(it.db.read))?.size ?? 0

/** Nothing lost, nothing twice, one history. */
async function checkWhole(it: TestLedger, ids: readonly string[]): Promise<void> {
  const size = await it.sequenceAll()
  const { rows } = await it.look.query<{ id: string }>('select id from ledger_leaf join ledger_entry using (seq) order by index')
  assert.deepEqual(rows.slice(1).map(({ id }) => id).toSorted(), ids.toSorted())
  assert.equal(size, ids.length + 1)
  const verdict = (await it.check(await it.exported(), { keys: await it.keys() })) as Verified
  assert.deepEqual([verdict.state, verdict.size], ['verified', size], JSON.stringify(verdict))
  assert.equal((await it.look.query('select from ledger_queue')).rowCount, 0)
}

test('T104: of two sequencers one is stopped in the middle of its work: the other goes on, and the first can do no harm', async () => {
  const it = await testLedger(await databases.fresh())
  const ids = await it.add(30)
  const stopped = run(it, { signal: 'SIGSTOP', signalAt: 2, fenceMs: 400 })
  await stopped.says(/in the middle/)
  const before = await sizeOf(it)
  const other = run(it)
  await other.says(/sequenced/)
  ids.push(...(await it.add(30)))
  while ((await sizeOf(it)) < 61) await sleep(5)
  assert.ok(before < 61)
  stopped.child.kill('SIGCONT')
  await stopped.says(/failed: |connection broke/)
  // Both at work: the one that was stopped takes part again.
  for (let n = 0; n < 20; n += 1) ids.push(...(await it.add(5)))
  while ((await sizeOf(it)) < 161) await sleep(5)
  await stopped.end('SIGTERM')
  await other.end('SIGTERM')
  await checkWhole(it, ids)
})

test('T104: two sequencers at once, each stopped at any moment: no fork', async () => {
  const it = await testLedger(await databases.fresh())
  const ids: string[] = []
  const both = [run(it, { fenceMs: 300 }), run(it, { fenceMs: 300 })]
  await Promise.all(both.map((one) => one.says(/ready/)))
  for (let round = 0; round < 12; round += 1) {
    const one = both[round % 2] as Process
    ids.push(...(await it.add(20)))
    await sleep(Math.random() * 15)
    one.child.kill('SIGSTOP')
    ids.push(...(await it.add(20)))
    while ((await sizeOf(it)) < ids.length + 1) await sleep(5)
    one.child.kill('SIGCONT')
  }
  await Promise.all(both.map((one) => one.end('SIGTERM')))
  await checkWhole(it, ids)
})

test('a sequencer that is killed at any moment loses nothing and doubles nothing', async () => {
  const it = await testLedger(await databases.fresh())
  const ids: string[] = []
  for (let round = 0; round < 16; round += 1) {
    // Every other one in the middle of its transaction, the rest whenever.
    const isInside = round % 2 === 0
    const one = run(it, isInside ? { signal: 'SIGKILL', signalAt: 1 + (round % 4) } : {})
    await one.says(/ready/)
    ids.push(...(await it.add(25)))
    if (isInside) await one.says(/in the middle/)
    else await sleep(Math.random() * 40)
    await one.end('SIGKILL')
  }
  await checkWhole(it, ids)
})
