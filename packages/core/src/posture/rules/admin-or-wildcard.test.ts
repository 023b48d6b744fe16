import { makeAccess, makeGrant } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { adminOrWildcard } from './admin-or-wildcard.ts'

const admin = makeGrant({ permission: 'ClusterRole admin', level: 'admin' })
const everything = makeGrant({ permission: 's3:*', resource: '*', level: 'write', isWildcard: true })

testRule(adminOrWildcard, [
  ['reads a few things', { identity: { grants: [makeGrant()] } }, []],
  ['no grant at all', {}, []],
  ['all grants add up to administrator', { identity: { access: makeAccess({ admin: 'yes' }), grants: [everything] } }, ['fail critical'], /`ledger` in `payments` is an administrator/],
  ['administrator outside production', { identity: { access: makeAccess({ admin: 'yes' }), isProduction: false } }, ['fail high']],
  ['administrator under conditions', { identity: { access: makeAccess({ admin: 'conditional' }) } }, ['fail high'], /under conditions/],
  ['administers its namespace', { identity: { grants: [admin] } }, ['fail high'], /administrator rights\n`ClusterRole admin on namespace payments`/],
  ['a wildcard that changes things', { identity: { grants: [everything] } }, ['fail high'], /wildcard rights/],
  ['a wildcard within one resource', { identity: { grants: [{ ...everything, resource: 'arn:aws:s3:::labels/*' }] } }, ['fail medium'], /`s3:\* on arn:aws:s3:::labels\/\*`/],
  ['a source that names no resource limits nothing', { identity: { grants: [{ ...everything, resource: '' }] } }, ['fail high'], /`s3:\*`/],
  ['a wildcard that reads', { identity: { grants: [makeGrant({ isWildcard: true })] } }, ['fail medium']],
  ['a wildcard under a condition', { identity: { grants: [{ ...everything, condition: 'aws:SourceVpc' }] } }, ['fail medium'], /under conditions/],
  ['one unconditional grant is enough', { identity: { grants: [everything, { ...everything, condition: 'aws:SourceVpc' }] } }, ['fail high']],
  ['a role that was not read', { identity: { grants: [makeGrant({ permission: 'Role ops', level: 'unknown' })] } }, ['unknown'], /`Role ops`/],
  ['policies that were not read', { identity: { access: makeAccess({ admin: 'unknown' }) } }, ['unknown'], /Not all of its roles/],
])
