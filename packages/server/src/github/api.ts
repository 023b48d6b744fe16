/**
 * What is asked of GitHub, operation by operation. Answers are hostile text in a documented shape: lists are read to
 * their end or said to be cut off, and a file is read by the hash of its tree, where a symbolic link is none.
 */
import { z } from 'zod'
import { GithubFailed } from './client.ts'
import type { Answer, Ask, Github } from './client.ts'

/** A repository as an installation of the App reaches it. */
export type Place = { github: Github; installation: number; fullName: string }

const Account = z.object({ id: z.int(), login: z.string().max(200) })
const Sha = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
const At = z.iso.datetime({ offset: true })

const Repository = z.object({
  id: z.int(),
  full_name: z.string().max(300),
  default_branch: z.string().max(300),
  private: z.boolean(),
})
const Pull = z.object({
  number: z.int(),
  state: z.enum(['open', 'closed']),
  merged: z.boolean(),
  merge_commit_sha: Sha.nullable(),
  user: Account.nullable(),
  merged_by: Account.nullable(),
  commits: z.int(),
  head: z.object({ sha: Sha, repo: z.object({ id: z.int() }).nullable() }),
  base: z.object({ ref: z.string().max(300), sha: Sha, repo: Repository }),
})
export type Pull = z.infer<typeof Pull>

const Review = z.object({
  id: z.int(),
  user: Account.nullable(),
  state: z.string(),
  commit_id: Sha.nullable(),
  // Of a review that was not submitted yet there is none.
  submitted_at: At.optional(),
})
export type Review = z.infer<typeof Review>

const Signature = z.object({ email: z.string().max(400).optional() }).nullable()
// GitHub says `{}` of somebody whom it does not know.
const Committed = z.object({ id: z.int().optional(), login: z.string().optional() }).nullable()
const Commit = z.object({
  sha: Sha,
  commit: z.object({ author: Signature, committer: Signature, message: z.string() }),
  author: Committed,
  committer: Committed,
})
export type Commit = z.infer<typeof Commit>

const Tree = z.object({
  truncated: z.boolean(),
  tree: z.array(z.object({ path: z.string(), mode: z.string(), type: z.string(), sha: Sha, size: z.int().optional() })),
})
const Blob = z.object({ content: z.string(), encoding: z.string(), size: z.int().nullable() })
const Comment = z.object({
  id: z.int(),
  body: z.string().optional(),
  performed_via_github_app: z.object({ id: z.int() }).nullable().optional(),
})
const CheckRun = z.object({ id: z.int() })

const PAGE = 100
const MOST_PAGES = 10
/** GitHub lists no more commits of a pull request. */
export const MOST_COMMITS = 250
/** A manifest of 2,000 identities with a credential each is about as large. */
export const MOST_FILE_BYTES = 512 * 1024

const segments = ({ fullName }: Place): string[] => ['repos', ...fullName.split('/')]
const ask = <T extends z.ZodType>(place: Place, given: Ask<T>): Promise<Answer<z.output<T>>> =>
  place.github.asInstallation(place.installation, { ...given, path: [...segments(place), ...given.path] })

/** The whole list, or `isWhole: false` with its beginning. */
async function list<T extends z.ZodType>(
  place: Place,
  path: Ask<T>['path'],
  item: T,
): Promise<{ items: z.output<T>[]; isWhole: boolean }> {
  const items: z.output<T>[] = []
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { value, hasNext } = await ask(place, { path, query: { per_page: PAGE, page }, reply: z.array(item) })
    items.push(...value)
    if (!hasNext) return { items, isWhole: true }
  }
  return { items, isWhole: false }
}

/** Of a name, where the App is installed. null: nowhere that it may see. */
export async function findRepository(
  github: Github,
  fullName: string,
): Promise<(z.infer<typeof Repository> & { installation: number }) | null> {
  try {
    const path = ['repos', ...fullName.split('/')]
    const { value } = await github.asApp({ path: [...path, 'installation'], reply: z.object({ id: z.int() }) })
    const repository = await github.asInstallation(value.id, { path, reply: Repository })
    return { ...repository.value, installation: value.id }
  } catch (error) {
    if (error instanceof GithubFailed && error.status === 404) return null
    throw error
  }
}

/** The account that has this name now; null: none. */
export async function findAccount(place: Place, login: string): Promise<z.infer<typeof Account> | null> {
  const asked = place.github.asInstallation(place.installation, { path: ['users', login], reply: Account })
  return asked.then(
    ({ value }) => value,
    (error: unknown) => {
      if (error instanceof GithubFailed && error.status === 404) return null
      throw error
    },
  )
}

export async function pull(place: Place, number: number): Promise<Pull> {
  return (await ask(place, { path: ['pulls', number], reply: Pull })).value
}

export const reviews = (place: Place, number: number): Promise<{ items: Review[]; isWhole: boolean }> =>
  list(place, ['pulls', number, 'reviews'], Review)

export const commits = (place: Place, number: number): Promise<{ items: Commit[]; isWhole: boolean }> =>
  list(place, ['pulls', number, 'commits'], Commit)

/** The commit at which a branch is now. By its name among branches: a tag of the same name is not meant. */
export async function tipOf(place: Place, branch: string): Promise<string> {
  const reply = z.object({ commit: z.object({ sha: Sha }) })
  return (await ask(place, { path: ['branches', branch], reply })).value.commit.sha
}

/** What the account may do in the repository, by its number: a name may be another's by now. */
export async function permissionOf(place: Place, account: { id: number; login: string }): Promise<string> {
  const reply = z.object({ permission: z.string(), user: z.object({ id: z.int() }).nullable() })
  const { value } = await ask(place, { path: ['collaborators', account.login, 'permission'], reply })
  return value.user?.id === account.id ? value.permission : 'none'
}

/** null: the App may not see who belongs to the team. */
export async function isInTeam(place: Place, org: string, team: string, login: string): Promise<boolean | null> {
  const path = ['orgs', org, 'teams', team, 'memberships', login]
  const asked = place.github.asInstallation(place.installation, { path, reply: z.object({ state: z.string() }) })
  return asked.then(
    ({ value }) => value.state === 'active',
    (error: unknown) => {
      if (!(error instanceof GithubFailed) || error.fault === 'later') throw error
      // 404 is said of somebody who does not belong, and of a team that the App may not see.
      return error.status === 404 ? false : null
    },
  )
}

export type FileRead = { kind: 'text'; text: string; sha: string } | { kind: 'none' } | { kind: 'unusable'; reason: string }

/**
 * A file as it is in a commit. Walked by trees, for a path of contents follows symbolic links: whoever may change the
 * target would change a file that others own.
 */
export async function fileAt(place: Place, commit: string, path: string): Promise<FileRead> {
  let tree = commit
  const steps = path.split('/')
  for (const [index, step] of steps.entries()) {
    const { value } = await ask(place, { path: ['git', 'trees', tree], reply: Tree })
    const entry = value.tree.find((each) => each.path === step)
    if (!entry) return value.truncated ? unusable('its folder has more entries than GitHub lists') : { kind: 'none' }
    const isLast = index === steps.length - 1
    if (!isLast && entry.type === 'tree') tree = entry.sha
    else if (!isLast || entry.type === 'tree') return { kind: 'none' }
    else if (entry.mode !== '100644' && entry.mode !== '100755') return unusable('is a link, not a file')
    else if ((entry.size ?? 0) > MOST_FILE_BYTES) return unusable(`is larger than ${MOST_FILE_BYTES} bytes`)
    else return blob(place, entry.sha)
  }
  return { kind: 'none' }
}

const unusable = (reason: string): FileRead => ({ kind: 'unusable', reason })

async function blob(place: Place, sha: string): Promise<FileRead> {
  const { value } = await ask(place, { path: ['git', 'blobs', sha], reply: Blob })
  if (value.encoding !== 'base64') return unusable('is not given as GitHub documents it')
  const bytes = Buffer.from(value.content, 'base64')
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), sha }
  } catch {
    return unusable('is not UTF-8')
  }
}

export type Annotation = { path: string; line: number; title: string; message: string }
export type CheckOutput = { title: string; summary: string; annotations: readonly Annotation[] }
export type Conclusion = 'success' | 'failure' | 'neutral' | 'action_required'
export type Check = { number: number; head: string; conclusion: Conclusion; url: string | null; output: CheckOutput }
export const CHECK_NAME = 'Onus'
/** GitHub takes no more in one request. */
export const MOST_ANNOTATIONS = 50

/** Makes the check, or makes it anew as `id`. Answers its id and when, by GitHub's clock. */
export async function saveCheck(place: Place, id: number | null, check: Check): Promise<{ id: number; at: Date }> {
  const { title, summary, annotations } = check.output
  const body = {
    ...(id === null ? { head_sha: check.head } : {}),
    name: CHECK_NAME,
    external_id: String(check.number),
    status: 'completed',
    conclusion: check.conclusion,
    ...(check.url === null ? {} : { details_url: check.url }),
    output: {
      title,
      summary,
      // Those of an update are added to those that are there.
      ...(id === null && annotations.length > 0 ? { annotations: annotations.slice(0, MOST_ANNOTATIONS).map(annotationOf) } : {}),
    },
  }
  const { value, at } = await ask(
    place,
    id === null
      ? { method: 'POST', path: ['check-runs'], body, reply: CheckRun }
      : { method: 'PATCH', path: ['check-runs', id], body, reply: CheckRun },
  )
  return { id: value.id, at }
}

const annotationOf = ({ path, line, title, message }: Annotation) => ({
  path,
  start_line: line,
  end_line: line,
  annotation_level: 'failure',
  title,
  message,
})

/** The comment that begins with `marker` and is the App's own: anybody can write the marker. null: there is none. */
export async function ownComment(place: Place, number: number, marker: string): Promise<number | null> {
  const { items } = await list(place, ['issues', number, 'comments'], Comment)
  const own = items.find(
    ({ body, performed_via_github_app: by }) => by?.id === place.github.appId && body?.startsWith(marker) === true,
  )
  return own?.id ?? null
}

export async function addComment(place: Place, number: number, body: string): Promise<number> {
  const { value } = await ask(place, { method: 'POST', path: ['issues', number, 'comments'], body: { body }, reply: Comment })
  return value.id
}

/** false: it is not there any more. */
export async function editComment(place: Place, id: number, body: string): Promise<boolean> {
  try {
    await ask(place, { method: 'PATCH', path: ['issues', 'comments', id], body: { body }, reply: Comment })
    return true
  } catch (error) {
    if (error instanceof GithubFailed && error.status === 404) return false
    throw error
  }
}
