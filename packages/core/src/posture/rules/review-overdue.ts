import { daysBetween } from '../../time.ts'
import type { KnownDate } from '../../identity.ts'
import type { Place } from '../../place.ts'
import { FINE, type Estate, type IdentityRule, type Judgement } from '../rule.ts'
import { inPlace, raised } from '../severity.ts'
import { day, days, nameOf, nameOfScope, placeOf, quote } from '../wording.ts'

/** A year late is no delay: nobody reviews it any more. */
const ABANDONED_AFTER_DAYS = 365

/** Medium; one step worse after a year. */
export const reviewOverdue: IdentityRule = {
  id: 'review-overdue',
  about: 'identity',
  title: 'Its review is overdue',
  severity: 'medium',
  needs: ['when its next review is due'],
  fix: 'Review whether it is still needed, and write the date of the next review.',
  maps: { owaspNhi: ['NHI1:2025'], csf: ['PR.AA-05', 'ID.AM-08'] },
  judge: (identity, estate) => {
    // Inside a namespace the date is the namespace's and is reported there, unless the identity states one of its own.
    if (identity.namespace !== null && !statesOwn(identity.reviewAfter, identity.tags)) return FINE
    return judgement(identity.reviewAfter, identity, estate, placeOf(identity), () => nameOf(identity))
  },
  judgeScope: (scope, estate) => judgement(scope.reviewAfter, scope, estate, placeOf(scope), () => nameOfScope(scope)),
}

function statesOwn(date: KnownDate, tags: Readonly<Record<string, string>>): boolean {
  if (date.state === 'unknown') return false
  for (const key in tags) if (tags[key] === date.raw) return true
  return false
}

function judgement(
  due: KnownDate,
  subject: { isProduction: boolean | null },
  estate: Estate,
  place: Place,
  name: () => string,
): readonly Judgement[] {
  if (due.state === 'at') {
    const late = daysBetween(due.at, estate.asOf)
    if (late <= 0) return FINE
    return [
      {
        verdict: 'fail',
        title: `The review of ${name()} is overdue by ${days(late)}`,
        detail: `It was due on ${day(due.at)} (${quote(due.raw)}).`,
        evidence: [place],
        severity: inPlace(late > ABANDONED_AFTER_DAYS ? raised('medium') : 'medium', subject),
      },
    ]
  }
  if (due.state === 'never') {
    const detail = `Its review date is ${quote(due.raw)}, a placeholder: no review is planned.`
    const severity = inPlace('medium', subject)
    return [{ verdict: 'fail', title: `No review of ${name()} is planned`, detail, evidence: [place], severity }]
  }
  const missing =
    due.state === 'unreadable'
      ? `Its review date ${quote(due.raw)} could not be read: ${due.reason}.`
      : 'Nothing that was read says when its next review is due.'
  return [
    {
      verdict: 'unknown',
      title: `Whether the review of ${name()} is overdue is not known`,
      missing,
      evidence: [place],
    },
  ]
}
