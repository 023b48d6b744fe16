/** Where a team hears. */
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { liveTeam } from '../directory/index.ts'
import { Refused } from '../http/refused.ts'
import { append } from '../ledger/index.ts'
import { authorize } from '../powers/index.ts'
import { humanOf } from '../powers/human.ts'
import { lockedActor } from '../powers/locked-actor.ts'
import { doerOf } from '../sessions/index.ts'
import type { Actor } from '../sessions/index.ts'

const SEALED_FOR = 'team-channel'

async function mayChange(tx: Tx, actor: Actor, id: string, action: 'setTeamChannel' | 'removeTeamChannel'): Promise<void> {
  const speaker = await lockedActor(tx, actor)
  const team = await liveTeam(tx, id)
  if (!team) throw new Refused('not-found', 'no team that can answer has this id')
  authorize(speaker, await humanOf(tx, speaker), { action, resource: { kind: 'team', team } })
}

/** Throws `Refused`: `not-found`, `forbidden`, `invalid-request`. */
export async function setChannel(ctx: Context, actor: Actor, team: string, given: string): Promise<{ host: string; setAt: string }> {
  const url = URL.parse(given)
  const isHere = url?.protocol === 'http:' && ctx.config.allowPrivateOutbound
  if (!url || (url.protocol !== 'https:' && !isHere) || url.username !== '' || url.password !== '')
    throw new Refused('invalid-request', 'url: must begin with https:// and hold no user', [
      { field: 'url', reason: 'must begin with https://' },
    ])
  const now = ctx.clock()
  await ctx.db.tx(async (tx) => {
    await mayChange(tx, actor, team, 'setTeamChannel')
    const row = { host: url.host, sealed: ctx.sealer.seal(SEALED_FOR, Buffer.from(url.href)), set_by: doerOf(actor).id, set_at: now }
    await tx
      .insertInto('team_channel')
      .values({ team_id: team, ...row })
      .onConflict((conflict) => conflict.column('team_id').doUpdateSet(row))
      .execute()
    await append(tx, [{ action: 'team-channel.set', actor: doerOf(actor), capacity: 'none', subject: { kind: 'team', id: team }, after: { host: url.host } }], now)
  })
  return { host: url.host, setAt: now.toISOString() }
}

/** Throws `Refused`: `not-found`, `forbidden`. */
export async function removeChannel(ctx: Context, actor: Actor, team: string): Promise<void> {
  await ctx.db.tx(async (tx) => {
    await mayChange(tx, actor, team, 'removeTeamChannel')
    const gone = await tx.deleteFrom('team_channel').where('team_id', '=', team).returning('host').executeTakeFirst()
    if (!gone) throw new Refused('not-found', 'this team has no channel')
    await append(tx, [{ action: 'team-channel.remove', actor: doerOf(actor), capacity: 'none', subject: { kind: 'team', id: team }, before: { host: gone.host } }], ctx.clock())
  })
}

/** The address of the team's channel; null when it has none any more. */
export async function channelUrl(ctx: Pick<Context, 'db' | 'sealer'>, team: string): Promise<string | null> {
  const row = await ctx.db.read.selectFrom('team_channel').select('sealed').where('team_id', '=', team).executeTakeFirst()
  return row ? ctx.sealer.unseal(SEALED_FOR, row.sealed).toString('utf8') : null
}
