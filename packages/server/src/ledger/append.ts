/** Adding entries, in the transaction of what they tell. An insert and nothing else: no decision waits for another. */
import { hash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { SALT_BYTES, commitmentOf, entryText } from '@onus/core/ledger/entry.ts'
import type { Entry, Sha256 } from '@onus/core/ledger/entry.ts'
import type { JsonObject } from '@onus/core/ledger/canonical-json.ts'
import type { Tx } from '../db/database.ts'

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

/** 64 random bits behind the time, so that new entries meet at one end of their index. */
const ID_BYTES = 8

/** Random bytes for all that an append needs, fetched at once: each fetch costs more than its bytes. */
function randomness(entries: readonly NewEntry[]): (count: number) => Buffer {
  const salts = entries.reduce((sum, { personal = {} }) => sum + Object.keys(personal).length, 0)
  const bytes = randomBytes(entries.length * ID_BYTES + salts * SALT_BYTES)
  let at = 0
  return (count) => bytes.subarray(at, (at += count))
}

function write(entry: NewEntry, at: Date, random: (count: number) => Buffer, rows: PersonalRow[]): { entry: Entry; body: string } {
  const id = `ent_${at.getTime().toString(16).padStart(12, '0')}${random(ID_BYTES).toString('hex')}`
  const personal: Record<string, string> = {}
  for (const [slot, { value: given, about }] of Object.entries(entry.personal ?? {})) {
    if (given.length > MAX_PERSONAL_LENGTH) throw new RangeError(`${slot} is longer than ${MAX_PERSONAL_LENGTH}`)
    const value = storable(given)
    const salt = random(SALT_BYTES)
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
 * cannot be written it rejects, and the transaction cannot commit any more even if the refusal is caught: no decision
 * without its entry. An entry that could not be verified later (a number with a fraction, more than 65,535 bytes
 * without `before` and `after`) throws `RangeError`.
 */
export async function append(tx: Tx, entries: readonly NewEntry[], at: Date): Promise<string[]> {
  if (entries.length === 0) return []
  const personal: PersonalRow[] = []
  const random = randomness(entries)
  const written = entries.map((entry) => write(entry, at, random, personal))
  const column = <T>(pick: (entry: Entry) => T): T[] => written.map(({ entry }) => pick(entry))
  const beside = <K extends keyof PersonalRow>(key: K): PersonalRow[K][] => personal.map((row) => row[key])
  await sql`select ledger_append(${column(({ id }) => id)}, ${at}, ${column(({ action }) => action)},
    ${column(({ actor }) => actor.kind)}, ${column(({ actor }) => actor.id)}, ${column(({ subject }) => subject.kind)},
    ${column(({ subject }) => subject.id)}, ${column(({ change }) => change)}, ${written.map(({ body }) => body)},
    ${beside('entry')}, ${beside('slot')}, ${beside('about')}, ${beside('salt')}, ${beside('value')})`.execute(tx)
  return written.map(({ entry }) => entry.id)
}
