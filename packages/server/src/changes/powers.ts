/** Who holds which power, and the first who guards or audits: somebody has to appoint them, once, and loudly. */
import { POWER_WAIT_HOURS } from '@onus/core/change/kinds/power.ts'
import type { PowerHolder } from '@onus/core/change/shapes.ts'
import type { Context } from '../context.ts'
import type { Read, Tx } from '../db/database.ts'
import { givePower, writing } from '../directory/index.ts'
import type { Holder } from '../directory/index.ts'
import type { Handlers } from '../http/mount.ts'
import { once } from '../http/once.ts'
import { Refused } from '../http/refused.ts'
import { append } from '../ledger/index.ts'
import { POWERS_TEXT, authorize } from '../powers/index.ts'
import { doerOf } from '../sessions/index.ts'
import type { Actor } from '../sessions/index.ts'
import { holderOf, liveHolders } from './kinds/power.ts'
import { allHumans, peopleNow } from './people.ts'
import { membersOf } from '../directory/index.ts'

type AppointAsk = { power: 'guard' | 'audit'; holder: Holder; reason: string }

export function powerHandlers(ctx: Context): Pick<Handlers, 'listPowers' | 'appointFirst'> {
  return {
    listPowers: async () => ({ items: await listPowers(ctx.db.read), policies: POWERS_TEXT }),
    appointFirst: (call) =>
      once(ctx, call, async (tx) => {
        await appointFirst(ctx, tx, call.actor, call.body)
        return { items: await listPowers(tx) }
      }),
  }
}

/**
 * Gives the power to guard or to audit while nobody who is here holds it. Never to oneself, under whatever account.
 * Throws `Refused`: `forbidden`, `power-held`, `not-found`.
 */
async function appointFirst(ctx: Context, tx: Tx, actor: Actor, { power, holder, reason }: AppointAsk): Promise<void> {
  const now = ctx.clock()
  const w = await writing(tx, now, doerOf(actor))
  const me = actor.kind === 'person' ? (await peopleNow(tx, [actor.id], now)).get(actor.id) : undefined
  authorize(me?.actor ?? actor, actor.id, { action: 'appointFirst', resource: { kind: 'installation' } })
  if ((await liveHolders(tx, power)).length > 0)
    throw new Refused('power-held', `somebody holds the power to ${power}; propose a change, which security approves`)
  if (!(await holderOf(tx, holder)))
    throw new Refused('not-found', 'no person who is here, and no team with a member, has this id')
  const people = 'team' in holder ? (await membersOf(tx, holder.team)).map(({ id }) => id) : [holder.person]
  const humans = await allHumans(tx, people)
  if (me?.humans.some((name) => humans.has(name)))
    throw new Refused('forbidden', 'nobody appoints themselves; name somebody else', [
      { field: 'rule', reason: 'nobody-appoints-themselves' },
    ])
  await append(
    tx,
    [
      {
        action: 'power.appoint-first',
        actor: doerOf(actor),
        capacity: 'operate',
        subject: 'team' in holder ? { kind: 'team', id: holder.team } : { kind: 'person', id: holder.person },
        after: { power, becauseNobodyHeldIt: true },
        personal: { reason: { value: reason, about: actor.id } },
      },
    ],
    now,
  )
  await givePower(w, power, holder)
}

async function listPowers(read: Read | Tx): Promise<PowerHolder[]> {
  const rows = await read
    .selectFrom('power_holder')
    .leftJoin('person', 'person.id', 'power_holder.person_id')
    .leftJoin('directory_team', 'directory_team.id', 'power_holder.team_id')
    .select([
      'power_holder.id',
      'power',
      'person_id',
      'team_id',
      'display_name',
      'directory_team.name as team_name',
      'valid_from',
      'by_change',
    ])
    .where('valid_to', 'is', null)
    .orderBy('power')
    .orderBy('valid_from')
    .orderBy('power_holder.id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    power: row.power,
    holder:
      row.team_id === null
        ? { kind: 'person', id: row.person_id ?? '', name: row.display_name ?? '' }
        : { kind: 'team', id: row.team_id, name: row.team_name ?? '' },
    since: row.valid_from.toISOString(),
    change: row.by_change,
    decidesFrom: new Date(
      row.valid_from.getTime() + (row.by_change === null ? 0 : POWER_WAIT_HOURS * 3_600_000),
    ).toISOString(),
  }))
}
