/** Scan of a generated estate of 1,400 namespaces: wall time and the memory of all its processes together. */
import { spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FULL, writeEstate } from './estate.ts'

const CLI = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
const TARGET_SECONDS = 20
const TARGET_MB = 1_024
const SAMPLE_MS = 100

export async function run(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'onus-bench-scan-'))
  try {
    const estate = writeEstate(join(root, 'estate'), FULL)
    process.stdout.write(
      `estate: ${estate.namespaces} namespaces, ${estate.files} files; ${availableParallelism()} cores\n`,
    )
    for (const attempt of ['first', 'second']) {
      const { seconds, peakMb, bytes, identities } = await measure(join(root, 'estate'), join(root, 'report.json'))
      process.stdout.write(
        `${attempt}: ${seconds.toFixed(1)} s (target < ${TARGET_SECONDS}), peak ${Math.round(peakMb)} MB in all processes (target < ${TARGET_MB}), ${identities} identities, report ${(bytes / 1e6).toFixed(0)} MB  ${seconds < TARGET_SECONDS && peakMb < TARGET_MB ? 'ok' : 'MISSED'}\n`,
      )
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function measure(
  estate: string,
  out: string,
): Promise<{ seconds: number; peakMb: number; bytes: number; identities: number }> {
  const startedAt = performance.now()
  const log = openSync('/dev/null', 'w')
  const child = spawn(
    process.execPath,
    [CLI, 'scan', estate, '--as-of', '2026-08-21', '--format', 'json', '--out', out, '--quiet'],
    { stdio: ['ignore', log, 'inherit'] },
  )
  let peakMb = 0
  const sampling = setInterval(() => {
    peakMb = Math.max(peakMb, residentMb(child.pid ?? 0))
  }, SAMPLE_MS)
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  clearInterval(sampling)
  if (code !== 0) throw new Error(`onus scan ended with ${code}`)
  const text = readFileSync(out, 'utf8')
  return {
    seconds: (performance.now() - startedAt) / 1000,
    peakMb,
    bytes: statSync(out).size,
    identities: (JSON.parse(text) as { identities: unknown[] }).identities.length,
  }
}

/**
 * Of the process and its children now; 0 where there is no /proc. Shared pages count for each, so it is an upper
 * bound.
 */
function residentMb(pid: number): number {
  let total = 0
  try {
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue
      const status = statusOf(entry)
      if (entry === String(pid) || field(status, 'PPid') === pid) total += field(status, 'VmRSS')
    }
  } catch {
    return 0
  }
  return total / 1024
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return '' // it has just ended
  }
}

function field(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
}
