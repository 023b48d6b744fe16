import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import type { Handlers } from '../http/mount.ts'
import type { RouteName } from '@onus/core/contract/routes.ts'
import { authorize } from '../powers/index.ts'
import { lockedActor } from '../powers/locked-actor.ts'
import { doerOf } from '../sessions/index.ts'
import type { Actor } from '../sessions/index.ts'
import { changeWebhook, createWebhook, deleteWebhook, listWebhooks, renewSecret, retryWebhook } from './store.ts'

type Names = 'listWebhooks' | 'createWebhook' | 'changeWebhook' | 'renewWebhookSecret' | 'retryWebhook' | 'deleteWebhook'

export function webhookHandlers(ctx: Context): Pick<Handlers, Names> {
  /** As who they are in this transaction: whoever loses the power meanwhile lets nothing out any more. */
  const write = <T>(actor: Actor, action: RouteName, work: (tx: Tx) => Promise<T>): Promise<T> =>
    ctx.db.tx(async (tx) => {
      authorize(await lockedActor(tx, actor), actor.id, { action, resource: { kind: 'installation' } })
      return work(tx)
    })
  return {
    listWebhooks: async () => ({ items: await listWebhooks(ctx.db.read) }),
    createWebhook: ({ actor, body }) => write(actor, 'createWebhook', (tx) => createWebhook(ctx, tx, doerOf(actor), body)),
    changeWebhook: ({ actor, params, body }) =>
      write(actor, 'changeWebhook', (tx) => changeWebhook(ctx, tx, doerOf(actor), params.id, body)),
    renewWebhookSecret: ({ actor, params }) =>
      write(actor, 'renewWebhookSecret', (tx) => renewSecret(ctx, tx, doerOf(actor), params.id)),
    retryWebhook: ({ actor, params }) => write(actor, 'retryWebhook', (tx) => retryWebhook(ctx, tx, params.id)),
    deleteWebhook: ({ actor, params }) =>
      write(actor, 'deleteWebhook', (tx) => deleteWebhook(ctx, tx, doerOf(actor), params.id)),
  }
}
