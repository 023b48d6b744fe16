import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personLeft } from '../directory/index.ts'
import { approve, enforce } from '../changes/testing/estate.ts'
import { testDatabases } from '../testing/database.ts'
import { identity, report } from '../testing/reports.ts'
import { FILES, commentOf, hub } from './testing/company.ts'
import { MANIFEST } from './testing/manifests.ts'
import type { Hub } from './testing/company.ts'
import type { FakePull, Files } from './testing/fake-github.ts'

const it = await hub(await (await testDatabases()).fresh())
/** Each test has an identity of nobody's to itself. */
const strays = Array.from({ length: 40 }, (_, n) => identity({ name: `stray-${n}`, team: null }))
const estate = [it.worker, it.ledger, it.stray, ...strays]
await it.scan(report({ identities: estate }))
let used = 0

type Case = { pull: FakePull; files: Files; id: string; name: string }
const changesOf = async ({ id }: Pick<Case, 'id'>) => (await it.client.listChanges({ query: { identity: id } })).items
const stateOf = async ({ id }: Case) => (await it.client.identity({ params: { id } })).identity.accountability.state

/** Ada writes, Bob owns the manifest and both are linked, as before every test. */
async function reset(): Promise<void> {
  it.github.account(it.adaGh.id, it.adaGh.login)
  it.github.account(it.bobGh.id, it.bobGh.login)
  it.github.repository.isPrivate = true
  it.github.repository.tip = it.base
  for (const [person, account] of [[it.ada, it.adaGh], [it.bob, it.bobGh]] as const)
    if ((await person.client.github()).link?.accountId !== account.id) await it.link(person, account)
}
/** A pull request that asks for an identity that nobody answers for; not looked at yet. */
async function opened(wish: Parameters<Hub['open']>[0] = {}): Promise<Case> {
  const { id, name } = strays[(used += 1)] ?? assert.fail('more identities')
  const files = { ...FILES, 'onus.yaml': MANIFEST.replace('name: stray', `name: ${name}`), ...wish.files }
  return { id, name, files, pull: await it.open({ base: { ref: 'main', sha: it.base }, ...wish, files }) }
}
async function shown(wish: Parameters<Hub['open']>[0] = {}): Promise<Case> {
  await reset()
  const one = await opened(wish)
  await it.work()
  return one
}
const merge = ({ pull, files }: Case, by = it.adaGh): Promise<void> => it.merge(pull, by, { files })

test('from a pull request to what stands: the review of the code owner is the approval', async () => {
  const one = await shown()
  const { pull, name } = one
  await it.review(pull, it.bobGh)
  await it.work()
  assert.deepEqual([it.check(pull).conclusion, it.check(pull).title], ['success', '1 change, all approved'])
  assert.match(it.check(pull).summary, /- \[x\] `payments` approves \(`takes over`\): the review of `bob-gh`, when this is merged/)
  assert.deepEqual(await changesOf(one), [], 'before the merge nothing is proposed')
  await merge(one, it.bobGh)
  await it.work()
  const [change, ...others] = await changesOf(one)
  assert.deepEqual([change?.state, change?.author.id, change?.summary, others.length], ['applied', it.ada.id, `payments is to answer for ${name}`, 0])
  assert.equal(await stateOf(one), 'accountable')
  assert.deepEqual([it.check(pull).conclusion, it.check(pull).title], ['success', '1 change, applied'])
  const source = { system: 'github', repository: 77, pull: pull.number, head: pull.head }
  const entryOf = async (action: string) => (await it.abe.client.listLedger({ query: { action } })).items[0]?.entry ?? assert.fail(action)
  assert.deepEqual((await entryOf('change.propose')).after?.['source'], { ...source, commit: pull.merge?.commit })
  assert.deepEqual((await entryOf('change.approve')).after?.['source'], { ...source, review: pull.reviews[0]?.id, account: it.bobGh.id })
  assert.equal((await entryOf('change.approve')).actor.id, it.bob.id)
  // All of it again changes nothing: a delivery under another id, and a job that was cut off.
  await it.deliver('pull_request', it.payload('pull_request', 'closed', pull.number, it.bobGh, { again: true }))
  await it.work()
  assert.equal((await changesOf(one)).length, 1)
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
]
for (const [name, spoil, reason] of ATTACKS) {
  test(`the approval does not count, and the change waits: ${name}`, async () => {
    const one = await shown()
    const { pull } = one
    await it.review(pull, it.bobGh)
    await it.work()
    assert.equal(it.check(pull).conclusion, 'success')
    await spoil(it, pull)
    await merge(one)
    await it.work()
    const [change, ...others] = await changesOf(one)
    assert.deepEqual([change?.state, others.length, change?.seats.map(({ isFilled }) => isFilled)], ['open', 0, [false]])
    assert.match(it.check(pull).summary, reason)
  })
}

test('the approval does not count: CODEOWNERS changed in the pull request itself', async () => {
  const one = await shown({ files: { '.github/CODEOWNERS': '/onus.yaml @dan-gh @bob-gh' } })
  const dan = it.github.account(1_004, 'dan-gh')
  await it.link(it.dan, dan)
  await it.review(one.pull, dan)
  await merge(one)
  await it.work()
  assert.deepEqual((await changesOf(one)).map(({ state }) => state), ['open'])
  assert.match(it.check(one.pull).summary, /`dan-gh` is not taken: whoever gave it does not own the manifest/)
})

test('the approval does not count: somebody who owns the file, through a team, but answers for nothing', async () => {
  await reset()
  const files = { '.github/CODEOWNERS': '/onus.yaml @acme/writers' }
  const dan = it.github.account(1_004, 'dan-gh', 'write', ['writers'])
  it.github.repository.tip = it.github.commit(files)
  const one = await opened({ files, base: { ref: 'main', sha: it.github.repository.tip } })
  await it.work()
  await it.review(one.pull, dan)
  await it.work()
  assert.equal(it.check(one.pull).conclusion, 'action_required')
  await merge(one)
  await it.work()
  assert.deepEqual((await changesOf(one)).map(({ state }) => state), ['open'])
  assert.match(it.check(one.pull).summary, /`dan-gh` is not taken: the rule `decide-as-the-team-that-answers`/)
})

test('whoever wrote it does not approve it in Onus either, whoever proposed it', async () => {
  const one = await shown()
  await merge(one)
  await it.work()
  const [change] = await changesOf(one)
  await assert.rejects(approve(it.ada, change?.id ?? ''), /nobody-decides-on-their-own-change/)
})

test('whoever links the account that wrote it is its author from then on', async () => {
  await reset()
  await it.ada.client.endGithubLink()
  const one = await opened()
  await it.work()
  await merge(one)
  await it.work()
  const [change] = await changesOf(one)
  assert.equal(change?.author.kind, 'token', 'nobody is known who wrote it')
  await it.link(it.ada, it.adaGh)
  await assert.rejects(approve(it.ada, change?.id ?? ''), /nobody-decides-on-their-own-change/)
  await approve(it.bob, change?.id ?? '')
  assert.equal(await stateOf(one), 'accountable')
})

test('an approval given before the check showed anything is none; approved in Onus later, the check is made anew', async () => {
  await reset()
  const one = await opened()
  const { pull } = one
  await it.review(pull, it.bobGh)
  await it.work(5)
  await it.review(pull, it.carolGh, { state: 'COMMENTED' })
  await it.work()
  assert.match(it.check(pull).summary, /`bob-gh` is not taken: it was given before this was shown/)
  await merge(one)
  await it.work()
  assert.deepEqual([it.check(pull).conclusion, it.check(pull).title], ['action_required', '1 change proposed, approvals are missing'])
  const [change] = await changesOf(one)
  await approve(it.bob, change?.id ?? '')
  await it.work()
  assert.deepEqual([it.check(pull).conclusion, it.check(pull).title], ['success', '1 change, applied'])
})

test('an approval is of what was shown: a registry that says otherwise at the merge asks for another', async () => {
  const one = await shown()
  await it.review(one.pull, it.bobGh)
  // A scan finds a second identity of the name: it would be handed over too, and was not shown.
  await it.scan(report({ identities: [...estate, identity({ name: one.name, team: null, namespace: 'ledgers' })] }))
  await merge(one)
  await it.work()
  const [change] = await changesOf(one)
  assert.deepEqual([change?.state, change?.seats.filter(({ isFilled }) => isFilled).length], ['open', 0])
  assert.match(it.check(one.pull).summary, /not what the check showed/)
})

test('a fork: the check is made, and only the review of a member of the base counts', async () => {
  const one = await shown({ isFork: true })
  const stranger = it.github.account(6_000, 'stranger', 'read')
  await it.link(it.sam, stranger)
  await it.review(one.pull, stranger)
  await it.work()
  assert.equal(it.check(one.pull).conclusion, 'action_required')
  assert.match(it.check(one.pull).summary, /`stranger` is not taken: whoever gave it may not write/)
  assert.deepEqual(await changesOf(one), [])
  await it.review(one.pull, it.bobGh)
  await merge(one, it.bobGh)
  await it.work()
  assert.deepEqual((await changesOf(one)).map(({ state }) => state), ['applied'])
})

test('two merges at once that ask for the same are one request', async () => {
  const one = await shown()
  const second = await it.open({ files: one.files, base: { ref: 'main', sha: it.base } })
  await it.work()
  await merge(one)
  await merge({ ...one, pull: second })
  await it.work()
  const [change, ...others] = await changesOf(one)
  assert.deepEqual([change?.state, others.length], ['open', 0])
  for (const each of [one.pull, second]) assert.match(it.check(each).title, /1 change proposed/)
})

test('merged before Onus had looked, it is proposed for a year, without approvals', async () => {
  await reset()
  const one = await opened()
  await it.review(one.pull, it.bobGh)
  await merge(one)
  await it.work()
  const [change] = await changesOf(one)
  const { content } = await it.client.change({ params: { id: change?.id ?? '' } })
  assert.deepEqual([change?.state, content.kind === 'ownership' && content.until], ['open', '2027-04-03T00:00:00.000Z'])
  assert.match(it.check(one.pull).summary, /`bob-gh` is not taken: what is proposed is not what the check showed/)
})

test('while the ledger is behind nothing follows from a merge, and no account is linked; then it does', async () => {
  const one = await shown()
  await it.review(one.pull, it.bobGh)
  const { sequencer } = it.ctx
  const { behind } = sequencer
  const { comment } = await it.dan.client.beginGithubLink({ body: { login: 'carol-gh' } })
  Object.assign(sequencer, { behind: () => 'entries wait to be signed' })
  await merge(one, it.bobGh)
  await it.deliver('issue_comment', commentOf(it, it.carolGh, comment, one.pull.number))
  await it.work(1, 'may-fail')
  assert.deepEqual(await changesOf(one), [])
  assert.equal((await it.olga.client.listGithubRepositories()).items[0]?.waiting, 2, 'the merge, and its check behind it')
  assert.notEqual((await it.dan.client.github()).link?.accountId, it.carolGh.id)
  Object.assign(sequencer, { behind })
  await it.deliver('issue_comment', commentOf(it, it.carolGh, comment, one.pull.number))
  assert.equal((await it.dan.client.github()).link?.accountId, it.carolGh.id)
  await it.work(60)
  assert.deepEqual((await changesOf(one)).map(({ state }) => state), ['applied'])
})

test('what a later commit has changed again is not proposed', async () => {
  const one = await shown()
  await it.review(one.pull, it.bobGh)
  await it.merge(one.pull, it.adaGh, { files: one.files, tip: { ...one.files, 'onus.yaml': MANIFEST.replace('Nightly', 'Hourly') } })
  await it.work()
  assert.deepEqual(await changesOf(one), [])
  assert.match(it.check(one.pull).summary, /changed again since/)
})

test('nothing follows from a merge into another branch, nor from a pull request that was closed', async () => {
  const closed = await shown()
  const other = await opened({ base: { ref: 'release', sha: it.base } })
  await it.work()
  assert.deepEqual([it.check(other.pull).conclusion, it.check(other.pull).title], ['neutral', 'Not for the default branch'])
  await merge(other)
  closed.pull.state = 'closed'
  const payload = it.payload('pull_request', 'closed', closed.pull.number, it.adaGh)
  await it.deliver('pull_request', { ...payload, pull_request: { ...(payload['pull_request'] as object), merged: true } })
  await it.work()
  assert.deepEqual([await changesOf(closed), await changesOf(other)], [[], []])
})

test('a push that was not heard of leaves no approval', async () => {
  const one = await shown()
  one.pull.head = it.github.commit({ ...one.files, 'README.md': 'pushed while Onus was down' })
  await it.push(one.pull, { ...one.files, 'README.md': 'and again' }, it.adaGh)
  await it.work()
  await it.review(one.pull, it.bobGh)
  await it.work()
  assert.equal(it.check(one.pull).conclusion, 'action_required')
  assert.match(it.check(one.pull).summary, /not every push to the pull request was heard of/)
})

test('a connection whose token has ended proposes nothing in its own name, and says so', async () => {
  await reset()
  await it.ada.client.endGithubLink()
  const one = await opened()
  await it.work()
  const { token_id: id } = await it.ctx.db.read.selectFrom('github_repository').select('token_id').executeTakeFirstOrThrow()
  await it.client.revokeToken({ params: { id } })
  await merge(one)
  await it.work(1, 'may-fail')
  assert.deepEqual(await changesOf(one), [])
  assert.match((await it.olga.client.listGithubRepositories()).items[0]?.lastProblem ?? '', /connect the repository again/)
  await it.olga.client.connectGithubRepository({ body: { repository: 'acme/invoicing' } })
  await it.work(3_600)
  assert.equal((await changesOf(one)).length, 1)
})

test('a guardrail that security enforces meanwhile holds against a merge', async () => {
  const one = await shown()
  await it.review(one.pull, it.bobGh)
  const text = '@id("short-answers") @title("t") @found("resource.lifetimeDays") @allowed("30 days")\nforbid (principal, action == Onus::Action::"handOver", resource) when { resource.lifetimeDays > 30 };'
  await enforce(it, 'short-answers', text)
  await merge(one)
  await it.work()
  assert.deepEqual((await changesOf(one)).map(({ state }) => state), ['open'])
  assert.match(it.check(one.pull).summary, /`bob-gh` is not taken: `short-answers`/)
  assert.equal(it.check(one.pull).conclusion, 'failure')
})

test('the approval of somebody who left meanwhile does not count, and their account is nobody’s', async () => {
  const one = await shown()
  await it.review(one.pull, it.bobGh)
  await it.change((w) => personLeft(w, it.bob.id))
  await merge(one)
  await it.work()
  assert.deepEqual((await changesOf(one)).map(({ state }) => state), ['open'])
  assert.match(it.check(one.pull).summary, /`bob-gh` is not taken: the person is not here any more/)
})
