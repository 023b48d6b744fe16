import { randomUUID } from 'node:crypto'
import { open, realpath, rename, stat, unlink } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { writeAll } from '../io.ts'

/**
 * Writes a file so that readers see the old or the whole new one, never half. A device or pipe (`/dev/null`) is written
 * to as it is, and a link is followed rather than replaced. Rejects with the error of the file system.
 */
export async function writeFileWhole(path: string, pieces: Iterable<string>): Promise<void> {
  return saveWhole(path, (stream) => writeAll(stream, pieces))
}

/** The same for what comes bit by bit: `write` resolves when all is written to the stream, and does not end it. */
export async function saveWhole(path: string, write: (stream: Writable) => Promise<void>): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const before = await stat(target).catch(() => null)
  if (before && !before.isFile()) {
    if (before.isDirectory()) throw Object.assign(new Error(`${path} is a directory`), { code: 'EISDIR' })
    const stream = createWriteStream(target).on('error', ignore)
    await write(stream)
    stream.end()
    return finished(stream)
  }
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`)
  try {
    const file = await open(temporary, 'wx', before ? before.mode & 0o777 : 0o666)
    try {
      await write(file.createWriteStream({ autoClose: false }).on('error', ignore))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
}

/** The failing write rejects and is handled; without a listener the same error would end the process too. */
function ignore(): void {}
