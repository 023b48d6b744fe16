import { READER_TAGS } from '../../reader-tags.ts'
import { makeCredential } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { ciOpenToOutsiders } from './ci-open-to-outsiders.ts'

const credential = makeCredential({ kind: 'ci-secret' })
const startedBy = (events: string) => ({ kind: 'ci-workload' as const, tags: { [READER_TAGS.outsiderTriggers]: events } })

testRule(ciOpenToOutsiders, [
  ['started by members only', { credential }, []],
  ['outsiders start what holds nothing', { identity: startedBy('pull_request_target') }, []],
  ['outsiders bring code near the secrets', { credential, identity: startedBy('pull_request_target') }, ['fail high'], /`pull_request_target`, which people without write access/],
  ['outsiders bring text', { credential, identity: startedBy('issue_comment') }, ['fail medium']],
], 'the workflow file shows its events and its secrets')
