/** Who made and last changed the files that readers took, from the git history around and below the scanned root. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HistoryObserved } from '@onus/core/observation.ts'
import { runGit } from './git.ts'
import { LOG_FORMAT, LogReader } from './log.ts'

export const GIT_HISTORY = 'git-history'
export const GIT_HISTORY_BLIND = ['who really wrote a change: author names in git are what the author typed']

/** All work trees of a scan together; a long history is read newest first as far as this goes. */
const BUDGET_MS = 10_000
/** Folders full of clones: enough for a company's, bounded for an attacker's. */
const MAX_WORK_TREES = 500

export type GitHistory = {
  observations: HistoryObserved[]
  /** What could not be known, in words. */
  blind: string[]
  /**
   * Repository root, as a path below the scanned root ('' is the root itself) → `organisation/repository` of its
   * origin.
   */
  names: Map<string, string>
}

export type GitHistoryOptions = {
  /** The scanned directory. */
  root: string
  /** Directories below it that hold a `.git`, as `walk` tells. */
  workTrees: readonly string[]
  /** Paths below the root (without any prefix) that readers took. */
  isTaken: (path: string) => boolean
  prefix: string
  signal?: AbortSignal
}

/** Nothing when git is not installed or nothing is a work tree. Never rejects. */
export async function readGitHistory(options: GitHistoryOptions): Promise<GitHistory> {
  const found: GitHistory = { observations: [], blind: [], names: new Map() }
  const until = performance.now() + BUDGET_MS
  const trees = options.workTrees.includes('') ? options.workTrees : ['', ...options.workTrees]
  for (const tree of trees.slice(0, MAX_WORK_TREES)) {
    const left = until - performance.now()
    if (options.signal?.aborted || left <= 0) {
      found.blind.push(`history of ${tree || 'the root'} and the work trees after it: time was up`)
      break
    }
    if (!(await readWorkTree(tree, left, options, found))) break
  }
  return found
}

/** False when there is no git to ask. */
async function readWorkTree(
  tree: string,
  timeoutMs: number,
  options: GitHistoryOptions,
  found: GitHistory,
): Promise<boolean> {
  const directory = join(options.root, tree)
  const asked = await ask(
    directory,
    ['rev-parse', '--is-inside-work-tree', '--is-shallow-repository', '--git-common-dir'],
    options.signal,
  )
  if (asked.end === 'missing') return false
  const [isInside, isShallow, gitDirectory] = asked.lines
  const where = tree || 'the root'
  if (asked.end !== 'done' || isInside !== 'true') {
    if (/dubious ownership/.test(asked.refusal))
      found.blind.push(
        `history of ${where}: its files belong to another user, so git does not read it (git config --global --add safe.directory ${directory})`,
      )
    return true
  }
  await nameRepository(tree, directory, options, found)
  const shallow =
    isShallow === 'true' ? await shallowCommits(join(directory, gitDirectory ?? '.git')) : new Set<string>()
  if (shallow.size > 0) found.blind.push(`history of ${where}: the clone is shallow, older commits are not in it`)
  const base = tree === '' ? '' : `${tree}/`
  const log = new LogReader((path) => options.isTaken(base + path), shallow)
  const end = await runGit({
    directory,
    timeoutMs,
    ...(options.signal ? { signal: options.signal } : {}),
    onOutput: (chunk) => log.push(chunk),
    args: [
      'log',
      '-z',
      '--no-renames',
      '--name-status',
      '--no-ext-diff',
      '--no-textconv',
      '--no-mailmap',
      '--no-show-signature',
      '--relative',
      LOG_FORMAT,
      '--',
      '.',
    ],
  })
  // An empty repository has no HEAD and no history; that is no failure.
  if (end.end === 'cut')
    found.blind.push(`history of ${where} is long: read back to ${log.oldest?.slice(0, 10) ?? 'its newest commit'}`)
  for (const [path, { created, changed }] of log.files) {
    found.observations.push({
      type: 'history',
      file: options.prefix + base + path,
      ...(created ? { created } : {}),
      changed,
    })
  }
  return true
}

async function ask(
  directory: string,
  args: string[],
  signal?: AbortSignal,
): Promise<{ end: string; refusal: string; lines: string[] }> {
  let text = ''
  const { end, refusal } = await runGit({
    directory,
    args,
    timeoutMs: 5_000,
    ...(signal ? { signal } : {}),
    onOutput: (chunk) => {
      text += chunk.toString('utf8')
      return text.length < 100_000
    },
  })
  return { end, refusal, lines: text.split('\n').filter((line) => line !== '') }
}

/** Only the work tree's own root is called by its origin; a directory inside it is not the repository. */
async function nameRepository(
  tree: string,
  directory: string,
  options: GitHistoryOptions,
  found: GitHistory,
): Promise<void> {
  const [inside, origin] = await Promise.all([
    ask(directory, ['rev-parse', '--show-prefix'], options.signal),
    ask(directory, ['config', '--get', 'remote.origin.url'], options.signal),
  ])
  const name = repositoryName(origin.lines[0] ?? '')
  if (inside.end === 'done' && inside.lines.length === 0 && name !== null) found.names.set(options.prefix + tree, name)
}

/** `organisation/repository` of an address; without its host and above all without the user and password in it. */
export function repositoryName(address: string): string | null {
  const path = /^(?:[a-z+]+:\/\/[^/]+\/|[^/@:]+@[^/:]+:)(.+)$/i.exec(address.trim())?.[1]
  if (path === undefined) return null
  const segments = path
    .replace(/[?#].*$/, '')
    .replace(/\.git\/?$/, '')
    .split('/')
    .filter((segment) => segment !== '')
  return segments.length < 2 || segments.some((segment) => segment.includes('@')) ? null : segments.join('/')
}

async function shallowCommits(gitDirectory: string): Promise<Set<string>> {
  try {
    return new Set((await readFile(join(gitDirectory, 'shallow'), 'utf8')).split('\n').filter((line) => line !== ''))
  } catch {
    return new Set()
  }
}
