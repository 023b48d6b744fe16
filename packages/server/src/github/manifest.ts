/**
 * A manifest from a pull request, which anybody may have written: it is parsed in a thread of its own, whose memory and
 * time are bounded, so that no request waits for it and a bomb costs one check.
 */
import { Worker } from 'node:worker_threads'
import type { Manifest } from '@onus/core/manifest/manifest.ts'

export type Problem = { line: number; message: string }
/** `problems` are the first of `count`. */
export type ManifestRead =
  | { ok: true; manifest: Manifest; teamLine: number }
  | { ok: false; problems: Problem[]; count: number }

/** Half a megabyte of YAML takes less than a second, unless it was made to take longer. */
const TIMEOUT_MS = 10_000
const MEMORY_MB = 256

export function readManifest(text: string, path: string, timeoutMs = TIMEOUT_MS): Promise<ManifestRead> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('manifest-worker.ts', import.meta.url), {
      workerData: { text, path },
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
    const end = (read: ManifestRead): void => {
      clearTimeout(timer)
      resolve(read)
      void worker.terminate()
    }
    const give = (message: string): void => end({ ok: false, problems: [{ line: 1, message }], count: 1 })
    const timer = setTimeout(() => give('takes too long to read'), timeoutMs)
    worker.on('message', end)
    // Without its message, which can quote the text.
    worker.on('error', () => give('cannot be read'))
    worker.on('exit', () => give('cannot be read'))
  })
}
