import { makeAt, makeDated } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { rotationInFuture } from './rotation-in-future.ts'

testRule(rotationInFuture, [
  ['in the past', { credential: makeDated({ rotated: makeAt('2026-08-01') }) }, []],
  ['tomorrow may be today elsewhere', { credential: makeDated({ rotated: makeAt('2026-08-22') }) }, []],
  ['next year', { credential: makeDated({ rotated: makeAt('2027-08-21') }) }, ['fail low'], /`2027-08-21` is 365 days ahead/],
  ['no date', { credential: makeDated({}) }, []],
  ['switched off', { credential: makeDated({ rotated: makeAt('2027-08-21') }, { isActive: false }) }, []],
], 'a known date is before or after the date of the question')
