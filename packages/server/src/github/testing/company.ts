/** The company of changes, with a repository on a GitHub for tests that is connected. */
import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import recorded from '@octokit/webhooks-examples' with { type: 'json' }
import { estate } from '../../changes/testing/estate.ts'
import type { Estate } from '../../changes/testing/estate.ts'
import type { Connection } from '../../postgres/cluster.ts'
import { openGithub } from '../client.ts'
import { workDue } from '../worker.ts'
import { APP_ID, PRIVATE_KEY, fakeGithub } from './fake-github.ts'
import type { Account, FakeCommit, FakeGithub, FakePull, Files } from './fake-github.ts'
import { MANIFEST } from './manifests.ts'

export const WEBHOOK_SECRET = 'a-secret-of-the-webhook'
type Recorded = { name: string; examples: Record<string, unknown>[] }
/** Payloads that GitHub sent, by event. */
export const RECORDED = recorded as unknown as Recorded[]

const folder = await mkdtemp(join(tmpdir(), 'onus-github-'))
after(() => rm(folder, { recursive: true, force: true }))
await writeFile(join(folder, 'app.pem'), PRIVATE_KEY)
await writeFile(join(folder, 'webhook'), `${WEBHOOK_SECRET}\n`)
export const envOf = (api: string): Record<string, string> => ({
  ONUS_GITHUB_APP_ID: String(APP_ID),
  ONUS_GITHUB_PRIVATE_KEY_FILE: join(folder, 'app.pem'),
  ONUS_GITHUB_WEBHOOK_SECRET_FILE: join(folder, 'webhook'),
  ONUS_GITHUB_API: api,
  ONUS_GITHUB_ALLOW_PRIVATE: 'true',
})

export const CODEOWNERS = '* @acme/everyone\n/onus.yaml @bob-gh\n'
export const FILES: Files = { 'onus.yaml': MANIFEST, '.github/CODEOWNERS': CODEOWNERS, 'README.md': 'x' }

export function signature(body: string | Buffer, secret = WEBHOOK_SECRET, algorithm = 'sha256'): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`
}

export type Hub = Estate & {
  github: FakeGithub
  /** Accounts of Ada, who writes, and of Bob, who owns the manifest; of Carol, who is nobody in Onus. */
  adaGh: Account
  bobGh: Account
  carolGh: Account
  connection: { id: string }
  /** The commit from which pull requests begin. */
  base: string
  scan(report: object): Promise<void>
  /** Sends a payload as GitHub does; answers the status. */
  deliver(event: string, payload: unknown, headers?: Record<string, string | undefined>): Promise<number>
  /** A recorded payload about this repository and pull request. */
  payload(event: string, action: string, number: number, sender: Account, more?: object): Record<string, unknown>
  /** Turns the clock and lets the worker do everything. */
  work(seconds?: number, mayFail?: 'may-fail'): Promise<void>
  /** A pull request that is opened and heard of, not yet worked on. */
  open(wish?: Partial<FakePull> & { files?: Files; commits?: FakeCommit[] }): Promise<FakePull>
  push(pull: FakePull, files: Files, by: Account): Promise<void>
  review(pull: FakePull, by: Account, wish?: { state?: string; commit?: string }): Promise<void>
  merge(pull: FakePull, by: Account, wish?: { files?: Files; tip?: Files }): Promise<void>
  /** Links an account to a person, as they would. */
  link(person: Estate['ada'], account: Account): Promise<void>
  check(pull: FakePull): FakeGithub['checks'][number]
}

const BASE: Files = { '.github/CODEOWNERS': CODEOWNERS, 'README.md': 'x' }

export async function hub(database: Connection): Promise<Hub> {
  const clock = { now: () => new Date('2026-04-01T12:00:00.000Z') }
  const github = await fakeGithub(() => clock.now())
  const it = await estate(database, [], envOf(github.url))
  clock.now = () => it.clock.now
  const adaGh = github.account(1001, 'ada-gh')
  const bobGh = github.account(1002, 'bob-gh')
  const carolGh = github.account(1003, 'carol-gh')
  github.repository.tip = github.commit(BASE)
  const connection = await it.olga.client.connectGithubRepository({ body: { repository: 'acme/invoicing' } })
  const { github: config } = it.ctx.config
  const client = config && (await openGithub(config, it.ctx.clock))
  if (!client) throw new Error('GitHub is not set up')

  const deliver: Hub['deliver'] = async (event, payload, headers = {}) => {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
    const sent = { 'content-type': 'application/json', 'x-github-event': event, 'x-github-delivery': randomUUID(), 'x-hub-signature-256': signature(body), ...headers }
    const given = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)) as Record<string, string>
    return (await fetch(`${it.url}/v1/github/webhook`, { method: 'POST', headers: given, body })).status
  }
  const payload: Hub['payload'] = (event, action, number, sender, more = {}) => {
    const examples = RECORDED.find(({ name }) => name === event)?.examples ?? []
    const example = examples.find((each) => each['action'] === action) ?? examples[0]
    const about = { ...(example?.['repository'] as object), id: github.repository.id, full_name: github.repository.fullName, default_branch: github.repository.branch }
    const pull = github.pulls.get(number)
    const ofPull = example?.['pull_request'] as { head: { sha: string } } | undefined
    return {
      ...example,
      action,
      repository: about,
      sender: { ...(example?.['sender'] as object), ...sender },
      ...(ofPull ? { number, pull_request: { ...ofPull, number, merged: (pull?.merge ?? null) !== null, head: { ...ofPull.head, sha: pull?.head ?? ofPull.head.sha } } } : {}),
      ...more,
    }
  }
  const work: Hub['work'] = async (seconds = 1, mayFail) => {
    await it.turn(new Date(it.clock.now.getTime() + seconds * 1_000).toISOString())
    await workDue(it.ctx, client)
    if (!mayFail) assert.deepEqual(await it.ctx.db.read.selectFrom('github_job').selectAll().execute(), [], 'everything was done')
    assert.deepEqual(github.faults, [], 'what was sent is what GitHub documents')
  }
  let numbers = 0
  let reviews = 0
  const hub: Hub = {
    ...it,
    github,
    adaGh,
    bobGh,
    carolGh,
    connection,
    base: github.repository.tip,
    async scan(report) {
      await fetch(`${it.url}/v1/imports`, { method: 'POST', headers: { 'content-type': 'application/json', cookie: it.cookie }, body: JSON.stringify(report) })
    },
    deliver,
    payload,
    work,
    async open({ files = FILES, ...wish } = {}) {
      const number = (numbers += 1)
      const author = wish.author ?? adaGh
      const pull: FakePull = {
        number,
        author,
        head: github.commit(files, String(number)),
        isFork: false,
        base: { ref: github.repository.branch, sha: github.repository.tip },
        state: 'open',
        merge: null,
        commits: [{ author }],
        reviews: [],
        ...wish,
      }
      github.pulls.set(number, pull)
      await deliver('pull_request', payload('pull_request', 'opened', number, author))
      return pull
    },
    async push(pull, files, by) {
      const before = pull.head
      pull.head = github.commit(files, `${pull.number} ${before}`)
      await deliver('pull_request', payload('pull_request', 'synchronize', pull.number, by, { before, after: pull.head }))
    },
    async review(pull, by, { state = 'APPROVED', commit = pull.head } = {}) {
      pull.reviews.push({ id: 500 + (reviews += 1), user: by, state, commit, at: it.clock.now.toISOString().replace(/\.\d+/, '') })
      await deliver('pull_request_review', payload('pull_request_review', 'submitted', pull.number, by, { review: { id: 500 + reviews } }))
    },
    async merge(pull, by, { files = FILES, tip = files } = {}) {
      pull.state = 'closed'
      pull.merge = { commit: github.commit(files, `merge ${pull.number}`), by }
      github.repository.tip = tip === files ? pull.merge.commit : github.commit(tip, 'later')
      await deliver('pull_request', payload('pull_request', 'closed', pull.number, by))
    },
    async link(person, account) {
      const { comment } = await person.client.beginGithubLink({ body: { login: account.login } })
      await deliver('issue_comment', commentOf(hub, account, comment))
    },
    check: ({ number, head }) => {
      const found = github.checks.findLast((each) => each.number === String(number) && each.head === head)
      if (!found) throw new Error(`no check of ${number}`)
      return found
    },
  }
  return hub
}

/** A recorded comment on a pull request. */
export function commentOf({ payload, github }: Pick<Hub, 'payload' | 'github'>, by: Account, body: string, number = 1): Record<string, unknown> {
  const made = payload('issue_comment', 'created', number, by)
  const id = github.comments.length + 1 + Math.floor(Math.random() * 1e9)
  return {
    ...made,
    issue: { ...(made['issue'] as object), number, pull_request: { url: 'https://api.github.com/x' } },
    comment: { ...(made['comment'] as object), id, body, user: { ...((made['comment'] as { user: object }).user), ...by } },
  }
}
