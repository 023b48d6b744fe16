/** Which conventions a scan follows: those named, else the file in the scanned directory, else the built-in ones. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readConventions } from '@onus/connectors/conventions-file/index.ts'
import { DEFAULT_CONVENTIONS, type Conventions } from '@onus/core/conventions.ts'
import { EXIT, Stop } from './io.ts'

export const CONVENTIONS_FILE = 'onus.conventions.yaml'
/** A table of keys; more is another file. */
const MAX_BYTES = 1_000_000

/**
 * Stops when a file is not what it should be: judging by other conventions than people think is worse than not
 * judging.
 */
export async function chooseConventions(
  named: string | undefined,
  paths: readonly string[],
  say: (text: string) => void,
): Promise<Conventions> {
  if (named !== undefined) return load(named)
  const found: string[] = []
  for (const path of paths) {
    const file = join(path, CONVENTIONS_FILE)
    if (
      await stat(file).then(
        (stats) => stats.isFile(),
        () => false,
      )
    )
      found.push(file)
  }
  const [first, second] = found
  if (first === undefined) return DEFAULT_CONVENTIONS
  if (second !== undefined)
    throw new Stop(EXIT.usage, `${first} and ${second} may differ: say which with --conventions`)
  say(`Using the conventions in ${first}.`)
  return load(first)
}

async function load(file: string): Promise<Conventions> {
  let text: string
  try {
    const { size } = await stat(file)
    if (size > MAX_BYTES) throw new Stop(EXIT.usage, `${file} is too large for a conventions file (more than 1 MB)`)
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Stop) throw error
    throw new Stop(
      EXIT.usage,
      `cannot read the conventions file ${file} (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'})`,
    )
  }
  const read = readConventions(text, file)
  if ('conventions' in read) return read.conventions
  const problems = read.problems.slice(0, 5).map(({ line, field, reason }) => `${file}:${line} ${field}: ${reason}`)
  throw new Stop(EXIT.usage, `the conventions file cannot be used; ${problems.join('; ')}`)
}
