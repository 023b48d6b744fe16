/** From what the issuer says of somebody to a person of the directory who may sign in, or the reason why not. */
import type { SignInFailure } from '@onus/core/contract/session-routes.ts'
import type { Tx } from '../../db/database.ts'
import { addPerson, addTeam, changePerson, depart, joinTeam, withdraw, writing } from '../../directory/index.ts'
import type { Departure, Writing } from '../../directory/index.ts'
import { MAX_NAME_LENGTH, nameKey, teamKey } from '../../directory/names.ts'
import { findTeamByName } from '../../directory/teams.ts'
import type { Claims } from './issuer.ts'

/** Why somebody whom the issuer vouches for does not get in. */
type Denied = Extract<SignInFailure, 'no-name' | 'left' | 'taken'>
export type Found = { ok: true; person: string } | { ok: false; denied: Denied }

type Row = {
  id: string
  is_active: boolean
  origin: string
  oidc_subject: string | null
  display_name: string
  email: string | null
}

const COLUMNS = ['id', 'is_active', 'origin', 'oidc_subject', 'display_name', 'email'] as const

/** By the subject, which is never given again; a name only finds somebody who has none yet. */
async function find(tx: Tx, issuer: string, { subject, userName }: Claims): Promise<Row | Denied | null> {
  const known = await tx
    .selectFrom('person')
    .select(COLUMNS)
    .where('oidc_issuer', '=', issuer)
    .where('oidc_subject', '=', subject)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (known) return known
  if (userName === null) return 'no-name'
  const named = await tx
    .selectFrom('person')
    .select(COLUMNS)
    .where('name_key', '=', nameKey(userName))
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (!named) return null
  // Of the machine, of the example, or of another account that had the name before.
  const isTheirs = (named.origin === 'scim' || named.origin === 'oidc') && named.oidc_subject === null
  return isTheirs ? named : 'taken'
}

async function isHeld(tx: Tx, person: string): Promise<boolean> {
  const row = await tx
    .selectFrom('departure')
    .select('id')
    .where('person_id', '=', person)
    .where('state', '=', 'held')
    .where('kind', 'in', ['person-left', 'person-deleted'])
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Finds or adds the person, and makes their memberships what the issuer says of their groups. A directory that writes by
 * SCIM stands above it: whom it deactivated does not get in, and its teams are not changed. Throws `Refused`
 * (`invalid-request`) for a name that cannot be one.
 */
export async function personOfClaims(tx: Tx, issuer: string, claims: Claims, now: Date): Promise<Found> {
  const w = await writing(tx, now, { kind: 'system', id: 'oidc' })
  const found = await find(tx, issuer, claims)
  if (typeof found === 'string') return { ok: false, denied: found }
  if (found && (!found.is_active || (await isHeld(tx, found.id)))) return { ok: false, denied: 'left' }
  const oidc = { issuer, subject: claims.subject }
  const displayName = claims.displayName?.trim().slice(0, MAX_NAME_LENGTH) ?? claims.userName ?? claims.subject
  const email = claims.email?.slice(0, MAX_NAME_LENGTH) ?? null
  let person: string
  if (found) {
    person = found.id
    const isOurs = found.origin === 'oidc'
    const isNew = found.oidc_subject === null
    const isOther = isOurs && (found.display_name !== displayName || found.email !== email)
    if (isNew || isOther)
      await changePerson(w, person, { ...(isNew ? { oidc } : {}), ...(isOurs ? { displayName, email } : {}) })
  } else {
    // `find` answers `no-name` before it comes to this.
    const userName = claims.userName ?? claims.subject
    person = (await addPerson(w, { userName, displayName, email, externalId: null, origin: 'oidc', oidc })).id
  }
  if (claims.groups !== null) await setTeams(w, person, claims.groups)
  return { ok: true, person }
}

/** Only teams that came by sign-in: SCIM says who is in its own. */
async function setTeams(w: Writing, person: string, groups: readonly string[]): Promise<void> {
  const said = new Set<string>()
  const names = new Map(
    groups.flatMap((name) => (teamKey(name) && isPlain(name) ? [[teamKey(name)?.slug, name] as const] : [])),
  )
  for (const name of names.values()) {
    const team =
      (await findTeamByName(w, name)) ??
      (await addTeam(w, { name, externalId: null, origin: 'oidc', escalation: null }))
    if (team.origin === 'oidc') said.add(team.id)
  }
  const rows = await w.tx
    .selectFrom('membership')
    .innerJoin('directory_team', 'directory_team.id', 'membership.team_id')
    .select('team_id')
    .where('person_id', '=', person)
    .where('valid_to', 'is', null)
    .where('directory_team.origin', '=', 'oidc')
    .execute()
  const has = new Set(rows.map((row) => row.team_id))
  const membership = (team: string): Departure => ({ kind: 'member-left', person, team })
  const joining = [...said].filter((team) => !has.has(team))
  await withdraw(w, [...said].map(membership))
  for (const team of joining) await joinTeam(w, team, [person], 'oidc')
  await depart(w, [...has].filter((team) => !said.has(team)).map(membership), 'oidc')
}

/** A group whose name hides something names no team here; the person gets in without it. */
const isPlain = (name: string): boolean =>
  name.length <= MAX_NAME_LENGTH && !/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u.test(name)
