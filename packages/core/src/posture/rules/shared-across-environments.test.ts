import { makeTrust, makeUse } from '../testing/make.ts'
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
  ['a role that workloads of two environments become', { identity: { uses: [], trusts: [makeTrust({ subjects: ['system:serviceaccount:ledger-dev:api', 'system:serviceaccount:ledger-prod:api'] })] } }, ['fail high'], /`development`, `production`/],
  ['a role that pipelines of two environments become', { identity: { ...dev, uses: [], trusts: [makeTrust({ subjects: ['repo:lumen/ledger:environment:dev'] }), makeTrust({ subjects: ['repo:lumen/ledger:environment:prod'] })] } }, ['fail high']],
  ['a trust that names no environment', { identity: { uses: [], trusts: [makeTrust({ subjects: ['repo:lumen/ledger:ref:refs/heads/main', 'system:serviceaccount:ledger:api'] })] } }, []],
  ['shared on purpose', { identity: { environment: 'shared', isProduction: false, uses: uses('development', 'staging') } }, []],
  ['several users of unplaced environments', { identity: { namespace: null, uses: uses(null, 'production') } }, ['unknown'], /environment of `job-0` is not known/],
  ['users inside one namespace share its environment', { identity: { uses: uses(null, null) } }, []],
])
