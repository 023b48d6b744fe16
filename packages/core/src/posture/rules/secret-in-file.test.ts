import { makeCredential } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { secretInFile } from './secret-in-file.ts'

const written = makeCredential({ kind: 'api-key', kept: [{ kind: 'file', name: 'kong.yaml' }] })

testRule(secretInFile, [
  ['kept in a secret manager', { credential: makeCredential({ kept: [{ kind: 'secret-manager', name: 'kv/ledger' }] }) }, []],
  ['written into a file', { credential: written }, ['fail critical'], /api-key `main` of `ledger` in `payments` is written into a file\nIt stands in `kong\.yaml`/],
  ['outside production it is less urgent', { credential: written, identity: { isProduction: false } }, ['fail high']],
  ['switched off', { credential: { ...written, isActive: false } }, []],
  ['nothing shows where it is kept', { credential: makeCredential({ kept: [{ kind: 'unknown', name: '' }] }) }, ['unknown']],
])
