import { makeScope, makeSource } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { noFunction } from './no-function.ts'

testRule(noFunction, [
  ['a function is stated', {}, []],
  ['inside a namespace the gap is the namespace’s', { identity: { function: null } }, []],
  ['a cloud role serves nothing that is named', { identity: { function: null, service: null, namespace: null } }, ['fail medium'], /Neither a tag nor a catalog entry/],
  ['its service is known, but not what that is for', { identity: { function: null, namespace: null } }, ['fail medium'], /Its service is known/],
  ['outside production it is less urgent', { identity: { function: null, namespace: null, isProduction: false } }, ['fail low']],
  ['its definition was not read', { identity: { function: null, namespace: null, source: makeSource({ isDefined: false }) } }, ['unknown']],
  ['a namespace serves nothing that is named', { scope: { function: null } }, ['fail medium'], /3 machine identities/],
  ['a namespace that is only mentioned', { scope: { function: null, source: { ...makeScope().source, isDefined: false } } }, ['unknown']],
  ['a repository holds many functions', { scope: { function: null, kind: 'repository' } }, []],
])
