import { makeAccountability, makeSource, makeUnowned } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { unowned } from './unowned.ts'

testRule(unowned, [
  ['a claimed identity has an owner to ask', {}, []],
  ['a split one is not ownerless', { identity: { accountability: makeAccountability({ state: 'split' }) } }, []],
  ['nothing names an owner', { identity: { accountability: makeUnowned() } }, ['fail high'], /No team answers for `ledger` in `payments`\nNothing that was read names an owner/],
  ['outside production it is less urgent', { identity: { accountability: makeUnowned(), isProduction: false } }, ['fail medium']],
  ['an unknown environment counts as production', { identity: { accountability: makeUnowned(), isProduction: null } }, ['fail high']],
  ['only a person is named', { identity: { accountability: makeUnowned({ reading: 'person', raw: 'Ada Moss' }) } }, ['fail high'], /Only people are named: `Ada Moss`/],
  ['the name means no team', { identity: { accountability: makeUnowned({ reading: 'unresolved', raw: 'Phoenix' }) } }, ['fail high'], /names `Phoenix`, which is no team/],
  ['an approver of the file is no owner', { identity: { accountability: makeUnowned({ via: 'codeowners', raw: '@ada', reading: 'person' }) } }, ['fail high'], /`@ada` only approves/],
  ['an author is no owner', { identity: { accountability: makeUnowned({ via: 'history', raw: 'Ada', reading: 'person' }) } }, ['fail high'], /`Ada` only wrote/],
  ['a mention says that no definition was read', { identity: { accountability: makeUnowned(), source: makeSource({ isDefined: false }) } }, ['fail high'], /only mentioned/],
  ['a default account that nothing uses', { identity: { name: 'default', uses: [], grants: [], accountability: makeUnowned() } }, []],
  ['a namespace without an owner', { scope: { accountability: makeUnowned(), isProduction: false } }, ['fail medium'], /namespace `payments`/],
  ['a namespace with one', { scope: {} }, []],
], 'the state of accountability is always computed')
