/**
 * Finds the files below a root that somebody else wrote. It opens no file: it lists directories, looks at entries
 * without following them, and hands on what readers may want, in an order that depends on names only.
 */
import type { Dirent, Stats } from 'node:fs'
import { lstatSync } from 'node:fs'
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { Unread } from '@onus/core/observation.ts'
import { Turns } from './turns.ts'
import { UnreadList } from './unread-list.ts'

/** Kept by tools, not written by the company: other people's packages and caches, and version control itself. */
export const SKIPPED_DIRECTORIES = ['.git', 'node_modules', '.terraform', 'vendor', '.onus'] as const
const SKIPPED: ReadonlySet<string> = new Set(SKIPPED_DIRECTORIES)

/** Larger than any manifest people write; a reader of machine-made exports may ask for more (`FileReader.maxBytes`). */
export const MAX_FILE_BYTES = 32 * 1024 * 1024
/** Deeper than this is a loop of mounts or an attack; POSIX paths end at 4,096 bytes anyway. */
const MAX_DEPTH = 128
/** Links to one directory that are followed, and links inside links: doubling chains of links must stay bounded. */
const MAX_LINKS_TO_ONE = 16
const MAX_LINK_NESTING = 2

export type FoundFile = {
  /** Relative to the root (with the root's prefix where several are scanned), / between segments. */
  path: string
  /** Where to open it: no symbolic link in its last segment. */
  absolute: string
  bytes: number
  /** Indexes of the readers whose `wantsPath` said yes and whose size limit it keeps. */
  readers: number[]
}

export type WalkReader = { wantsPath(path: string): boolean; maxBytes?: number }

export type Walked = {
  /** All regular files met, wanted or not. */
  files: number
  skippedDirectories: number
  unread: UnreadList
  /** Directories that hold a `.git`: work trees of their own below the root, as paths relative to it. */
  workTrees: string[]
}

export type WalkOptions = {
  root: string
  /** Put before every path: '' or `name/`. */
  prefix: string
  readers: readonly WalkReader[]
  signal?: AbortSignal
  onFile: (file: FoundFile) => void | Promise<void>
  /** Called now and then with the number of files met. */
  onProgress?: (files: number) => void
}

/**
 * Walks one root, a directory or a single file. Links are followed only to targets inside the root that are no
 * ancestor; everything else that is left out is in `unread`, and so is a root that is not there. Rejects when aborted.
 */
export async function walk(options: WalkOptions): Promise<Walked> {
  const result: Walked = { files: 0, skippedDirectories: 0, unread: new UnreadList(), workTrees: [] }
  let root: string
  let rootStats: Stats
  try {
    root = await realpath(options.root)
    rootStats = await stat(root)
  } catch (error) {
    const code = codeOf(error)
    result.unread.add(unread(options.root, code === 'ENOENT' ? 'no such file or directory' : `not readable (${code})`))
    return result
  }
  const state: WalkState = {
    ...options,
    root: rootStats.isDirectory() ? root : dirname(root),
    linksTo: new Map(),
    turns: new Turns(),
    result,
  }
  if (rootStats.isDirectory()) await walkDirectory(state, { absolute: root, path: '', depth: 0, links: [] })
  else if (rootStats.isFile()) await meetFile(state, root, basename(root), rootStats.size)
  else state.result.unread.add(unread(options.prefix + basename(root), `${specialKind(rootStats)}: not opened`))
  return state.result
}

type WalkState = WalkOptions & { result: Walked; linksTo: Map<string, number>; turns: Turns }
/** `links`: the real directories in which the links on the way here lie. */
type Directory = { absolute: string; path: string; depth: number; links: string[] }

async function walkDirectory(state: WalkState, directory: Directory): Promise<void> {
  const { absolute, path, depth } = directory
  state.signal?.throwIfAborted()
  if (depth > MAX_DEPTH) return miss(state, path, `more than ${MAX_DEPTH} directories deep: not read`)
  let entries: Dirent<Buffer>[]
  try {
    entries = await readdir(absolute, { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    return miss(state, path === '' ? '.' : path, `directory not readable (${codeOf(error)})`)
  }
  const named = entries.map((entry) => ({ entry, name: entry.name.toString('utf8') }))
  // By code units, so that the order is the same on every machine.
  named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  for (const { entry, name } of named) {
    const oddity = oddName(entry.name, name)
    const below = path === '' ? escapeName(name) : `${path}/${escapeName(name)}`
    if (name === '.git') state.result.workTrees.push(path)
    if (entry.isDirectory() && SKIPPED.has(name)) state.result.skippedDirectories += 1
    else if (oddity !== null) miss(state, below, oddity)
    else if (entry.isFile()) await meetFile(state, join(absolute, name), below)
    else
      await meetEntry(state, entry, {
        absolute: join(absolute, name),
        path: below,
        depth: depth + 1,
        links: directory.links,
      })
  }
}

async function meetEntry(state: WalkState, entry: Dirent<Buffer>, at: Directory): Promise<void> {
  const { absolute, path } = at
  if (entry.isDirectory()) return walkDirectory(state, at)
  if (entry.isSymbolicLink()) return meetLink(state, at)
  let stats: Stats
  try {
    stats = await lstat(absolute) // some file systems do not tell the kind in a listing
  } catch (error) {
    return miss(state, path, `not readable (${codeOf(error)})`)
  }
  if (stats.isDirectory()) return walkDirectory(state, at)
  if (stats.isSymbolicLink()) return meetLink(state, at)
  if (stats.isFile()) return meetFile(state, absolute, path, stats.size)
  miss(state, path, `${specialKind(stats)}: not opened`)
}

/**
 * A link is read as what it leads to, at its own path: Terraform and kustomize estates share files between
 * directories so.
 */
async function meetLink(state: WalkState, at: Directory): Promise<void> {
  let target: string
  let stats: Stats
  try {
    target = await realpath(at.absolute)
    stats = await stat(target)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ELOOP') return miss(state, at.path, 'a link that leads to itself: not followed')
    // Editors leave broken links as locks; only one that should have been a file of interest is worth a line.
    if (isWanted(state, at.path))
      miss(state, at.path, `a link to something that is not there or not readable (${code})`)
    return
  }
  const refusal = refusalOfLink(state, at, target, stats)
  if (refusal !== null) return miss(state, at.path, refusal)
  if (stats.isFile()) return isInside(state.root, target) ? meetFile(state, target, at.path, stats.size) : undefined
  state.linksTo.set(target, (state.linksTo.get(target) ?? 0) + 1)
  return walkDirectory(state, { ...at, absolute: target, links: [...at.links, dirname(at.absolute)] })
}

function refusalOfLink(state: WalkState, at: Directory, target: string, stats: Stats): string | null {
  if (!isInside(state.root, target)) {
    return stats.isFile() && !isWanted(state, at.path) ? null : 'a link out of the scanned directory: not followed'
  }
  if (
    relative(state.root, target)
      .split(sep)
      .some((segment) => SKIPPED.has(segment))
  )
    return 'a link into a directory that is skipped: not followed'
  if (stats.isFile()) return null
  if (!stats.isDirectory()) return `a link to a ${specialKind(stats)}: not opened`
  const parents = [dirname(at.absolute), ...at.links]
  if (parents.some((parent) => isInside(target, parent)))
    return 'a link to a directory above itself (a loop): not followed'
  if (at.links.length >= MAX_LINK_NESTING) return `more than ${MAX_LINK_NESTING} links inside each other: not followed`
  if ((state.linksTo.get(target) ?? 0) >= MAX_LINKS_TO_ONE)
    return `more than ${MAX_LINKS_TO_ONE} links to one directory: not followed`
  return null
}

async function meetFile(state: WalkState, absolute: string, path: string, knownBytes?: number): Promise<void> {
  state.result.files += 1
  if (state.result.files % 256 === 0) state.onProgress?.(state.result.files)
  const full = state.prefix + path
  const wanting = readersOf(state.readers, full)
  if (wanting.length === 0) {
    if (full.endsWith('.gz') && readersOf(state.readers, full.slice(0, -3)).length > 0)
      miss(state, path, 'compressed: not read; unpack it first')
    return
  }
  let bytes = knownBytes
  try {
    bytes ??= lstatSync(absolute).size // a tenth of the cost of the promise, a hundred thousand times
  } catch (error) {
    return miss(state, path, `not readable (${codeOf(error)})`)
  }
  const readers = wanting.filter((index) => bytes <= (state.readers[index]?.maxBytes ?? MAX_FILE_BYTES))
  if (readers.length === 0) {
    const limit = Math.max(...wanting.map((index) => state.readers[index]?.maxBytes ?? MAX_FILE_BYTES))
    return miss(state, path, `${megabytes(bytes)} is more than the limit of ${megabytes(limit)} a file: not read`)
  }
  await state.onFile({ path: full, absolute, bytes, readers })
  if (state.turns.isDue()) await state.turns.next()
}

function isWanted(state: WalkState, path: string): boolean {
  return readersOf(state.readers, state.prefix + path).length > 0
}

function readersOf(readers: readonly WalkReader[], path: string): number[] {
  const wanting: number[] = []
  for (let index = 0; index < readers.length; index++) if (readers[index]?.wantsPath(path)) wanting.push(index)
  return wanting
}

function miss(state: WalkState, path: string, reason: string): void {
  state.result.unread.add(unread(state.prefix + path, reason))
}

function unread(file: string, reason: string): Unread {
  return { file, line: 1, reason }
}

function isInside(directory: string, target: string): boolean {
  return target === directory || target.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}

/** A name that cannot be said in a path, a log line or a report without changing its meaning. */
function oddName(bytes: Buffer, name: string): string | null {
  if (!Buffer.from(name, 'utf8').equals(bytes)) return 'its name is not UTF-8: not read'
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name)) return 'its name has control characters: not read'
  return null
}

function escapeName(name: string): string {
  return name.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function specialKind(stats: Stats): string {
  if (stats.isFIFO()) return 'named pipe'
  if (stats.isSocket()) return 'socket'
  return stats.isBlockDevice() || stats.isCharacterDevice() ? 'device' : 'special file'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`
}
