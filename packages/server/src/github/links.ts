/**
 * Whose account is whose. A person who is signed in names an account, and that account says so with a code, on GitHub:
 * neither alone links anything, and whoever reads the code elsewhere has no use of it. Kept is the account's number.
 */
import { sql } from 'kysely'
import type { Context } from '../context.ts'
import type { Read, Tx } from '../db/database.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'
import { append } from '../ledger/index.ts'
import type { NewEntry } from '../ledger/index.ts'
import { notify } from '../notifications/notices.ts'
import { hashOf, newSecret } from '../sessions/secrets.ts'
import type { Actor, PersonActor } from '../sessions/index.ts'

export const CODE_MS = 15 * 60_000
export const COMMAND = /^\/onus link ([A-Za-z0-9_-]{43})\s*$/

/** A person for themselves: no token, and nobody who looks around as another. Throws `Refused` (`forbidden`). */
function themselves(actor: Actor): PersonActor {
  if (actor.kind !== 'person' || actor.behind !== null)
    throw new Refused('forbidden', 'only somebody who is signed in as themselves has an account')
  return actor
}

export async function linkOf(read: Read | Tx, person: string): Promise<{ id: string; accountId: number; login: string; linkedAt: string } | null> {
  const row = await read.selectFrom('github_link').selectAll().where('person_id', '=', person).where('ended_at', 'is', null).executeTakeFirst()
  return row ? { id: row.id, accountId: Number(row.account_id), login: row.login, linkedAt: row.linked_at.toISOString() } : null
}

/** The people to whom accounts are linked, by account. Whether a person may still do anything is asked elsewhere. */
export async function peopleOf(read: Read | Tx, accounts: readonly number[]): Promise<Map<number, string>> {
  if (accounts.length === 0) return new Map()
  const rows = await read
    .selectFrom('github_link')
    .select(['account_id', 'person_id'])
    .where('account_id', 'in', accounts.map(String))
    .where('ended_at', 'is', null)
    .execute()
  return new Map(rows.map((row) => [Number(row.account_id), row.person_id]))
}

/** Whether the account is linked to the person; if so it stays so until the transaction ends. */
export async function isLinked(tx: Tx, account: number, person: string): Promise<boolean> {
  const { rows } = await sql`select from github_link where account_id = ${account} and person_id = ${person} and ended_at is null
    for share`.execute(tx)
  return rows.length > 0
}

type Ctx = Pick<Context, 'clock'>

/** A code for the account, in place of an earlier one. It is told here and never again. Throws `Refused` (`forbidden`). */
export async function beginLink(
  ctx: Ctx,
  tx: Tx,
  actor: Actor,
  account: { id: number; login: string },
): Promise<{ code: string; expiresAt: Date }> {
  const person = themselves(actor)
  const code = newSecret()
  const expiresAt = new Date(ctx.clock().getTime() + CODE_MS)
  const row = { code_hash: hashOf(code), account_id: account.id, login: account.login, expires_at: expiresAt }
  await tx
    .insertInto('github_link_code')
    .values({ person_id: person.id, ...row })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet(row))
    .execute()
  return { code, expiresAt }
}

export type LinkEnd = 'linked' | 'not-a-code' | 'taken' | 'later'

/**
 * `sender` said `code`. Of the account for which it was made, the code links it and dies; of any other it is nothing. An
 * account that is linked to somebody who is here stays theirs until they end it.
 */
export async function finishLink(
  ctx: Pick<Context, 'clock' | 'sequencer'>,
  tx: Tx,
  code: string,
  sender: { id: number; login: string },
): Promise<LinkEnd> {
  const now = ctx.clock()
  // Nobody decides while the ledger is behind.
  if (ctx.sequencer.behind() !== null) return 'later'
  const used = await tx.deleteFrom('github_link_code').where('code_hash', '=', hashOf(code)).where('account_id', '=', String(sender.id)).returningAll().executeTakeFirst()
  if (!used || used.expires_at <= now) return 'not-a-code'
  const person = await tx.selectFrom('person').select('is_active').where('id', '=', used.person_id).forShare().executeTakeFirst()
  if (!person?.is_active) return 'not-a-code'
  const holder = await tx
    .selectFrom('github_link')
    .innerJoin('person', 'person.id', 'person_id')
    .select(['github_link.id', 'person_id', 'is_active'])
    .where('account_id', '=', String(sender.id))
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  if (holder?.is_active && holder.person_id !== used.person_id) return 'taken'
  const over = [holder?.id, (await linkOf(tx, used.person_id))?.id].filter((id) => id !== undefined)
  if (over.length > 0) await tx.updateTable('github_link').set({ ended_at: now }).where('id', 'in', over).execute()
  const id = newId('ghl')
  await tx.insertInto('github_link').values({ id, person_id: used.person_id, account_id: sender.id, login: sender.login, linked_at: now }).execute()
  await nowAlsoBy(tx, sender.id, used.person_id, now)
  await append(tx, [entry('github.link', used.person_id, null, { account: sender.id, link: id })], now)
  const text = `Your account \`${sender.login}\` on GitHub is linked: its approvals of merges may count as yours. If this was not you, end it`
  await notify(tx, [{ to: { people: [used.person_id] }, text, path: '/', isUrgent: true }], now)
  return 'linked'
}

/** What they wrote there before is theirs from now on, so none of it is decided by them. */
async function nowAlsoBy(tx: Tx, account: number, person: string, now: Date): Promise<void> {
  await sql`insert into change_author (change_id, kind, author_id, at)
    select distinct c.id, 'person', ${person}, ${now}::timestamptz from github_pull p cross join unnest(p.changes) as asked (id)
    join change_request c on c.id = asked.id and c.state = 'open'
    where ${account}::bigint = any(p.writers)
    on conflict do nothing`.execute(tx)
}

/** Throws `Refused`: `forbidden`, `not-found`. */
export async function endLink(ctx: Ctx, tx: Tx, actor: Actor): Promise<void> {
  const person = themselves(actor)
  const now = ctx.clock()
  await tx.deleteFrom('github_link_code').where('person_id', '=', person.id).execute()
  const ended = await tx
    .updateTable('github_link')
    .set({ ended_at: now })
    .where('person_id', '=', person.id)
    .where('ended_at', 'is', null)
    .returning(['id', 'account_id'])
    .executeTakeFirst()
  if (!ended) throw new Refused('not-found', 'no account of yours is linked')
  await append(tx, [entry('github.unlink', person.id, { account: Number(ended.account_id), link: ended.id }, null)], now)
}

const entry = (action: string, person: string, before: NewEntry['before'], after: NewEntry['after']): NewEntry => ({
  action,
  actor: { kind: 'person', id: person },
  capacity: 'none',
  subject: { kind: 'person', id: person },
  before: before ?? null,
  after: after ?? null,
})
