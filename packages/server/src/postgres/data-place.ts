/** Where the data lies: in the asked folder, unless the account that runs PostgreSQL cannot get there. */
import { createHash } from 'node:crypto'
import { chmod, mkdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Account } from './binaries.ts'

/** True when `account` may pass through every folder above and into `dir`. */
async function canEnter(dir: string, account: NonNullable<Account>): Promise<boolean> {
  for (let at = dir; ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (dirname(at) === at) return true
  }
}

/**
 * Makes the data folder and answers its real path. Started by root below a folder that `nobody` may not enter (a home
 * of mode 0700), the data goes to `fallbackRoot`/<hash of the asked path>: the same question finds it again.
 */
export async function makeDataDir(asked: string, account: Account, fallbackRoot = '/var/lib/onus'): Promise<string> {
  const wanted = resolve(asked)
  await mkdir(wanted, { recursive: true, mode: 0o700 })
  const dir = await realpath(wanted)
  if (!account) return dir
  // Only passing through: the files inside keep their own, tighter modes.
  await chmod(dir, 0o711)
  if (await canEnter(dir, account)) return dir
  const fallback = join(fallbackRoot, createHash('sha256').update(dir).digest('hex').slice(0, 12))
  await mkdir(fallback, { recursive: true, mode: 0o711 })
  return realpath(fallback)
}
