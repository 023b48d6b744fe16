import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personLeft } from '../directory/index.ts'
import { approve, enforce } from '../changes/testing/estate.ts'
import { testDatabases } from '../testing/database.ts'
import { identity, report } from '../testing/reports.ts'
import { FILES, hub } from './testing/company.ts'
import { MANIFEST } from './testing/manifests.ts'
import type { Hub } from './testing/company.ts'
import type { FakePull } from './testing/fake-github.ts'

const databases = await testDatabases()
const changesOf = async (it: Hub) => (await it.client.listChanges({ query: {} })).items
const stateOfStray = async (it: Hub) => (await it.client.identity({ params: { id: it.stray.id } })).identity.accountability.state

/** Ada writes, Bob owns the manifest and both are linked; the check has been shown. */
async function shown(wish: Parameters<Hub['open']>[0] = {}): Promise<{ it: Hub; pull: FakePull }> {
  const it = await hub(await databases.fresh())
  await it.link(it.ada, it.adaGh)
  await it.link(it.bob, it.bobGh)
  const pull = await it.open(wish)
  await it.work()
  return { it, pull }
}

test('from a pull request to what stands: the review of the code owner is the approval', async () => {
  const { it, pull } = await shown()
  await it.review(pull, it.bobGh)
  await it.work()
  assert.deepEqual([it.check(pull).conclusion, it.check(pull).title], ['success', '1 change, all approved'])
  assert.match(it.check(pull).summary, /- \[x\] `payments` approves \(`takes over`\): the review of `bob-gh`, when this is merged/)
  assert.deepEqual(await changesOf(it), [], 'before the merge nothing is proposed')
  await it.merge(pull, it.bobGh)
  await it.work()
  const [change, ...others] = await changesOf(it)
  assert.deepEqual([change?.state, change?.author.id, others.length], ['applied', it.ada.id, 0])
  assert.equal(await stateOfStray(it), 'accountable')
  assert.deepEqual([it.check(pull).conclusion, it.check(pull).title], ['success', '1 change, applied'])
  const source = { system: 'github', repository: 77, pull: pull.number, head: pull.head }
  const entryOf = async (action: string) => (await it.abe.client.listLedger({ query: { action } })).items[0]?.entry ?? assert.fail(action)
  assert.deepEqual((await entryOf('change.propose')).after?.['source'], { ...source, commit: pull.merge?.commit })
  assert.deepEqual((await entryOf('change.approve')).after?.['source'], { ...source, review: 501, account: it.bobGh.id })
  assert.equal((await entryOf('change.approve')).actor.id, it.bob.id)
  // All of it again changes nothing: a delivery under another id, and a job that was cut off.
  await it.deliver('pull_request', it.payload('pull_request', 'closed', pull.number, it.bobGh, { again: true }))
  await it.work()
  assert.equal((await changesOf(it)).length, 1)
})

/** What spoils the approval of Bob before the merge, and what the check says of it after. */
const ATTACKS: [name: string, spoil: (it: Hub, pull: FakePull) => Promise<void>, reason: RegExp][] = [
  ['a push after the approval, of whatever', (it, pull) => it.push(pull, { ...FILES, 'README.md': 'y' }, it.adaGh), /on another commit than the last/],
  ['an approval that was dismissed', async (_, pull) => { for (const each of pull.reviews) each.state = 'DISMISSED' }, /was dismissed/],
  ['an author of a commit', async (it, pull) => { pull.commits.push({ author: it.bobGh }) }, /wrote the pull request or a commit/],
  ['a committer of a commit', async (it, pull) => { pull.commits.push({ author: it.adaGh, committer: it.bobGh }) }, /wrote the pull request or a commit/],
  ['an address of theirs in a commit that GitHub does not know', async (_, pull) => { pull.commits.push({ author: null, email: 'bob@pay.example' }) }, /GitHub does not name/],
  ['a commit in their name as co-author', async (it, pull) => { pull.commits.push({ author: it.adaGh, message: 'x\n\nCo-authored-by: Bob <bob@pay.example>' }) }, /nobody-decides-on-their-own-change/],
  ['an account that was unlinked meanwhile', async (it) => { await it.bob.client.endGithubLink() }, /linked to nobody/],
  ['somebody who lost the right to write', async (it) => { it.github.account(it.bobGh.id, 'bob-gh', 'read') }, /may not write/],
  ['another account of the same name', async (it) => { it.github.account(5_555, 'bob-gh') }, /may not write/],
  ['a base whose CODEOWNERS name another', async (it, pull) => { pull.base.sha = it.github.commit({ ...FILES, '.github/CODEOWNERS': '/onus.yaml @carol-gh' }) }, /nobody owns the manifest/],
  ['a base without CODEOWNERS', async (it, pull) => { pull.base.sha = it.github.commit({ 'README.md': 'x' }) }, /nobody owns the manifest/],
  ['a base whose CODEOWNERS is a link', async (it, pull) => { pull.base.sha = it.github.commit({ '.github/CODEOWNERS': { link: '../mine' }, mine: '* @bob-gh' }) }, /nobody owns the manifest/],
  ['a repository that was made public', async (it) => { it.github.repository.isPrivate = false }, /public/],
  ['a person who left', (it) => it.change((w) => personLeft(w, it.bob.id)).then(() => {}), /not here any more/],
]
test('an approval about which anything is not certain does not count: the change is proposed without it', async (t) => {
  const it = await hub(await databases.fresh())
  const strays = ATTACKS.map((_, index) => identity({ name: `stray-${index}`, team: null }))
  await it.scan(report({ identities: [it.worker, it.ledger, it.stray, ...strays] }))
  await it.link(it.ada, it.adaGh)
  for (const [index, [name, spoil, reason]] of ATTACKS.entries())
    await t.test(name, async () => {
      // As it was before the last attack.
      it.github.account(it.bobGh.id, it.bobGh.login)
      it.github.repository.isPrivate = true
      await it.link(it.bob, it.bobGh)
      const files = { ...FILES, 'onus.yaml': MANIFEST.replace('name: stray', `name: stray-${index}`) }
      const pull = await it.open({ files, base: { ref: 'main', sha: it.base } })
      await it.work()
      await it.review(pull, it.bobGh)
      await it.work()
      assert.equal(it.check(pull).conclusion, 'success')
      await spoil(it, pull)
      await it.merge(pull, it.adaGh, { files })
      await it.work()
      const [change] = await changesOf(it)
      assert.deepEqual([change?.state, change?.summary], ['open', `payments is to answer for stray-${index}`])
      assert.match(it.check(pull).summary, reason)
      assert.deepEqual(change?.seats.map(({ isFilled }) => isFilled), [false])
    })
})

test('the approval does not count: CODEOWNERS changed in the pull request itself', async () => {
  const mine = { ...FILES, '.github/CODEOWNERS': '/onus.yaml @dan-gh @bob-gh' }
  const { it, pull } = await shown({ files: mine })
  const dan = it.github.account(1_004, 'dan-gh')
  await it.link(it.dan, dan)
  await it.review(pull, dan)
  await it.merge(pull, it.adaGh, { files: mine })
  await it.work()
  assert.deepEqual((await changesOf(it)).map(({ state }) => state), ['open'])
  assert.match(it.check(pull).summary, /`dan-gh` is not taken: whoever gave it does not own the manifest/)
})

test('the approval does not count: somebody who owns the file but answers for nothing', async () => {
  const owners = '/onus.yaml @acme/writers'
  const { it } = await shown()
  it.github.repository.tip = it.github.commit({ '.github/CODEOWNERS': owners })
  const dan = it.github.account(1_004, 'dan-gh', 'write', ['writers'])
  await it.link(it.dan, dan)
  const files = { ...FILES, '.github/CODEOWNERS': owners }
  const pull = await it.open({ files, base: { ref: 'main', sha: it.github.repository.tip } })
  await it.work()
  await it.review(pull, dan)
  await it.work()
  assert.equal(it.check(pull).conclusion, 'action_required')
  await it.merge(pull, it.adaGh, { files })
  await it.work()
  assert.deepEqual((await changesOf(it)).map(({ state }) => state), ['open'])
  assert.match(it.check(pull).summary, /`dan-gh` is not taken: the rule `decide-as-the-team-that-answers`/)
})

test('an author who is linked does not approve the change in Onus either, whoever proposed it', async () => {
  const { it, pull } = await shown()
  await it.merge(pull, it.adaGh)
  await it.work()
  const [change] = await changesOf(it)
  await assert.rejects(approve(it.ada, change?.id ?? ''), /nobody-decides-on-their-own-change/)
})

test('whoever links the account that wrote it is its author from then on', async () => {
  const it = await hub(await databases.fresh())
  const pull = await it.open()
  await it.work()
  await it.merge(pull, it.adaGh)
  await it.work()
  const [change] = await changesOf(it)
  assert.equal(change?.author.kind, 'token', 'nobody is known who wrote it')
  await it.link(it.ada, it.adaGh)
  await assert.rejects(approve(it.ada, change?.id ?? ''), /nobody-decides-on-their-own-change/)
  await approve(it.bob, change?.id ?? '')
  assert.equal(await stateOfStray(it), 'accountable')
})

test('an approval given before the check showed anything is none; approved in Onus later, the check is made anew', async () => {
  const { it } = await shown()
  const pull = await it.open()
  await it.review(pull, it.bobGh)
  await it.turn(new Date(it.clock.now.getTime() + 5_000).toISOString())
  await it.work()
  assert.match(it.check(pull).summary, /`bob-gh` is not taken: it was given before this was shown/)
  await it.merge(pull, it.adaGh)
  await it.work()
  assert.deepEqual([it.check(pull).conclusion, it.check(pull).title], ['action_required', '1 change proposed, approvals are missing'])
  const [change] = await changesOf(it)
  await approve(it.bob, change?.id ?? '')
  await it.work()
  assert.deepEqual([it.check(pull).conclusion, it.check(pull).title], ['success', '1 change, applied'])
})

test('an approval is of what was shown: a registry that says otherwise at the merge asks for another', async () => {
  const { it, pull } = await shown()
  await it.review(pull, it.bobGh)
  // A scan finds a second identity of the name: it would be handed over too, and was not shown.
  await it.scan(report({ identities: [it.worker, it.ledger, it.stray, identity({ name: 'stray', team: null, namespace: 'ledgers' })] }))
  await it.merge(pull, it.adaGh)
  await it.work()
  const [change] = await changesOf(it)
  assert.deepEqual([change?.state, change?.seats.filter(({ isFilled }) => isFilled).length], ['open', 0])
  assert.match(it.check(pull).summary, /not what the check showed/)
})

test('a guardrail that security enforces meanwhile holds against a merge', async () => {
  const { it, pull } = await shown()
  await it.review(pull, it.bobGh)
  await enforce(it, 'short-answers', '@id("short-answers") @title("t") @found("resource.lifetimeDays") @allowed("30 days")\nforbid (principal, action == Onus::Action::"handOver", resource) when { resource has lifetimeDays && resource.lifetimeDays > 30 };')
  await it.merge(pull, it.adaGh)
  await it.work()
  const change = (await changesOf(it)).find(({ kind }) => kind === 'ownership')
  assert.equal(change?.state, 'open')
  assert.match(it.check(pull).summary, /`bob-gh` is not taken: `short-answers`/)
  assert.equal(it.check(pull).conclusion, 'failure')
})

test('a fork: the check is made, and only the review of a member of the base counts', async () => {
  const { it, pull } = await shown({ isFork: true })
  const stranger = it.github.account(6_000, 'stranger', 'read')
  await it.link(it.sam, stranger)
  await it.review(pull, stranger)
  await it.work()
  assert.equal(it.check(pull).conclusion, 'action_required')
  assert.match(it.check(pull).summary, /`stranger` is not taken: whoever gave it may not write/)
  assert.deepEqual(await changesOf(it), [])
  await it.review(pull, it.bobGh)
  await it.merge(pull, it.bobGh)
  await it.work()
  assert.deepEqual((await changesOf(it)).map(({ state }) => state), ['applied'])
})

test('two merges at once that ask for the same are one request', async () => {
  const { it, pull } = await shown()
  const second = await it.open()
  await it.work()
  await it.merge(pull, it.adaGh)
  await it.merge(second, it.adaGh)
  await it.work()
  const [change, ...others] = await changesOf(it)
  assert.deepEqual([change?.state, others.length], ['open', 0])
  for (const each of [pull, second]) assert.match(it.check(each).title, /1 change proposed/)
})

test('merged before Onus had looked, it is proposed for a year, without approvals', async () => {
  const it = await hub(await databases.fresh())
  await it.link(it.bob, it.bobGh)
  const pull = await it.open()
  await it.review(pull, it.bobGh)
  await it.merge(pull, it.adaGh)
  await it.work()
  const [change] = await changesOf(it)
  const { content } = await it.client.change({ params: { id: change?.id ?? '' } })
  assert.deepEqual([change?.state, content.kind === 'ownership' && content.until], ['open', '2027-04-03T00:00:00.000Z'])
  assert.match(it.check(pull).summary, /`bob-gh` is not taken: what is proposed is not what the check showed/)
})

test('what a later commit has changed again is not proposed', async () => {
  const { it, pull } = await shown()
  await it.review(pull, it.bobGh)
  await it.merge(pull, it.adaGh, { tip: { ...FILES, 'onus.yaml': MANIFEST.replace('Nightly', 'Hourly') } })
  await it.work()
  assert.deepEqual(await changesOf(it), [])
  assert.match(it.check(pull).summary, /changed again since/)
})

test('nothing follows from a merge into another branch, nor from a pull request that was closed', async () => {
  const { it, pull } = await shown()
  const other = await it.open({ base: { ref: 'release', sha: it.github.repository.tip } })
  await it.work()
  assert.deepEqual([it.check(other).conclusion, it.check(other).title], ['neutral', 'Not for the default branch'])
  await it.merge(other, it.adaGh)
  pull.state = 'closed'
  await it.deliver('pull_request', it.payload('pull_request', 'closed', pull.number, it.adaGh, { merged: true }))
  await it.work()
  assert.deepEqual(await changesOf(it), [])
})

test('a push that was not heard of, or a pull request from before, leaves no approval', async () => {
  const { it } = await shown()
  const before = await it.open()
  before.head = it.github.commit({ ...FILES, 'README.md': 'pushed while Onus was down' })
  await it.push(before, { ...FILES, 'README.md': 'and again' }, it.adaGh)
  await it.work()
  await it.review(before, it.bobGh)
  await it.work()
  assert.equal(it.check(before).conclusion, 'action_required')
  assert.match(it.check(before).summary, /not every push to the pull request was heard of/)
})

test('a connection whose token has ended proposes nothing in its own name, and says so', async () => {
  const it = await hub(await databases.fresh())
  const pull = await it.open()
  await it.work()
  await it.client.revokeToken({ params: { id: (await it.ctx.db.read.selectFrom('github_repository').select('token_id').executeTakeFirstOrThrow()).token_id } })
  await it.merge(pull, it.adaGh)
  await it.work(1, 'may-fail')
  assert.deepEqual(await changesOf(it), [])
  const [row] = (await it.olga.client.listGithubRepositories()).items
  assert.match(row?.lastProblem ?? '', /connect the repository again/)
  await it.olga.client.connectGithubRepository({ body: { repository: 'acme/invoicing' } })
  await it.work(3_600)
  assert.equal((await changesOf(it)).length, 1)
})
