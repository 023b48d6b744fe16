/** A team accepts or refuses. Load, plan (in core), apply; a dry run stops before the last. */
import { REGULATED } from '@onus/core/change/content.ts'
import { ACCEPTANCE_DAYS } from '@onus/core/decision/acceptance.ts'
import type { Acceptance, Answers } from '@onus/core/decision/acceptance.ts'
import type { Outcome } from '@onus/core/contract/accountability-routes.ts'
import { planAcceptance, risksOf } from '@onus/core/decision/plan-acceptance.ts'
import type { AcceptancePlan } from '@onus/core/decision/plan-acceptance.ts'
import { stableId } from '@onus/core/ids.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { findPerson, liveTeam } from '../directory/index.ts'
import type { DirectoryTeam } from '../directory/index.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'
import { append } from '../ledger/index.ts'
import type { NewEntry } from '../ledger/index.ts'
import { authorize } from '../powers/index.ts'
import { humanOf } from '../powers/human.ts'
import { lockedActor } from '../powers/locked-actor.ts'
import { loadEstate } from '../registry/estates.ts'
import { shareSources } from '../registry/locks.ts'
import { restand } from '../registry/restand.ts'
import { acceptanceOf } from '../registry/standings.ts'
import type { Actor } from '../sessions/index.ts'
import { dataClassesOf } from '../changes/subjects.ts'
import { paceOf } from './pace.ts'
import * as store from './store.ts'
import type { Held } from './store.ts'

export type Chosen = { identities: string[] } | { source: string; namespace: string | null }
export type AcceptAsk = {
  team: string
  chosen: Chosen
  answers: Answers
  until?: string | undefined
  isDryRun: boolean
}
export type RefuseAsk = { team: string; chosen: Chosen; reason: string; suggested: string | null; isDryRun: boolean }

const DAY_MS = 86_400_000
/** More in one decision nobody has looked at. */
const MOST_AT_ONCE = 10_000
/** Of those that were left out, the first are told one by one. */
const TOLD = 100

type Left = Outcome['left'][number]

/** The team as it is now, if it lives and this person may speak for it; locked, so that neither ends meanwhile. */
async function speakFor(
  tx: Tx,
  actor: Actor,
  id: string,
  action: 'acceptIdentities' | 'refuseIdentities',
): Promise<DirectoryTeam> {
  await tx.selectFrom('directory_team').select('id').where('id', '=', id).forShare().execute()
  const speaker = await lockedActor(tx, actor)
  const team = await liveTeam(tx, id)
  if (!team) throw new Refused('not-found', 'no team that can answer has this id')
  authorize(speaker, await humanOf(tx, speaker), { action, resource: { kind: 'team', team } })
  return team
}

/** The chosen identities, locked. */
async function take(tx: Tx, chosen: Chosen, meanings: ReadonlySet<string>): Promise<{ held: Held[]; left: Left[] }> {
  const ids =
    'identities' in chosen
      ? [...new Set(chosen.identities)]
      : await store.offeredIn(tx, [...meanings], chosen, MOST_AT_ONCE)
  if (ids.length === 0) return { held: [], left: [] }
  await shareSources(tx, await store.sourcesOf(tx, ids))
  const held = await store.lockIdentities(tx, ids)
  const here = new Set(held.map(({ id }) => id))
  return {
    held,
    left: ids
      .filter((id) => !here.has(id))
      .map((id) => ({ identity: id, name: id, code: 'not-here', reason: 'the registry holds no identity of this id' })),
  }
}

type Planned = { held: Held; plan: AcceptancePlan }

type Planning = { config: Context['config']; team: DirectoryTeam; meanings: ReadonlySet<string>; serves: string | null }

async function plan(
  tx: Tx,
  { config, team, meanings, serves }: Planning,
  held: Held[],
  answers: Answers,
): Promise<Planned[]> {
  const ids = held.map(({ id }) => id)
  const running = new Map((await store.runningAcceptances(tx, ids)).map((row) => [row.identity_id, acceptanceOf(row)]))
  const refusals = await store.refusalsOf(tx, ids)
  const servedBy = ({ id, document }: Held): string | null =>
    serves ?? running.get(id)?.function?.id ?? document.function
  // Alone, each was looked at.
  const together = held.length > 1 ? held : []
  const classes = await dataClassesOf(
    tx,
    together.flatMap((each) => servedBy(each) ?? []),
  )
  const aloneFor = (each: Held) => {
    if (together.length === 0) return []
    const isRegulated = (classes.get(servedBy(each) ?? '') ?? []).some((name) => REGULATED.has(name))
    return risksOf(each.document, isRegulated).filter((risk) => config.oneByOne.includes(risk))
  }
  return held.map((each) => ({
    held: each,
    plan: planAcceptance(
      {
        team,
        meanings,
        identity: each.document,
        alone: aloneFor(each),
        current: running.get(each.id) ?? null,
        refusals: refusals
          .filter(({ identity_id: id }) => id === each.id)
          .map((row) => ({
            team: { id: row.team_id, name: row.team_name },
            at: row.refused_at.toISOString(),
            by: row.refused_by,
            suggested: row.suggested_id === null ? null : { id: row.suggested_id, name: row.suggested_name ?? '' },
          })),
      },
      answers,
    ),
  }))
}

function untilOf(asked: string | undefined, now: Date): Date {
  const until = asked === undefined ? new Date(now.getTime() + ACCEPTANCE_DAYS.default * DAY_MS) : new Date(asked)
  const days = (until.getTime() - now.getTime()) / DAY_MS
  if (days <= 0 || days > ACCEPTANCE_DAYS.most)
    throw new Refused('invalid-request', `until: between now and ${ACCEPTANCE_DAYS.most} days from now`, [
      { field: 'until', reason: `must be at most ${ACCEPTANCE_DAYS.most} days from now` },
    ])
  return until
}

/** Throws `Refused`: `not-found` (no live team, sponsor or function), `forbidden`, `invalid-request`, `busy`. */
export async function acceptIdentities(ctx: Context, tx: Tx, actor: Actor, ask: AcceptAsk): Promise<Outcome> {
  const now = ctx.clock()
  const until = untilOf(ask.until, now)
  const team = await speakFor(tx, actor, ask.team, 'acceptIdentities')
  await checkSponsor(tx, actor, ask.answers.sponsor)
  const serves = await functionOf(tx, ask.answers)
  const meanings = await store.meaningsOf(tx, team)
  const { held, left } = await take(tx, ask.chosen, meanings)
  const planned = await plan(tx, { config: ctx.config, team, meanings, serves: serves?.id ?? null }, held, ask.answers)
  const accepted = planned.flatMap(({ held: each, plan: one }) =>
    one.kind === 'accept' ? [{ held: each, renews: one.renews }] : [],
  )
  const refused = planned.flatMap(({ held: each, plan: one }) =>
    one.kind === 'refuse' ? [{ identity: each.id, name: each.name, code: one.code, reason: one.reason }] : [],
  )
  const outcome = outcomeOf([...left, ...refused], accepted.length, accepted.filter(({ renews }) => renews).length)
  if (ask.isDryRun || accepted.length === 0) return outcome
  const batch = newId('bat')
  await record(ctx, tx, { actor, team, accepted, ask, serves, until, batch, now })
  return { ...outcome, batch }
}

type Recording = {
  actor: Actor
  team: DirectoryTeam
  accepted: { held: Held; renews: Acceptance | null }[]
  ask: AcceptAsk
  serves: { id: string; name: string } | null
  until: Date
  batch: string
  now: Date
}

async function record(ctx: Context, tx: Tx, given: Recording): Promise<void> {
  const { actor, team, accepted, ask, serves, until, batch, now } = given
  const renewed = accepted.flatMap(({ renews }) => renews?.id ?? [])
  await store.endAcceptances(tx, renewed, 'renewed', now)
  const rows = accepted.map(({ held: { id }, renews }) => ({
    id: newId('acc'),
    batch,
    identity_id: id,
    team_id: team.id,
    team_name: team.name,
    accepted_by: actor.id,
    accepted_at: now,
    until,
    // A renewal shows what is new; what it does not mention stays as it was said.
    purpose: ask.answers.purpose ?? renews?.purpose ?? null,
    function_id: serves?.id ?? renews?.function?.id ?? null,
    function_name: serves?.name ?? renews?.function?.name ?? null,
    sponsor: ask.answers.sponsor ?? renews?.sponsor ?? null,
    revocation: ask.answers.revocation ?? renews?.revocation ?? null,
    change_id: null,
    ended_at: null,
    ended: null,
  }))
  await store.saveAcceptances(tx, rows)
  // The acceptances before have just ended; what is accepted for the first time was nobody's.
  const earlier = accepted.flatMap(({ renews }) => renews?.acceptedBy ?? [])
  const pace = {
    ...(await paceOf(tx, actor.id, now, [])),
    isOwnWork: earlier.length === 0 ? null : earlier.every((by) => by === actor.id),
    batchSize: accepted.length,
  }
  const entries = accepted.map(({ held, renews }, index): NewEntry => {
    const row = rows[index]
    return {
      action: renews ? 'acceptance.renew' : 'acceptance.accept',
      actor: { kind: actor.kind, id: actor.id },
      capacity: 'answer',
      subject: { kind: 'identity', id: held.id },
      before: { state: held.document.accountability.state, team: held.document.accountability.team },
      after: {
        team: team.id,
        until: until.toISOString(),
        batch,
        function: row?.function_id ?? null,
        sponsor: row?.sponsor ?? null,
        pace,
      },
      personal: {
        ...(row?.purpose ? { purpose: { value: row.purpose, about: null } } : {}),
        ...(row?.revocation ? { revocation: { value: row.revocation, about: null } } : {}),
      },
    }
  })
  await append(tx, entries, now)
  await restand(
    tx,
    accepted.map(({ held }) => held.id),
    { now, by: batch, estateOf: (source) => loadEstate(tx, source, null, ctx.db.read) },
  )
}

/** Throws `Refused` like `acceptIdentities`. */
export async function refuseIdentities(ctx: Context, tx: Tx, actor: Actor, ask: RefuseAsk): Promise<Outcome> {
  const now = ctx.clock()
  const team = await speakFor(tx, actor, ask.team, 'refuseIdentities')
  const suggested = ask.suggested === null ? null : await liveTeam(tx, ask.suggested)
  if (ask.suggested !== null && (!suggested || suggested.id === team.id))
    throw new Refused('not-found', 'the suggested team cannot answer', [
      { field: 'suggested', reason: 'must be another team that is there' },
    ])
  const meanings = await store.meaningsOf(tx, team)
  const { held, left } = await take(tx, ask.chosen, meanings)
  const running = new Set(
    (
      await store.runningAcceptances(
        tx,
        held.map(({ id }) => id),
      )
    ).map((row) => row.identity_id),
  )
  const refused = held.filter(({ id, document }) => !running.has(id) && isClaimed(document, meanings))
  const others = held
    .filter((each) => !refused.includes(each))
    .map(({ id, name }): Left =>
      running.has(id)
        ? {
            identity: id,
            name,
            code: 'held-by-another',
            reason: 'a team accepted it; ownership is handed over by a change',
          }
        : { identity: id, name, code: 'not-claimed', reason: `nothing names ${team.name} for it` },
    )
  const outcome = outcomeOf([...left, ...others], refused.length, 0)
  if (ask.isDryRun || refused.length === 0) return outcome
  const batch = newId('bat')
  await store.saveRefusals(
    tx,
    refused.map(({ id }) => ({
      identity_id: id,
      team_id: team.id,
      team_name: team.name,
      refused_by: actor.id,
      refused_at: now,
      suggested_id: suggested?.id ?? null,
      suggested_name: suggested?.name ?? null,
    })),
  )
  const entries = refused.map(({ id, document }): NewEntry => ({
    action: 'acceptance.refuse',
    actor: { kind: actor.kind, id: actor.id },
    capacity: 'answer',
    subject: { kind: 'identity', id },
    before: { state: document.accountability.state, team: document.accountability.team },
    after: { refusedBy: team.id, suggested: suggested?.id ?? null, batch },
    personal: { reason: { value: ask.reason, about: actor.id } },
  }))
  await append(tx, entries, now)
  const ids = refused.map(({ id }) => id)
  await restand(tx, ids, { now, by: batch, estateOf: (source) => loadEstate(tx, source, null, ctx.db.read) })
  return { ...outcome, batch }
}

const isClaimed = ({ accountability }: Held['document'], meanings: ReadonlySet<string>): boolean =>
  accountability.claims.some(
    ({ team, candidates }) => (team !== null && meanings.has(team)) || candidates.some((each) => meanings.has(each)),
  )

function outcomeOf(left: Left[], decided: number, renewed: number): Outcome {
  return { batch: null, decided, renewed, refused: left.length, left: left.slice(0, TOLD) }
}

/** Somebody who is here, and another than whoever accepts: one does not vouch for one's own decision. */
async function checkSponsor(tx: Tx, actor: Actor, sponsor: string | null): Promise<void> {
  if (sponsor === null) return
  const person = await findPerson(tx, sponsor)
  if (!person?.isActive || person.id === actor.id)
    throw new Refused('not-found', 'the sponsor must be another person who is here', [
      { field: 'answers.sponsor', reason: 'is nobody who can vouch' },
    ])
}

async function functionOf(tx: Tx, { function: asked }: Answers): Promise<{ id: string; name: string } | null> {
  if (asked === null) return null
  if ('name' in asked) return { id: stableId('fn', 'declared', asked.name.toLowerCase()), name: asked.name }
  const row = await tx
    .selectFrom('record')
    .select(['id', 'document'])
    .where('kind', '=', 'function')
    .where('id', '=', asked.id)
    .executeTakeFirst()
  if (!row)
    throw new Refused('not-found', 'no business function has this id', [
      { field: 'answers.function.id', reason: 'is not known' },
    ])
  return { id: row.id, name: (row.document as { name: string }).name }
}
