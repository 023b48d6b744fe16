/** Change requests as the API tells them: one with everything that its reader may do, and lists. */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { CHANGE_ROUTES } from '@onus/core/contract/change-routes.ts'
import type { SeatPlan } from '@onus/core/change/plan.ts'
import type { ChangeDetail, ChangeRow as ChangeItem } from '@onus/core/change/shapes.ts'
import { stateAt } from '@onus/core/change/state.ts'
import type { Read, Tx } from '../db/database.ts'
import { verdictOf } from '../powers/index.ts'
import { readCursor, writeCursor } from '../registry/cursor.ts'
import type { Page } from '../registry/page.ts'
import type { Actor } from '../sessions/index.ts'
import { assess, seatVerdict, standingApprovals } from './assess.ts'
import type { Assessment } from './assess.ts'
import { allHumans, humanAmong, namesOf, peopleNow } from './people.ts'
import type { Author, PersonNow } from './people.ts'
import { keptAssessment } from './kept-assessment.ts'
import * as store from './store.ts'
import type { ChangeRow, DecisionRow } from './store.ts'

type May = ChangeDetail['may']
type Names = ReadonlyMap<string, string>
const DISCUSSION = 200

/** Throws `Refused` (`not-found`). */
export async function changeDetail(read: Read | Tx, actor: Actor, id: string, now: Date): Promise<ChangeDetail> {
  const row = await store.findChange(read, id)
  const authors = await store.authorsOfChange(read, id)
  const decisions = await store.decisionsOf(read, id)
  const state = stateAt(row.state, row.expires_at, now)
  const subject = { content: row.content, isEmergency: row.is_emergency, authors }
  const kept = { change: row, count: row.plan.identityCount, now }
  const assessment = state === 'open' ? await keptAssessment(read, kept, () => assess(read, subject, now)) : null
  const live = decisions.filter(
    (each) => each.voided_at === null && each.digest === row.digest && each.verdict === 'approve',
  )
  const people = await peopleNow(read, [actor.id, ...live.map((each) => each.person_id)], now)
  const talk = await discussionOf(read, id)
  const names = await namesOf(read, [
    row.author_id,
    ...(row.closed_by === null ? [] : [row.closed_by]),
    ...authors.map((each) => each.id),
    ...decisions.map((each) => each.person_id),
    ...talk.map((each) => each.actor_id),
  ])
  const plan = assessment?.ok ? assessment.kept : row.plan
  const filled = assessment?.ok
    ? standingApprovals(
        row,
        assessment,
        live.map((each) => ({ seat: each.seat, person: each.person_id })),
        people,
      )
    : null
  return {
    ...headOf(row, state, names),
    content: row.content,
    isEmergency: row.is_emergency,
    reason: await reasonOf(read, id),
    closedBy: closerOf(row, names),
    diff: row.plan.diff,
    identities: row.plan.identities,
    identityCount: row.plan.identityCount,
    verdicts: plan.verdicts,
    seats: plan.seats.map((seat) => ({
      id: seat.id,
      capacity: seat.capacity,
      team: seat.team && { id: seat.team.id, name: seat.team.name },
      person: seat.person,
      why: seat.why,
      filledBy: filler(seat, live, filled, names),
    })),
    decisions: decisions.map((each) => ({
      seat: each.seat,
      verdict: each.verdict,
      by: { id: each.person_id, name: names.get(each.person_id) ?? each.person_id },
      at: each.at.toISOString(),
      digest: each.digest,
      voidedAt: each.voided_at?.toISOString() ?? null,
    })),
    authors: authors.map((each) => named(each, names)),
    blocked: blockedOf(row, assessment),
    discussion: talk.map((each) => ({
      id: each.id,
      at: each.at.toISOString(),
      by: named({ kind: each.actor_kind === 'token' ? 'token' : 'person', id: each.actor_id }, names),
      text: each.text,
    })),
    may: await mayOf(read, row, authors, actor, people, state, assessment, filled),
  }
}

const named = (author: Author, names: Names) => ({ ...author, name: names.get(author.id) ?? author.id })

function headOf(row: ChangeRow, state: ChangeItem['state'], names: Names): Omit<ChangeItem, 'seats'> {
  return {
    id: row.id,
    kind: row.kind,
    state,
    summary: row.summary,
    author: named({ kind: row.author_kind, id: row.author_id }, names),
    revision: row.revision,
    digest: row.digest,
    createdAt: row.created_at.toISOString(),
    changedAt: row.changed_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? (state === 'expired' ? row.expires_at.toISOString() : null),
  }
}

function closerOf(row: ChangeRow, names: Names): ChangeDetail['closedBy'] {
  if (row.closed_by === null || row.closed_by_kind === null || row.closed_by_kind === 'job') return null
  return named({ kind: row.closed_by_kind, id: row.closed_by }, names)
}

/** Of an open change, those whose approval counts now; of a closed one, those who approved. */
function filler(
  seat: SeatPlan,
  live: readonly DecisionRow[],
  filled: ReadonlyMap<string, PersonNow> | null,
  names: Names,
) {
  const given = live.find(
    (each) => each.seat === seat.id && (filled === null || filled.get(seat.id)?.actor.id === each.person_id),
  )
  return given
    ? { id: given.person_id, name: names.get(given.person_id) ?? given.person_id, at: given.at.toISOString() }
    : null
}

function blockedOf(row: ChangeRow, assessment: Assessment | null): ChangeDetail['blocked'] {
  if (assessment === null) return []
  if (!assessment.ok) return [{ code: assessment.code, reason: assessment.reason }]
  const moved =
    assessment.digest === row.digest
      ? []
      : [{ code: 'world-moved', reason: 'what it was written against is not so any more; an author edits it' }]
  return [...moved, ...assessment.blocked]
}

const told = (verdict: ReturnType<typeof verdictOf>) => ({
  isAllowed: verdict.isAllowed,
  rule: verdict.rule,
  who: verdict.isAllowed ? null : verdict.who,
})

async function mayOf(
  read: Read | Tx,
  row: ChangeRow,
  authors: readonly Author[],
  actor: Actor,
  people: ReadonlyMap<string, PersonNow>,
  state: ChangeItem['state'],
  assessment: Assessment | null,
  filled: ReadonlyMap<string, PersonNow> | null,
): Promise<May> {
  const over = (who: string | null = null) => ({
    isAllowed: false,
    rule: state === 'open' ? 'decided-by-people' : 'not-open',
    who,
  })
  const me = people.get(actor.id)
  if (state !== 'open' || !me) {
    const who = state === 'open' ? 'a person' : null
    return {
      approve: row.plan.seats.map(({ id }) => ({ seat: id, ...over(who) })),
      edit: over(who),
      withdraw: over(who),
    }
  }
  const humans = await allHumans(
    read,
    authors.filter(({ kind }) => kind === 'person').map(({ id }) => id),
  )
  const own = (action: 'editChange' | 'withdrawChange') =>
    told(
      verdictOf(me.actor, humanAmong(me, humans), {
        action,
        resource: { kind: 'change', id: row.id, change: row.kind, humans: [...humans] },
      }),
    )
  return { approve: approvals(row, assessment, filled, me), edit: own('editChange'), withdraw: own('withdrawChange') }
}

function approvals(
  row: ChangeRow,
  assessment: Assessment | null,
  filled: ReadonlyMap<string, PersonNow> | null,
  me: PersonNow,
): May['approve'] {
  if (!assessment?.ok || !filled) return []
  return assessment.seats.map((seat) => {
    if (filled.has(seat.id)) return { seat: seat.id, isAllowed: false, rule: 'already-decided', who: null }
    return { seat: seat.id, ...told(seatVerdict(row, assessment, seat, me, [...filled.values()])) }
  })
}

type Said = { id: string; at: Date; actor_kind: string; actor_id: string; text: string | null }

/** What people said beside what they did, from the ledger; the newest, in the order in which it was said. */
async function discussionOf(read: Read | Tx, change: string): Promise<Said[]> {
  const { rows } = await sql<Said>`
    select * from (
      select e.seq, e.id, e.at, e.actor_kind, e.actor_id, p.value as text
      from ledger_entry e left join ledger_personal p on p.entry_id = e.id and p.slot in ('text', 'reason')
      where e.change_id = ${change} and (e.action = 'change.comment'
        or (e.action in ('change.approve', 'change.reject', 'change.withdraw') and p.value is not null))
      order by e.at desc, e.seq desc limit ${DISCUSSION}
    ) as newest order by at, seq`.execute(read as Tx)
  return rows
}

async function reasonOf(read: Read | Tx, change: string): Promise<string | null> {
  const { rows } = await sql<{ value: string | null }>`
    select p.value from ledger_entry e left join ledger_personal p on p.entry_id = e.id and p.slot = 'reason'
    where e.change_id = ${change} and e.action in ('change.propose', 'break-glass.propose', 'change.edit')
    order by e.at desc, e.seq desc limit 1`.execute(read as Tx)
  return rows[0]?.value ?? null
}

type ListAsk = z.output<(typeof CHANGE_ROUTES)['listChanges']['query']>
/** Counting more would cost more than the page. */
const MAX_COUNT = 10_000

function matching(read: Read, ask: Omit<ListAsk, 'cursor' | 'limit'>, actor: Actor, now: Date) {
  let query = read.selectFrom('change_request')
  if (ask.kind !== undefined) query = query.where('kind', '=', ask.kind)
  if (ask.author !== undefined) query = query.where('author_id', '=', ask.author)
  const isOpen = ask.state === 'open' || ask.awaiting === 'me'
  if (isOpen) query = query.where('state', '=', 'open').where('expires_at', '>', now)
  if (ask.state === 'expired')
    query = query.where(({ or, and, eb }) =>
      or([eb('state', '=', 'expired'), and([eb('state', '=', 'open'), eb('expires_at', '<=', now)])]),
    )
  else if (ask.state !== undefined) query = query.where('state', '=', ask.state)
  const { identity } = ask
  if (identity !== undefined)
    query = query.where(
      'id',
      'in',
      read.selectFrom('change_identity').select('change_id').where('identity_id', '=', identity),
    )
  if (ask.awaiting === 'me') {
    const teams = actor.kind === 'person' ? actor.teams : []
    const powers: readonly string[] = actor.kind === 'person' ? actor.powers : []
    query = query
      .where(sql<boolean>`id in (select change_id from change_seat where not is_filled and
        ((capacity = 'answer' and team_id = any(${teams})) or (capacity = 'sponsor' and person_id = ${actor.id})
          or (capacity in ('guard', 'operate') and capacity = any(${powers}))))`)
      .where(
        sql<boolean>`not exists (select from change_author where change_id = change_request.id and author_id = ${actor.id})`,
      ).where(sql<boolean>`not exists (select from change_decision d where d.change_id = change_request.id
        and d.person_id = ${actor.id} and d.voided_at is null)`)
  }
  return query
}

/** Newest first. Totals beyond 10,000 are not counted out. Throws `Refused` (`invalid-cursor`). */
export async function listChanges(
  read: Read,
  cursorKey: Buffer,
  actor: Actor,
  ask: ListAsk,
  now: Date,
): Promise<Page<ChangeItem>> {
  const { cursor, limit, ...filter } = ask
  const list = ask.awaiting === 'me' ? { ...filter, me: actor.id } : filter
  const position = readCursor(cursorKey, list, cursor)
  let query = matching(read, filter, actor, now).selectAll()
  if (position) query = query.where(sql<boolean>`(created_at, id) < (${position.after}::timestamptz, ${position.id})`)
  const rows = await query
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  const counted =
    position?.total ??
    Number(
      (
        await read
          .selectFrom(
            matching(read, filter, actor, now)
              .select('id')
              .limit(MAX_COUNT + 1)
              .as('some'),
          )
          .select(({ fn }) => fn.countAll<string>().as('count'))
          .executeTakeFirstOrThrow()
      ).count,
    )
  const total = Math.min(counted, MAX_COUNT)
  const isTotalExact = position?.isTotalExact ?? counted <= MAX_COUNT
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: await itemsOf(read, rows.slice(0, limit), now),
    total,
    isTotalExact,
    nextCursor: last
      ? writeCursor(cursorKey, list, { after: last.created_at.toISOString(), id: last.id, total, isTotalExact })
      : null,
  }
}

async function itemsOf(read: Read, rows: readonly ChangeRow[], now: Date): Promise<ChangeItem[]> {
  if (rows.length === 0) return []
  const seats = await read
    .selectFrom('change_seat')
    .selectAll()
    .where(
      'change_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('seat')
    .execute()
  const names = await namesOf(
    read,
    rows.map((row) => row.author_id),
  )
  return rows.map((row) => ({
    ...headOf(row, stateAt(row.state, row.expires_at, now), names),
    seats: seats
      .filter((seat) => seat.change_id === row.id)
      .map((seat) => ({ id: seat.seat, capacity: seat.capacity, isFilled: seat.is_filled })),
  }))
}
