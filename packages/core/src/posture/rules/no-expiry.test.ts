import { makeAt, makeCredential, makeDated } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { noExpiry } from './no-expiry.ts'

testRule(noExpiry, [
  ['it ends', { credential: makeDated({ expires: makeAt('2026-10-01') }) }, []],
  ['it ended', { credential: makeDated({ expires: makeAt('2020-10-01') }) }, []],
  ['an end in fifty years is none', { credential: makeDated({ expires: makeAt('2076-10-01') }) }, ['fail medium'], /more than five years ahead/],
  ['its kind has no end', { credential: makeCredential({ kind: 'ssh-key' }) }, ['fail medium'], /ssh-key `main` of `ledger` in `payments` never expires/],
  ['its source says that it has none', { credential: makeCredential({ kind: 'service-account-token', neverExpires: true }) }, ['fail medium'], /Its source says/],
  ['outside production it is less urgent', { credential: makeCredential({ kind: 'ssh-key' }), identity: { isProduction: false } }, ['fail low']],
  ['not visible is not the same as none', { credential: makeCredential({ kind: 'client-secret' }) }, ['unknown'], /not in what was read/],
  ['an end that cannot be read', { credential: makeDated({ expires: { state: 'unreadable', raw: 'soon', reason: 'no date' } }, { kind: 'client-secret' }) }, ['unknown'], /`soon` could not be read/],
  ['the source says that its kind ends, after all', { credential: makeCredential({ kind: 'service-account-key', neverExpires: false }) }, ['unknown']],
  ['nothing stored can last', { credential: makeCredential({ kind: 'federated' }) }, []],
  ['switched off', { credential: makeCredential({ isActive: false }) }, []],
  ['its identity is suspended', { credential: makeCredential(), identity: { isSuspended: true } }, []],
])
