import { makeAt } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { reviewOverdue } from './review-overdue.ts'

const due = makeAt('2026-07-01')

testRule(reviewOverdue, [
  ['a review is due later', { scope: { reviewAfter: makeAt('2026-12-01') } }, []],
  ['today is not late', { scope: { reviewAfter: makeAt('2026-08-21') } }, []],
  ['a namespace is late', { scope: { reviewAfter: due } }, ['fail medium'], /namespace `payments` is overdue by 51 days\nIt was due on 2026-07-01/],
  ['a year late', { scope: { reviewAfter: makeAt('2025-07-01') } }, ['fail high']],
  ['outside production it is less urgent', { scope: { reviewAfter: due, isProduction: false } }, ['fail low']],
  ['a placeholder plans no review', { scope: { reviewAfter: { state: 'never', raw: '9999-12-31' } } }, ['fail medium'], /placeholder/],
  ['nothing says when', { scope: { reviewAfter: { state: 'unknown' } } }, ['unknown'], /when its next review is due/],
  ['a date that cannot be read', { scope: { reviewAfter: { state: 'unreadable', raw: 'spring', reason: 'no date' } } }, ['unknown'], /`spring`/],
  ['what the namespace says is reported on the namespace', { identity: { reviewAfter: due } }, []],
  ['a date of its own is its own', { identity: { reviewAfter: due, tags: { 'review-after': '2026-07-01' } } }, ['fail medium'], /review of `ledger`/],
  ['a cloud role has no namespace to speak for it', { identity: { reviewAfter: due, namespace: null } }, ['fail medium']],
])
