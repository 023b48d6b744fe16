import type { Context } from '../context.ts'
import { listExceptions } from '../changes/exceptions.ts'
import { peopleNow } from '../changes/people.ts'
import type { Handlers } from '../http/mount.ts'
import { authorize } from '../powers/index.ts'
import { Refused } from '../http/refused.ts'
import { guardrailDetail, listGuardrails } from './list.ts'
import { GUARDRAIL_SCHEMA, STARTERS } from './read.ts'

type Names = 'listGuardrails' | 'guardrail' | 'listStarterGuardrails' | 'simulateGuardrail' | 'listExceptions'

export function guardrailHandlers(ctx: Context): Pick<Handlers, Names> {
  const { db, clock, cursorKey } = ctx
  return {
    listGuardrails: async () => ({ items: await listGuardrails(db.read, clock()), schema: GUARDRAIL_SCHEMA }),
    async guardrail({ params }) {
      const detail = await guardrailDetail(db.read, params.id, clock())
      if (detail.versions.length === 0) throw new Refused('not-found', 'no guardrail is called so')
      return detail
    },
    listStarterGuardrails: async () => ({ items: STARTERS }),
    async simulateGuardrail({ actor, body }) {
      const me = (await peopleNow(db.read, [actor.id], clock())).get(actor.id)
      authorize(me?.actor ?? actor, actor.id, { action: 'simulateGuardrail', resource: { kind: 'installation' } })
      const { job } = await ctx.jobs.start({ kind: 'simulation', ...body, at: clock().toISOString() })
      return job
    },
    listExceptions: ({ query }) => listExceptions(db.read, cursorKey, query, clock()),
  }
}
