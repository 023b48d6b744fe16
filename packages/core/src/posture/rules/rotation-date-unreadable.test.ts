import { makeAt, makeDated } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { rotationDateUnreadable } from './rotation-date-unreadable.ts'

const odd = makeDated({ rotated: { state: 'unreadable', raw: '31-02-2026', reason: 'there is no such day' } })

testRule(rotationDateUnreadable, [
  ['a date', { credential: makeDated({ rotated: makeAt('2026-08-01') }) }, []],
  ['no date at all is a missing fact, not an unreadable one', { credential: makeDated({}) }, []],
  ['a day that does not exist', { credential: odd }, ['fail medium'], /cannot be read\n`31-02-2026`: there is no such day/],
  ['outside production it is less urgent', { credential: odd, identity: { isProduction: false } }, ['fail low']],
  ['switched off', { credential: { ...odd, isActive: false } }, []],
], 'a text is readable or it is not')
