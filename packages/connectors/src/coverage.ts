/** What each reader took, saw and missed of each scanned path: the `sources` of a report. */
import type { SourceReport } from '@onus/core/report.ts'
import { NO_READER, type Tally } from './files/read-groups.ts'
import { UnreadList } from './files/unread-list.ts'
import { SKIPPED_DIRECTORIES } from './files/walk.ts'
import { GIT_HISTORY, GIT_HISTORY_BLIND } from './git-history/index.ts'
import type { FileReader } from './reader.ts'
import type { Root } from './roots.ts'

/** The reader's name under which a report says what the walk itself met. */
export const FILES = 'files'

type Line = { files: number; bytes: number; observations: number; unread: UnreadList }

export class Coverage {
  /** Paths that some reader took. */
  readonly taken = new Set<string>()
  readonly #readers: readonly FileReader[]
  readonly #lines = new Map<string, Line>()
  readonly #histories = new Map<number, { files: number; blind: string[] }>()

  constructor(readers: readonly FileReader[]) {
    this.#readers = readers
  }

  add(tallies: readonly Tally[], taken: readonly string[]): void {
    for (const tally of tallies) {
      const line = this.#line(tally.root, tally.reader)
      line.files += tally.files
      line.bytes += tally.bytes
      line.observations += tally.observations
      line.unread.merge(tally.unread, tally.unreadCount)
    }
    for (const path of taken) this.taken.add(path)
  }

  addHistory(root: number, files: number, blind: string[]): void {
    if (files > 0 || blind.length > 0) this.#histories.set(root, { files, blind })
  }

  /** One entry for the walk through each path, one for each reader that took or missed something there. */
  sources(roots: readonly Root[]): SourceReport[] {
    return roots.flatMap((root, index) => {
      const walk = this.#walkOf(root, index)
      const history = this.#histories.get(index)
      return [
        walk,
        ...this.#readers.flatMap((reader, at) => this.#sourceOf(root, index, at, reader, walk.isComplete)),
        ...(history ? [this.#historyOf(root, history)] : []),
      ]
    })
  }

  #walkOf(root: Root, index: number): SourceReport {
    const opening = this.#line(index, NO_READER)
    opening.unread.merge(root.walked.unread.entries, root.walked.unread.count)
    const { skippedDirectories, files } = root.walked
    return {
      path: root.path,
      reader: FILES,
      files,
      bytes: root.files.reduce((sum, file) => sum + file.bytes, 0),
      observations: 0,
      unread: opening.unread.entries,
      unreadCount: opening.unread.count,
      isComplete: opening.unread.count === 0,
      blind:
        skippedDirectories > 0
          ? [`${skippedDirectories} directories that tools keep (${SKIPPED_DIRECTORIES.join(', ')})`]
          : [],
    }
  }

  #sourceOf(root: Root, index: number, at: number, reader: FileReader, isWalkComplete: boolean): SourceReport[] {
    const line = this.#lines.get(keyOf(index, at))
    if (!line || (line.files === 0 && line.unread.count === 0)) return []
    const { files, bytes, observations, unread } = line
    return [
      {
        path: root.path,
        reader: reader.name,
        files,
        bytes,
        observations,
        unread: unread.entries,
        unreadCount: unread.count,
        blind: reader.blind,
        isComplete: isWalkComplete && unread.count === 0,
      },
    ]
  }

  #historyOf(root: Root, history: { files: number; blind: string[] }): SourceReport {
    return {
      path: root.path,
      reader: GIT_HISTORY,
      files: history.files,
      bytes: 0,
      observations: history.files,
      unread: [],
      unreadCount: 0,
      blind: [...GIT_HISTORY_BLIND, ...history.blind],
      isComplete: history.blind.length === 0,
    }
  }

  #line(root: number, reader: number): Line {
    const key = keyOf(root, reader)
    const known = this.#lines.get(key)
    if (known) return known
    const line: Line = { files: 0, bytes: 0, observations: 0, unread: new UnreadList() }
    this.#lines.set(key, line)
    return line
  }
}

function keyOf(root: number, reader: number): string {
  return `${root}:${reader}`
}
