import { makeGrant } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { crossEnvironmentGrant } from './cross-environment-grant.ts'

const toProduction = [makeGrant({ environment: 'production' })]
const dev = { environment: 'development', isProduction: false }

testRule(crossEnvironmentGrant, [
  ['within its environment', { identity: { ...dev, grants: [makeGrant({ environment: 'development' })] } }, []],
  ['nothing says what it reaches', { identity: { ...dev, grants: [makeGrant()] } }, []],
  ['from development into production', { identity: { ...dev, grants: toProduction } }, ['fail high'], /of `development` reaches `production`/],
  ['the flag alone says that it is not production', { identity: { environment: null, isProduction: false, grants: toProduction } }, ['fail high'], /`non-production`/],
  ['from development into staging', { identity: { ...dev, grants: [makeGrant({ environment: 'staging' })] } }, ['fail low']],
  ['from production downwards', { identity: { grants: [makeGrant({ environment: 'staging' })] } }, []],
  ['what is shared on purpose', { identity: { ...dev, grants: [makeGrant({ environment: 'shared' })] } }, []],
  ['its own environment is not known', { identity: { environment: null, isProduction: null, grants: toProduction } }, ['unknown'], /Its own environment is not known/],
  ['not known, and nothing reaches production', { identity: { environment: null, isProduction: null, grants: [makeGrant({ environment: 'staging' })] } }, []],
])
