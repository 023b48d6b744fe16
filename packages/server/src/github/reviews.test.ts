import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Commit, Review } from './api.ts'
import { readApprovals, writersOf } from './reviews.ts'

const HEAD = 'a'.repeat(40)
const OLD = 'b'.repeat(40)
const AUTHOR = { id: 1, login: 'author' }
const BOB = { id: 2, login: 'bob' }
const CAROL = { id: 3, login: 'carol' }
const WEB = { id: 19_864_447, login: 'web-flow' }
type By = { id?: number; login?: string } | null
const commit = (author: By, committer: By = author, email = 'someone@example.com', message = 'x'): Commit => ({ sha: HEAD, commit: { author: { email }, committer: { email: 'noreply@github.com' }, message }, author, committer })
const review = (user: typeof BOB, given: Partial<Review> = {}): Review => ({ id: 9, user, state: 'APPROVED', commit_id: HEAD, submitted_at: '2026-04-01T12:00:00Z', ...given })
const whole = <T>(...items: T[]) => ({ items, isWhole: true })
const OWN = commit(AUTHOR)

/** `null`: the approval of Bob stands; else why not. */
const CASES: [name: string, given: { commits?: ReturnType<typeof whole<Commit>>; reviews?: ReturnType<typeof whole<Review>>; pushers?: number[]; count?: number; heard?: string | null }, withheld: RegExp | null][] = [
  ['an approval on the head by somebody else stands', {}, null],
  ['what is done on the pages of GitHub is committed by nobody in particular', { commits: whole(commit(AUTHOR, WEB)) }, null],
  ['one on an older commit does not, as after a forced push', { reviews: whole(review(BOB, { commit_id: OLD })) }, /another commit/],
  ['one that was dismissed does not', { reviews: whole(review(BOB, { state: 'DISMISSED' })) }, /dismissed/],
  ['a comment after it takes nothing back', { reviews: whole(review(BOB), review(BOB, { state: 'COMMENTED' })) }, null],
  ['an older approval does not outlive a newer one on another commit', { reviews: whole(review(BOB), review(BOB, { commit_id: OLD })) }, /another commit/],
  ['nobody approves a pull request of their own', { reviews: whole(review(AUTHOR)) }, /wrote/],
  ['nor one with a commit of theirs', { commits: whole(OWN, commit(BOB, WEB)) }, /wrote/],
  ['nor one that they committed for another', { commits: whole(commit(AUTHOR, BOB)) }, /wrote/],
  ['nor one that they pushed to', { pushers: [BOB.id] }, /wrote/],
  ['nor one that they are named in as co-author', { commits: whole(commit(AUTHOR, WEB, undefined, 'x\n\nCo-authored-by: Bob <2+bob@users.noreply.github.com>')) }, /wrote/],
  ['a commit by an address that is no account makes all approvals doubtful', { commits: whole(OWN, commit(null, WEB)) }, /does not name/],
  ['so does one of which GitHub says an empty account', { commits: whole(commit({}, WEB)) }, /does not name/],
  ['so do commits that are not listed', { commits: { items: [OWN], isWhole: false } }, /does not name/],
  ['and commits of which there are fewer than there should be', { count: 251 }, /does not name/],
  ['a push that was not heard of may have been theirs', { heard: '' }, /not every push/],
  ['so may those before Onus heard of the pull request', { heard: null }, /not every push/],
  ['and reviews that are not all listed', { reviews: { items: [review(BOB)], isWhole: false } }, /more reviews/],
]
for (const [name, { commits = whole(OWN), reviews = whole(review(BOB)), pushers = [], count, heard = HEAD }, withheld] of CASES) {
  test(name, () => {
    const written = writersOf({ user: AUTHOR, commits: count ?? commits.items.length, head: { sha: HEAD, repo: null } }, { pushers, heard }, commits)
    const reading = readApprovals({ head: { sha: HEAD, repo: null } }, reviews, written)
    assert.equal(reading.approvals.length, withheld === null ? 1 : 0)
    if (withheld !== null) assert.match(reading.withheld[0]?.reason ?? '', withheld)
  })
}

test('who asks for changes after approving does not approve, and is not told so', () => {
  const written = writersOf({ user: AUTHOR, commits: 1, head: { sha: HEAD, repo: null } }, { pushers: [], heard: HEAD }, whole(OWN))
  assert.deepEqual(readApprovals({ head: { sha: HEAD, repo: null } }, whole(review(BOB), review(BOB, { state: 'CHANGES_REQUESTED' }), review(CAROL)), written), {
    approvals: [{ review: 9, account: CAROL, at: new Date('2026-04-01T12:00:00Z') }],
    withheld: [],
  })
})
