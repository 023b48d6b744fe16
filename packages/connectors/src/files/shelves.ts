/** The files of an estate that readers may look up, in a form that is small to send: a list of names a directory. */
import { dirname, join } from 'node:path'
import type { FileReader } from '../reader.ts'
import { directoryOf } from './paths.ts'
import { Turns } from './turns.ts'
import type { FoundFile } from './walk.ts'

export type Shelf = {
  root: number
  directory: string
  /** Where the directory is on this machine. */
  at: string
  /** Sorted. */
  names: string[]
  /** Names whose file is reached through a link → where it is. */
  elsewhere: Map<string, string>
}

/** Only of readers that look beyond their units. */
export async function shelvesOf(
  root: number,
  files: readonly FoundFile[],
  readers: readonly FileReader[],
): Promise<Shelf[]> {
  const turns = new Turns()
  const shelves = new Map<string, Shelf>()
  for (const file of files) {
    if (turns.isDue()) await turns.next()
    if (!file.readers.some((index) => readers[index]?.includes)) continue
    const directory = directoryOf(file.path)
    const name = file.path.slice(directory === '' ? 0 : directory.length + 1)
    const shelf: Shelf = shelves.get(directory) ?? {
      root,
      directory,
      at: dirname(file.absolute),
      names: [],
      elsewhere: new Map(),
    }
    shelves.set(directory, shelf)
    shelf.names.push(name)
    if (join(shelf.at, name) !== file.absolute) shelf.elsewhere.set(name, file.absolute)
  }
  for (const shelf of shelves.values()) shelf.names.sort()
  return [...shelves.values()]
}

/** Where a file of the shelf is on this machine; null when it has none of that name. */
export function absoluteOf(shelf: Shelf, name: string): string | null {
  const linked = shelf.elsewhere.get(name)
  if (linked !== undefined) return linked
  let low = 0
  for (let high = shelf.names.length; low < high;) {
    const middle = (low + high) >> 1
    if ((shelf.names[middle] ?? '') < name) low = middle + 1
    else high = middle
  }
  return shelf.names[low] === name ? join(shelf.at, name) : null
}
