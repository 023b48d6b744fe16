/** A deviation from one rule by one identity, for a time, with what is done instead. */
import { EXCEPTION_DAYS } from '../content.ts'
import type { ContentOf } from '../content.ts'
import { answerSeat, daysBetween, guardSeat, mergeSeats, refusal } from '../plan.ts'
import type { Named, Plan, TeamFacts } from '../plan.ts'
import { notAccountable } from './subject.ts'

export type ExceptionFacts = {
  subject: (Named & { owner: TeamFacts | null }) | null
  rule: { kind: 'rule' | 'guardrail'; title: string } | null
  /** The end of the exception that runs now. */
  runningUntil: string | null
  /** Everybody who wrote it belongs to the team that answers. */
  isByOwner: boolean
  now: Date
}

export function planException(content: ContentOf<'exception'>, facts: ExceptionFacts): Plan {
  const { subject, rule, now } = facts
  if (!subject) return refusal('not-found', `no identity has the id \`${content.identity}\``)
  if (!rule) return refusal('not-found', `no rule and no guardrail is called \`${content.rule}\``)
  if (!subject.owner) return notAccountable(subject)
  const days = daysBetween(now, content.until)
  if (days <= 0 || days > EXCEPTION_DAYS)
    return refusal('end-out-of-range', `an exception ends, within ${EXCEPTION_DAYS} days from now`)
  if (facts.runningUntil === content.until) return refusal('nothing-changes', 'an exception with this end runs already')
  return {
    ok: true,
    summary: `Except ${subject.name} from ${content.rule} until ${content.until.slice(0, 10)}`,
    base: { rule: rule.kind, team: subject.owner.id, runningUntil: facts.runningUntil },
    diff: [
      {
        field: `exception from ${content.rule}`,
        before: facts.runningUntil && `until ${facts.runningUntil.slice(0, 10)}`,
        after: `until ${content.until.slice(0, 10)}`,
      },
      { field: 'instead', before: null, after: content.control },
    ],
    seats: mergeSeats([
      guardSeat(`guards the ${rule.kind} \`${content.rule}\``),
      ...(facts.isByOwner ? [] : [answerSeat(subject.owner, `answers for \`${subject.name}\``)]),
    ]),
    identities: [{ id: subject.id, name: subject.name }],
    guarded: [],
    gains: [],
  }
}
