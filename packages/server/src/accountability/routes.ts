import type { Context } from '../context.ts'
import type { Handlers } from '../http/mount.ts'
import { once } from '../http/once.ts'
import { acceptIdentities, refuseIdentities } from './accept.ts'
import { accountabilityAt } from './history.ts'
import { listOffers } from './offers.ts'
import { queueOf } from './queue.ts'

type Names = 'queue' | 'listOffers' | 'acceptIdentities' | 'refuseIdentities' | 'accountability'

export function accountabilityHandlers(ctx: Context): Pick<Handlers, Names> {
  const { read } = ctx.db
  return {
    async queue({ actor }) {
      const isPerson = actor.kind === 'person'
      return isPerson ? queueOf(read, actor, ctx.clock()) : { items: [], accountable: 0, functions: 0, next: null }
    },
    listOffers: async ({ query }) => ({ items: await listOffers(read, query.team) }),
    acceptIdentities: (call) => once(ctx, call, (tx) => acceptIdentities(ctx, tx, call.actor, call.body)),
    refuseIdentities: (call) => once(ctx, call, (tx) => refuseIdentities(ctx, tx, call.actor, call.body)),
    accountability: ({ params, query }) =>
      accountabilityAt(read, params.id, query.asOf === undefined ? null : new Date(query.asOf), ctx.clock()),
  }
}
