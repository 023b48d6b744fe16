/** Which files a worker must have together, and how they are packed into batches. */
import type { FileReader } from '../reader.ts'
import { inclusionKey } from './inclusions.ts'
import { directoryOf } from './paths.ts'
import { Turns } from './turns.ts'
import type { FoundFile } from './walk.ts'

/** Files that are read together; alone, unless a reader's `unitOf` joins them. */
export type Group = {
  root: number
  files: FoundFile[]
  /** Keys (`inclusionKey`) of its units and files that other units include. */
  included?: string[]
  /** Only asked what it includes, and read later. */
  isAsked?: true
}
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

/** The units that may include others, each with its files that tell. */
export async function groupToAsk(
  root: number,
  files: readonly FoundFile[],
  readers: readonly FileReader[],
): Promise<Group[]> {
  const turns = new Turns()
  const groups = new Map<string, Group>()
  for (const file of files) {
    if (turns.isDue()) await turns.next()
    for (const index of file.readers) {
      const reader = readers[index]
      if (!reader?.includes?.mayName(file.path)) continue
      const key = `${index}\0${reader.unitOf?.(file.path) ?? file.path}`
      const asked = { ...file, readers: [index] }
      const known = groups.get(key)
      if (known) known.files.push(asked)
      else groups.set(key, { root, files: [asked], isAsked: true })
    }
  }
  return [...groups.values()]
}

/** Tells each group which of its units and files others include. */
export function markIncluded(
  groups: readonly Group[],
  readers: readonly FileReader[],
  included: ReadonlySet<string>,
): void {
  if (included.size === 0) return
  for (const group of groups) {
    const keys = new Set<string>()
    for (const file of group.files) {
      for (const index of file.readers) {
        const reader = readers[index]
        if (!reader?.includes) continue
        for (const path of [file.path, reader.unitOf?.(file.path) ?? file.path]) {
          const key = inclusionKey(group.root, index, path)
          if (included.has(key)) keys.add(key)
        }
      }
    }
    if (keys.size > 0) group.included = [...keys]
  }
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
