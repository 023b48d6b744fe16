import { stat } from 'node:fs/promises'
import { EXIT, Stop } from './io.ts'

/** Stops when one of the paths is not there or cannot be looked at. */
export async function checkPaths(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await stat(path).catch((error: unknown) => {
      throw new Stop(
        EXIT.usage,
        codeOf(error) === 'ENOENT' ? `no such file or directory: ${path}` : `cannot read ${path} (${codeOf(error)})`,
      )
    })
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
