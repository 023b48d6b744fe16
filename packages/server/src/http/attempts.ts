/**
 * Counts attempts in PostgreSQL, so that a restart forgets none, in a fixed number of buckets, so that nobody makes the
 * count grow or forget by coming from many addresses. Secrets here have 190 bits or more: this guards the database and
 * the issuer, and tells of guessing; it is not what makes guessing hopeless.
 */
import { createHmac } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { Refused } from './refused.ts'

/** Two addresses share one by chance and are then counted together; the key makes it no choice of theirs. */
export const BUCKETS = 16_384

export type Limit = { purpose: string; most: number; windowMs: number }
export type Attempts = {
  /** Counts one attempt. Throws `Refused` (`too-many-attempts`) beyond `most` since the first of the window. */
  note(address: string, now: Date): Promise<void>
}

/** A network of IPv6 hands out 2⁶⁴ addresses to one machine, so it counts as one. */
function sourceOf(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  // The parser writes the shortest form; spelled out again, the first four groups are the network.
  const [head = '', tail] = (URL.parse(`http://[${address}]/`)?.hostname ?? '').slice(1, -1).split('::')
  const groups = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'))
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  return [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)].slice(0, 4).join(':')
}

export function bucketOf(key: Buffer, purpose: string, address: string): number {
  return (
    createHmac('sha256', key)
      .update(`attempt ${purpose} ${sourceOf(address)}`)
      .digest()
      .readUInt32BE() % BUCKETS
  )
}

export function limitAttempts(db: Database, key: Buffer, { purpose, most, windowMs }: Limit): Attempts {
  /** Buckets that are full, until when: further attempts cost the database nothing. */
  const full = new Map<number, number>()
  const refuse = (untilMs: number, now: Date): never => {
    throw new Refused(
      'too-many-attempts',
      `wait ${Math.max(1, Math.ceil((untilMs - now.getTime()) / 1_000))} seconds and try again`,
    )
  }
  return {
    async note(address, now) {
      const bucket = bucketOf(key, purpose, address)
      const until = full.get(bucket)
      if (until !== undefined && until > now.getTime() && until <= now.getTime() + windowMs) refuse(until, now)
      full.delete(bucket)
      const counted = await db.tx(async (tx) => {
        const since = new Date(now.getTime() - windowMs)
        const { rows } = await sql<{ count: number; window_at: Date }>`
          insert into attempt as known (purpose, bucket, window_at, count) values (${purpose}, ${bucket}, ${now}, 1)
          on conflict (purpose, bucket) do update set
            count = case when known.window_at > ${since} and known.window_at <= ${now} then known.count + 1 else 1 end,
            window_at = case when known.window_at > ${since} and known.window_at <= ${now} then known.window_at
              else ${now} end
          returning count, window_at`.execute(tx)
        return rows[0]
      })
      if (!counted || counted.count <= most) return
      const end = counted.window_at.getTime() + windowMs
      full.set(bucket, end)
      refuse(end, now)
    },
  }
}
