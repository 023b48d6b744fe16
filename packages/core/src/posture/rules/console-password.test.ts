import { READER_TAGS } from '../../reader-tags.ts'
import { makeCredential, makeSource } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { consolePassword } from './console-password.ts'

const aws = { source: makeSource({ system: 'aws' }), namespace: null }
const tags = (password: string, mfa?: string) => ({ [READER_TAGS.consolePassword]: password, ...(mfa === undefined ? {} : { [READER_TAGS.mfa]: mfa }) })

testRule(consolePassword, [
  ['a role', { identity: aws }, []],
  ['a user without a password', { identity: { ...aws, tags: tags('false') }, credential: makeCredential() }, []],
  ['a user with one', { identity: { ...aws, tags: tags('true', 'false') } }, ['fail high'], /without a second factor/],
  ['a user with one and a second factor', { identity: { ...aws, tags: tags('true', 'true') } }, ['fail medium'], /with a second factor/],
  ['outside production it is less urgent', { identity: { ...aws, isProduction: false, tags: tags('true') } }, ['fail medium']],
  ['the credential report was not read', { identity: aws, credential: makeCredential() }, ['unknown'], /credential report/],
  ['a system that has no console', { credential: makeCredential() }, []],
])
