import { makeGrant, makeSource, makeUse } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { defaultAccountInUse } from './default-account-in-use.ts'

const account = { name: 'default', uses: [] }

testRule(defaultAccountInUse, [
  ['an account of its own', {}, []],
  ['nobody uses it', { identity: account }, []],
  ['a workload runs as it', { identity: { ...account, uses: [makeUse('ledger')] } }, ['fail medium'], /`default` in `payments` is in use\nIt runs `ledger`/],
  ['it is granted something', { identity: { ...account, grants: [makeGrant()] } }, ['fail high'], /It is granted `get secrets`/],
  ['outside production it is less urgent', { identity: { ...account, uses: [makeUse('ledger')], isProduction: false } }, ['fail low']],
  ['a user of another system who is called so', { identity: { ...account, uses: [makeUse('ledger')], source: makeSource({ system: 'aws' }) } }, []],
], 'a use or a grant that was not seen makes no finding, and the account exists in every namespace')
