import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { approve } from '../changes/testing/estate.ts'
import { identity, report } from '../testing/reports.ts'
import { testDatabases } from '../testing/database.ts'
import { claim } from './store.ts'
import { FILES, hub } from './testing/company.ts'
import { MANIFEST } from './testing/manifests.ts'
import { OPERATION_NAMES } from './testing/api-schema.ts'
import type { Files } from './testing/fake-github.ts'
import { MOST_ATTEMPTS, startGithub } from './worker.ts'

const it = await hub(await (await testDatabases()).fresh())
const { github } = it
const commentOn = (number: number): string[] => github.comments.filter((each) => each.number === number).map(({ body }) => body)
const with_ = (manifest: string, more: Files = {}): Files => ({ ...FILES, 'onus.yaml': manifest, ...more })

test('a pull request gets a check and one comment that say what is asked, of whom, and what is missing', async () => {
  const pull = await it.open()
  await it.work()
  const check = it.check(pull)
  assert.deepEqual([check.conclusion, check.title], ['action_required', '1 change, approvals are missing'])
  for (const says of [
    /#### `payments is to answer for stray`/,
    /- purpose: `Nightly export`/,
    /- business function: `Monthly invoicing`/,
    /- revocation: `Delete the account`/,
    /- takes over `stray \(parcels, production\)`/,
    /- \[ \] `payments` approves \(`takes over`\)/,
    /- `stray \(parcels, production\)`: nobody has accepted it/,
  ])
    assert.match(check.summary, says)
  assert.match(commentOn(pull.number)[0] ?? '', /^<!-- onus:plan -->\n### Onus: 1 change/)
  assert.equal((await it.client.listChanges()).total, 0, 'a check proposes nothing')
  await it.push(pull, with_(MANIFEST.replace('Nightly', 'Hourly')), it.adaGh)
  await it.work()
  assert.deepEqual([commentOn(pull.number).length, github.checks.filter(({ number }) => number === String(pull.number)).length], [1, 2])
  assert.match(commentOn(pull.number)[0] ?? '', /Hourly export/)
  await it.push(pull, { 'README.md': 'x' }, it.adaGh)
  await it.work()
  assert.match(commentOn(pull.number).join(), /^<!-- onus:plan -->\n### Onus: No manifest/)
})

const many = Array.from({ length: 60 }, (_, n) => `  - { name: n${n}, purpos: x, revocation: Delete the account }`).join('\n')
const CASES: [name: string, files: Files, want: { conclusion: string; title: RegExp; line?: number; summary?: RegExp; isSilent?: boolean }][] = [
  ['no manifest', { 'README.md': 'x' }, { conclusion: 'neutral', title: /^No manifest$/, isSilent: true }],
  ['a folder of its name', { 'onus.yaml/x': 'x' }, { conclusion: 'neutral', title: /^No manifest$/, isSilent: true }],
  ['nothing to approve', with_('version: 1\nteam: Payments\n'), { conclusion: 'success', title: /^Nothing to approve$/, isSilent: true }],
  ['a field that is none', with_(MANIFEST.replace('purpose', 'purpos')), { conclusion: 'failure', title: /2 problems/, line: 5, summary: /`onus\.yaml:5: identities\[0\]\.purpos is unknown; did you mean `purpose`/ }],
  ['what is no YAML', with_('version: [1'), { conclusion: 'failure', title: /a problem|problems/ }],
  ['a team that nobody knows', with_(MANIFEST.replace('Payments', 'Nobody')), { conclusion: 'failure', title: /a problem/, line: 2, summary: /no team `Nobody`/ }],
  ['a link in its place', with_('', { 'onus.yaml': { link: 'elsewhere.yaml' }, 'elsewhere.yaml': MANIFEST }), { conclusion: 'failure', title: /a problem/, summary: /is a link, not a file/ }],
  ['what is not UTF-8 or too large', with_('x'.repeat(3 * 1024 * 1024)), { conclusion: 'failure', title: /a problem/, summary: /is larger than/ }],
  ['an identity that the registry does not hold', with_(MANIFEST.replace('name: stray', 'name: nowhere')), { conclusion: 'success', title: /Nothing to approve/, isSilent: true }],
  ['more problems than are marked', with_(`version: 1\nteam: Payments\nidentities:\n${many}\n`), { conclusion: 'failure', title: /120 problems/, summary: /The first 50 are marked in the file/ }],
]
for (const [name, files, { conclusion, title, line, summary, isSilent = false }] of CASES) {
  test(`the check of a manifest: ${name}`, async () => {
    const pull = await it.open({ files })
    await it.work()
    const check = it.check(pull)
    assert.equal(check.conclusion, conclusion)
    assert.match(check.title, title)
    if (line !== undefined) assert.deepEqual([check.annotations[0]?.path, check.annotations[0]?.start_line], ['onus.yaml', line])
    if (summary) assert.match(check.summary, summary)
    assert.ok(check.annotations.length <= 50)
    assert.equal(commentOn(pull.number).length, isSilent ? 0 : 1)
  })
}

test('what a hostile manifest says is code and nothing else', async () => {
  const bad = '@acme/security ](https://evil.example) <img src=x> ```'
  await it.scan(report({ identities: [it.worker, it.ledger, it.stray, identity({ name: bad, team: null })] }))
  const pull = await it.open({ files: with_(`version: 1\nteam: Payments\nfunctions: [{ name: '${bad}' }]\nidentities:\n  - { name: '${bad}', purpose: '${bad}', revocation: '${bad}' }\n`) })
  await it.work()
  const text = commentOn(pull.number)[0] ?? ''
  assert.match(text, /evil\.example/)
  assert.doesNotMatch(text.replaceAll(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, ''), /evil|@acme|<img/)
})

test('in a public repository nothing of the registry is said', async () => {
  github.repository.isPrivate = false
  const pull = await it.open()
  await it.work()
  github.repository.isPrivate = true
  const { conclusion, summary } = it.check(pull)
  assert.equal(conclusion, 'action_required')
  assert.doesNotMatch(summary + commentOn(pull.number).join(''), /stray|payments|parcels/)
  assert.match(summary, /said in Onus only/)
})

test('the comment is the App’s own: one of others with its mark is left, and one that was deleted is written anew', async () => {
  const pull = await it.open()
  const forged = { id: 1, number: pull.number, body: '<!-- onus:plan -->\nAll approved', app: null }
  const ofAnother = { id: 2, number: pull.number, body: '<!-- onus:plan -->\nAll approved', app: 1 }
  github.comments.push(forged, ofAnother)
  await it.work()
  assert.equal(commentOn(pull.number).length, 3)
  assert.match(forged.body, /All approved/)
  assert.match(ofAnother.body, /All approved/)
  github.comments.splice(github.comments.findIndex((each) => each.number === pull.number && each.app === 4711), 1)
  await it.review(pull, it.carolGh, { state: 'COMMENTED' })
  await it.work()
  assert.equal(commentOn(pull.number).length, 3)
})

test('a server that died between writing the comment and noting it writes no second one', async () => {
  const pull = await it.open()
  await it.work()
  await it.ctx.db.tx((tx) => tx.updateTable('github_pull').set({ comment_id: null, check_run_id: null }).where('number', '=', pull.number).execute())
  await it.review(pull, it.carolGh, { state: 'COMMENTED' })
  await it.work()
  assert.equal(commentOn(pull.number).length, 1)
  // One that died with the job in its hands: it is done when the claim is over.
  await it.review(pull, it.carolGh, { state: 'COMMENTED' })
  assert.ok(await it.ctx.db.tx((tx) => claim(tx, it.clock.now)))
  const before = it.check(pull).saves
  await it.work(1, 'may-fail')
  assert.equal(it.check(pull).saves, before)
  await it.work(600)
  assert.equal(it.check(pull).saves, before + 1)
})

test('it is made again when somebody presses the button, and when what it asks for was proposed and approved in Onus', async () => {
  const pull = await it.open()
  await it.work()
  const { saves } = it.check(pull)
  const payload = it.payload('check_run', 'rerequested', pull.number, it.carolGh)
  await it.deliver('check_run', { ...payload, check_run: { ...(payload['check_run'] as object), external_id: String(pull.number), app: { id: 4711 } } })
  await it.work()
  assert.equal(it.check(pull).saves, saves + 1)
  // As `onus apply` would, from a branch.
  const { id } = await it.ada.client.proposeChange({
    body: {
      content: { kind: 'ownership', identities: [it.stray.id], team: it.payments.id, until: '2026-12-01T00:00:00.000Z', answers: { purpose: 'Nightly export', function: { name: 'Monthly invoicing' }, sponsor: null, revocation: 'Delete the account' } },
      reason: 'by hand',
    },
  })
  await it.review(pull, it.carolGh, { state: 'COMMENTED' })
  await it.work()
  assert.match(it.check(pull).summary, /In Onus: open/)
  await approve(it.bob, id)
  await it.work()
  assert.deepEqual([it.check(pull).conclusion, it.check(pull).title], ['success', 'Nothing to approve'])
})

test('a limit is waited for as GitHub says, without counting as a try', async () => {
  const reset = (): string => String(Math.floor(it.clock.now.getTime() / 1_000) + 120)
  const limits: [name: string, answer: () => { status: number; headers: Record<string, string> }][] = [
    ['429 with retry-after', () => ({ status: 429, headers: { 'retry-after': '120' } })],
    ['403 with nothing remaining', () => ({ status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset() } })],
    ['403 with retry-after', () => ({ status: 403, headers: { 'retry-after': '120' } })],
  ]
  for (const [name, answer] of limits) {
    const pull = await it.open({ files: { 'README.md': name } })
    github.answerWith((operation) => (operation.includes('/pulls/') ? answer() : null))
    for (let n = 0; n < 3; n += 1) await it.work(1, 'may-fail')
    const asked = github.asked.filter((each) => each === 'GET /repos/{owner}/{repo}/pulls/{pull_number}').length
    await it.work(60, 'may-fail')
    assert.equal(github.asked.filter((each) => each === 'GET /repos/{owner}/{repo}/pulls/{pull_number}').length, asked, `${name}: not asked before its time`)
    const [job] = await it.ctx.db.read.selectFrom('github_job').selectAll().execute()
    assert.deepEqual([job?.attempts, job?.is_dead], [0, false], name)
    github.answerWith(() => null)
    await it.work(120)
    assert.equal(it.check(pull).conclusion, 'neutral', name)
  }
})

test('what fails is tried again, later and later; what GitHub refuses is given up, told, and tried when somebody asks', async () => {
  const pull = await it.open({ files: { 'README.md': 'x' } })
  github.answerWith((operation) => (operation.includes('/check-runs') ? { status: 502 } : null))
  await it.work(1, 'may-fail')
  github.answerWith(() => null)
  await it.work(60)
  assert.equal(it.check(pull).conclusion, 'neutral')
  github.answerWith((operation) => (operation.includes('/check-runs') ? { status: 403, body: { message: 'Resource not accessible by integration' } } : null))
  await it.review(pull, it.carolGh, { state: 'COMMENTED' })
  for (let n = 0; n <= MOST_ATTEMPTS.refused; n += 1) await it.work(3_600, 'may-fail')
  const list = async () => (await it.olga.client.listGithubRepositories()).items[0]
  assert.equal((await list())?.dead, 1)
  assert.match((await list())?.lastProblem ?? '', /^GitHub answered 403 to PATCH repos\/check-runs/)
  github.answerWith(() => null)
  await it.olga.client.retryGithubRepository({ params: { id: it.connection.id } })
  await it.work()
  assert.equal((await list())?.dead, 0)
})

test('a token that was ended before its time is made anew, once', async () => {
  const pull = await it.open({ files: { 'README.md': 'x' } })
  github.endTokens()
  await it.work()
  assert.equal(it.check(pull).conclusion, 'neutral')
})

test('the worker does it by itself until it is stopped', async () => {
  const pull = await it.open({ files: { 'README.md': 'x' } })
  const working = startGithub(it.ctx)
  while (!github.checks.some(({ number }) => number === String(pull.number))) await sleep(50)
  await working.stop()
  assert.equal(it.check(pull).conclusion, 'neutral')
})

test('another repository of the old name is not taken for it', async () => {
  const pull = await it.open()
  github.repository.id = 88
  await it.work()
  github.repository.id = 77
  assert.throws(() => it.check(pull), /no check/)
})

test('every list is read to its end', async () => {
  const pull = await it.open({ files: with_('version: [1'), commits: Array.from({ length: 240 }, () => ({ author: it.adaGh })) })
  github.comments.push(...Array.from({ length: 150 }, (_, n) => ({ id: 10_000 + n, number: pull.number, body: 'x', app: null })))
  const before = github.asked.length
  await it.work()
  const count = (name: string): number => github.asked.slice(before).filter((each) => each === name).length
  assert.equal(count('GET /repos/{owner}/{repo}/pulls/{pull_number}/commits'), 3)
  assert.equal(count('GET /repos/{owner}/{repo}/issues/{issue_number}/comments'), 2)
})

test('every operation of the description was asked here or in the other tests of this folder, and no other', () => {
  const elsewhere = ['/users/', '/collaborators/', '/memberships/']
  const left = OPERATION_NAMES.filter((name) => !github.asked.includes(name) && !elsewhere.some((part) => name.includes(part)))
  assert.deepEqual(left, [])
  assert.deepEqual(github.asked.filter((name) => !OPERATION_NAMES.includes(name)), [])
})
