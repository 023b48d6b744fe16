/** Facts about other processes that tell a living holder from a number that was used again. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

function procStat(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold spaces and brackets; the fields after the last one are plain.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}

const ps = (pid: number, column: string): string | null => {
  const answer = spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' })
  return answer.status === 0 ? answer.stdout.trim() || null : null
}

/** Alive, and not a zombie that only waits to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it exists and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return procStat(pid)?.[0] !== 'Z'
}

/** When the process started, in whatever unit the system has; only equality means something. Null: not known. */
export function startMark(pid: number): string | null {
  // Field 22 of /proc/PID/stat: clock ticks since boot.
  return procStat(pid)?.[19] ?? ps(pid, 'lstart')
}

/** The command line, or null when it cannot be told. */
export function commandOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ps(pid, 'command')
  }
}
