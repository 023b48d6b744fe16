/** Adding entries, in the transaction of what they tell. An insert and nothing else: no decision waits for another. */
import { hash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { SALT_BYTES, commitmentOf, entryText } from '@onus/core/ledger/entry.ts'
import type { Entry, Sha256 } from '@onus/core/ledger/entry.ts'
import type { JsonObject } from '@onus/core/ledger/canonical-json.ts'
import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'

/** `about` is the opaque id of the person; null for a value that is about nobody who could ask for its erasure. */
export type Personal = { value: string; about: string | null }

/** A decision to be kept. `before` and `after` hold no personal data: people in them are opaque ids. */
export type NewEntry = {
  action: Entry['action']
  actor: Entry['actor']
  capacity: Entry['capacity']
  subject: Entry['subject']
  change?: string | null
  digest?: string | null
  before?: JsonObject | null
  after?: JsonObject | null
  /** By slot, such as `reason`: only a salted commitment goes into the entry. */
  personal?: Record<string, Personal>
}

/** What an entry and its queue take at most; a value beyond it belongs somewhere else. */
const MAX_PERSONAL_LENGTH = 20_000

/** By way of a string: a buffer of its own for each hash costs more than the hash. */
export const sha256: Sha256 = (bytes) => Buffer.from(hash('sha256', bytes, 'binary'), 'binary')

type PersonalRow = { entry: string; slot: string; about: string | null; salt: Buffer; value: string }

/** PostgreSQL keeps no U+0000, and a lone surrogate has no UTF-8: both become U+FFFD, here and in the commitment. */
const storable = (value: string): string => value.toWellFormed().replaceAll('\0', '\u{fffd}')

function write(entry: NewEntry, id: string, at: Date, rows: PersonalRow[]): { entry: Entry; body: string } {
  const personal: Record<string, string> = {}
  for (const [slot, { value: given, about }] of Object.entries(entry.personal ?? {})) {
    if (given.length > MAX_PERSONAL_LENGTH) throw new RangeError(`${slot} is longer than ${MAX_PERSONAL_LENGTH}`)
    const value = storable(given)
    const salt = randomBytes(SALT_BYTES)
    personal[slot] = commitmentOf(salt, value, sha256)
    rows.push({ entry: id, slot, about, salt, value })
  }
  const written: Entry = {
    v: 1,
    id,
    at: at.toISOString(),
    action: entry.action,
    actor: entry.actor,
    capacity: entry.capacity,
    subject: entry.subject,
    change: entry.change ?? null,
    digest: entry.digest ?? null,
    // What JSON can hold, as the type says.
    before: (entry.before ?? null) as Entry['before'],
    after: (entry.after ?? null) as Entry['after'],
    personal,
  }
  return { entry: written, body: entryText(written, sha256) }
}

/**
 * Adds `entries` to the ledger in the transaction of their effect, in this order, and answers their ids. When they
 * cannot be written it rejects and the transaction cannot commit any more, even if the refusal is caught: no decision without its
 * entry. An entry that could not be verified later (a number with a fraction, more than 65,535 bytes without `before`
 * and `after`) throws `RangeError`.
 */
export async function append(tx: Tx, entries: readonly NewEntry[], at: Date): Promise<string[]> {
  if (entries.length === 0) return []
  const personal: PersonalRow[] = []
  const written = entries.map((entry) => write(entry, newId('ent'), at, personal))
  const column = (pick: (entry: Entry) => string | null): (string | null)[] => written.map(({ entry }) => pick(entry))
  const values =
    personal.length === 0
      ? sql``
      : sql`with beside as (
          insert into ledger_personal (entry_id, slot, about, salt, value)
          select * from unnest(${personal.map((row) => row.entry)}::text[], ${personal.map(({ slot }) => slot)}::text[],
            ${personal.map(({ about }) => about)}::text[], ${personal.map(({ salt }) => salt)}::bytea[],
            ${personal.map(({ value }) => value)}::text[]))`
  await sql`${values}
    insert into ledger_entry (id, at, action, actor_kind, actor_id, subject_kind, subject_id, change_id, body)
    select id, ${at}, action, actor_kind, actor_id, subject_kind, subject_id, change_id, body
    from unnest(${column(({ id }) => id)}::text[], ${column(({ action }) => action)}::text[],
      ${column(({ actor }) => actor.kind)}::text[], ${column(({ actor }) => actor.id)}::text[],
      ${column(({ subject }) => subject.kind)}::text[], ${column(({ subject }) => subject.id)}::text[],
      ${column(({ change }) => change)}::text[], ${written.map(({ body }) => body)}::text[])
      with ordinality as given (id, action, actor_kind, actor_id, subject_kind, subject_id, change_id, body, place)
    order by place`.execute(tx)
  return written.map(({ entry }) => entry.id)
}
