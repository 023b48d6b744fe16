/**
 * The reading process: batches in; counts and packed observations back. A process and not a thread, because a heap that
 * runs over ends a thread's whole process. It may only read files (`--permission`): parsers run on hostile text here.
 */
import { writeSync } from 'node:fs'
import { serialize } from 'node:v8'
import type { FileReader } from '../reader.ts'
import type { Batch } from './groups.ts'
import type { Inclusion } from './inclusions.ts'
import { Library } from './library.ts'
import { readBatch, type Tally } from './read-groups.ts'
import type { Shelf } from './shelves.ts'

/**
 * What a worker is at, as four 32-bit integers in a file that both sides have open: readable when it answers no more.
 */
export const SLOT = { batch: 0, group: 1, reader: 2, step: 3 } as const
export const SLOT_BYTES = 16
/** Where the worker has that file open. */
export const SLOT_FD = 4

export type WorkerDone = { batch: number; tallies: Tally[]; taken: string[]; inclusions: Inclusion[] }
/** Batches to read, and before them the files that readers may look up. */
export type ToWorker = Batch | { shelves: readonly Shelf[] }
/** `observations`: serialised by v8, so that the main thread passes them on without unpacking. */
export type FromWorker = 'ready' | (WorkerDone & { observations: Uint8Array })

const [readersModule] = process.argv.slice(2)
if (process.send && readersModule !== undefined) {
  const { READERS } = (await import(readersModule)) as { READERS: readonly FileReader[] } // the pool names a module with exactly this
  const slot = new Int32Array(SLOT_BYTES / 4)
  const library = new Library()
  const read = async (batch: Batch): Promise<void> => {
    const watch = (group: number, reader: number): void => {
      slot[SLOT.batch] = batch.id
      slot[SLOT.group] = group
      slot[SLOT.reader] = reader
      slot[SLOT.step] = (slot[SLOT.step] ?? 0) + 1
      writeSync(SLOT_FD, slot, 0, SLOT_BYTES, 0)
    }
    const { observations, ...done } = await readBatch(batch, { readers: READERS, library, watch })
    tell({ batch: batch.id, ...done, observations: serialize(observations) })
  }
  // One at a time: the next batch is here already so that the worker never waits, but the slot tells of one.
  let queue = Promise.resolve()
  process.on('message', (message: ToWorker) => {
    if ('shelves' in message) library.add(message.shelves)
    else queue = queue.then(() => read(message))
  })
  process.on('disconnect', () => process.exit())
  tell('ready')
}

function tell(message: FromWorker): void {
  process.send?.(message)
}
