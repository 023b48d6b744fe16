/** One server a data folder. The lock names its holder, so that a second start can say who that is. */
import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isAlive, startMark } from '../postgres/process-facts.ts'

const Holder = z.object({ pid: z.int().positive(), startMark: z.string().nullable(), url: z.string().nullable() })
export type Holder = z.infer<typeof Holder>
export type Lock = { tell(url: string): Promise<void>; release(): Promise<void> }

const lockFile = (dataDir: string): string => join(dataDir, 'server.lock')

async function readHolder(file: string): Promise<Holder | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return Holder.parse(JSON.parse(text))
  } catch {
    // Nothing we wrote: files are moved into place whole. Whoever made it holds no server.
    return { pid: 2 ** 30, startMark: null, url: null }
  }
}

/** Alive and the same process: a number that was used again after a crash or a reboot is not the holder. */
function isHeld(holder: Holder): boolean {
  return isAlive(holder.pid) && (holder.startMark === null || startMark(holder.pid) === holder.startMark)
}

/** The live server on `dataDir`, or null. */
export async function holderOf(dataDir: string): Promise<Holder | null> {
  const holder = await readHolder(lockFile(dataDir))
  return holder && isHeld(holder) ? holder : null
}

/**
 * Takes the lock or answers who has it. A stale lock is moved aside and looked at once more before it is thrown away,
 * so two starts that find it at the same time cannot both win.
 */
export async function takeLock(dataDir: string): Promise<{ lock: Lock } | { heldBy: Holder }> {
  const file = lockFile(dataDir)
  const me: Holder = { pid: process.pid, startMark: startMark(process.pid), url: null }
  const mine = `${file}.${randomBytes(6).toString('hex')}`
  await writeFile(mine, JSON.stringify(me), { mode: 0o600 })
  try {
    for (;;) {
      const isMine = await link(mine, file).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
      if (isMine) return { lock: lockOf(file, mine, me) }
      const holder = await readHolder(file)
      if (!holder) continue
      if (isHeld(holder)) return { heldBy: holder }
      const aside = `${mine}.stale`
      const isMoved = await rename(file, aside).then(
        () => true,
        () => false,
      )
      const moved = isMoved ? await readHolder(aside) : null
      // Between reading and moving someone else may have taken it: give it back.
      if (moved && isHeld(moved)) await link(aside, file).catch(() => {})
      await rm(aside, { force: true })
    }
  } finally {
    await rm(mine, { force: true })
  }
}

function lockOf(file: string, mine: string, me: Holder): Lock {
  return {
    async tell(url) {
      await writeFile(mine, JSON.stringify({ ...me, url }), { mode: 0o600 })
      await rename(mine, file)
    },
    async release() {
      await rm(file, { force: true })
    },
  }
}
