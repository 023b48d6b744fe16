import { READER_TAGS } from '../../reader-tags.ts'
import { makeCredential } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { staticKeyInCi } from './static-key-in-ci.ts'

const inGithub = makeCredential({ kept: [{ kind: 'github-secret', name: 'AWS_SECRET_ACCESS_KEY' }] })
const pipeline = { kind: 'ci-workload' as const, namespace: null, tags: { [READER_TAGS.staticCloudKeysOidc]: 'aws: available and asked for already' } }

testRule(staticKeyInCi, [
  ['a key outside CI', { credential: makeCredential() }, []],
  ['a pipeline that signs in by OIDC', { credential: makeCredential({ kind: 'federated' }), identity: pipeline }, []],
  ['a stored key, and OIDC was there', { credential: inGithub, identity: pipeline }, ['fail high'], /github-secret `AWS_SECRET_ACCESS_KEY`.*available and asked for already/],
  ['the key of a cloud user that was copied to CI', { credential: inGithub }, ['fail high'], /available to every GitHub workflow/],
  ['a key in the pipeline itself', { credential: makeCredential({ kept: [{ kind: 'file', name: 'ci.yml' }] }), identity: { kind: 'ci-workload' } }, ['fail high'], /in the pipeline itself.*Whether OIDC federation was available/],
  ['outside production it is less urgent', { credential: inGithub, identity: { isProduction: false } }, ['fail medium']],
  ['a secret that could be anything', { credential: makeCredential({ kind: 'ci-secret', name: 'REGISTRY' }), identity: pipeline }, ['unknown'], /CI secret `REGISTRY`/],
  ['a deploy key opens no cloud', { credential: makeCredential({ kind: 'ssh-key' }), identity: pipeline }, []],
  ['switched off', { credential: { ...inGithub, isActive: false } }, []],
])
