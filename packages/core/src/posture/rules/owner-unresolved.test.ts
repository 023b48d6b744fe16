import { makeAccountability, makeClaim, makeTeam, makeUnowned } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { ownerUnresolved } from './owner-unresolved.ts'

const unresolved = { reading: 'unresolved', raw: 'Phoenix', key: 'owner' } as const
const named = { teams: new Map([['tm_payments', makeTeam('tm_payments', { isKnown: false })]]) }

testRule(ownerUnresolved, [
  ['the named team exists', {}, []],
  ['nothing is named', { identity: { accountability: makeUnowned() } }, []],
  ['no group can be meant', { identity: { accountability: makeUnowned(unresolved) } }, ['fail medium'], /matches no known group: `Phoenix`/],
  ['only an address is given', { identity: { accountability: makeUnowned({ reading: 'contact', raw: 'help@lumen.example' }) } }, ['fail medium'], /help@lumen/],
  ['outside production it is less urgent', { identity: { accountability: makeUnowned(unresolved), isProduction: false } }, ['fail low']],
  ['a field for team names holds a name no group has', { identity: {}, estate: named }, ['fail low'], /none of the groups that were read/],
  ['a team that accepted exists, whatever files say', { identity: { accountability: makeAccountability({ state: 'accountable' }) }, estate: named }, []],
  ['no group was read, so no name could be checked', { identity: {}, estate: { ...named, knowsGroups: false } }, ['unknown'], /could not be checked/],
  ['what the namespace says is reported on the namespace', { identity: { accountability: makeUnowned({ ...unresolved, isInherited: true }) } }, []],
  ['a stranger beside a resolved team is a split, not this', { identity: { accountability: makeAccountability({ claims: [makeClaim(), makeClaim({ ...unresolved, team: null })] }) } }, []],
  ['a namespace names nobody known', { scope: { accountability: makeUnowned(unresolved) } }, ['fail medium'], /namespace `payments`/],
  ['a namespace, and no groups read', { scope: { accountability: makeUnowned(unresolved) }, estate: { knowsGroups: false } }, ['unknown']],
])
