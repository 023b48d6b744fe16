import { makeAccountability, makeUnowned } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { ownerAmbiguous } from './owner-ambiguous.ts'

const either = { reading: 'ambiguous', raw: 'core', key: 'team', candidates: ['tm_payments', 'tm_billing'] } as const
const ambiguous = { ...makeUnowned({ ...either, candidates: [...either.candidates] }), state: 'split' as const }

testRule(ownerAmbiguous, [
  ['the name means one team', {}, []],
  ['two groups could be meant', { identity: { accountability: ambiguous } }, ['fail medium'], /several groups: `payments`, `billing`\n`core` \(`team`\) fits/],
  ['outside production it is less urgent', { identity: { accountability: ambiguous, isProduction: false } }, ['fail low']],
  ['another claim decides', { identity: { accountability: makeAccountability({ claims: ambiguous.claims }) } }, []],
  ['what the namespace says is reported on the namespace', { identity: { accountability: { ...ambiguous, claims: ambiguous.claims.map((claim) => ({ ...claim, isInherited: true })) } } }, []],
  ['a candidate that is no longer listed keeps its id', { identity: { accountability: ambiguous }, estate: { teams: new Map() } }, ['fail medium'], /`tm_payments`/],
  ['a namespace', { scope: { accountability: ambiguous } }, ['fail medium'], /namespace `payments`/],
], 'a name is ambiguous only where the groups are known')
