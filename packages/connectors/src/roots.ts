/** The scanned paths: how files below each are called in a report, and the walk through them. */
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, resolve, sep } from 'node:path'
import type { FileReader } from './reader.ts'
import { walk, type FoundFile, type Walked } from './files/walk.ts'

export type Root = {
  /** As it was named. */
  path: string
  /** Before every file of it: '' when it is the only one, else `name/`. */
  prefix: string
  /** Its directory, without links; the directory around it when it is a file. */
  directory: string
  files: FoundFile[]
  walked: Walked
}

export type WalkRoots = {
  paths: readonly string[]
  readers: readonly FileReader[]
  signal?: AbortSignal
  onProgress: (files: number) => void
}

/** Walks the paths in order. A file that lies below two of them is read once, as a file of the first. */
export async function walkRoots(options: WalkRoots): Promise<Root[]> {
  const prefixes = prefixesOf(options.paths.map((path) => resolve(path)))
  const roots: Root[] = []
  const seen = new Set<string>()
  let before = 0
  for (const [index, path] of options.paths.entries()) {
    const prefix = prefixes[index] ?? ''
    const files: FoundFile[] = []
    const met = new Set<string>()
    const walked = await walk({
      root: path,
      prefix,
      readers: options.readers,
      ...(options.signal ? { signal: options.signal } : {}),
      onProgress: (count) => options.onProgress(before + count),
      onFile: (file) => {
        if (seen.has(file.absolute)) return
        met.add(file.absolute)
        files.push(file)
      },
    })
    for (const file of met) seen.add(file)
    before += walked.files
    roots.push({ path, prefix, directory: await directoryOf(path), files, walked })
  }
  return roots
}

/**
 * What to put before the files of each path: nothing for one path; for several, as many of its last segments as tell
 * them apart, so that `prod/estate` and `test/estate` stay readable.
 */
export function prefixesOf(absolutePaths: readonly string[]): string[] {
  if (absolutePaths.length === 1) return ['']
  const segments = absolutePaths.map((path) => path.split(sep).filter((segment) => segment !== ''))
  const longest = Math.max(...segments.map((one) => one.length))
  for (let count = 1; count <= longest; count++) {
    const names = segments.map((one) => one.slice(-count).join('/') || 'root')
    if (
      new Set(names).size === names.length &&
      !names.some((name) => names.some((other) => other.startsWith(`${name}/`)))
    )
      return names.map((name) => `${name}/`)
  }
  // Equal paths, or one of them called like the end of another: numbers tell them apart.
  return segments.map((one, index) => `${index + 1}-${one.at(-1) ?? 'root'}/`)
}

/** How people call a root that no repository names. */
export function nameOf(root: Root): string {
  return root.prefix === '' ? basename(root.directory) || root.directory : root.prefix.slice(0, -1)
}

async function directoryOf(path: string): Promise<string> {
  try {
    const real = await realpath(path)
    return (await stat(real)).isDirectory() ? real : dirname(real)
  } catch {
    return resolve(path)
  }
}
