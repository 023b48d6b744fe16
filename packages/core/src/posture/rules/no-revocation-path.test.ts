import { makeCredential, makeQuestions } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { noRevocationPath } from './no-revocation-path.ts'

const questions = makeQuestions('revocation')

testRule(noRevocationPath, [
  ['a path is stated', { credential: makeCredential() }, []],
  ['none is, and there is something to take back', { credential: makeCredential(), identity: { questions } }, ['fail medium'], /Nothing says how `ledger`/],
  ['outside production it is less urgent', { credential: makeCredential(), identity: { questions, isProduction: false } }, ['fail low']],
  ['nothing stored, nothing to take back', { credential: makeCredential({ kind: 'federated' }), identity: { questions } }, []],
  ['what is switched off already', { credential: makeCredential({ isActive: false }), identity: { questions } }, []],
], 'a path that nobody states is the finding')
