/** The conventions that a scanned folder brings along. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readConventions } from '@onus/connectors/conventions-file/index.ts'
import { DEFAULT_CONVENTIONS } from '@onus/core/conventions.ts'
import type { Conventions } from '@onus/core/conventions.ts'
import { Refused } from '../http/refused.ts'

/** The name that `onus scan` looks for as well. */
const FILE = 'onus.conventions.yaml'
/** A table of keys; more is another file. */
const MAX_BYTES = 1_000_000

/**
 * Those of the first path that has some, else the built-in ones. Throws `Refused`: judging by other conventions than
 * people think is worse than not judging.
 */
export async function conventionsOf(paths: readonly string[]): Promise<Conventions> {
  for (const path of paths) {
    const file = join(path, FILE)
    const found = await stat(file).catch(() => null)
    if (!found?.isFile()) continue
    if (found.size > MAX_BYTES) throw refusal([{ field: FILE, reason: 'is too large' }])
    const read = readConventions(await readFile(file, 'utf8'), FILE)
    if ('conventions' in read) return read.conventions
    throw refusal(
      read.problems.slice(0, 5).map(({ line, field, reason }) => ({ field: `${FILE}:${line} ${field}`, reason })),
    )
  }
  return DEFAULT_CONVENTIONS
}

const refusal = (errors: { field: string; reason: string }[]): Refused =>
  new Refused('conventions-not-usable', 'the conventions file of the folder cannot be used', errors)
