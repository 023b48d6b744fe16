/**
 * What happens to an identity whose acceptance ended: somebody takes over by a day, or it is to be suspended. Who is
 * asked grows over that time; each is asked once. Pure: the clock and who could be asked are passed in.
 */
import { z } from 'zod'

/** In order. `suspend-due` is the end: nothing is suspended by itself, security has it in its queue. */
export const ESCALATION_STEPS = ['team', 'sponsor', 'security', 'reminder', 'suspend-due'] as const
export const EscalationStep = z.enum(ESCALATION_STEPS)
export type EscalationStep = z.infer<typeof EscalationStep>

/**
 * Days until it is to be suspended. What an important function depends on is decided soonest; an environment that nobody
 * knows counts as production. A company sets others with `ONUS_REASSIGN_DAYS`.
 */
export type ReassignDays = { critical: number; production: number; other: number }
export const REASSIGN_DAYS: Readonly<ReassignDays> = { critical: 7, production: 14, other: 30 }
export const MOST_REASSIGN_DAYS = 365
/** Criticalities of a business function that count as critical. */
export const CRITICAL: readonly string[] = ['high', 'critical']

/** When each step is due, as a share of the time from the lapse to the end. */
const SHARES: Record<EscalationStep, number> = {
  team: 0,
  sponsor: 1 / 3,
  security: 2 / 3,
  reminder: 6 / 7,
  'suspend-due': 1,
}
/** Between the reminder and the end, however late the reminder was told: a server that was down asks before it calls. */
const AFTER_REMINDER_MS = 86_400_000

export type Escalating = {
  since: Date
  due: Date
  /** The last step that was taken; null: none yet. */
  last: EscalationStep | null
  /** When it was taken. */
  lastAt: Date | null
}

/**
 * The step after the last one, and when. A step that has nobody to ask is passed over, and the next takes its time; so
 * a chain without anybody ends at security at once. Null after the end.
 */
export function nextStep(
  { since, due, last, lastAt }: Escalating,
  hasAnybody: (step: 'team' | 'sponsor') => boolean,
): { step: EscalationStep; at: Date } | null {
  const rest = ESCALATION_STEPS.slice(last === null ? 0 : ESCALATION_STEPS.indexOf(last) + 1)
  const [first] = rest
  const step = rest.find((each) => (each !== 'team' && each !== 'sponsor') || hasAnybody(each))
  if (first === undefined || step === undefined) return null
  const at = since.getTime() + (due.getTime() - since.getTime()) * SHARES[first]
  const least = step === 'suspend-due' && lastAt !== null ? lastAt.getTime() + AFTER_REMINDER_MS : 0
  return { step, at: new Date(Math.max(at, least)) }
}
