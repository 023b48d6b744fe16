/** Which files a worker must have together, and how they are packed into batches. */
import type { FileReader } from '../reader.ts'
import { Turns } from './turns.ts'
import type { FoundFile } from './walk.ts'

/** Files that are read together; alone, unless a reader's `unitOf` joins them. */
export type Group = { root: number; files: FoundFile[] }
export type Batch = { id: number; groups: Group[]; files: number; bytes: number }

/** Small enough that a lost worker costs little and progress moves, large enough that messages do not count. */
const BATCH_FILES = 48
const BATCH_BYTES = 2 * 1024 * 1024

/**
 * A unit within one directory keeps its files with all their readers, so that parsing is shared. A unit across
 * directories becomes a group for that reader alone (read twice, but a GitLab pipeline must not glue half the estate
 * together). Everything else is a group of one file. Cross-directory groups come first: they take longest.
 */
export async function groupFiles(
  root: number,
  files: readonly FoundFile[],
  readers: readonly FileReader[],
): Promise<Group[]> {
  const turns = new Turns()
  const units = await unitsOf(files, readers, turns)
  const apart: Group[] = []
  const without = new Map<FoundFile, Set<number>>()
  const together = new Map<string, Set<FoundFile>>()
  for (const unit of units.values()) {
    if (turns.isDue()) await turns.next()
    if (unit.files.length === 1) continue
    if (unit.directory !== null) {
      const members = together.get(unit.directory) ?? new Set()
      together.set(unit.directory, members)
      for (const file of unit.files) members.add(file)
      continue
    }
    apart.push({ root, files: unit.files.map((file) => ({ ...file, readers: [unit.reader] })) })
    for (const file of unit.files) without.set(file, (without.get(file) ?? new Set()).add(unit.reader))
  }
  const left = (file: FoundFile): FoundFile => {
    const read = without.get(file)
    return read ? { ...file, readers: file.readers.filter((reader) => !read.has(reader)) } : file
  }
  const joined: Group[] = []
  const grouped = new Set<FoundFile>()
  for (const members of together.values()) {
    if (turns.isDue()) await turns.next()
    joined.push({ root, files: [...members].map(left) })
    for (const file of members) grouped.add(file)
  }
  const alone: Group[] = []
  for (const file of files) {
    if (turns.isDue()) await turns.next()
    if (grouped.has(file)) continue
    const rest = left(file)
    if (rest.readers.length > 0) alone.push({ root, files: [rest] })
  }
  return [...apart, ...joined, ...alone]
}

type Unit = { reader: number; files: FoundFile[]; /** null: it spans several. */ directory: string | null }

async function unitsOf(
  files: readonly FoundFile[],
  readers: readonly FileReader[],
  turns: Turns,
): Promise<Map<string, Unit>> {
  const units = new Map<string, Unit>()
  for (const file of files) {
    if (turns.isDue()) await turns.next()
    for (const reader of file.readers) {
      const unit = readers[reader]?.unitOf?.(file.path)
      if (unit === undefined) continue
      const key = `${reader}\0${unit}`
      const directory = directoryOf(file.path)
      const known = units.get(key)
      if (!known) units.set(key, { reader, files: [file], directory })
      else {
        known.files.push(file)
        if (known.directory !== directory) known.directory = null
      }
    }
  }
  return units
}

/** Packs groups in order; a group is never divided. Ids count up from `firstId`. */
export function packGroups(groups: Iterable<Group>, firstId: number): Batch[] {
  const batches: Batch[] = []
  let batch: Batch | null = null
  for (const group of groups) {
    const bytes = group.files.reduce((sum, file) => sum + file.bytes, 0)
    if (batch === null || batch.files + group.files.length > BATCH_FILES || batch.bytes + bytes > BATCH_BYTES) {
      batch = { id: firstId + batches.length, groups: [], files: 0, bytes: 0 }
      batches.push(batch)
    }
    batch.groups.push(group)
    batch.files += group.files.length
    batch.bytes += bytes
  }
  return batches
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
