/**
 * Writes that a caller may repeat. With the header `Idempotency-Key` a write has one effect, however often it is sent:
 * its answer is kept in the transaction of the effect and told again for 24 hours. A refusal has no effect and is not kept.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Database, Tx } from '../db/database.ts'
import { retried } from '../db/retry.ts'
import type { Actor } from '../sessions/index.ts'
import { Refused } from './refused.ts'

export const KEY_HOURS = 24
/** Quoted, as the draft of the header field says, or bare. */
const KEY = /^[\x21-\x7e][\x20-\x7e]{0,199}$/

type Asking = { db: Database; clock: () => Date }
type Asked = { request: FastifyRequest; reply: FastifyReply; actor: Actor }

/**
 * Runs `work` in a transaction (made again after a deadlock), once a key. Throws `Refused`: `idempotency-key-reused` for
 * another request under the same key, `in-flight` while the first is not done, `invalid-request` for a key that is none.
 * Not for answers that hold a secret.
 */
export async function once<T>({ db, clock }: Asking, asked: Asked, work: (tx: Tx) => Promise<T>): Promise<T> {
  const key = keyOf(asked.request)
  if (key === null) return retried(db, work)
  const actor = `${asked.actor.kind} ${asked.actor.id}`
  const hash = createHash('sha256')
    .update(JSON.stringify([asked.request.method, asked.request.url, asked.request.body ?? null]))
    .digest()
  return retried(db, async (tx) => {
    await takeKey(tx, actor, key, asked.reply)
    const now = clock()
    const known = await tx
      .selectFrom('idempotency_key')
      .select(['request_hash', 'answer', 'at'])
      .where('actor', '=', actor)
      .where('key', '=', key)
      .executeTakeFirst()
    if (known && now.getTime() - known.at.getTime() < KEY_HOURS * 3_600_000) {
      if (!known.request_hash.equals(hash))
        throw new Refused('idempotency-key-reused', 'this key was sent with another request; use a new one')
      void asked.reply.header('idempotency-replayed', 'true')
      // What `work` answered then.
      return known.answer as T
    }
    const answer = await work(tx)
    const kept = { request_hash: hash, answer: JSON.stringify(answer ?? null), at: now }
    await tx
      .insertInto('idempotency_key')
      .values({ actor, key, ...kept })
      .onConflict((conflict) => conflict.columns(['actor', 'key']).doUpdateSet(kept))
      .execute()
    return answer
  })
}

async function takeKey(tx: Tx, actor: string, key: string, reply: FastifyReply): Promise<void> {
  const { rows } = await sql<{ taken: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`idempotency ${actor} ${key}`}, 0)) as taken`.execute(tx)
  if (rows[0]?.taken) return
  void reply.header('retry-after', '1')
  throw new Refused('in-flight', 'the first request of this key is not done; ask again in a second')
}

function keyOf(request: FastifyRequest): string | null {
  const given = request.headers['idempotency-key']
  if (given === undefined) return null
  if (typeof given === 'string' && KEY.test(given)) return given
  throw new Refused('invalid-request', 'Idempotency-Key: 1 to 200 printable characters', [
    { field: 'Idempotency-Key', reason: 'is not a key' },
  ])
}

/** Forgets keys that are over. */
export async function forgetKeys(tx: Tx, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEY_HOURS * 3_600_000)
  await tx.deleteFrom('idempotency_key').where('at', '<', before).execute()
}
