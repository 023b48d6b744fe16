/**
 * Who asks. Found once a request, on the primary, from the secret alone; whoever cannot be found is nobody and refused.
 * What they may do is read with it, so a power that ended or a person who left counts from the next request on.
 */
import { sql } from 'kysely'
import { TokenScope } from '@onus/core/contract/session-routes.ts'
import type { Database } from '../db/database.ts'
import type { HeldPower } from '../directory/index.ts'
import { hashOf } from './secrets.ts'
import { wellFormed } from './token-text.ts'

/** What a token may do. */
export type Scope = TokenScope

export const isScope = (text: string): text is Scope => (TokenScope.options as readonly string[]).includes(text)

export type PersonActor = {
  kind: 'person'
  id: string
  name: string
  /** Ids of the live teams they belong to; they answer for these. */
  teams: string[]
  powers: HeldPower[]
  session: string
  /** Who looks around as this person of the example company; null for oneself. */
  behind: string | null
}
export type TokenActor = {
  kind: 'token'
  id: string
  /** Its purpose. */
  name: string
  /** The team that answers for it; null: the installation's own. */
  team: string | null
  scopes: Scope[]
}
export type Actor = PersonActor | TokenActor

/** For routes that anyone may call. */
export const NOBODY: Actor = {
  kind: 'person',
  id: 'nobody',
  name: 'nobody',
  teams: [],
  powers: [],
  session: '',
  behind: null,
}

/** Who holds the power to operate administers the installation; the others read, and do what their powers say. */
export function roleOf(actor: Actor): 'administrator' | 'reader' {
  return actor.kind === 'person' && actor.powers.includes('operate') ? 'administrator' : 'reader'
}

/** As the ledger names them. */
export function doerOf(actor: Actor): { kind: 'person' | 'token'; id: string } {
  return { kind: actor.kind, id: actor.id }
}

/** A write for every click would be wasted; idling is measured in hours. */
const TOUCH_MS = 5 * 60_000
/** Seen later than now: while the clock was wrong, by which it would live for as long as that. Small corrections happen. */
const AHEAD_MS = 5 * 60_000
/** Away for a working day: sign in again. */
export const IDLE_MS = 12 * 60 * 60_000

type SessionRow = {
  session: string
  last_seen_at: Date
  id: string
  name: string
  behind: string | null
  teams: string[]
  powers: HeldPower[]
}

/**
 * The person of a session, or null when it is unknown, has ended or its person may not act: one who has left, and one
 * whose leaving is held until somebody has looked. A persona is for an installation with the example only.
 */
export async function actorOfSession(db: Database, secret: string, now: Date): Promise<PersonActor | null> {
  const hash = hashOf(secret)
  const asked = sql<SessionRow>`(
    with asking as materialized (
      select session.id as session, last_seen_at, session.person_id,
        case when exists (select from source where is_example) and not exists (select from source where not is_example)
          and not exists (select from person where origin in ('scim', 'oidc') and deleted_at is null)
          then persona_id end as persona_id
      from session
      where token_hash = ${hash} and expires_at > ${now} and last_seen_at > ${new Date(now.getTime() - IDLE_MS)}
        and last_seen_at <= ${new Date(now.getTime() + AHEAD_MS)}
    ), acting as (
      select asking.session, asking.last_seen_at, person.id, person.display_name as name,
        case when persona_id is not null then asking.person_id end as behind
      from asking
      join person as holder on holder.id = asking.person_id and holder.is_active
      join person on person.id = coalesce(persona_id, asking.person_id) and person.is_active
      where not exists (select from departure where state = 'held' and departure.person_id in (holder.id, person.id)
        and kind in ('person-left', 'person-deleted'))
    ), belonging as (
      select membership.team_id from acting
      join membership on membership.person_id = acting.id and membership.valid_to is null
      join directory_team on directory_team.id = membership.team_id and directory_team.is_active
      where not exists (select from departure where state = 'held' and departure.team_id = membership.team_id
        and (kind = 'team-dissolved' or departure.person_id = acting.id))
    )
    select acting.*,
      array(select team_id from belonging order by team_id) as teams,
      array(select distinct power from power_holder where valid_to is null
        and (person_id = acting.id or team_id in (select team_id from belonging)) order by power) as powers
    from acting)`
  const row = await db.read.selectFrom(asked.as('found')).selectAll().executeTakeFirst()
  if (!row) return null
  if (now.getTime() - row.last_seen_at.getTime() > TOUCH_MS)
    await db.tx((tx) => tx.updateTable('session').set({ last_seen_at: now }).where('token_hash', '=', hash).execute())
  const { last_seen_at: _seen, ...acting } = row
  return { kind: 'person', ...acting }
}

const TOUCH_TOKEN_MS = 60_000

/**
 * The token of a secret, or null when it is unknown, expired, revoked or its team was dissolved. It is found by the hash
 * of the whole secret and by nothing else, so how long that takes says nothing about any part of it.
 */
export async function actorOfToken(db: Database, secret: string, now: Date): Promise<TokenActor | null> {
  if (!wellFormed(secret)) return null
  const row = await db.read
    .selectFrom('api_token')
    .leftJoin('directory_team', 'directory_team.id', 'api_token.team_id')
    .select(['api_token.id', 'purpose', 'team_id', 'scopes', 'last_used_at'])
    .where('token_hash', '=', hashOf(secret))
    .where('expires_at', '>', now)
    .where('revoked_at', 'is', null)
    .where(({ or, eb }) => or([eb('team_id', 'is', null), eb('directory_team.is_active', '=', true)]))
    .executeTakeFirst()
  if (!row) return null
  if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() > TOUCH_TOKEN_MS)
    await db.tx((tx) => tx.updateTable('api_token').set({ last_used_at: now }).where('id', '=', row.id).execute())
  return { kind: 'token', id: row.id, name: row.purpose, team: row.team_id, scopes: row.scopes.filter(isScope) }
}
