/**
 * What a change would do, who must approve it and in which capacity. One file a kind, each a pure function from facts to
 * a plan; a preview is the same plan, not applied.
 */
import type { JsonObject } from '../ledger/canonical-json.ts'
import type { Guarded } from './guarded.ts'

export type Capacity = 'answer' | 'sponsor' | 'guard' | 'operate'
export type Named = { id: string; name: string }
export type TeamFacts = Named & { kind: 'business' | 'platform' | 'security' }
/** A place at the table. Its id is the same in every plan that has it: `answer:tm_…`, `sponsor:per_…`, `guard`. */
export type SeatPlan = { id: string; capacity: Capacity; team: TeamFacts | null; person: Named | null; why: string }
/** One line of what changes, in words; null: it is not there before, or after. */
export type DiffLine = { field: string; before: string | null; after: string | null }

export const PLAN_REFUSALS = [
  'not-found',
  'not-accountable',
  'nothing-changes',
  'sponsor-missing',
  'end-missing',
  'end-out-of-range',
  'team-cannot-answer',
  'guardrail-not-valid',
  'power-not-changed',
  'not-for-emergencies',
] as const
export type PlanRefusal = (typeof PLAN_REFUSALS)[number]

export type Plan =
  | {
      ok: true
      /** What it is, in one line. */
      summary: string
      /** What it was written against. */
      base: JsonObject
      diff: DiffLine[]
      seats: SeatPlan[]
      /** Identities it is about. */
      identities: Named[]
      /** What guardrails look at. */
      guarded: Guarded[]
      /** People who would gain by it; none of them decides on it. */
      gains: string[]
    }
  | { ok: false; code: PlanRefusal; reason: string }

export const refusal = (code: PlanRefusal, reason: string): Plan => ({ ok: false, code, reason })

export const answerSeat = (team: TeamFacts, why: string): SeatPlan => ({
  id: `answer:${team.id}`,
  capacity: 'answer',
  team,
  person: null,
  why,
})
export const sponsorSeat = (person: Named, why: string): SeatPlan => ({
  id: `sponsor:${person.id}`,
  capacity: 'sponsor',
  team: null,
  person,
  why,
})
export const guardSeat = (why: string): SeatPlan => ({
  id: 'guard',
  capacity: 'guard',
  team: null,
  person: null,
  why,
})

/** Each seat once, with every reason for it. */
export function mergeSeats(seats: readonly SeatPlan[]): SeatPlan[] {
  const merged = new Map<string, SeatPlan>()
  for (const seat of seats) {
    const known = merged.get(seat.id)
    if (!known) merged.set(seat.id, seat)
    else if (!known.why.includes(seat.why)) merged.set(seat.id, { ...known, why: `${known.why}; ${seat.why}` })
  }
  return [...merged.values()]
}

const DAY_MS = 86_400_000
export function daysBetween(from: Date, to: string): number {
  return (Date.parse(to) - from.getTime()) / DAY_MS
}
