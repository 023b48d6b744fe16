import type { Context } from '../context.ts'
import type { Handlers } from '../http/mount.ts'
import { Refused } from '../http/refused.ts'
import { createToken, doerOf, findToken, isScope, listTokens, revokeToken, roleOf } from './index.ts'
import type { Actor, PersonActor, Scope, Token } from './index.ts'

/** What a team may give to its own automation. The others write for everybody. */
const FOR_TEAMS: ReadonlySet<Scope> = new Set<Scope>(['read', 'propose'])

const told = (token: Token) => ({
  id: token.id,
  purpose: token.purpose,
  team: token.team_id === null ? null : { id: token.team_id, name: token.team_name ?? '' },
  scopes: token.scopes.filter(isScope),
  createdBy: token.created_by,
  createdAt: token.created_at.toISOString(),
  expiresAt: token.expires_at.toISOString(),
  lastUsedAt: token.last_used_at?.toISOString() ?? null,
  revokedAt: token.revoked_at?.toISOString() ?? null,
})

/** The teams whose tokens somebody sees and ends. */
function reach(actor: Actor): readonly string[] | 'all' {
  if (roleOf(actor) === 'administrator') return 'all'
  return actor.kind === 'person' ? actor.teams : actor.team === null ? [] : [actor.team]
}

function mayCreate(actor: Actor, team: string, scopes: readonly Scope[]): PersonActor {
  if (actor.kind !== 'person') throw new Refused('forbidden', 'a token makes no tokens')
  if (roleOf(actor) === 'administrator') return actor
  if (!actor.teams.includes(team))
    throw new Refused(
      'forbidden',
      'a token belongs to a team of yours; a member of that team makes it, or who operates Onus',
    )
  const foreign = scopes.filter((scope) => !FOR_TEAMS.has(scope))
  if (foreign.length > 0)
    throw new Refused(
      'forbidden',
      `who operates Onus makes tokens with the scope ${foreign.map((scope) => `\`${scope}\``).join(', ')}`,
    )
  return actor
}

export function tokenHandlers(ctx: Context): Pick<Handlers, 'listTokens' | 'createToken' | 'revokeToken'> {
  const { db } = ctx
  return {
    listTokens: async ({ actor }) => ({ items: (await listTokens(db.read, reach(actor))).map(told) }),
    async createToken({ actor, body }) {
      const by = doerOf(mayCreate(actor, body.team, body.scopes))
      const { id, secret } = await createToken(db, body, by, ctx.clock())
      const token = (await listTokens(db.read, [body.team])).find((each) => each.id === id)
      if (!token) throw new Error('a token that was just made is not there')
      return { token: told(token), secret }
    },
    async revokeToken({ actor, params }) {
      const token = await findToken(db.read, params.id)
      const teams = reach(actor)
      const isTheirs = token !== null && (teams === 'all' || (token.team !== null && teams.includes(token.team)))
      // Who may not end it is not told that it is there.
      if (!isTheirs || actor.kind !== 'person' || !(await revokeToken(db, params.id, doerOf(actor), ctx.clock())))
        throw new Refused('not-found', 'no token that works has this id')
    },
  }
}
