/** The real server as people start it: a process of its own, with its own data, that prints a sign-in link. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url))
/** The database is made anew, and the machine may be busy. */
const START_MS = 120_000

export type RealServer = { link: string; origin: string; stop(): Promise<void> }

/** Starts the server on an empty registry and resolves when it prints its link; rejects with what it said instead. */
export async function startRealServer(): Promise<RealServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'onus-console-'))
  const env = { ...process.env, ONUS_DATA_DIR: dataDir }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    await rm(dataDir, { recursive: true, force: true })
  }
  let said = ''
  const link = new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the server ${why}:\n${said}`))
    const timer = setTimeout(() => fail(`printed no link in ${START_MS / 1_000} s`), START_MS)
    const listen = (chunk: Buffer): void => {
      said += chunk.toString()
      const found = /https?:\/\/\S+\/sign-in#token=\S+/.exec(said)
      if (!found) return
      clearTimeout(timer)
      resolve(found[0])
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', (code) => {
      clearTimeout(timer)
      fail(`ended with ${code}`)
    })
  })
  try {
    const address = await link
    return { link: address, origin: new URL(address).origin, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
