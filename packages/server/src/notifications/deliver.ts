/**
 * Messages go out one at a time, each claimed first: a server that dies between sending and noting it sends again, under
 * the same id, by which the other side shows it once.
 */
import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { backoffMs } from '../net/backoff.ts'

export type Message = Selectable<Tables['message']>
/** Throws `Undeliverable` when trying again is of no use; anything else is tried again. */
export type Send = (message: Message) => Promise<void>
/** `nowhere`: there is no address; `dead`: the other side does not take it. Its message may be shown. */
export class Undeliverable extends Error {
  readonly state: 'dead' | 'nowhere'
  constructor(state: 'dead' | 'nowhere', reason: string) {
    super(reason)
    this.state = state
  }
}

/** After so many tries, over about five hours, it waits for a person. */
export const MOST_ATTEMPTS = 12
/** Longer than any try takes. */
const CLAIM_MS = 120_000

/** The next message that is due, for this caller alone for two minutes. */
export async function claim(tx: Tx, now: Date): Promise<Message | null> {
  const { rows } = await sql<Message>`
    update message set claimed_until = ${new Date(now.getTime() + CLAIM_MS)}, attempts = attempts + 1
    where id = (select id from message where state = 'waiting' and next_at <= ${now}
        and (claimed_until is null or claimed_until <= ${now})
      order by next_at, id limit 1 for update skip locked)
    returning *`.execute(tx)
  return rows[0] ?? null
}

/** Sends one message that is due. Answers whether there was one. */
export async function deliverNext(db: Database, clock: () => Date, send: Send): Promise<boolean> {
  const message = await db.tx((tx) => claim(tx, clock()))
  if (!message) return false
  const problem = await send(message).then(
    () => null,
    (error: unknown) => error ?? new Error('unknown'),
  )
  await db.tx((tx) => note(tx, message, problem, clock()))
  return true
}

async function note(tx: Tx, { id, attempts }: Message, problem: unknown, now: Date): Promise<void> {
  const said = problem === null ? null : problem instanceof Error ? problem.message.slice(0, 300) : 'unknown error'
  const isOver = problem instanceof Undeliverable || attempts >= MOST_ATTEMPTS
  const state =
    problem === null ? 'sent' : problem instanceof Undeliverable ? problem.state : isOver ? 'dead' : ('waiting' as const)
  await tx
    .updateTable('message')
    .set({
      state,
      problem: said,
      claimed_until: null,
      ended_at: state === 'waiting' ? null : now,
      next_at: new Date(now.getTime() + backoffMs(attempts)),
    })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute()
}
