import { makeAt, makeDated } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { neverRotated } from './never-rotated.ts'

const placeholder = makeDated({ rotated: { state: 'never', raw: '1 January 2000' } })

testRule(neverRotated, [
  ['rotated once', { credential: makeDated({ created: makeAt('2020-01-02'), rotated: makeAt('2024-01-02') }) }, []],
  ['the placeholder says never', { credential: placeholder }, ['fail high'], /`1 January 2000`, a placeholder that means never/],
  ['outside production it is less urgent', { credential: placeholder, identity: { isProduction: false } }, ['fail medium']],
  ['made years ago and no rotation known', { credential: makeDated({ created: makeAt('2024-01-02') }) }, ['fail high'], /created on 2024-01-02, 962 days ago/],
  ['the date of rotation is that of creation', { credential: makeDated({ created: makeAt('2024-01-02'), rotated: makeAt('2024-01-02') }) }, ['fail high']],
  ['made this year', { credential: makeDated({ created: makeAt('2026-01-02') }) }, []],
  ['a date that cannot be read', { credential: makeDated({ rotated: { state: 'unreadable', raw: 'Q?', reason: 'no date' } }) }, ['unknown'], /`Q\?`/],
  ['without any date too-old says what is missing', { credential: makeDated({}) }, []],
  ['switched off', { credential: { ...placeholder, isActive: false } }, []],
])
