/** What each kind of change brings: its plan, and how it is applied. A new kind is a file here and a line in `index.ts`. */
import type { Plan } from '@onus/core/change/plan.ts'
import type { Context } from '../../context.ts'
import type { Tx, Read } from '../../db/database.ts'
import type { Doer } from '../../directory/index.ts'
import { append } from '../../ledger/index.ts'
import type { NewEntry } from '../../ledger/index.ts'
import type { Author } from '../people.ts'

export type Asking = { read: Read | Tx; now: Date; authors: readonly Author[] }
export type Applying = {
  ctx: Context
  tx: Tx
  now: Date
  change: string
  digest: string
  /** Whose approval was the last. */
  by: Doer
  capacity: NewEntry['capacity']
  /** Who sits on each seat. */
  deciders: ReadonlyMap<string, string>
}
/** `apply` carries out what `plan` says, in one transaction, with its entries of the ledger. Never called for a refusal. */
export type Prepared = { plan: Plan; apply(applying: Applying): Promise<void> }

/** An effect of a change, as the ledger keeps it. */
export async function tell(
  { tx, now, change, digest, by, capacity }: Applying,
  effects: readonly Pick<NewEntry, 'action' | 'subject' | 'before' | 'after'>[],
): Promise<void> {
  await append(
    tx,
    effects.map((effect) => ({ ...effect, actor: by, capacity, change, digest })),
    now,
  )
}
