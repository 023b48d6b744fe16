/** Everything that runs, brought up in order and down in the reverse. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { isLoopback } from '../config.ts'
import { saveReassignDays, startLapsing } from '../accountability/index.ts'
import { startChangeClock } from '../changes/index.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { openDatabase } from '../db/database.ts'
import type { Address, Database } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { startGithub } from '../github/index.ts'
import { createApp } from '../http/app.ts'
import type { App } from '../http/app.ts'
import { createJobs } from '../jobs/index.ts'
import { openLedger } from '../ledger/index.ts'
import { startNotifying } from '../notifications/index.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { openSealer } from '../seal/index.ts'
import { startWebhooks } from '../webhooks/index.ts'

export type Running = {
  ctx: Context
  url: string
  cspReports: () => number
  /** Resolves when the embedded database ended by itself, with its last words. */
  databaseDied: Promise<string>
  stop(): Promise<void>
}
/** `dist` is the built console; it may still be building while the database comes up. */
export type Settings = { config: Config; root: string; dist: string | Promise<string>; clock?: () => Date }

/** A port to listen on could not be had; `message` says what to do. */
export class PortTaken extends Error {}

const FIRST_PORT = 4400
const PORTS_TRIED = 50
const CLOSE_MS = 2_000

async function listen({ server }: App, config: Config): Promise<number> {
  const ports =
    config.port === null ? Array.from({ length: PORTS_TRIED }, (_, index) => FIRST_PORT + index) : [config.port]
  for (const port of ports) {
    try {
      await server.listen({ host: config.host, port })
      const address = server.server.address()
      // Of port 0 the system makes a free one.
      return typeof address === 'object' && address !== null ? address.port : port
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'EADDRNOTAVAIL')
        throw new PortTaken(`this machine has no address ${config.host}; set ONUS_HOST to one it has`)
      if (code === 'EACCES')
        throw new PortTaken(`port ${port} needs rights that this user has not; set ONUS_PORT to one above 1023`)
      if (code !== 'EADDRINUSE') throw error
    }
  }
  throw new PortTaken(
    config.port === null
      ? `the ports ${FIRST_PORT} to ${FIRST_PORT + PORTS_TRIED - 1} are all taken; set ONUS_PORT to a free one`
      : `port ${config.port} is taken by another program; stop it, or set ONUS_PORT to a free port`,
  )
}

function openLog(config: Config): pino.Logger {
  const file = join(config.dataDir, 'server.log')
  // Written at once: the last line before a crash is the one that matters.
  return pino(
    { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: file, sync: true, mode: 0o600 }),
  )
}

async function cursorKey(db: Database): Promise<Buffer> {
  return (await db.read.selectFrom('installation').select('cursor_key').executeTakeFirstOrThrow()).cursor_key
}

/** As the project's package says. */
export async function versionOf(root: string): Promise<string> {
  return (JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }).version
}

/** The estate that comes with the project. */
export function exampleDirOf(root: string): string | null {
  const dir = join(root, 'examples', 'lumen-parcel')
  return existsSync(dir) ? dir : null
}

/** Midnight by the clock of the machine: dates pass, so what is due today was not due yesterday. */
function judgeNightly(ctx: Context): () => void {
  let timer: NodeJS.Timeout
  const wait = (): void => {
    const now = ctx.clock()
    const next = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 0, 5)
    timer = setTimeout(() => {
      ctx.jobs
        .start({ kind: 'rules', asOf: ctx.clock().toISOString() })
        .catch((error: unknown) => ctx.log.error({ err: error }, 'rules were not judged'))
      wait()
    }, next.getTime() - now.getTime())
    timer.unref()
  }
  wait()
  return () => clearTimeout(timer)
}

/** Brings the server up. Rejects, with everything down again, when a part does not come up. */
export async function startServer({ config, root, dist, clock = () => new Date() }: Settings): Promise<Running> {
  const down: (() => Promise<void> | void)[] = []
  const stop = async (): Promise<void> => {
    // Each part gets its chance, also when another fails to go down.
    for (let part = down.pop(); part; part = down.pop()) await Promise.resolve(part()).catch(() => {})
  }
  try {
    await mkdir(config.dataDir, { recursive: true })
    // Bodies of imports that a kill left behind.
    await rm(join(config.dataDir, 'incoming'), { recursive: true, force: true })
    const log = openLog(config)
    let cluster: Cluster | null = null
    if (config.databaseUrl === null) {
      cluster = await startCluster(config.dataDir)
      down.push(() => cluster?.stop())
    }
    const address: Address = cluster?.connection ?? { connectionString: config.databaseUrl ?? '' }
    await migrate(address)
    const db = openDatabase(address, (error) => log.error({ name: error.name }, 'a database connection broke'))
    // A statement that hangs is left to the end of the process, or of the database.
    down.push(() => Promise.race([db.close(), sleep(CLOSE_MS, undefined, { ref: false })]))
    await db.tx((tx) => saveReassignDays(tx, config.reassignDays))
    const sealer = await openSealer({ keyFile: config.masterKeyFile, dataDir: config.dataDir })
    const onLedgerError = (error: unknown): void => log.error({ err: error }, 'the ledger was not signed')
    const sequencer = await openLedger({ db, sealer, clock, onError: onLedgerError, limits: config.ledgerLimits })
    down.push(() => sequencer.stop())
    const jobs = await createJobs({ db, address, clock, onError: (error) => log.error({ err: error }, 'job') })
    const ctx: Context = {
      db,
      address,
      config,
      clock,
      log,
      jobs,
      sealer,
      sequencer,
      cursorKey: await cursorKey(db),
      version: await versionOf(root),
      exampleDir: exampleDirOf(root),
    }
    const workers = [startChangeClock, startLapsing, startNotifying, startWebhooks, startGithub].map((run) => run(ctx))
    const stopWorkers = async (): Promise<void> => {
      await Promise.all(workers.map((worker) => worker.stop()))
    }
    down.push(stopWorkers)
    const app = await createApp(ctx, await dist)
    down.push(async () => {
      // Together, for each may take seconds. Requests that wait for an import end when its process is ended.
      const closed = app.close()
      const stopped = stopWorkers()
      await jobs.stop()
      await Promise.all([closed, stopped])
    })
    const port = await listen(app, config)
    down.push(judgeNightly(ctx))
    const url =
      config.publicUrl ??
      `http://${isLoopback(config.host) ? (config.host === '::1' ? '[::1]' : config.host) : config.host}:${port}`
    return { ctx, url, cspReports: app.cspReports, databaseDied: cluster?.died ?? new Promise(() => {}), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
