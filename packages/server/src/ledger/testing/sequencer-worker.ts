/**
 * A sequencer in a process of its own, for tests that stop and kill it. It sequences without pause and says each step
 * in a line; `signalAt` is the batch in the middle of which it sends itself `signal`.
 */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../db/database.ts'
import type { Connection } from '../../postgres/cluster.ts'
import { openSealer } from '../../seal/index.ts'
import type { Sealer } from '../../seal/index.ts'
import { sequence } from '../sequence.ts'

export type SequencerOrders = {
  connection: Connection
  dataDir: string
  batch: number
  fenceMs: number
  signal?: 'SIGSTOP' | 'SIGKILL'
  signalAt?: number
}

/** At once: a line in a buffer is lost with the process. */
const say = (line: string): void => {
  writeSync(1, `${line}\n`)
}

/** Keys are unsealed when leaves are written and no checkpoint is yet: the middle of the transaction. */
function signalling(sealer: Sealer, { signal, signalAt = 0 }: SequencerOrders): Sealer {
  let batches = 0
  return {
    seal: sealer.seal,
    unseal(purpose, sealed) {
      batches += 1
      if (signal && batches === signalAt) {
        say('in the middle')
        process.kill(process.pid, signal)
      }
      return sealer.unseal(purpose, sealed)
    },
  }
}

const orders = JSON.parse(process.argv[2] ?? '') as SequencerOrders
const db = openDatabase(orders.connection, () => say('connection broke'), 2)
const sealer = signalling(await openSealer({ keyFile: null, dataDir: orders.dataDir }), orders)
say('ready')
for (;;) {
  try {
    const done = await sequence(db, { sealer, now: new Date(), batch: orders.batch, fenceMs: orders.fenceMs })
    if (done.state === 'busy') await sleep(5)
    else if (done.added > 0) say(`sequenced ${done.added}`)
    else await sleep(2)
  } catch (error) {
    say(`failed: ${error instanceof Error ? error.message : 'unknown'}`)
    await sleep(20)
  }
}
