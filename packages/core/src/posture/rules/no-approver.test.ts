import { makeQuestions } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { noApprover } from './no-approver.ts'

testRule(noApprover, [
  ['somebody approves', {}, []],
  ['nobody is shown to', { identity: { questions: makeQuestions('approver') } }, ['fail low'], /Nobody is shown to approve changes of `ledger`/],
  ['a default account that nothing uses', { identity: { name: 'default', uses: [], grants: [], questions: makeQuestions('approver') } }, []],
  ['nothing was read that could show it', { identity: { questions: makeQuestions('approver') }, estate: { knowsGroups: false } }, ['unknown'], /No CODEOWNERS file/],
])
