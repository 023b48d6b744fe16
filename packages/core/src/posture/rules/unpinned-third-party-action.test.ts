import { READER_TAGS } from '../../reader-tags.ts'
import { makeCredential } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { unpinnedThirdPartyAction } from './unpinned-third-party-action.ts'

const tags = { [READER_TAGS.unpinnedThirdPartyActions]: 'acme/upload@v3, acme/notify@main' }

testRule(unpinnedThirdPartyAction, [
  ['nothing of others, or pinned', {}, []],
  ['unpinned beside credentials', { identity: { tags }, credential: makeCredential({ kind: 'ci-secret' }) }, ['fail medium'], /`acme\/upload@v3`, `acme\/notify@main`/],
  ['unpinned beside every secret of the repository', { identity: { tags: { ...tags, [READER_TAGS.inheritsSecrets]: 'true' } } }, ['fail medium']],
  ['unpinned with nothing to take', { identity: { tags } }, ['fail low']],
], 'the workflow file shows every action it uses')
