import { makeUse } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { sharedAcrossEnvironments } from './shared-across-environments.ts'

const dev = { environment: 'development', isProduction: false }
const uses = (...environments: (string | null)[]) => environments.map((environment, index) => makeUse(`job-${index}`, { environment }))

testRule(sharedAcrossEnvironments, [
  ['one environment', { identity: { uses: uses('production', 'production') } }, []],
  ['nobody uses it', { identity: { uses: [] } }, []],
  ['development and production', { identity: { uses: uses('development', 'production') } }, ['fail high'], /several environments: `development`, `production`/],
  ['used elsewhere than where it belongs', { identity: { uses: uses('staging') } }, ['fail high'], /`staging`, `production`/],
  ['development and staging', { identity: { ...dev, uses: uses('development', 'staging') } }, ['fail medium']],
  ['shared on purpose', { identity: { environment: 'shared', isProduction: false, uses: uses('development', 'staging') } }, []],
  ['several users of unplaced environments', { identity: { namespace: null, uses: uses(null, 'production') } }, ['unknown'], /environment of `job-0` is not known/],
  ['users inside one namespace share its environment', { identity: { uses: uses(null, null) } }, []],
])
