/** Who operates, guards or audits. The power to answer is not given: it follows from a team's acceptance. */
import type { ContentOf } from '../content.ts'
import { guardSeat, refusal } from '../plan.ts'
import type { Named, Plan } from '../plan.ts'

export type PowerFacts = {
  /** The person or live team. */
  holder: Named | null
  /** They hold the power themselves, not through something else. */
  isHeld: boolean
  /** People who would have the power and do not have it now. */
  gains: readonly string[]
  /** Holders that would be left if it ended. */
  othersLeft: number
}

/** A power that a change gave counts for deciding only then: nobody makes a decider and lets them decide at once. */
export const POWER_WAIT_HOURS = 24

export function planPower(content: ContentOf<'power'>, { holder, isHeld, gains, othersLeft }: PowerFacts): Plan {
  const { power, verb } = content
  if (!holder) return refusal('not-found', '`holder` is no person who is here, and no team with a member')
  if ((verb === 'give') === isHeld)
    return refusal('power-not-changed', `${holder.name} ${isHeld ? 'holds' : 'does not hold'} the power to ${power}`)
  if (verb === 'end' && power === 'guard' && othersLeft === 0)
    return refusal('power-not-changed', 'nobody else would hold the power to guard; give it to another first')
  return {
    ok: true,
    summary: `${verb === 'give' ? `Give ${holder.name}` : `Take from ${holder.name}`} the power to ${power}`,
    base: { isHeld },
    diff: [
      {
        field: `power to ${power}`,
        before: verb === 'give' ? null : holder.name,
        after: verb === 'give' ? holder.name : null,
      },
    ],
    seats: [guardSeat('guards who may do what')],
    identities: [],
    guarded: [],
    gains: verb === 'give' ? [...gains] : [],
  }
}
