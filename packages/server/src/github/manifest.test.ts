import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readManifest } from './manifest.ts'
import { MANIFEST } from './testing/manifests.ts'

test('a manifest is read, with the line of its team', async () => {
  const read = await readManifest(`# ours\n${MANIFEST}`, 'onus.yaml')
  assert.ok(read.ok)
  assert.deepEqual([read.manifest.team, read.teamLine, read.manifest.identities.length], ['Payments', 3, 1])
})

test('what is wrong is counted, and the first of it told', async () => {
  const read = await readManifest(Array.from({ length: 5_000 }, (_, n) => `k${n}: x`).join('\n'), 'onus.yaml')
  assert.ok(!read.ok)
  assert.ok(read.count >= 5_000 && read.problems.length === 200)
})

test('one that was made to take long or much memory costs one check', async () => {
  let turns = 0
  const timer = setInterval(() => (turns += 1), 5)
  const slow = await readManifest('['.repeat(512 * 1024), 'onus.yaml', 500)
  clearInterval(timer)
  assert.deepEqual(slow, { ok: false, problems: [{ line: 1, message: 'takes too long to read' }], count: 1 })
  assert.ok(turns > 2, 'the server did other things meanwhile')
  const bomb = `a: &a [${'x,'.repeat(9)}x]\n${Array.from({ length: 20 }, (_, n) => `k${n}: &k${n} [${Array(9).fill(`*${n === 0 ? 'a' : `k${n - 1}`}`).join()}]`).join('\n')}`
  assert.equal((await readManifest(bomb, 'onus.yaml')).ok, false)
})
