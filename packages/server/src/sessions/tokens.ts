/** Tokens of automation: Onus's own machine identities, each with a team, a purpose, an end and what it may do. */
import type { Selectable } from 'kysely'
import { MAX_TOKEN_DAYS } from '@onus/core/contract/session-routes.ts'
import type { Database, Read, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { liveTeam } from '../directory/index.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'
import { append } from '../ledger/index.ts'
import type { NewEntry } from '../ledger/index.ts'
import type { Scope } from './actor.ts'
import { hashOf } from './secrets.ts'
import { newToken } from './token-text.ts'

const DAY_MS = 86_400_000

export type TokenWish = {
  purpose: string
  /** 1 to `MAX_TOKEN_DAYS`. */
  days: number
  scopes: readonly Scope[]
  /** The team that answers for it; null: the installation's own. */
  team: string | null
}
type TokenRow = Omit<Selectable<Tables['api_token']>, 'token_hash'> & { team_name: string | null }
export type Token = TokenRow

/**
 * Makes a token. The secret is told here and never again; what is kept is its SHA-256. Throws `Refused`
 * (`invalid-request`) for a team that cannot answer.
 */
export async function createToken(
  db: Database,
  wish: TokenWish,
  by: NewEntry['actor'],
  now: Date,
): Promise<NewToken> {
  return db.tx((tx) => createTokenIn(tx, wish, by, now))
}

type NewToken = { id: string; secret: string; expiresAt: Date }

/** The same, together with what it is for. */
export async function createTokenIn(
  tx: Tx,
  wish: TokenWish,
  by: NewEntry['actor'],
  now: Date,
): Promise<NewToken> {
  if (!Number.isInteger(wish.days) || wish.days < 1 || wish.days > MAX_TOKEN_DAYS)
    throw new RangeError(`a token lives 1 to ${MAX_TOKEN_DAYS} days`)
  const secret = newToken()
  const id = newId('tok')
  const expiresAt = new Date(now.getTime() + wish.days * DAY_MS)
  if (wish.team !== null && !(await liveTeam(tx, wish.team)))
    throw new Refused('invalid-request', '`team` is no team with a member who is here', [
      { field: 'team', reason: 'is no team with a member who is here' },
    ])
  await tx
    .insertInto('api_token')
    .values({
      id,
      token_hash: hashOf(secret),
      team_id: wish.team,
      scopes: [...new Set(wish.scopes)].sort(),
      created_by: by.kind === 'person' ? by.id : 'per_local',
      purpose: wish.purpose,
      created_at: now,
      expires_at: expiresAt,
      last_used_at: null,
      revoked_at: null,
    })
    .execute()
  const after = { team: wish.team, scopes: [...wish.scopes], expiresAt: expiresAt.toISOString() }
  const personal = { purpose: { value: wish.purpose, about: null } }
  await append(tx, [{ ...entryOf('create', id, by), after, personal }], now)
  return { id, secret, expiresAt }
}

const entryOf = (verb: 'create' | 'revoke', id: string, by: NewEntry['actor']): NewEntry => ({
  action: `token.${verb}`,
  actor: by,
  capacity: by.kind === 'person' ? 'operate' : 'none',
  subject: { kind: 'token', id },
})

/** Ends a token at once. Answers false when it is unknown or revoked already. */
export async function revokeToken(db: Database, id: string, by: NewEntry['actor'], now: Date): Promise<boolean> {
  return db.tx((tx) => revokeTokenIn(tx, id, by, now))
}

/** The same, together with what it was for. */
export async function revokeTokenIn(tx: Tx, id: string, by: NewEntry['actor'], now: Date): Promise<boolean> {
  const row = await tx
    .updateTable('api_token')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (row) await append(tx, [entryOf('revoke', id, by)], now)
  return row !== undefined
}

/** Tokens of these teams, or all of them, oldest first; never a secret. */
export async function listTokens(read: Read, teams: readonly string[] | 'all'): Promise<Token[]> {
  if (teams !== 'all' && teams.length === 0) return []
  return read
    .selectFrom('api_token')
    .leftJoin('directory_team', 'directory_team.id', 'api_token.team_id')
    .select([
      'api_token.id',
      'team_id',
      'directory_team.name as team_name',
      'scopes',
      'created_by',
      'purpose',
      'api_token.created_at',
      'expires_at',
      'last_used_at',
      'revoked_at',
    ])
    .$if(teams !== 'all', (query) => query.where('team_id', 'in', teams === 'all' ? [] : teams))
    .orderBy('api_token.created_at')
    .orderBy('api_token.id')
    .execute()
}

export async function findToken(read: Read, id: string): Promise<{ team: string | null } | null> {
  const row = await read.selectFrom('api_token').select('team_id').where('id', '=', id).executeTakeFirst()
  return row ? { team: row.team_id } : null
}
