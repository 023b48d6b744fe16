import { makeAccess, makeGrant, makeSource } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { escalationPath } from './escalation-path.ts'

const way = { path: 'attaches policies to itself', permissions: ['iam:AttachRolePolicy'], condition: null }
const conditional = { ...way, condition: 'aws:MultiFactorAuthPresent' }

testRule(escalationPath, [
  ['no way up', { identity: { access: makeAccess(), grants: [makeGrant()] } }, []],
  ['no grants', {}, []],
  ['one way up', { identity: { access: makeAccess({ escalations: [way] }) } }, ['fail high'], /can raise its own rights\nAttaches policies to itself/],
  ['only under conditions', { identity: { access: makeAccess({ escalations: [conditional] }) } }, ['fail medium'], /conditional/],
  ['one unconditional way is enough', { identity: { access: makeAccess({ escalations: [conditional, way] }) } }, ['fail high']],
  ['outside production it is less urgent', { identity: { access: makeAccess({ escalations: [way] }), isProduction: false } }, ['fail medium']],
  ['an administrator has nothing left to gain', { identity: { access: makeAccess({ admin: 'yes', escalations: [way] }) } }, []],
  ['many ways are shortened', { identity: { access: makeAccess({ escalations: Array.from({ length: 7 }, () => way) }) } }, ['fail high'], /and 2 more ways/],
  ['grants that nobody added up', { identity: { grants: [makeGrant()], source: makeSource({ system: 'aws' }) } }, ['unknown']],
  ['policies that were not read', { identity: { access: makeAccess({ admin: 'unknown' }), grants: [makeGrant()] } }, ['unknown']],
  ['a system in which rights are not gained so', { identity: { grants: [makeGrant()], source: makeSource({ system: 'kong' }) } }, []],
])
