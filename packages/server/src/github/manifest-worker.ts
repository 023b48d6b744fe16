/** Reads one manifest, with memory and time of its own; see `manifest.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { readManifest } from '@onus/connectors/manifest/index.ts'
import type { ManifestRead } from './manifest.ts'

/** More of them nobody reads. */
const MOST_PROBLEMS = 200

function read(): ManifestRead {
  // Written by `manifest.ts`.
  const { text, path } = workerData as { text: string; path: string }
  const made = readManifest(text, path)
  if ('manifest' in made) return { ok: true, manifest: made.manifest, teamLine: made.placeOf(['team']).line }
  const problems = made.problems.slice(0, MOST_PROBLEMS).map(({ line, field, reason }) => ({ line, message: `${field} ${reason}`.trim() }))
  return { ok: false, problems, count: made.problems.length }
}

parentPort?.postMessage(read())
