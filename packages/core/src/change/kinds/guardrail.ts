/** A limit that no owner exceeds: a new one, another text, another stage, or none any more. */
import type { ContentOf } from '../content.ts'
import { daysBetween, guardSeat, refusal } from '../plan.ts'
import type { Plan } from '../plan.ts'

export type GuardrailVersion = {
  version: number
  text: string | null
  stage: 'off' | 'warn' | 'enforce'
  graceUntil: string | null
}
export type GuardrailFacts = {
  current: GuardrailVersion | null
  /** What is wrong with the text; null: nothing, or there is no text. */
  fault: string | null
  now: Date
}

/** A limit that is loosened goes on holding for a day: nobody lowers it for an hour, passes, and raises it again. */
export const LOOSENING_HOURS = 24

/** True when something may pass after the change that did not pass before. Another text may be looser, so it counts. */
export function isLoosening(before: GuardrailVersion | null, content: ContentOf<'guardrail'>, now: Date): boolean {
  if (!before || before.stage !== 'enforce' || before.text === null) return false
  return (
    content.stage !== 'enforce' ||
    content.text !== before.text ||
    (content.graceUntil !== null && daysBetween(now, content.graceUntil) > 0)
  )
}

export function planGuardrail(content: ContentOf<'guardrail'>, { current, fault, now }: GuardrailFacts): Plan {
  const known = current?.text == null ? null : current
  if (fault !== null) return refusal('guardrail-not-valid', fault)
  if (content.text === null && !known) return refusal('not-found', `no guardrail is called \`${content.id}\``)
  if (content.graceUntil !== null && content.stage !== 'enforce')
    return refusal('end-out-of-range', 'a grace period is for a guardrail that is enforced')
  if (known && known.text === content.text && known.stage === content.stage && known.graceUntil === content.graceUntil)
    return refusal('nothing-changes', 'the guardrail is like this already')
  const stageOf = (stage: string, grace: string | null): string =>
    grace ? `${stage} from ${grace.slice(0, 10)} on` : stage
  const after = content.text === null ? null : stageOf(content.stage, content.graceUntil)
  return {
    ok: true,
    summary: `${content.text === null ? 'Retire' : known ? 'Change' : 'Set'} the guardrail ${content.id}`,
    base: {
      version: current?.version ?? 0,
      text: known?.text ?? null,
      stage: known?.stage ?? null,
      graceUntil: known?.graceUntil ?? null,
    },
    diff: [
      { field: 'stage', before: known ? stageOf(known.stage, known.graceUntil) : null, after },
      ...(known?.text === content.text ? [] : [{ field: 'text', before: known?.text ?? null, after: content.text }]),
      ...(isLoosening(current, content, now)
        ? [{ field: 'holds on', before: null, after: `as it was, for ${LOOSENING_HOURS} hours after the decision` }]
        : []),
    ],
    seats: [guardSeat('guards the limits')],
    identities: [],
    guarded: [],
    gains: [],
  }
}
