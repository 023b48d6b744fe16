/** The door of the ledger: whoever decides something appends it here, in the same transaction. */
import { openKeys } from './keys.ts'
import { startSequencer } from './sequencer.ts'
import type { Sequencer, SequencerOptions } from './sequencer.ts'

export { append } from './append.ts'
export type { NewEntry, Personal } from './append.ts'
export { erasePersonal } from './erase.ts'
export type { Erasure } from './erase.ts'
export { listKeys, rotateKey } from './keys.ts'
export type { Sequencer } from './sequencer.ts'

/**
 * Opens the keys of the ledger, signs what is queued and goes on doing so. Rejects with `MasterKeyUnusable`. Any other
 * trouble is told to `onError` and tried again, so that people can look at what there is.
 */
export async function openLedger(options: SequencerOptions): Promise<Sequencer> {
  await openKeys(options.db, options.sealer, options.clock())
  const sequencer = startSequencer(options)
  await sequencer.poke()
  return sequencer
}
