/**
 * The reading process: batches in; counts and packed observations back. A process and not a thread, because a heap that
 * runs over ends a thread's whole process. It may only read files (`--permission`): parsers run on hostile text here.
 */
import { writeSync } from 'node:fs'
import { serialize } from 'node:v8'
import type { FileReader } from '../reader.ts'
import type { Batch } from './groups.ts'
import { readBatch, type Tally } from './read-groups.ts'

/**
 * What a worker is at, as four 32-bit integers in a file that both sides have open: readable when it answers no more.
 */
export const SLOT = { batch: 0, group: 1, reader: 2, step: 3 } as const
export const SLOT_BYTES = 16
/** Where the worker has that file open. */
export const SLOT_FD = 4

export type WorkerDone = { batch: number; tallies: Tally[]; taken: string[] }
/** `observations`: serialised by v8, so that the main thread passes them on without unpacking. */
export type FromWorker = 'ready' | (WorkerDone & { observations: Uint8Array })

const [readersModule] = process.argv.slice(2)
if (process.send && readersModule !== undefined) {
  const { READERS } = (await import(readersModule)) as { READERS: readonly FileReader[] } // the pool names a module with exactly this
  const slot = new Int32Array(SLOT_BYTES / 4)
  const read = async (batch: Batch): Promise<void> => {
    const { tallies, taken, observations } = await readBatch(batch, READERS, (group, reader) => {
      slot[SLOT.batch] = batch.id
      slot[SLOT.group] = group
      slot[SLOT.reader] = reader
      slot[SLOT.step] = (slot[SLOT.step] ?? 0) + 1
      writeSync(SLOT_FD, slot, 0, SLOT_BYTES, 0)
    })
    tell({ batch: batch.id, tallies, taken, observations: serialize(observations) })
  }
  // One at a time: the next batch is here already so that the worker never waits, but the slot tells of one.
  let queue = Promise.resolve()
  process.on('message', (batch: Batch) => {
    queue = queue.then(() => read(batch))
  })
  process.on('disconnect', () => process.exit())
  tell('ready')
}

function tell(message: FromWorker): void {
  process.send?.(message)
}
