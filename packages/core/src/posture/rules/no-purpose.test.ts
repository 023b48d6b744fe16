import { makeSource } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { noPurpose } from './no-purpose.ts'

testRule(noPurpose, [
  ['a purpose is stated', {}, []],
  ['a pipeline says it by its steps', { identity: { purpose: null, kind: 'ci-workload' } }, []],
  ['none is', { identity: { purpose: null } }, ['fail low'], /Nothing says why `ledger` in `payments` exists/],
  ['a default account that nothing uses', { identity: { name: 'default', uses: [], grants: [], purpose: null } }, []],
  ['its definition was not read', { identity: { purpose: null, source: makeSource({ isDefined: false }) } }, ['unknown'], /only mentioned/],
])
