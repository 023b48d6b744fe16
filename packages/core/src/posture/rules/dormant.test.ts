import { makeAt, makeCredential, makeDated } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { dormant } from './dormant.ts'

const covered = { usageCoverage: new Map([['kubernetes', { from: new Date('2026-01-01'), to: new Date('2026-08-21') }]]) }
const partly = { usageCoverage: new Map([['kubernetes', { from: new Date('2026-08-01'), to: new Date('2026-08-21') }]]) }
const stale = { usageCoverage: new Map([['kubernetes', { from: new Date('2026-01-01'), to: new Date('2026-08-01') }]]) }
const longAgo = makeDated({ lastUsed: makeAt('2025-08-21') })

testRule(dormant, [
  ['used last week', { credential: makeDated({ lastUsed: makeAt('2026-08-14') }) }, []],
  ['used last week by one of two credentials', { identity: { credentials: [longAgo, makeDated({ lastUsed: makeAt('2026-08-14') }, { id: 'crd_2' })] } }, []],
  ['watched for the whole window and not used', { credential: makeCredential(), estate: covered }, ['fail medium'], /all usage of the last 90 days was watched/],
  ['used long ago, and watched since', { credential: longAgo, estate: covered }, ['fail medium'], /last used on 2025-08-21, 365 days ago/],
  ['outside production it is less urgent', { identity: { isProduction: false }, estate: covered }, ['fail low']],
  ['nothing was watched', { credential: makeCredential() }, ['unknown'], /Usage of kubernetes over the last 90 days was not seen/],
  ['an old last use proves nothing unwatched', { credential: longAgo }, ['unknown'], /last use that its source reports was on 2025-08-21/],
  ['watched for a part of the window', { estate: partly }, ['unknown']],
  ['watched until some weeks ago', { estate: stale }, ['unknown']],
  ['made last week', { identity: { createdAt: '2026-08-14T00:00:00Z' }, estate: covered }, []],
  ['suspended already', { identity: { isSuspended: true }, estate: covered }, []],
])
