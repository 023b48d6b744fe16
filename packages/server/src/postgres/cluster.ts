/** One embedded PostgreSQL server on one data folder: made, started, stopped; an orphan of a killed parent is ended. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { accountFor, prepareBinaries } from './binaries.ts'
import type { Account, Binaries } from './binaries.ts'
import { commandOf, isAlive } from './process-facts.ts'

export type Connection = { host: string; port: number; user: string; password: string; database: string }
export type Cluster = {
  connection: Connection
  pid: number
  /** Resolves when the server ended without being asked to, with the last lines of its log. */
  died: Promise<string>
  stop(): Promise<void>
}
type Layout = { cluster: string; run: string; passwordFile: string; log: string }

const USER = 'onus'
const DATABASE = 'onus'
const SOCKET_PORT = 5432
/** `sun_path` holds 108 bytes on Linux and 104 on macOS. */
const SOCKET_PATH_LIMIT = 103
/** Recovery after a crash reads the log since the last checkpoint: seconds, on a slow disk minutes. */
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 20_000

const layoutOf = (dataDir: string): Layout => ({
  cluster: join(dataDir, 'postgres'),
  run: join(dataDir, 'run'),
  passwordFile: join(dataDir, 'postgres-password'),
  log: join(dataDir, 'postgres.log'),
})

async function makeDir(dir: string, account: Account): Promise<void> {
  await mkdir(dir, { recursive: true })
  if (account) await chown(dir, account.uid, account.gid)
  await chmod(dir, 0o700)
}

function run(command: string, args: string[], binaries: Binaries, account: Account): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: binaries.env,
      cwd: '/',
      ...(account ?? {}),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + String(chunk)).slice(-2_000)
    })
    child.on('error', reject)
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}: ${said.trim()}`)),
    )
  })
}

/** Makes the cluster once, beside its place, and moves it in when complete: a kill leaves nothing half-made. */
async function initialise(layout: Layout, binaries: Binaries, account: Account): Promise<void> {
  const isMade = await readFile(join(layout.cluster, 'PG_VERSION'), 'utf8').then(
    () => true,
    () => false,
  )
  if (isMade) return
  const growing = `${layout.cluster}.new`
  await rm(growing, { recursive: true, force: true })
  await makeDir(growing, account)
  const password = randomBytes(24).toString('base64url')
  await writeFile(layout.passwordFile, password, { mode: 0o600 })
  const pwfile = join(layout.run, 'initial-password')
  await writeFile(pwfile, password, { mode: 0o600 })
  if (account) await chown(pwfile, account.uid, account.gid)
  try {
    await run(
      join(binaries.bin, 'initdb'),
      [
        '-D',
        growing,
        '-U',
        USER,
        '--pwfile',
        pwfile,
        '--auth=scram-sha-256',
        '-E',
        'UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--data-checksums',
        '--no-instructions',
      ],
      binaries,
      account,
    )
  } finally {
    await rm(pwfile, { force: true })
  }
  await rename(growing, layout.cluster)
}

/** Ends the server that a killed parent left behind. Its pid file alone proves nothing: numbers are used again. */
async function endOrphan(layout: Layout): Promise<void> {
  const text = await readFile(join(layout.cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return
  if (!commandOf(pid)?.includes(layout.cluster)) return
  await end(pid)
}

/** Fast shutdown (open transactions are rolled back), then immediate (recovery at next start). */
async function end(pid: number): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', STOP_TIMEOUT_MS],
    ['SIGQUIT', STOP_TIMEOUT_MS],
    ['SIGKILL', 5_000],
  ] as const) {
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(20)) if (!isAlive(pid)) return
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
      .on('error', reject)
      .listen(0, '127.0.0.1', () => {
        const address = probe.address()
        const port = typeof address === 'object' && address ? address.port : 0
        probe.close(() => resolve(port))
      })
  })
}

/** The module that comes with PostgreSQL and fills the memory again with what lay there before the last stop. */
async function canPrewarm({ bin }: Binaries): Promise<boolean> {
  const files = await readdir(join(bin, '..', 'lib', 'postgresql')).catch(() => [])
  return files.some((file) => file.startsWith('pg_prewarm.'))
}

async function settings(binaries: Binaries, isDurable: boolean): Promise<Record<string, string>> {
  const shared = await statfs('/dev/shm').then(
    ({ bsize, blocks }) => bsize * blocks,
    () => Number.POSITIVE_INFINITY,
  )
  return {
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    max_connections: '40',
    // An eighth of the memory, in bounds: below, an import waits for its own indexes; above, others would go short.
    shared_buffers: `${Math.round(Math.min(4_096, Math.max(256, totalmem() / 2 ** 20 / 8)))}MB`,
    effective_cache_size: '2GB',
    work_mem: '32MB',
    maintenance_work_mem: '256MB',
    // An import into a large registry touches most pages, and the log takes each whole the first time.
    max_wal_size: '4GB',
    // Segments are used again: a new one is written full of zeros first.
    min_wal_size: '1GB',
    wal_buffers: '64MB',
    checkpoint_timeout: '15min',
    random_page_cost: '1.1',
    log_min_messages: 'warning',
    // Without it, whoever comes first after a start waits seconds for each page of a large registry.
    ...(isDurable && (await canPrewarm(binaries)) ? { shared_preload_libraries: 'pg_prewarm' } : {}),
    // Statements and their values stay out of the log: names in the registry are the company's.
    log_min_error_statement: 'panic',
    log_parameter_max_length_on_error: '0',
    log_error_verbosity: 'terse',
    // Containers often have 64 MB of /dev/shm; a parallel query would then fail in the middle.
    ...(shared < 256 * 1024 * 1024 ? { dynamic_shared_memory_type: 'mmap' } : {}),
    ...(isDurable
      ? {}
      : {
          fsync: 'off',
          synchronous_commit: 'off',
          full_page_writes: 'off',
          shared_buffers: '128MB',
          // Files of tests share a server, and each opens several applications.
          max_connections: '300',
        }),
  }
}

async function addressFor(layout: Layout): Promise<{ host: string; port: number; args: string[] }> {
  const socket = join(layout.run, `.s.PGSQL.${SOCKET_PORT}`)
  if (Buffer.byteLength(socket) <= SOCKET_PATH_LIMIT) {
    return { host: layout.run, port: SOCKET_PORT, args: ['-k', layout.run, '-h', '', '-p', String(SOCKET_PORT)] }
  }
  const port = await freePort()
  return { host: '127.0.0.1', port, args: ['-k', '', '-h', '127.0.0.1', '-p', String(port)] }
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trim().split('\n').slice(-5).join('\n')
}

async function waitUntilReady(connection: Connection, child: ChildProcess, log: string): Promise<void> {
  const until = Date.now() + START_TIMEOUT_MS
  for (;;) {
    if (child.exitCode !== null || child.signalCode)
      throw new Error(`PostgreSQL did not start:\n${await lastLines(log)}`)
    const client = new pg.Client({ ...connection, database: 'postgres' })
    // A connection that breaks while the server comes up also emits; the loop is the handling.
    client.on('error', () => {})
    try {
      await client.connect()
      const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
      if (found.rowCount === 0) await client.query(`create database ${DATABASE}`)
      return
    } catch (error) {
      if (Date.now() > until) throw new Error(`PostgreSQL did not answer:\n${await lastLines(log)}`, { cause: error })
      await sleep(25)
    } finally {
      await client.end().catch(() => {})
    }
  }
}

/**
 * Starts PostgreSQL on `dataDir`, making the cluster at first. The caller holds the lock of the folder. `isDurable`
 * false turns off waiting for the disk: for tests only. Rejects with a plain message when it does not come up.
 */
export async function startCluster(dataDir: string, isDurable = true): Promise<Cluster> {
  const account = accountFor(process.getuid?.())
  const layout = layoutOf(dataDir)
  const binaries = await prepareBinaries(dataDir, account)
  await makeDir(layout.run, account)
  await initialise(layout, binaries, account)
  await endOrphan(layout)
  const { host, port, args } = await addressFor(layout)
  const options = Object.entries(await settings(binaries, isDurable)).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ])
  const log = await open(layout.log, 'a', 0o600)
  // A process group of its own: Ctrl-C reaches Onus only, which stops HTTP and jobs before the database.
  const child = spawn(join(binaries.bin, 'postgres'), ['-D', layout.cluster, ...args, ...options], {
    env: binaries.env,
    cwd: '/',
    ...(account ?? {}),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  const failed = new Promise<never>((_, reject) => child.on('error', reject))
  await log.close()
  const password = (await readFile(layout.passwordFile, 'utf8')).trim()
  const connection = { host, port, user: USER, password, database: DATABASE }
  try {
    await Promise.race([waitUntilReady(connection, child, layout.log), failed])
  } catch (error) {
    if (child.pid) await end(child.pid)
    throw error
  }
  // `failed` has not fired, so the process exists and has a number.
  const pid = child.pid as number
  let isStopping = false
  return {
    connection,
    pid,
    died: exited.then(() => (isStopping ? new Promise<string>(() => {}) : lastLines(layout.log))),
    async stop() {
      isStopping = true
      await end(pid)
    },
  }
}

/** The connection of the server that runs on `dataDir`, from the file it keeps itself; null when none does. */
export async function readConnection(dataDir: string): Promise<Connection | null> {
  const layout = layoutOf(dataDir)
  // Lines: process id, folder, start time, port, socket folder, first listen address.
  const lines = (await readFile(join(layout.cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const password = await readFile(layout.passwordFile, 'utf8').catch(() => null)
  const port = Number(lines[3])
  const host = lines[4]?.trim() || lines[5]?.trim()
  if (password === null || !Number.isInteger(port) || port <= 0 || !host) return null
  return { host, port, user: USER, password: password.trim(), database: DATABASE }
}
