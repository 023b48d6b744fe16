/**
 * What large changes do is planned for seconds, and looked at again and again while nothing happens. A plan is kept for as
 * long as no transaction that wrote anything has begun or ended since; what is decided is planned anew in any case.
 */
import { sql } from 'kysely'
import type { Read, Tx } from '../db/database.ts'
import type { Assessment } from './assess.ts'

type Kept = { revision: string; at: number; assessment: Assessment }

/** What ends by its date is seen to have ended by then. */
const LONGEST_MS = 60_000
const MOST = 32
/** Smaller ones cost less than to ask whether anything happened. */
const LEAST = 500

const kept = new WeakMap<Read | Tx, Map<string, Kept>>()

/** The state of the whole database: equal twice, nothing was written in between (PostgreSQL, 9.28.6). */
async function revisionOf(read: Read | Tx): Promise<string> {
  const { rows } = await sql<{ revision: string }>`select pg_current_snapshot()::text as revision`.execute(read as Tx)
  return rows[0]?.revision ?? ''
}

/** What a transaction has just planned, for the answer that it gives: nothing that the plan looks at changed since. */
const answering = new WeakMap<Read | Tx, { key: string; assessment: Assessment }>()

const keyOf = ({ id, digest }: Named): string => `${id} ${digest}`
type Named = { id: string; digest: string }

/** For the answer of a write that left the change open; called when it has written all but the ledger and notices. */
export function keepForAnswer(tx: Tx, change: Named, assessment: Assessment): void {
  answering.set(tx, { key: keyOf(change), assessment })
}

/** The plan of an open change, which is about `count` identities, as `assess` would make it now. */
export async function keptAssessment(
  read: Read | Tx,
  { change, count, now }: { change: Named; count: number; now: Date },
  assess: () => Promise<Assessment>,
): Promise<Assessment> {
  const key = keyOf(change)
  const answer = answering.get(read)
  if (answer?.key === key) return answer.assessment
  // In a transaction, whose writes nobody else sees, nothing is kept.
  if (count < LEAST || ('isTransaction' in read && read.isTransaction)) return assess()
  const revision = await revisionOf(read)
  const mine = kept.get(read) ?? new Map<string, Kept>()
  kept.set(read, mine)
  const known = mine.get(key)
  const age = known ? now.getTime() - known.at : 0
  if (known?.revision === revision && age >= 0 && age < LONGEST_MS) return known.assessment
  const assessment = await assess()
  if (mine.size >= MOST) mine.clear()
  mine.set(key, { revision, at: now.getTime(), assessment })
  return assessment
}
