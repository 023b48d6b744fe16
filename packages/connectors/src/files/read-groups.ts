/** What a worker does with a batch: opens, decodes, asks readers, counts. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Observation, Unread } from '@onus/core/observation.ts'
import type { FileReader } from '../reader.ts'
import { withoutSecretTags } from '../secret-tags.ts'
import { decode } from './decode.ts'
import type { Batch, Group } from './groups.ts'
import { TextFile } from './text-file.ts'
import { UnreadList } from './unread-list.ts'
import { MAX_FILE_BYTES, megabytes, type FoundFile } from './walk.ts'

/** Text that is kept at once because it belongs together; a unit beyond it is read in parts. */
const MAX_UNIT_CHARACTERS = 64 * 1024 * 1024

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
export type BatchResult = { tallies: Tally[]; observations: Observation[]; taken: string[] }

/** Told before each step, so that whoever watches knows what a lost worker was at. */
export type Watch = (group: number, reader: number) => void

export async function readBatch(batch: Batch, readers: readonly FileReader[], watch: Watch): Promise<BatchResult> {
  const sink = new Sink()
  for (const [index, group] of batch.groups.entries())
    await readGroup(group, readers, sink, (reader) => watch(index, reader))
  return sink.result()
}

async function readGroup(
  group: Group,
  readers: readonly FileReader[],
  sink: Sink,
  at: (reader: number) => void,
): Promise<void> {
  const units = new Map<string, { reader: number; files: TextFile[]; characters: number }>()
  for (const found of group.files) {
    at(NO_READER)
    const file = openFile(found, group.root, readers, sink)
    if (file === null) continue
    for (const index of found.readers) {
      const reader = readers[index]
      if (!reader) continue
      at(index)
      if (!wants(reader, file, () => sink.missed(group.root, index, file.path, failure(reader)))) continue
      sink.taken(group.root, index, file.path, found.bytes)
      if (!reader.unitOf) {
        await readUnit(reader, index, [file], group.root, sink)
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
      await readUnit(reader, index, unit.files, group.root, sink)
    }
  }
  for (const unit of units.values()) {
    const reader = readers[unit.reader]
    at(unit.reader)
    if (reader) await readUnit(reader, unit.reader, unit.files, group.root, sink)
  }
}

async function readUnit(reader: FileReader, index: number, files: TextFile[], root: number, sink: Sink): Promise<void> {
  try {
    const { observations, unread } = await reader.read(files)
    sink.read(root, index, observations, unread)
  } catch {
    const first = files[0]
    if (files.length === 1 && first) sink.missed(root, index, first.path, failure(reader))
    else for (const file of files) await readUnit(reader, index, [file], root, sink)
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

/**
 * Synchronous: this process reads one file after the other, and a promise for each of four calls takes ten times as
 * long.
 */
function openFile(found: FoundFile, root: number, readers: readonly FileReader[], sink: Sink): TextFile | null {
  const limit = Math.max(...found.readers.map((index) => readers[index]?.maxBytes ?? MAX_FILE_BYTES))
  let bytes: Buffer
  try {
    // No link in the last segment and no waiting on a pipe: the entry may have been exchanged since the walk.
    const fd = openSync(found.absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(fd)
      if (!stats.isFile()) return sink.missed(root, NO_READER, found.path, 'no longer a file: not read')
      if (stats.size > limit)
        return sink.missed(root, NO_READER, found.path, `grew to ${megabytes(stats.size)} during the scan: not read`)
      bytes = readFileSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return sink.missed(root, NO_READER, found.path, `not readable (${code})`)
  }
  const decoded = decode(bytes)
  if (decoded.note) sink.missed(root, NO_READER, found.path, decoded.note.reason, decoded.note.line)
  return decoded.text === null ? null : new TextFile(found.path, decoded.text)
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

  result(): BatchResult {
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
