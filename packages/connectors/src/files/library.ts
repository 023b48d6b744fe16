/** What the units of a reading process can see of each other: files opened on request, and kept for the next to ask. */
import type { FileReader, Surroundings } from '../reader.ts'
import { inclusionKey } from './inclusions.ts'
import { openFile } from './open-file.ts'
import { baseOf, directoryOf } from './paths.ts'
import { absoluteOf, type Shelf } from './shelves.ts'
import type { TextFile } from './text-file.ts'
import { MAX_FILE_BYTES } from './walk.ts'

/** A company's shared modules; what is parsed of them takes some twenty times as much. */
const KEPT_CHARACTERS = 4 * 1024 * 1024
/** What one unit may ask for: far above any real one, and an end for a hostile one. */
const MAX_OPENED = 5_000
const MAX_CHARACTERS = 16 * 1024 * 1024

export type UnitSurroundings = Surroundings & { /** The unit asked for more than it may have. */ isCut: () => boolean }

export class Library {
  readonly #shelves = new Map<string, Shelf>()
  /** By the path on this machine; the least recently used comes first. */
  readonly #kept = new Map<string, TextFile | null>()
  #characters = 0

  add(shelves: readonly Shelf[]): void {
    for (const shelf of shelves) this.#shelves.set(`${shelf.root}\0${shelf.directory}`, shelf)
  }

  /** `included`: the keys of the units and files of this group that others include. */
  surroundings(root: number, index: number, reader: FileReader, included: ReadonlySet<string>): UnitSurroundings {
    const limit = reader.maxBytes ?? MAX_FILE_BYTES
    const isVisible = (path: string): boolean => reader.wantsPath(path) || (reader.includes?.mayOpen?.(path) ?? false)
    const opened = new Map<string, TextFile | null>()
    let characters = 0
    let isCut = false
    const open = (path: string): TextFile | null => {
      const known = opened.get(path)
      if (known !== undefined) return known
      const shelf = this.#shelves.get(`${root}\0${directoryOf(path)}`)
      const absolute = shelf && isVisible(path) ? absoluteOf(shelf, baseOf(path)) : null
      if (absolute === null) return null
      if (opened.size >= MAX_OPENED || characters >= MAX_CHARACTERS) isCut = true
      const file = isCut ? null : this.#take(path, absolute, limit)
      opened.set(path, file)
      characters += file?.text.length ?? 0
      return file
    }
    return {
      open,
      namesIn: (directory) => {
        const names = this.#shelves.get(`${root}\0${directory}`)?.names ?? []
        const prefix = directory === '' ? '' : `${directory}/`
        return names.filter((name) => isVisible(prefix + name))
      },
      isIncluded: (path) => included.has(inclusionKey(root, index, path)),
      isCut: () => isCut,
    }
  }

  #take(path: string, absolute: string, maxBytes: number): TextFile | null {
    const known = this.#kept.get(absolute)
    // One file may stand at two paths, through a link.
    const file = known && known.path === path ? known : openFile(path, absolute, maxBytes).file
    this.#kept.delete(absolute)
    if (file !== known) this.#characters += (file?.text.length ?? 0) - (known?.text.length ?? 0)
    this.#kept.set(absolute, file)
    for (const [oldest, least] of this.#kept) {
      if (this.#characters <= KEPT_CHARACTERS) break
      this.#kept.delete(oldest)
      this.#characters -= least?.text.length ?? 0
    }
    return file
  }
}
