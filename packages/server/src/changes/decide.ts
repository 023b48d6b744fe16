/**
 * Approving and rejecting. The last approval applies the change in its own transaction: everything that was true when it
 * was read is asked again there, with the rows locked, and nothing that changed meanwhile is overlooked.
 */
import { canMove, stateAt } from '@onus/core/change/state.ts'
import type { Move } from '@onus/core/change/state.ts'
import type { SeatPlan } from '@onus/core/change/plan.ts'
import type { JsonObject } from '@onus/core/ledger/canonical-json.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'
import { append } from '../ledger/index.ts'
import type { NewEntry } from '../ledger/index.ts'
import { notify } from '../notifications/notices.ts'
import { paceOf } from '../accountability/pace.ts'
import { authorize } from '../powers/index.ts'
import { doerOf } from '../sessions/index.ts'
import type { Actor } from '../sessions/index.ts'
import { assess, closing, seatVerdict, standingApprovals } from './assess.ts'
import type { Assessed, Sitting } from './assess.ts'
import { keepForAnswer } from './kept-assessment.ts'
import { decided } from './notices.ts'
import { humanAmong, peopleNow } from './people.ts'
import type { PersonNow } from './people.ts'
import * as store from './store.ts'
import type { ChangeRow, DecisionRow } from './store.ts'

export type DecideAsk = {
  digest: string
  seat?: string | undefined
  reason?: string | undefined
  /** Where the person said it, when it was not here; for the ledger. */
  source?: JsonObject
}

/** Throws `Refused` (`not-open`) unless the move is one of the state in which the change is now. */
export function checkMove(move: Move, row: ChangeRow, now: Date): void {
  const state = stateAt(row.state, row.expires_at, now)
  if (!canMove(move, state)) throw new Refused('not-open', `the change is ${state}`)
}

/** The change in the world of now, locked. Throws `Refused`: `not-found`, `not-open`, `content-changed`. */
async function open(tx: Tx, actor: Actor, id: string, digest: string, move: Move, now: Date): Promise<ChangeRow> {
  const row = await store.lockChange(tx, id)
  checkMove(move, row, now)
  if (row.digest !== digest)
    throw new Refused('content-changed', 'read the change again: it is not what you decided on', [
      { field: 'digest', reason: `is not ${row.digest}` },
    ])
  await store.lockWorld(tx, row.content, doerOf(actor), now)
  return row
}

/** Throws `Refused`: `world-moved`, `change-not-possible`. */
async function reassess(tx: Tx, row: ChangeRow, now: Date): Promise<Assessed> {
  const authors = await store.authorsOfChange(tx, row.id)
  const assessed = await assess(tx, { content: row.content, isEmergency: row.is_emergency, authors }, now)
  if (!assessed.ok)
    throw new Refused('change-not-possible', assessed.reason, [{ field: assessed.code, reason: assessed.reason }])
  if (assessed.digest !== row.digest)
    throw new Refused('world-moved', 'what it was written against is not so any more; an author edits it')
  return assessed
}

type Table = { filled: Map<string, PersonNow>; lapsed: DecisionRow[]; me: PersonNow }

/** Who sits where now, and approvals that do not count any more. */
async function table(tx: Tx, row: ChangeRow, assessed: Sitting, actor: Actor, now: Date): Promise<Table> {
  const given = (await store.decisionsOf(tx, row.id)).filter(
    (each) => each.voided_at === null && each.digest === row.digest,
  )
  const people = await peopleNow(tx, [actor.id, ...given.map(({ person_id: id }) => id)], now)
  const me = people.get(actor.id)
  if (!me)
    throw new Refused('forbidden', 'only people who are here decide', [{ field: 'rule', reason: 'decided-by-people' }])
  const filled = standingApprovals(
    row,
    assessed,
    given.map((each) => ({ seat: each.seat, person: each.person_id })),
    people,
  )
  const lapsed = given.filter((each) => filled.get(each.seat)?.actor.id !== each.person_id)
  return { filled, lapsed, me }
}

/** The seat that is asked for, or the first that they may fill. Throws `Refused` (`forbidden`) with the rule. */
function chooseSeat(
  row: ChangeRow,
  assessed: Sitting,
  { filled, me }: Table,
  wanted: string | undefined,
  isToFill: boolean,
): SeatPlan {
  const seats = assessed.seats.filter(({ id }) => wanted === undefined || id === wanted)
  if (seats.length === 0)
    throw new Refused('invalid-request', 'the change has no such seat', [
      { field: 'seat', reason: 'is none of its seats' },
    ])
  const free = isToFill ? seats.filter(({ id }) => !filled.has(id)) : seats
  const verdicts = free.map((seat) => {
    const others = [...filled].filter(([id]) => id !== seat.id).map(([, person]) => person)
    return { seat, verdict: seatVerdict(row, assessed, seat, me, others) }
  })
  const mine = verdicts.find(({ verdict }) => verdict.isAllowed)
  if (mine) return mine.seat
  const denials = verdicts.flatMap(({ verdict }) => (verdict.isAllowed ? [] : [verdict]))
  // A rule that forbids says more than a place that is another's.
  const denial = denials.find(({ rule }) => !rule.startsWith('decide-as-')) ?? denials[0]
  if (!denial) throw new Refused('already-decided', 'this seat is filled')
  throw new Refused('forbidden', `the rule \`${denial.rule}\` asks for ${denial.who}`, [
    { field: 'rule', reason: denial.rule },
  ])
}

/** A token never sits at the table; the policies say so, and name who could. */
function checkIsPerson(actor: Actor, row: ChangeRow): void {
  if (actor.kind === 'person') return
  authorize(actor, actor.id, {
    action: 'approveChange',
    resource: { kind: 'change', id: row.id, change: row.kind, humans: [] },
    seat: { capacity: 'answer', team: null, person: null },
  })
}

async function keep(
  tx: Tx,
  row: ChangeRow,
  seat: SeatPlan,
  verdict: 'approve' | 'reject',
  me: PersonNow,
  excluded: ReadonlySet<string>,
  now: Date,
): Promise<void> {
  // Among those who did not write it, the address stands for the person; an account without one stands for itself.
  const human = me.humans.find((name) => name.includes('@')) ?? humanAmong(me, excluded)
  await tx
    .insertInto('change_decision')
    .values({
      id: newId('dec'),
      change_id: row.id,
      digest: row.digest,
      seat: seat.id,
      verdict,
      person_id: me.actor.id,
      human,
      at: now,
      voided_at: null,
    })
    .execute()
}

const subjectOf = (row: ChangeRow): NewEntry['subject'] => ({ kind: 'change', id: row.id })
const reasonOf = (reason: string | undefined, about: string): Pick<NewEntry, 'personal'> =>
  reason === undefined ? {} : { personal: { reason: { value: reason, about } } }

/**
 * Approves exactly the content of `digest`. Throws `Refused`: `not-found`, `not-open`, `content-changed`, `world-moved`,
 * `change-not-possible`, `guardrail-exceeded`, `forbidden` (with the rule), `already-decided`, `busy`.
 */
export async function approve(ctx: Context, tx: Tx, actor: Actor, id: string, ask: DecideAsk): Promise<void> {
  const now = ctx.clock()
  const row = await open(tx, actor, id, ask.digest, 'approve', now)
  checkIsPerson(actor, row)
  const assessed = await reassess(tx, row, now)
  const seating = await table(tx, row, assessed, actor, now)
  const { filled, lapsed, me } = seating
  if ([...filled.values()].some((each) => each.actor.id === me.actor.id))
    throw new Refused('already-decided', 'you approved it')
  const seat = chooseSeat(row, assessed, seating, ask.seat, true)
  const [against] = assessed.blocked
  if (against)
    throw new Refused(
      'guardrail-exceeded',
      `${against.reason}; it needs an exception or another content`,
      assessed.blocked.map(({ code, reason }) => ({ field: code, reason })),
    )
  await store.voidDecisions(
    tx,
    lapsed.map((each) => each.id),
    now,
  )
  await keep(tx, row, seat, 'approve', me, assessed.excluded, now)
  filled.set(seat.id, me)
  await store.markSeats(tx, row.id, assessed.seats, [...filled.keys()])
  const pace = {
    ...(await paceOf(tx, actor.id, now, assessed.identities)),
    openSeconds: Math.max(0, Math.round((now.getTime() - row.changed_at.getTime()) / 1_000)),
  }
  const by = doerOf(actor)
  const told = { actor: by, capacity: seat.capacity, subject: subjectOf(row), change: row.id, digest: row.digest }
  await append(
    tx,
    [
      ...lapsed.map((each): NewEntry => ({
        ...told,
        action: 'change.approval-lapse',
        before: { seat: each.seat, person: each.person_id },
      })),
      {
        ...told,
        action: 'change.approve',
        after: { seat: seat.id, revision: row.revision, pace, ...(ask.source ? { source: ask.source } : {}) },
        ...reasonOf(ask.reason, actor.id),
      },
    ],
    now,
  )
  if (assessed.seats.every((each) => filled.has(each.id)))
    await applyChange(ctx, tx, row, assessed, filled, { by, capacity: seat.capacity }, now)
  else keepForAnswer(tx, row, assessed)
}

async function applyChange(
  ctx: Context,
  tx: Tx,
  row: ChangeRow,
  assessed: Assessed,
  filled: ReadonlyMap<string, PersonNow>,
  { by, capacity }: { by: { kind: 'person' | 'token'; id: string }; capacity: NewEntry['capacity'] },
  now: Date,
): Promise<void> {
  const deciders = new Map([...filled].map(([seat, person]) => [seat, person.actor.id]))
  await append(
    tx,
    [
      {
        action: row.is_emergency ? 'break-glass.use' : 'change.apply',
        actor: by,
        capacity,
        subject: subjectOf(row),
        change: row.id,
        digest: row.digest,
        before: row.base,
        after: {
          kind: row.kind,
          approvals: Object.fromEntries(deciders),
          guardrails: assessed.verdicts
            .slice(0, 100)
            .map(({ rule, version, outcome, identity }) => `${rule}@${version} ${outcome} ${identity.id}`),
        },
      },
    ],
    now,
  )
  await assessed.apply({ ctx, tx, now, change: row.id, digest: row.digest, by, capacity, deciders })
  await store.closeChange(tx, row.id, 'applied', by, now, assessed.kept)
  await notify(tx, decided(row, 'applied', await store.authorsOfChange(tx, row.id), by.id), now)
}

/**
 * Rejects it, in a capacity in which one could approve it; one that can be applied no more, in one in which one could when
 * it was written, or as security. Throws `Refused` like `approve`.
 */
export async function reject(ctx: Context, tx: Tx, actor: Actor, id: string, ask: DecideAsk): Promise<void> {
  const now = ctx.clock()
  const row = await open(tx, actor, id, ask.digest, 'reject', now)
  checkIsPerson(actor, row)
  // What cannot be applied any more can still be rejected by whoever could have approved it.
  const authors = await store.authorsOfChange(tx, row.id)
  const assessed = await assess(tx, { content: row.content, isEmergency: row.is_emergency, authors }, now)
  const sitting = assessed.ok ? assessed : await closing(tx, row.plan.seats, authors)
  const seating = await table(tx, row, sitting, actor, now)
  // Their own approval does not stand in their way.
  for (const [seat, person] of seating.filled) if (person.actor.id === actor.id) seating.filled.delete(seat)
  const seat = chooseSeat(row, sitting, seating, ask.seat, false)
  const given = (await store.decisionsOf(tx, row.id)).filter((each) => each.voided_at === null)
  await store.voidDecisions(
    tx,
    given
      .filter((each) => each.person_id === actor.id || seating.me.humans.includes(each.human))
      .map((each) => each.id),
    now,
  )
  await keep(tx, row, seat, 'reject', seating.me, sitting.excluded, now)
  await store.closeChange(tx, row.id, 'rejected', doerOf(actor), now)
  await notify(tx, decided(row, 'rejected', authors, actor.id), now)
  await append(
    tx,
    [
      {
        action: 'change.reject',
        actor: doerOf(actor),
        capacity: seat.capacity,
        subject: subjectOf(row),
        change: row.id,
        digest: row.digest,
        after: { seat: seat.id, ...(assessed.ok ? {} : { notPossible: assessed.code }) },
        ...reasonOf(ask.reason, actor.id),
      },
    ],
    now,
  )
}
