import assert from 'node:assert/strict'
import test from 'node:test'
import type { Tag } from '@onus/core/observation.ts'
import { withoutSecretTags } from './secret-tags.ts'

const CASES: [name: string, key: string, value: string, isKept: boolean][] = [
  ['a password in a tag', 'Password', 'hunter2', false],
  ['under a domain', 'lumen.example/api-key', 'hunter2', false],
  ['a date of rotation', 'lumen.example/token-rotated-date', '14-05-2026', true],
  ['whether there is one', 'console-password', 'true', true],
  ['when it was made', 'access_token', '2026-05-14T10:00:00Z', true],
  ['what a reader tells', 'onus:inherits-secrets', 'true', true],
  ['an owner', 'owner', 'secret-team', true],
]
for (const [name, key, value, isKept] of CASES) {
  test(`T52 tags: ${name} is ${isKept ? 'kept' : 'dropped'}`, () => {
    const tags: Tag[] = [
      { key, value, line: 1 },
      { key: 'team', value: 'billing', line: 2 },
    ]
    const got = withoutSecretTags({
      type: 'scope',
      ref: { kind: 'directory', realm: '', name: 'a' },
      place: { file: 'a', line: 1 },
      isDefined: true,
      tags,
    })
    assert.deepEqual('tags' in got && got.tags.map((tag) => tag.key), isKept ? [key, 'team'] : ['team'])
  })
}
