/** The reader against 48 published workflows whose facts were listed apart from it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { test } from 'node:test'
import type { Observation } from '@onus/core/observation.ts'
import { READER_TAGS, readerList } from '@onus/core/reader-tags.ts'
import { sharedData } from '@onus/connectors/testing/shared-data.ts'
import { TextFile } from '../files/text-file.ts'
import { githubActionsReader } from './index.ts'

type Truth = {
  secrets: string[]
  inherits_secrets: boolean
  oidc_permission: boolean
  cloud_federation: string[]
  static_cloud_keys: boolean
  third_party_actions_unpinned: string[]
  write_all: boolean
}

/**
 * The truth counts GITHUB_TOKEN among the secrets where it is named; for us it is the job's own token, kept as a tag.
 */
function factsOf(observations: readonly Observation[], namesJobToken: boolean): Truth {
  const identity = observations.find((one) => one.type === 'identity')
  const tags = Object.fromEntries((identity?.tags ?? []).map((tag) => [tag.key, tag.value]))
  const kept = observations
    .filter((one) => one.type === 'credential')
    .flatMap((one) => one.kept.map((place) => place.name))
  return {
    secrets: [...kept, ...(namesJobToken ? ['GITHUB_TOKEN'] : [])].sort(),
    inherits_secrets: tags[READER_TAGS.inheritsSecrets] === 'true',
    oidc_permission: tags[READER_TAGS.oidc] === 'true',
    cloud_federation: readerList(tags, READER_TAGS.cloudFederation),
    static_cloud_keys: readerList(tags, READER_TAGS.staticCloudKeys).length > 0,
    third_party_actions_unpinned: readerList(tags, READER_TAGS.unpinnedActions).sort(),
    write_all: observations.some((one) => one.type === 'grant' && one.permission === 'write-all'),
  }
}

function isOnlyInComments(secret: string, text: string): boolean {
  const holders = text.split('\n').filter((line) => line.includes(`secrets.${secret}`))
  return holders.length > 0 && holders.every((line) => line.trimStart().startsWith('#'))
}

const folder = sharedData('ci-workflows')

test(
  'every published workflow yields the facts that are listed for it',
  { skip: folder ? false : 'no shared data beside this checkout' },
  async () => {
    const truths = JSON.parse(readFileSync(`${folder}/truth.json`, 'utf8')) as Record<string, Truth>
    const lines = gunzipSync(readFileSync(`${folder}/workflows.ndjson.gz`))
      .toString('utf8')
      .trim()
      .split('\n')
    assert.equal(lines.length, Object.keys(truths).length)
    let jobTokens = 0
    let onlyInComments = 0
    for (const line of lines) {
      const { repo, path, text } = JSON.parse(line) as { repo: string; path: string; text: string }
      const file = new TextFile(`${repo}/${path}`, text)
      assert.ok(githubActionsReader.wantsPath(file.path) && githubActionsReader.wants(file), file.path)
      const { observations, unread } = await githubActionsReader.read([file])
      assert.deepEqual(unread, [], file.path)
      const truth = truths[`${repo}:${path}`]
      assert.ok(truth, `${repo}:${path}`)
      const namesJobToken = text.includes('secrets.GITHUB_TOKEN')
      if (namesJobToken) {
        jobTokens++
        const identity = observations.find((one) => one.type === 'identity')
        assert.ok(
          identity?.tags.some((tag) => tag.key === READER_TAGS.usesJobToken),
          `${file.path}: its job token went unseen`,
        )
      }
      const commented = truth.secrets.filter((name) => isOnlyInComments(name, text))
      onlyInComments += commented.length
      const secrets = truth.secrets.filter((name) => !commented.includes(name)).sort()
      const unpinned = [...truth.third_party_actions_unpinned].sort()
      assert.deepEqual(
        factsOf(observations, namesJobToken),
        { ...truth, secrets, third_party_actions_unpinned: unpinned },
        file.path,
      )
    }
    assert.ok(jobTokens > 0, 'the material names the job token somewhere')
    // The one disagreement: the list was made by searching the text, so it also has secrets that are commented out and
    // that no run can reach.
    assert.equal(onlyInComments, 2)
  },
)
