import type { Delivery } from '@onus/core/contract/notification-routes.ts'
import type { Context } from '../context.ts'
import type { Handlers } from '../http/mount.ts'
import { Refused } from '../http/refused.ts'
import { removeChannel, setChannel } from './channels.ts'

type Names = 'teamChannel' | 'setTeamChannel' | 'removeTeamChannel' | 'listDeliveries' | 'retryDelivery'

export function notificationHandlers(ctx: Context): Pick<Handlers, Names> {
  const { read } = ctx.db
  return {
    async teamChannel({ params }) {
      const row = await read.selectFrom('team_channel').select(['host', 'set_at']).where('team_id', '=', params.id).executeTakeFirst()
      return { channel: row ? { host: row.host, setAt: row.set_at.toISOString() } : null }
    },
    setTeamChannel: ({ actor, params, body }) => setChannel(ctx, actor, params.id, body.url),
    removeTeamChannel: ({ actor, params }) => removeChannel(ctx, actor, params.id),
    async listDeliveries({ query }) {
      const counted = await read
        .selectFrom('message')
        .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
        .where('state', '<>', 'sent')
        .groupBy('state')
        .execute()
      const count = (state: string): number => Number(counted.find((row) => row.state === state)?.count ?? 0)
      return { items: await deliveries(query.limit), waiting: count('waiting'), dead: count('dead'), nowhere: count('nowhere') }
    },
    async retryDelivery({ params }) {
      const row = await ctx.db.tx((tx) =>
        tx
          .updateTable('message')
          .set({ state: 'waiting', attempts: 0, next_at: ctx.clock(), ended_at: null })
          .where('id', '=', params.id)
          .where('state', 'in', ['dead', 'nowhere'])
          .returning('id')
          .executeTakeFirst(),
      )
      if (!row) throw new Refused('not-found', 'no message that did not arrive has this id')
    },
  }

  async function deliveries(limit: number): Promise<Delivery[]> {
    const rows = await read
      .selectFrom('message')
      .leftJoin('person', 'person.id', 'message.person_id')
      .leftJoin('directory_team', 'directory_team.id', 'message.team_id')
      .select(['message.id', 'channel', 'person_id', 'display_name', 'team_id', 'directory_team.name', 'subject', 'state', 'attempts', 'problem'])
      .select(['message.created_at', 'next_at'])
      .where('state', '<>', 'sent')
      .where(({ or, eb }) => or([eb('state', '<>', 'waiting'), eb('attempts', '>', 0)]))
      .orderBy('message.created_at', 'desc')
      .orderBy('message.id')
      .limit(limit)
      .execute()
    return rows.map((row) => ({
      id: row.id,
      channel: row.channel,
      to: { id: row.person_id ?? row.team_id ?? '', name: row.display_name ?? row.name ?? '' },
      subject: row.subject,
      state: row.state === 'sent' ? 'waiting' : row.state,
      attempts: row.attempts,
      problem: row.problem,
      createdAt: row.created_at.toISOString(),
      nextAt: row.state === 'waiting' ? row.next_at.toISOString() : null,
    }))
  }
}
