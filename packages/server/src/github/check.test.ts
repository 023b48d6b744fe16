import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabases } from '../testing/database.ts'
import { FILES, MANIFEST, hub } from './testing/company.ts'

const databases = await testDatabases()

test('a pull request gets a check and one comment that say what is asked, of whom, and what is missing', async () => {
  const it = await hub(await databases.fresh())
  const pull = await it.open()
  await it.work()
  const check = it.check(pull)
  assert.deepEqual([check.conclusion, check.title], ['action_required', '1 change, approvals are missing'])
  assert.match(check.summary, /#### `payments is to answer for stray`/)
  assert.match(check.summary, /- purpose: `Nightly export`/)
  assert.match(check.summary, /- takes over `stray \(parcels, production\)`/)
  assert.match(check.summary, /- \[ \] `payments` approves \(`takes over`\)/)
  assert.equal(it.github.comments.length, 1)
  assert.match(it.github.comments[0]?.body ?? '', /^<!-- onus:plan -->\n### Onus: 1 change/)
  assert.equal((await it.client.listChanges()).total, 0, 'a check proposes nothing')
  await it.push(pull, { ...FILES, 'onus.yaml': MANIFEST.replace('Nightly', 'Hourly') }, it.adaGh)
  await it.work()
  assert.deepEqual([it.github.comments.length, it.github.checks.length], [1, 2])
  assert.match(it.github.comments[0]?.body ?? '', /Hourly export/)
})
