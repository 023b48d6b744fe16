/**
 * A GitHub for tests: it keeps repositories, pull requests and checks, and holds every request and every answer of its own
 * to GitHub's description of them. What differs is a fault, which fails the test.
 */
import { createHash, generateKeyPairSync, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { operationOf } from './api-schema.ts'
import type { Operation } from './api-schema.ts'

export const APP_ID = 4711
export const INSTALLATION = 9001
export type Account = { id: number; login: string }
/** A file's text, or where a symbolic link leads. */
export type Files = Record<string, string | { link: string }>
export type FakeReview = { id: number; user: Account; state: string; commit: string; at: string }
export type FakeCommit = { author: Account | null; committer?: Account | null; email?: string; message?: string }
export type FakePull = {
  number: number
  author: Account
  head: string
  isFork: boolean
  base: { ref: string; sha: string }
  state: 'open' | 'closed'
  merge: { commit: string; by: Account } | null
  commits: FakeCommit[]
  reviews: FakeReview[]
}
export type FakeCheck = { id: number; head: string; number: string; conclusion: string; title: string; summary: string; annotations: { path: string; start_line: number; message: string }[]; saves: number }
export type FakeComment = { id: number; number: number; body: string; app: number | null }
type Answer = { status: number; headers?: Record<string, string>; body?: unknown }

const keys = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs1', format: 'pem' } })
export const PRIVATE_KEY = keys.privateKey
const hash = (text: string): string => createHash('sha1').update(text).digest('hex')

export type FakeGithub = Awaited<ReturnType<typeof fakeGithub>>

export async function fakeGithub(clock: () => Date) {
  const repository = { id: 77, fullName: 'acme/invoicing', isPrivate: true, branch: 'main', tip: '', isInstalled: true }
  const accounts = new Map<string, Account & { permission: string; teams: string[] }>()
  const pulls = new Map<number, FakePull>()
  const checks: FakeCheck[] = []
  const comments: FakeComment[] = []
  const trees = new Map<string, { path: string; mode: string; type: string; sha: string }[]>()
  const blobs = new Map<string, string>()
  const faults: string[] = []
  const asked: string[] = []
  const tokens = new Set<string>()
  let ids = 100
  let rule: (operation: string) => Answer | null = () => null

  function writeTree(files: Files): string {
    const folders = new Map<string, Files>()
    const entries: { path: string; mode: string; type: string; sha: string }[] = []
    for (const [path, content] of Object.entries(files)) {
      const slash = path.indexOf('/')
      if (slash >= 0) folders.set(path.slice(0, slash), { ...folders.get(path.slice(0, slash)), [path.slice(slash + 1)]: content })
      else {
        const text = typeof content === 'string' ? content : content.link
        blobs.set(hash(`blob ${text}`), text)
        entries.push({ path, mode: typeof content === 'string' ? '100644' : '120000', type: 'blob', sha: hash(`blob ${text}`) })
      }
    }
    for (const [path, inside] of folders) entries.push({ path, mode: '040000', type: 'tree', sha: writeTree(inside) })
    const sha = hash(JSON.stringify(entries))
    trees.set(sha, entries)
    return sha
  }
  /** A commit with these files; `salt` makes another of the same. */
  function commit(files: Files, salt = ''): string {
    const sha = hash(`commit ${salt} ${JSON.stringify(files)}`)
    trees.set(sha, trees.get(writeTree(files)) ?? [])
    return sha
  }

  const repo = (example: unknown): object => ({ ...without(example, 'language', 'source', 'parent', 'template_repository'), language: null, id: repository.id, full_name: repository.fullName, default_branch: repository.branch, private: repository.isPrivate })
  const user = (base: unknown, { id, login }: Account): object => ({ ...(base as object), id, login })
  const pageOf = <T>(items: T[], query: URLSearchParams): { items: T[]; hasNext: boolean } => {
    const size = Number(query.get('per_page') ?? 30)
    const page = Number(query.get('page') ?? 1)
    return { items: items.slice((page - 1) * size, page * size), hasNext: items.length > page * size }
  }
  const listed = (items: unknown[], query: URLSearchParams): Answer => {
    const { items: body, hasNext } = pageOf(items, query)
    return { status: 200, body, headers: hasNext ? { link: '<https://api.github.com/x?page=2>; rel="next", <https://api.github.com/x?page=9>; rel="last"' } : {} }
  }
  const missing: Answer = { status: 404, body: { message: 'Not Found' } }
  const pullOf = (params: Record<string, string>, key = 'pull_number'): FakePull | undefined => pulls.get(Number(params[key]))

  function respond({ name, params, example: given, status }: Operation, query: URLSearchParams, body: Record<string, unknown> | undefined): Answer {
    // As GitHub documents it.
    const example = given as Record<string, unknown>
    const isRepository = params['owner'] === undefined || `${params['owner']}/${params['repo']}` === repository.fullName
    if (!isRepository || !repository.isInstalled) return missing
    switch (name) {
      case 'GET /repos/{owner}/{repo}/installation':
        return { status, body: { ...example, id: INSTALLATION } }
      case 'POST /app/installations/{installation_id}/access_tokens':
        tokens.add(`ghs_${(ids += 1)}`)
        return { status, body: { ...without(example, 'repositories'), token: `ghs_${ids}`, expires_at: new Date(clock().getTime() + 3_600_000).toISOString() } }
      case 'GET /repos/{owner}/{repo}':
        return { status, body: repo(example) }
      case 'GET /users/{username}': {
        const account = accounts.get((params['username'] ?? '').toLowerCase())
        return account ? { status, body: user(example, account) } : missing
      }
      case 'GET /repos/{owner}/{repo}/branches/{branch}':
        return params['branch'] === repository.branch ? { status, body: { ...example, name: repository.branch, commit: { ...(example['commit'] as object), sha: repository.tip } } } : missing
      case 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}': {
        const entries = trees.get(params['tree_sha'] ?? '')
        return entries ? { status, body: { sha: params['tree_sha'], url: 'https://api.github.com/x', truncated: false, tree: entries.map((entry) => ({ ...entry, ...(entry.type === 'blob' ? { size: blobs.get(entry.sha)?.length ?? 0 } : {}) })) } } : missing
      }
      case 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}': {
        const text = blobs.get(params['file_sha'] ?? '')
        // In lines of 60, as GitHub sends them.
        const content = Buffer.from(text ?? '').toString('base64').replaceAll(/.{60}/g, '$&\n')
        return text === undefined ? missing : { status, body: { ...example, sha: params['file_sha'], content, encoding: 'base64', size: text.length } }
      }
      case 'GET /repos/{owner}/{repo}/pulls/{pull_number}': {
        const pull = pullOf(params)
        if (!pull) return missing
        const { head, base, user: by } = example as { head: { repo: object }; base: { repo: object }; user: object }
        const headRepo = pull.isFork ? { ...repo(head.repo), id: repository.id + 1 } : repo(head.repo)
        return {
          status,
          body: {
            ...example,
            requested_teams: [],
            number: pull.number,
            state: pull.state,
            merged: pull.merge !== null,
            merge_commit_sha: pull.merge?.commit ?? null,
            merged_by: pull.merge ? user(by, pull.merge.by) : null,
            user: user(by, pull.author),
            commits: pull.commits.length,
            head: { ...head, sha: pull.head, repo: headRepo },
            base: { ...base, ref: pull.base.ref, sha: pull.base.sha, repo: repo(base.repo) },
          },
        }
      }
      case 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': {
        const [base] = given as Record<string, unknown>[]
        return listed((pullOf(params)?.reviews ?? []).map(({ id, user: by, state, commit: sha, at }) => ({ ...base, id, state, commit_id: sha, submitted_at: at, user: user(base?.['user'], by) })), query)
      }
      case 'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits': {
        const [base] = given as { commit: object; author: object; sha: string }[]
        const by = (account: Account | null): object | null => account && user(base?.author, account)
        return listed(
          (pullOf(params)?.commits ?? []).map(({ author, committer = author, email, message }, index) => {
            const signature = { name: 'x', email: email ?? `${author?.login ?? 'x'}@example.com`, date: '2026-04-01T00:00:00Z' }
            return { ...base, sha: hash(String(index)), commit: { ...base?.commit, message: message ?? 'x', author: signature, committer: signature }, author: by(author), committer: by(committer) }
          }),
          query,
        )
      }
      case 'GET /repos/{owner}/{repo}/collaborators/{username}/permission': {
        const account = accounts.get((params['username'] ?? '').toLowerCase())
        const base = example['user'] as object
        return account ? { status, body: { permission: account.permission, role_name: account.permission, user: { ...base, role_name: account.permission, id: account.id, login: account.login } } } : missing
      }
      case 'GET /orgs/{org}/teams/{team_slug}/memberships/{username}': {
        const account = accounts.get((params['username'] ?? '').toLowerCase())
        return account?.teams.includes(params['team_slug'] ?? '') ? { status, body: { ...example, role: 'member', state: 'active' } } : missing
      }
      case 'POST /repos/{owner}/{repo}/check-runs':
      case 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}':
        return saveCheck(status, example, params['check_run_id'], body ?? {})
      case 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': {
        const [base] = given as object[]
        return listed(comments.filter(({ number }) => String(number) === params['issue_number']).map((comment) => commentBody(base ?? {}, comment)), query)
      }
      case 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': {
        const comment = { id: (ids += 1), number: Number(params['issue_number']), body: String(body?.['body']), app: APP_ID }
        comments.push(comment)
        return { status, body: commentBody(example, comment) }
      }
      case 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': {
        const comment = comments.find(({ id }) => String(id) === params['comment_id'])
        if (!comment) return missing
        comment.body = String(body?.['body'])
        return { status, body: commentBody(example, comment) }
      }
      default:
        return missing
    }
  }

  const commentBody = (base: object, { id, body, app }: FakeComment): object => ({ ...base, id, body, performed_via_github_app: app === null ? null : appOf(app) })
  // As the example of a check has one.
  const { app: someApp } = (operationOf('POST', '/repos/a/b/check-runs')?.example ?? {}) as { app?: object }
  const appOf = (id: number): object => ({ ...someApp, id })

  function saveCheck(status: number, example: object, id: string | undefined, body: Record<string, unknown>): Answer {
    const output = body['output'] as { title: string; summary: string; annotations?: FakeCheck['annotations'] }
    let check = id === undefined ? undefined : checks.find((each) => String(each.id) === id)
    if (id !== undefined && !check) return missing
    if (!check) {
      check = { id: (ids += 1), head: String(body['head_sha']), number: String(body['external_id']), conclusion: '', title: '', summary: '', annotations: [], saves: 0 }
      checks.push(check)
    }
    Object.assign(check, { conclusion: body['conclusion'], title: output.title, summary: output.summary, annotations: [...check.annotations, ...(output.annotations ?? [])], saves: check.saves + 1 })
    return { status, body: { ...example, id: check.id, head_sha: check.head, conclusion: check.conclusion } }
  }

  function isAuthorized(name: string, header: string | undefined): boolean {
    const bearer = header?.replace('Bearer ', '') ?? ''
    if (name !== 'POST /app/installations/{installation_id}/access_tokens' && !name.endsWith('/installation')) return tokens.has(bearer)
    const [head = '', claims = '', signature = ''] = bearer.split('.')
    const { iat, exp, iss } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number; exp: number; iss: string }
    const now = clock().getTime() / 1_000
    return verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), keys.publicKey, Buffer.from(signature, 'base64url')) && iss === String(APP_ID) && iat <= now - 60 + 1 && exp > now && exp - iat <= 600
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
      const text = Buffer.concat(chunks).toString()
      const body = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>)
      const operation = operationOf(request.method ?? '', pathname)
      const name = operation?.name ?? `${request.method} ${pathname}`
      asked.push(name)
      if (!operation) faults.push(`${name} is not documented`)
      faults.push(...(operation?.faultsOfRequest(searchParams, body) ?? []).map((fault) => `${name}: ${fault}`))
      const isAllowed = operation !== null && isAuthorized(name, request.headers.authorization)
      const answer = rule(name) ?? (isAllowed ? respond(operation, searchParams, body) : { status: 401, body: { message: 'Bad credentials' } })
      if (operation && answer.status === operation.status) faults.push(...operation.faultsOfReply(answer.body).map((fault) => `${name} answers: ${fault}`))
      response.writeHead(answer.status, { 'content-type': 'application/json', date: clock().toUTCString(), ...answer.headers })
      response.end(JSON.stringify(answer.body ?? {}))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repository,
    accounts,
    pulls,
    checks,
    comments,
    asked,
    faults,
    commit,
    /** Answers an operation otherwise; null: as usual. */
    answerWith(next: (operation: string) => Answer | null) {
      rule = next
    },
    /** Ends every token before its time. */
    endTokens() {
      tokens.clear()
    },
    account(id: number, login: string, permission = 'write', teams: string[] = []): Account {
      accounts.set(login.toLowerCase(), { id, login, permission, teams })
      return { id, login }
    },
  }
}

function without(value: unknown, ...keys: string[]): object {
  return Object.fromEntries(Object.entries(value as object).filter(([key]) => !keys.includes(key)))
}
