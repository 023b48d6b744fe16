/** `npm start -- backup FILE` and `restore FILE`: with the server that runs, or with its database alone. */
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { backup } from '../backup/backup.ts'
import { BackupUnusable } from '../backup/format.ts'
import { restore } from '../backup/restore.ts'
import type { Config } from '../config.ts'
import type { Address } from '../db/database.ts'
import { readConnection, startCluster } from '../postgres/cluster.ts'
import { MasterKeyUnusable, openSealer } from '../seal/index.ts'
import { holderOf, takeLock } from './lock.ts'
import { printable, showProgress } from './progress.ts'
import { EXIT, prepare } from './serve.ts'
import type { Terminal } from './serve.ts'
import { versionOf } from './server.ts'

type Moving = { kind: 'backup' | 'restore'; file: string }

/** Answers the exit code. */
export async function moveData(root: string, { kind, file }: Moving, terminal: Terminal): Promise<number> {
  const config = await prepare(root, terminal)
  if (!config) return EXIT.config
  const path = resolve(file)
  try {
    return kind === 'backup' ? await makeBackup(root, config, path, terminal) : await fillFrom(config, path, terminal)
  } catch (error) {
    const message = complaintOf(error)
    if (message === null) throw error
    terminal.err.write(`onus: ${message}\n`)
    return EXIT.failed
  }
}

function complaintOf(error: unknown): string | null {
  if (error instanceof BackupUnusable || error instanceof MasterKeyUnusable) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EEXIST') return 'another backup writes this file; if none does, remove the one that ends in .part'
  return /^E[A-Z]+$/.test(code) ? `the file cannot be written (${code})` : null
}

async function makeBackup(root: string, config: Config, file: string, { out, err }: Terminal): Promise<number> {
  if (await isThere(file)) throw new BackupUnusable(`${printable(file)} is there already; name another file`)
  const version = await versionOf(root)
  const shown = showTables(err, 'backup')
  const made = await withDatabase(config, (address) =>
    backup(address, file, { version, now: new Date(), onTable: shown.table }),
  )
  if (made === null) return refuseWhileHeld(err)
  shown.end(`${made.tables} tables, ${Math.ceil(made.bytes / 1024)} kB`)
  out.write(`${file}\n`)
  const key = config.masterKeyFile ?? join(config.dataDir, 'master.key')
  err.write(`Not in it: ${printable(key)}, which opens what is sealed in it. Keep a copy in another place.\n`)
  return EXIT.ok
}

async function fillFrom(config: Config, file: string, { err }: Terminal): Promise<number> {
  const key = config.masterKeyFile ?? join(config.dataDir, 'master.key')
  if (!(await isThere(key)))
    throw new BackupUnusable(`put the master.key of the server that made the backup at ${printable(key)} first`)
  const sealer = await openSealer({ keyFile: config.masterKeyFile, dataDir: config.dataDir })
  if (await holderOf(config.dataDir)) return refuseWhileHeld(err)
  const shown = showTables(err, 'restore')
  const done = await withDatabase(config, (address) => restore(address, file, { sealer, onTable: shown.table }))
  if (done === null) return refuseWhileHeld(err)
  shown.end(`${done.tables} tables, as of ${done.madeAt}, by version ${printable(done.version)}`)
  err.write(
    'Nobody is signed in: `npm start` prints a link. Tokens that were revoked since then work again; look them over.\n',
  )
  return EXIT.ok
}

/** In a pipe a line for each of sixty tables would tell nobody anything. */
function showTables(err: Terminal['err'], label: string): { table(name: string): void; end(line: string): void } {
  const shown = showProgress(err, label)
  return {
    table: (stage) => {
      if (err.isTTY) shown.update({ stage, done: 0, total: null })
    },
    end: shown.end,
  }
}

function refuseWhileHeld(err: Terminal['err']): number {
  err.write('onus: a server runs on this data folder; stop it first\n')
  return EXIT.held
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The database of the server that runs; else one that is up for as long as the work takes. Null: someone starts now. */
async function withDatabase<T>(config: Config, work: (address: Address) => Promise<T>): Promise<T | null> {
  if (config.databaseUrl !== null) return work({ connectionString: config.databaseUrl })
  const running = (await holderOf(config.dataDir)) ? await readConnection(config.dataDir) : null
  if (running) return work(running)
  const taken = await takeLock(config.dataDir)
  if ('heldBy' in taken) return null
  try {
    const cluster = await startCluster(config.dataDir)
    try {
      return await work(cluster.connection)
    } finally {
      await cluster.stop()
    }
  } finally {
    await taken.lock.release()
  }
}
