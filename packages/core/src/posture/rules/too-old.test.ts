import { makeAt, makeCredential, makeDated } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { tooOld } from './too-old.ts'

const old = makeDated({ rotated: makeAt('2026-03-20') })

testRule(tooOld, [
  ['rotated within the limit', { credential: makeDated({ rotated: makeAt('2026-06-20') }) }, []],
  ['on the last day of the limit', { credential: makeDated({ rotated: makeAt('2026-05-23') }) }, []],
  ['the day after', { credential: makeDated({ rotated: makeAt('2026-05-22') }) }, ['fail medium'], /91 days old/],
  ['rotated too long ago', { credential: old }, ['fail medium'], /last rotated on 2026-03-20; the limit for its class is 90 days/],
  ['never rotated counts from creation', { credential: makeDated({ created: makeAt('2026-03-20') }) }, ['fail medium'], /created on 2026-03-20/],
  ['the later of both counts', { credential: makeDated({ created: makeAt('2026-08-01'), rotated: makeAt('2020-01-02') }) }, []],
  ['far beyond the limit', { credential: makeDated({ rotated: makeAt('2025-01-20') }) }, ['fail high']],
  ['outside production it is less urgent', { credential: old, identity: { isProduction: false } }, ['fail low']],
  ['a certificate may be older', { credential: makeDated({ created: makeAt('2025-08-21') }, { kind: 'certificate' }) }, []],
  ['but not for ever', { credential: makeDated({ created: makeAt('2025-07-01') }, { kind: 'certificate' }) }, ['fail medium'], /398 days/],
  ['the company’s own limit', { credential: old, estate: { limits: { credentialAgeDays: 365, certificateAgeDays: 398, dormantDays: 90 } } }, []],
  ['no date was read', { credential: makeCredential() }, ['unknown'], /Neither its creation nor its last rotation/],
  ['the date cannot be read', { credential: makeDated({ rotated: { state: 'unreadable', raw: '31-02-2026', reason: 'no such day' } }) }, ['unknown'], /`31-02-2026`/],
  ['a creation date that cannot be read', { credential: makeDated({ created: { state: 'unreadable', raw: '?', reason: 'no date' } }) }, ['unknown'], /creation date `\?`/],
  ['a date in the future proves nothing', { credential: makeDated({ rotated: makeAt('2027-01-01') }) }, ['unknown'], /lies in the future/],
  ['nor does it hide an old creation', { credential: makeDated({ rotated: makeAt('2027-01-01'), created: makeAt('2026-03-01') }) }, ['fail medium']],
  ['a placeholder is the finding never-rotated', { credential: makeDated({ rotated: { state: 'never', raw: '01-01-2000' } }) }, []],
  ['nothing stored can age', { credential: makeCredential({ kind: 'federated' }) }, []],
])
