import { makeUse } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { manyWorkloads } from './many-workloads.ts'

testRule(manyWorkloads, [
  ['one workload', {}, []],
  ['an application with its jobs is one', { identity: { uses: ['ledger', 'ledger-migrate', 'ledger-cleanup', 'ledger_report'].map((name) => makeUse(name)) } }, []],
  ['its kind does not make it another application', { identity: { uses: ['deployment/ledger', 'cronjob/ledger-cleanup', 'job/ledger-migrate'].map((name) => makeUse(name)) } }, []],
  ['two applications may be one by another name', { identity: { uses: [makeUse('ledger'), makeUse('books')] } }, []],
  ['three applications', { identity: { uses: [makeUse('ledger'), makeUse('refunds'), makeUse('invoices')] } }, ['fail medium'], /3 applications share `ledger`/],
  ['two namespaces', { identity: { uses: [makeUse('ledger'), makeUse('ledger', { namespace: 'billing' })] } }, ['fail medium'], /in 2 namespaces/],
  ['outside production it is less urgent', { identity: { isProduction: false, uses: [makeUse('a'), makeUse('b'), makeUse('c')] } }, ['fail low']],
  ['the default account has a rule of its own', { identity: { name: 'default', uses: [makeUse('a'), makeUse('b'), makeUse('c')] } }, []],
  ['a workflow is made to be called by many', { identity: { uses: [makeUse('a', { kind: 'workflow' }), makeUse('ledger')] } }, []],
  ['no user was seen', { identity: { uses: [] } }, ['unknown'], /which workloads use it/],
])
