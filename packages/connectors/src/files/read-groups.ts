/** What a worker does with a batch: opens, decodes, asks readers, counts. */
import type { Observation, Unread } from '@onus/core/observation.ts'
import type { FileReader } from '../reader.ts'
import { withoutSecretTags } from '../secret-tags.ts'
import type { Batch, Group } from './groups.ts'
import type { Inclusion } from './inclusions.ts'
import type { Library } from './library.ts'
import { openFile } from './open-file.ts'
import type { TextFile } from './text-file.ts'
import { UnreadList } from './unread-list.ts'
import { MAX_FILE_BYTES, megabytes, type FoundFile } from './walk.ts'

/** Text that is kept at once because it belongs together; a unit beyond it is read in parts. */
const MAX_UNIT_CHARACTERS = 64 * 1024 * 1024

const CUT = 'it builds on more files than are read for one: the rest of them is not followed'

/** In a tally, the walk itself: what kept a file from every reader. */
export const NO_READER = -1

/** What one reader (or, as `NO_READER`, the opening of files) did for one root in one batch. */
export type Tally = {
  root: number
  reader: number
  files: number
  bytes: number
  observations: number
  unread: Unread[]
  unreadCount: number
}
export type BatchResult = {
  tallies: Tally[]
  observations: Observation[]
  taken: string[]
  /** Of groups that are only asked what they include. */
  inclusions: Inclusion[]
}

/** Told before each step, so that whoever watches knows what a lost worker was at. */
export type Watch = (group: number, reader: number) => void

export type Reading = { readers: readonly FileReader[]; library: Library; watch: Watch }

export async function readBatch(batch: Batch, { readers, library, watch }: Reading): Promise<BatchResult> {
  const sink = new Sink()
  const inclusions: Inclusion[] = []
  for (const [index, group] of batch.groups.entries()) {
    const included = new Set(group.included)
    const work: Work = { group, readers, library, included, sink, at: (reader) => watch(index, reader) }
    if (group.isAsked) inclusions.push(...(await askGroup(work)))
    else await readGroup(work)
  }
  return { ...sink.result(), inclusions }
}

type Work = {
  group: Group
  readers: readonly FileReader[]
  library: Library
  included: ReadonlySet<string>
  sink: Sink
  at: (reader: number) => void
}

/** What the units of a group include. A failure says nothing here; the reading of the same files will. */
async function askGroup(work: Work): Promise<Inclusion[]> {
  const { group, readers, library, at } = work
  const units = new Map<string, { index: number; unit: string; files: TextFile[] }>()
  for (const found of group.files) {
    for (const index of found.readers) {
      const reader = readers[index]
      if (!reader?.includes) continue
      at(index)
      const { file } = openFile(found.path, found.absolute, reader.maxBytes ?? MAX_FILE_BYTES)
      if (!file) continue
      const unit = reader.unitOf?.(found.path) ?? found.path
      const known = units.get(`${index}\0${unit}`)
      if (known) known.files.push(file)
      else units.set(`${index}\0${unit}`, { index, unit, files: [file] })
    }
  }
  const inclusions: Inclusion[] = []
  for (const { index, unit, files } of units.values()) {
    const reader = readers[index]
    if (!reader?.includes) continue
    at(index)
    try {
      const to = await reader.includes.of(files, library.surroundings(group.root, index, reader, work.included))
      if (to.length > 0) inclusions.push({ root: group.root, reader: index, from: unit, to })
    } catch {
      continue
    }
  }
  return inclusions
}

async function readGroup(work: Work): Promise<void> {
  const { group, readers, sink, at } = work
  const units = new Map<string, { reader: number; files: TextFile[]; characters: number }>()
  for (const found of group.files) {
    at(NO_READER)
    const file = openFound(found, group.root, readers, sink)
    if (file === null) continue
    for (const index of found.readers) {
      const reader = readers[index]
      if (!reader) continue
      at(index)
      if (!wants(reader, file, () => sink.missed(group.root, index, file.path, failure(reader)))) continue
      sink.taken(group.root, index, file.path, found.bytes)
      if (!reader.unitOf) {
        await readUnit(work, index, [file])
        continue
      }
      const key = `${index}\0${reader.unitOf(file.path)}`
      const unit = units.get(key) ?? { reader: index, files: [], characters: 0 }
      units.set(key, unit)
      unit.files.push(file)
      unit.characters += file.text.length
      if (unit.characters <= MAX_UNIT_CHARACTERS || unit.files.length === 1) continue
      sink.missed(
        group.root,
        index,
        file.path,
        `more than ${megabytes(MAX_UNIT_CHARACTERS)} belongs together: read in parts, references between them are not followed`,
      )
      units.delete(key)
      await readUnit(work, index, unit.files)
    }
  }
  for (const unit of units.values()) {
    at(unit.reader)
    await readUnit(work, unit.reader, unit.files)
  }
}

async function readUnit(work: Work, index: number, files: TextFile[]): Promise<void> {
  const { sink, library, included, group, readers } = work
  const reader = readers[index]
  const first = files[0]
  if (!reader || !first) return
  const surroundings = library.surroundings(group.root, index, reader, included)
  try {
    const { observations, unread } = await reader.read(files, surroundings)
    sink.read(group.root, index, observations, unread)
    if (surroundings.isCut()) sink.missed(group.root, index, first.path, CUT)
  } catch {
    if (files.length === 1) sink.missed(group.root, index, first.path, failure(reader))
    else for (const file of files) await readUnit(work, index, [file])
  }
}

function wants(reader: FileReader, file: TextFile, onFailure: () => void): boolean {
  try {
    return reader.wants(file)
  } catch {
    onFailure()
    return false
  }
}

/** Without the error's own message: it may quote the file, and the file may hold a secret. */
function failure(reader: FileReader): string {
  return `the ${reader.name} reader failed on this file; please report it`
}

function openFound(found: FoundFile, root: number, readers: readonly FileReader[], sink: Sink): TextFile | null {
  const limit = Math.max(...found.readers.map((index) => readers[index]?.maxBytes ?? MAX_FILE_BYTES))
  const { file, note } = openFile(found.path, found.absolute, limit)
  if (note) sink.missed(root, NO_READER, found.path, note.reason, note.line)
  return file
}

class Sink {
  readonly #tallies = new Map<string, Omit<Tally, 'unread' | 'unreadCount'> & { list: UnreadList }>()
  readonly #observations: Observation[] = []
  readonly #taken = new Set<string>()

  taken(root: number, reader: number, path: string, bytes: number): void {
    const tally = this.#tally(root, reader)
    tally.files += 1
    tally.bytes += bytes
    this.#taken.add(path)
  }

  read(root: number, reader: number, observations: Observation[], unread: Unread[]): void {
    const tally = this.#tally(root, reader)
    tally.observations += observations.length
    for (const observation of observations) this.#observations.push(withoutSecretTags(observation))
    for (const entry of unread) tally.list.add(entry)
  }

  missed(root: number, reader: number, file: string, reason: string, line = 1): null {
    this.#tally(root, reader).list.add({ file, line, reason })
    return null
  }

  result(): Omit<BatchResult, 'inclusions'> {
    const tallies = [...this.#tallies.values()].map(({ list, ...tally }) => ({
      ...tally,
      unread: list.entries,
      unreadCount: list.count,
    }))
    return { tallies, observations: this.#observations, taken: [...this.#taken] }
  }

  #tally(root: number, reader: number): Omit<Tally, 'unread' | 'unreadCount'> & { list: UnreadList } {
    const key = `${root}\0${reader}`
    const known = this.#tallies.get(key)
    if (known) return known
    const tally = { root, reader, files: 0, bytes: 0, observations: 0, list: new UnreadList() }
    this.#tallies.set(key, tally)
    return tally
  }
}
