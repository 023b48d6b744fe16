import { makeAt, makeCredential, makeDated } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { thirdPartyWithoutEnd } from './third-party-without-end.ts'

testRule(thirdPartyWithoutEnd, [
  ['our own', { credential: makeCredential() }, []],
  ['a vendor with a review date', { identity: { isThirdParty: true, reviewAfter: makeAt('2026-12-01') } }, []],
  ['a vendor whose credentials all expire', { identity: { isThirdParty: true }, credential: makeDated({ expires: makeAt('2026-12-01') }) }, []],
  ['a vendor without an end', { identity: { isThirdParty: true }, credential: makeCredential() }, ['fail high'], /third party `ledger`/],
  ['one credential without an end is enough', { identity: { isThirdParty: true, credentials: [makeCredential(), makeDated({ expires: makeAt('2026-12-01') }, { id: 'crd_2' })] } }, ['fail high']],
  ['an installed app', { identity: { kind: 'third-party' } }, ['fail high'], /Neither an end nor a review date/],
  ['outside production it is less urgent', { identity: { isThirdParty: true, isProduction: false } }, ['fail medium']],
  ['a date that cannot be read', { identity: { isThirdParty: true, reviewAfter: { state: 'unreadable', raw: 'spring', reason: 'no date' } } }, ['unknown'], /`spring`/],
  ['suspended already', { identity: { isThirdParty: true, isSuspended: true } }, []],
])
