/** The reading worker: batches in, counts back to the pool, observations straight to the estate's worker. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type { FileReader } from '../reader.ts'
import type { Batch } from './groups.ts'
import { readBatch, type Tally } from './read-groups.ts'

/** What a worker is at, in shared memory: readable even when the worker answers nothing any more. */
export const SLOT = { batch: 0, group: 1, reader: 2, step: 3 } as const
export const SLOT_BYTES = 16

/** `readers`: the module that exports READERS; tests bring their own. */
export type WorkerDone = { batch: number; tallies: Tally[]; taken: string[] }
export type WorkerData = { slot: SharedArrayBuffer; observations: MessagePort; readers: string }

if (parentPort) {
  const port = parentPort
  // The pool starts this file with exactly this shape.
  const { slot, observations, readers } = workerData as WorkerData
  const at = new Int32Array(slot)
  const { READERS } = (await import(readers)) as { READERS: readonly FileReader[] }
  const read = async (batch: Batch): Promise<void> => {
    const result = await readBatch(batch, READERS, (group, reader) => {
      Atomics.store(at, SLOT.group, group)
      Atomics.store(at, SLOT.reader, reader)
      Atomics.store(at, SLOT.batch, batch.id)
      Atomics.add(at, SLOT.step, 1)
    })
    observations.postMessage({ batch: batch.id, observations: result.observations })
    port.postMessage({ batch: batch.id, tallies: result.tallies, taken: result.taken } satisfies WorkerDone)
  }
  // One at a time: the next batch is here already so that the worker never waits, but the slot tells of one.
  let queue = Promise.resolve()
  port.on('message', (batch: Batch) => {
    queue = queue.then(() => read(batch))
  })
  port.postMessage('ready')
}
