/** Paths → report, without a server: walk, read, join, judge. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { DEFAULT_CONVENTIONS, type Conventions } from '@onus/core/conventions.ts'
import { REPORT_VERSION, type ScanReport } from '@onus/core/report.ts'
import { Coverage } from './coverage.ts'
import { Estate } from './estate.ts'
import { groupFiles, groupToAsk, markIncluded, type Group } from './files/groups.ts'
import { includedOf, type Inclusion } from './files/inclusions.ts'
import { POOL_LIMITS, Pool, type PoolLimits } from './files/pool.ts'
import { shelvesOf } from './files/shelves.ts'
import { readGitHistory, type GitHistory } from './git-history/index.ts'
import type { FileReader } from './reader.ts'
import { READERS } from './readers.ts'
import { nameOf, walkRoots, type Root } from './roots.ts'

export type ScanProgress = {
  stage: 'walking' | 'reading' | 'judging'
  files: number
  total: number | null
  identities?: number
}

export type ReadOptions = {
  paths: readonly string[]
  onProgress?: (progress: ScanProgress) => void
  signal?: AbortSignal
  limits?: Partial<PoolLimits>
  /** Other readers than READERS, for tests: the URL of the module that exports them, and what it exports. */
  readers?: { module: string; list: readonly FileReader[] }
}

export type ScanOptions = ReadOptions & {
  /** The instant the answer is for. */
  asOf: Date
  conventions?: Conventions
}

/** Below this many files a further worker takes longer to start than it saves. */
const FILES_PER_WORKER = 150
/** Beyond this the one worker that joins everything is what others wait for. */
const MAX_WORKERS = 8

/** The version that reports carry. */
// The manifest is part of this package; its version is always there.
export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/**
 * Scans files and directories. What cannot be read is in the report (`sources[].unread`), never an error; a path that
 * is not there is such an entry too. Rejects when aborted, with the signal's reason.
 */
export async function scan(options: ScanOptions): Promise<ScanReport> {
  const { asOf, conventions = DEFAULT_CONVENTIONS, onProgress } = options
  return withReading(options, async ({ coverage, roots, names, estate }) => {
    const sources = coverage.sources(roots)
    const files = roots.reduce((sum, root) => sum + root.walked.files, 0)
    const unread = sources.reduce((sum, source) => sum + source.unreadCount, 0)
    onProgress?.({ stage: 'judging', files, total: files })
    const { summary, ...parts } = await estate.report(
      { kind: 'report', asOf, conventions, names, unread, files },
      (identities) => {
        onProgress?.({ stage: 'judging', files, total: files, identities })
      },
    )
    return {
      onus: { report: REPORT_VERSION, version: VERSION },
      asOf: asOf.toISOString(),
      sources,
      ...parts,
      summary,
      limits: conventions.limits,
    }
  })
}

/** The text of a conventions file for the keys met below the paths, and how many files were read for it. */
export async function suggestConventionsFor(options: ReadOptions): Promise<{ text: string; files: number }> {
  return withReading(options, async ({ coverage, estate }) => ({
    text: await estate.suggest(),
    files: coverage.taken.size,
  }))
}

type Reading = { coverage: Coverage; roots: Root[]; names: ReadonlyMap<string, string>; estate: Estate }

/** Reads everything, then hands over; workers are stopped whatever happens. */
async function withReading<T>(options: ReadOptions, use: (reading: Reading) => Promise<T>): Promise<T> {
  const { signal } = options
  signal?.throwIfAborted()
  const estate = new Estate()
  const readers = options.readers?.list ?? READERS
  const coverage = new Coverage(readers)
  const inclusions: Inclusion[] = []
  let read = 0
  let total = 0
  const pool = new Pool({
    readersModule: options.readers?.module ?? new URL('./readers.ts', import.meta.url).href,
    readers,
    limits: { ...POOL_LIMITS, workers: 1, ...options.limits },
    onObservations: (packed) => estate.addPacked(packed),
    onDone: ({ tallies, taken, inclusions: more }, files) => {
      coverage.add(tallies, taken)
      inclusions.push(...more)
      read = Math.min(total, read + files)
      options.onProgress?.({ stage: 'reading', files: read, total })
    },
  })
  const stop = (): Promise<unknown> => Promise.all([pool.close(), estate.close()])
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  try {
    const working = (async () => {
      const roots = await walkRoots({
        ...options,
        readers,
        onProgress: (files) => options.onProgress?.({ stage: 'walking', files, total: null }),
      })
      total = roots.reduce((sum, root) => sum + root.files.length, 0)
      pool.grow(
        options.limits?.workers ?? Math.min(MAX_WORKERS, availableParallelism(), Math.ceil(total / FILES_PER_WORKER)),
      )
      const [histories] = await Promise.all([readHistories(roots, signal), readRoots(roots, readers, pool, inclusions)])
      const names = new Map(roots.map((root) => [withoutSlash(root.prefix), nameOf(root)]))
      for (const [index, history] of histories.entries()) {
        const observations = history.observations.filter((one) => coverage.taken.has(one.file))
        estate.add(observations)
        coverage.addHistory(index, observations.length, history.blind)
        for (const [tree, name] of history.names) names.set(withoutSlash(tree), name)
      }
      return use({ coverage, roots, names, estate })
    })()
    return await Promise.race([working, aborted])
  } finally {
    await stop()
  }
}

/** Asks all units what they include, then reads them. `inclusions` is filled by the pool. */
async function readRoots(
  roots: readonly Root[],
  readers: readonly FileReader[],
  pool: Pool,
  inclusions: readonly Inclusion[],
): Promise<void> {
  const perRoot = async <T>(of: (index: number, files: Root['files']) => Promise<T[]>): Promise<T[]> => {
    const all: T[] = []
    for (const [index, root] of roots.entries()) for (const one of await of(index, root.files)) all.push(one)
    return all
  }
  const asked = await perRoot((index, files) => groupToAsk(index, files, readers))
  if (asked.length > 0) {
    await pool.share(await perRoot((index, files) => shelvesOf(index, files, readers)))
    await pool.read(asked)
  }
  const groups: Group[] = await perRoot((index, files) => groupFiles(index, files, readers))
  markIncluded(groups, readers, includedOf(inclusions))
  await pool.read(groups)
}

/** Runs beside the reading, so it asks for every file that a reader may take. */
async function readHistories(roots: readonly Root[], signal: AbortSignal | undefined): Promise<GitHistory[]> {
  const histories: GitHistory[] = []
  for (const root of roots) {
    const wanted = new Set(root.files.map((file) => file.path))
    const options = {
      root: root.directory,
      workTrees: root.walked.workTrees,
      prefix: root.prefix,
      isTaken: (path: string) => wanted.has(root.prefix + path),
    }
    histories.push(
      wanted.size > 0
        ? await readGitHistory({ ...options, ...(signal ? { signal } : {}) })
        : { observations: [], blind: [], names: new Map() },
    )
  }
  return histories
}

function withoutSlash(prefix: string): string {
  return prefix.replace(/\/$/, '')
}
