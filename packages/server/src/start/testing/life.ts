/** Servers that end in the middle of what they do, each behind a door to one database. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../../config.ts'
import type { Connection } from '../../postgres/cluster.ts'
import { startServer } from '../server.ts'
import { databaseDoor } from './database-door.ts'
import type { Door } from './database-door.ts'
import type { LifeOrders } from './life-process.ts'

/**
 * `process`: a process of its own, ended by SIGKILL. `cut`: the same server here, cut off from its database and its callers
 * at that moment; it is forgotten with its memory, so what remains is what remains of a process, at a tenth of the time.
 */
export type Kind = 'process' | 'cut'
export type Life = {
  url: string
  door: Door
  /** Aborted when it is dead: no answer comes any more. */
  ended: AbortSignal
  /** It is dead, and known to be. */
  gone: Promise<unknown>
  /** Ends it now, in the middle of whatever it does. */
  kill(): Promise<void>
}
export type LifeWish = { kind: Kind; connection: Connection; env: Record<string, string>; now: Date; killAt?: number }

const PROGRAM = fileURLToPath(new URL('./life-process.ts', import.meta.url))
const living = new Set<() => Promise<void>>()
const tidying = new Set<Promise<void>>()
let place: Promise<string> | null = null
const root = (): Promise<string> => {
  place ??= mkdtemp(join(tmpdir(), 'onus-lives-')).then((dir) => {
    after(async () => {
      for (const end of living) await end()
      await Promise.all(tidying)
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    })
    return dir
  })
  return place
}
const PROJECT = fileURLToPath(new URL('../../../../..', import.meta.url))

const addressOf = ({ host, port, user, password, database }: Connection): string =>
  `postgresql://${user}:${password}@${host}:${port}/${database}`

/** Starts a server; null when it died on the way, as `killAt` may ask for. */
export async function live({ kind, connection, env, now, killAt }: LifeWish): Promise<Life | null> {
  const door = await databaseDoor(connection)
  const dead = new AbortController()
  const orders: LifeOrders = {
    env: { ONUS_DATA_DIR: await root(), ONUS_LOG_LEVEL: 'error', ...env, DATABASE_URL: addressOf(door.connection) },
    root: PROJECT,
    now: now.toISOString(),
  }
  const started = kind === 'process' ? inProcess(orders, dead) : inHere(orders, dead)
  living.add(started.kill)
  void started.gone.then(() => living.delete(started.kill))
  const kill = (): void => void started.kill()
  if (killAt !== undefined) door.shutAt(killAt, kill)
  const url = await started.url
  if (url === null) door.shut()
  return url === null ? null : {
    url,
    door,
    ended: dead.signal,
    gone: started.gone,
    async kill() {
      kill()
      door.shut()
      await started.gone
    },
  }
}

type Started = { url: Promise<string | null>; kill(): Promise<void>; gone: Promise<unknown> }

function inProcess(orders: LifeOrders, dead: AbortController): Started {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(orders)], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(orders.env['ONUS_DATA_DIR'] ?? '', 'compiled') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)))
  const gone = new Promise<void>((done) => child.on('exit', () => {
    dead.abort()
    done()
  }))
  const url = new Promise<string | null>((done, fail) => {
    child.stdout.once('data', (chunk: Buffer) => done(String(chunk).trim()))
    void gone.then(() => (child.signalCode === 'SIGKILL' ? done(null) : fail(new Error(said))))
  })
  return {
    url,
    gone,
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

function inHere({ env, root: project, now }: LifeOrders, dead: AbortController): Started {
  const reading = readConfig(env, project)
  if (!reading.ok) throw new Error(JSON.stringify(reading.complaints))
  const config = { ...reading.config, port: 0 }
  const starting = startServer({ config, root: project, dist: project, clock: () => new Date(now ?? Date.now()) })
  const gone = new Promise<void>((done) => dead.signal.addEventListener('abort', () => {
    done()
    // What it still does reaches nobody; its timers and sockets are put away behind everybody's back.
    const tidied = starting.then((running) => running.stop()).catch(() => {})
    tidying.add(tidied)
    void tidied.then(() => tidying.delete(tidied))
  }))
  return {
    url: starting.then(
      ({ url }) => (dead.signal.aborted ? null : url),
      (error: unknown) => {
        if (dead.signal.aborted) return null
        throw error
      },
    ),
    gone,
    async kill() {
      dead.abort()
      await gone
    },
  }
}
