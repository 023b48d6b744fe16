/** A file of the estate → decoded text, or why not. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { decode } from './decode.ts'
import { TextFile } from './text-file.ts'
import { megabytes } from './walk.ts'

export type Opened = { file: TextFile | null; note: { line: number; reason: string } | null }

/**
 * Synchronous: a reading process takes one file after the other, and a promise for each of four calls takes ten times as
 * long.
 */
export function openFile(path: string, absolute: string, maxBytes: number): Opened {
  let bytes: Buffer
  try {
    // No link in the last segment and no waiting on a pipe: the entry may have been exchanged since the walk.
    const fd = openSync(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(fd)
      if (!stats.isFile()) return refused('no longer a file: not read')
      if (stats.size > maxBytes) return refused(`grew to ${megabytes(stats.size)} during the scan: not read`)
      bytes = readFileSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return refused(`not readable (${code})`)
  }
  const { text, note } = decode(bytes)
  return { file: text === null ? null : new TextFile(path, text), note }
}

function refused(reason: string): Opened {
  return { file: null, note: { line: 1, reason } }
}
