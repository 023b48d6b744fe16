/** Readers that misbehave on demand, for the tests of the pool: the content of a file says how. */
import type { FileReader } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import { walk, type FoundFile } from '../files/walk.ts'

function misbehave(file: TextFile): void {
  if (file.text.includes('LOOP')) for (;;) void file
  if (file.text.includes('MEMORY')) {
    const held: unknown[] = []
    for (;;) held.push({ text: `${held.length}`.repeat(10) })
  }
  if (file.text.includes('EXIT')) process.exit(1)
  if (file.text.includes('THROW')) throw new Error(`cannot read ${file.text}`)
}

function seen(file: TextFile, name: string) {
  return { type: 'person' as const, name, teams: [], place: { file: file.path, line: 1 } }
}

const oneByOne: FileReader = {
  name: 'one-by-one',
  blind: [],
  wantsPath: (path) => path.endsWith('.txt'),
  wants: () => true,
  read: (files) => {
    const unread = files.flatMap((file) =>
      file.text.includes('FLOOD')
        ? Array.from({ length: 10_000 }, (_, i) => ({ file: file.path, line: 10_000 - i, reason: 'bad '.repeat(200) }))
        : [],
    )
    for (const file of files) misbehave(file)
    return { observations: files.map((file) => seen(file, 'one-by-one')), unread }
  },
}

/** The second reader of the same files; it never minds. */
const calm: FileReader = {
  name: 'calm',
  blind: [],
  wantsPath: (path) => path.endsWith('.txt'),
  wants: () => true,
  read: (files) => ({ observations: files.map((file) => seen(file, 'calm')), unread: [] }),
}

const byDirectory: FileReader = {
  name: 'by-directory',
  blind: [],
  wantsPath: (path) => path.endsWith('.unit'),
  wants: () => true,
  unitOf: (path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))),
  read: (files) => {
    for (const file of files) misbehave(file)
    return { observations: files.map((file) => seen(file, `by-directory of ${files.length}`)), unread: [] }
  },
}

export const READERS: readonly FileReader[] = [oneByOne, calm, byDirectory]
export const ODD_READERS = { module: import.meta.url, list: READERS }

/** The files below a directory that these readers want. */
export async function oddFiles(root: string): Promise<FoundFile[]> {
  const files: FoundFile[] = []
  await walk({ root, prefix: '', readers: READERS, onFile: (file) => void files.push(file) })
  return files
}
