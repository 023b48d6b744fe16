/** Erasing what is personal: the value and its salt go, the commitment stays and tells nothing without them. */
import type { Tx } from '../db/database.ts'
import { append } from './append.ts'
import type { NewEntry } from './append.ts'

/** All values about one person, or those of one entry. */
export type Erasure = { about: string } | { entry: string }

/**
 * Erases personal values and appends the entry that says so, in the same transaction. Answers how many; with none,
 * nothing is appended. Proofs hold as before, and verifiers count what was erased. Copies that were exported are not
 * reached.
 */
export async function erasePersonal(
  tx: Tx,
  what: Erasure,
  by: Pick<NewEntry, 'actor' | 'capacity' | 'personal'>,
  now: Date,
): Promise<number> {
  const erased = await tx
    .deleteFrom('ledger_personal')
    .where((eb) => ('about' in what ? eb('about', '=', what.about) : eb('entry_id', '=', what.entry)))
    .returning('slot')
    .execute()
  if (erased.length === 0) return 0
  const subject = 'about' in what ? { kind: 'person', id: what.about } : { kind: 'ledger-entry', id: what.entry }
  await append(tx, [{ ...by, action: 'personal.erase', subject, after: { values: erased.length } }], now)
  return erased.length
}
