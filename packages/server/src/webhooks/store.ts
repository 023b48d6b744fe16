/** Webhooks as who operates sees and changes them. */
import { sql } from 'kysely'
import type { Webhook } from '@onus/core/contract/webhook-routes.ts'
import type { Context } from '../context.ts'
import type { Read, Tx } from '../db/database.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'
import { append } from '../ledger/index.ts'
import type { NewEntry } from '../ledger/index.ts'
import { newSecret } from './sign.ts'

/** What `sealer` seals secrets for. */
export const SEALED_FOR = 'webhook'
const MOST = 50

type By = NewEntry['actor']
export type Fields = { url: string; purpose: string; actions: string[] }

export async function listWebhooks(read: Read | Tx, id: string | null = null): Promise<Webhook[]> {
  let query = read
    .selectFrom('webhook')
    .innerJoin('webhook_progress', 'webhook_id', 'webhook.id')
    .selectAll()
    .select([
      sql<string>`(select count(*) from webhook_event e where e.webhook_id = webhook.id and not is_dead)`.as('waiting'),
      sql<string>`(select count(*) from webhook_event e where e.webhook_id = webhook.id and is_dead)`.as('dead'),
    ])
  if (id !== null) query = query.where('webhook.id', '=', id)
  const rows = await query.orderBy('created_at').orderBy('webhook.id').execute()
  return rows.map((row) => ({
    id: row.id,
    url: row.url,
    purpose: row.purpose,
    actions: row.actions,
    isActive: row.is_active,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    delivered: Number(row.delivered),
    waiting: Number(row.waiting),
    dead: Number(row.dead),
    lastAt: row.last_at?.toISOString() ?? null,
    lastProblem: row.last_problem,
    goneAt: row.gone_at?.toISOString() ?? null,
  }))
}

/** Throws `Refused` (`not-found`). */
export async function findWebhook(read: Read | Tx, id: string): Promise<Webhook> {
  const [webhook] = await listWebhooks(read, id)
  if (!webhook) throw new Refused('not-found', 'no webhook has this id')
  return webhook
}

function checkUrl(given: string, allowPrivate: boolean): string {
  const url = URL.parse(given)
  const isHttps = url?.protocol === 'https:' || (url?.protocol === 'http:' && allowPrivate)
  if (!url || !isHttps || url.username !== '' || url.password !== '')
    throw new Refused('invalid-request', 'url: must begin with https:// and hold no user', [
      { field: 'url', reason: 'must begin with https://' },
    ])
  return url.href
}

/** What the ledger keeps of it: the host, for an address can hold a secret. */
const told = ({ url, purpose, actions }: Fields) => ({ host: new URL(url).host, purpose, actions })

type Changing = Pick<Context, 'config' | 'sealer' | 'clock'>

/** Tells from the next decision on. Throws `Refused` (`invalid-request`). */
export async function createWebhook(ctx: Changing, tx: Tx, by: By, given: Fields): Promise<{ webhook: Webhook; secret: string }> {
  const now = ctx.clock()
  const fields = { ...given, url: checkUrl(given.url, ctx.config.allowPrivateOutbound) }
  const { count } = await tx.selectFrom('webhook').select(({ fn }) => fn.countAll<string>().as('count')).executeTakeFirstOrThrow()
  if (Number(count) >= MOST) throw new Refused('invalid-request', `there are ${MOST} webhooks; remove some first`)
  const id = newId('whk')
  const secret = newSecret()
  const sealed = ctx.sealer.seal(SEALED_FOR, Buffer.from(secret))
  await tx.insertInto('webhook').values({ id, ...fields, sealed, is_active: true, created_by: by.id, created_at: now }).execute()
  await sql`insert into webhook_progress (webhook_id, next_index)
    select ${id}, coalesce(max(index) + 1, 0) from ledger_leaf`.execute(tx)
  await append(tx, [entry('webhook.create', by, id, null, told(fields))], now)
  return { webhook: await findWebhook(tx, id), secret }
}

/** Throws `Refused`: `not-found`, `invalid-request`. */
export async function changeWebhook(ctx: Changing, tx: Tx, by: By, id: string, given: Fields & { isActive: boolean }): Promise<Webhook> {
  const before = await lock(tx, id)
  const { isActive, ...rest } = given
  const fields = { ...rest, url: checkUrl(rest.url, ctx.config.allowPrivateOutbound) }
  await tx.updateTable('webhook').set({ ...fields, is_active: isActive }).where('id', '=', id).execute()
  await tx.updateTable('webhook_progress').set({ gone_at: null }).where('webhook_id', '=', id).execute()
  const was = { ...told(before), isActive: before.isActive }
  await append(tx, [entry('webhook.change', by, id, was, { ...told(fields), isActive })], ctx.clock())
  return findWebhook(tx, id)
}

/** Throws `Refused` (`not-found`). */
export async function renewSecret(ctx: Changing, tx: Tx, by: By, id: string): Promise<{ webhook: Webhook; secret: string }> {
  await lock(tx, id)
  const secret = newSecret()
  await tx.updateTable('webhook').set({ sealed: ctx.sealer.seal(SEALED_FOR, Buffer.from(secret)) }).where('id', '=', id).execute()
  await append(tx, [entry('webhook.renew-secret', by, id, null, null)], ctx.clock())
  return { webhook: await findWebhook(tx, id), secret }
}

/** Throws `Refused` (`not-found`). */
export async function retryWebhook(ctx: Changing, tx: Tx, id: string): Promise<Webhook> {
  await lock(tx, id)
  await tx
    .updateTable('webhook_event')
    .set({ is_dead: false, attempts: 0, next_at: ctx.clock() })
    .where('webhook_id', '=', id)
    .where('is_dead', '=', true)
    .execute()
  return findWebhook(tx, id)
}

/** What was not sent is forgotten with it. Throws `Refused` (`not-found`). */
export async function deleteWebhook(ctx: Changing, tx: Tx, by: By, id: string): Promise<void> {
  const before = await lock(tx, id)
  await tx.deleteFrom('webhook').where('id', '=', id).execute()
  await append(tx, [entry('webhook.remove', by, id, told(before), null)], ctx.clock())
}

async function lock(tx: Tx, id: string): Promise<Webhook> {
  await sql`select from webhook where id = ${id} for update`.execute(tx)
  return findWebhook(tx, id)
}

const entry = (action: string, by: By, id: string, before: NewEntry['before'], after: NewEntry['after']): NewEntry => ({
  action,
  actor: by,
  capacity: 'operate',
  subject: { kind: 'webhook', id },
  before: before ?? null,
  after: after ?? null,
})
