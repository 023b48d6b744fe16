import type { Read, Tx } from '../db/database.ts'
import type { Actor } from '../sessions/index.ts'

/** The same for two accounts of one person: the address that both carry, else the account. */
export async function humanOf(read: Read | Tx, actor: Actor): Promise<string> {
  if (actor.kind === 'token') return actor.id
  const row = await read.selectFrom('person').select('email').where('id', '=', actor.id).executeTakeFirst()
  return row?.email?.trim().toLowerCase() || actor.id
}
