import { makeScope, makeSource } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { environmentUnknown } from './environment-unknown.ts'

const open = { environment: null, isProduction: null }

testRule(environmentUnknown, [
  ['known', {}, []],
  ['a cloud role of no environment', { identity: { ...open, namespace: null } }, ['fail low'], /environment of `ledger` is not known/],
  ['inside a namespace the gap is the namespace’s', { identity: open }, []],
  ['a pipeline serves several', { identity: { ...open, namespace: null, kind: 'ci-workload' } }, []],
  ['its definition was not read', { identity: { ...open, namespace: null, source: makeSource({ isDefined: false }) } }, ['unknown']],
  ['a namespace of no environment', { scope: open }, ['fail low'], /namespace `payments`/],
  ['a namespace that is only mentioned', { scope: { ...open, source: { ...makeScope().source, isDefined: false } } }, ['unknown']],
  ['a repository serves several', { scope: { ...open, kind: 'repository' } }, []],
])
