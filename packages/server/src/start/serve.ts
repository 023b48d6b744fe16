/** `npm start`: from environment and command line to a running server, and down again. Answers the exit code. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { readSecrets } from '../github/index.ts'
import { Refused } from '../http/refused.ts'
import { accountFor } from '../postgres/binaries.ts'
import { makeDataDir } from '../postgres/data-place.ts'
import { MasterKeyUnusable } from '../seal/index.ts'
import { createLink } from '../sessions/index.ts'
import { buildConsole } from './console-build.ts'
import { takeLock } from './lock.ts'
import type { Lock } from './lock.ts'
import { printable, showProgress } from './progress.ts'
import { PortTaken, startServer } from './server.ts'
import type { Running } from './server.ts'

export type Terminal = { out: NodeJS.WriteStream; err: NodeJS.WriteStream }

/** From sysexits.h, which service managers know. */
export const EXIT = { ok: 0, failed: 1, usage: 64, unavailable: 69, held: 75, config: 78 } as const

/** The configuration, with the data folder made; or the complaints, said, and null. */
export async function prepare(root: string, { err }: Terminal): Promise<Config | null> {
  const reading = readConfig(process.env, root)
  if (!reading.ok) {
    for (const { variable, reason } of reading.complaints) err.write(`onus: ${variable} ${reason}\n`)
    return null
  }
  const { config } = reading
  // With a database of one's own nothing in the folder is read by another account.
  const account = config.databaseUrl === null ? accountFor(process.getuid?.()) : null
  return { ...config, dataDir: await makeDataDir(resolve(config.dataDir), account) }
}

async function importPaths(
  running: Running,
  paths: readonly string[],
  { err }: Terminal,
  isStopping: () => boolean,
): Promise<void> {
  for (const given of paths) {
    if (isStopping()) return
    const path = resolve(given)
    const shown = showProgress(err, printable(given))
    const found = await stat(path).catch(() => null)
    if (!found || !(found.isDirectory() || found.isFile())) {
      shown.end('cannot be scanned: it is not a folder or file that can be read')
      continue
    }
    const now = running.ctx.clock().toISOString()
    try {
      const { done } = await running.ctx.jobs.start(
        { kind: 'scan', paths: [path], asOf: now, source: null, isExample: false, at: now },
        shown.update,
      )
      const result = await done
      shown.end(
        result
          ? [
              `${result.identities} identities, ${result.findings} findings`,
              ...(result.note ? [printable(result.note)] : []),
            ].join('. ')
          : 'done',
      )
    } catch (error) {
      const reason = isStopping()
        ? 'Onus is stopping'
        : error instanceof Error
          ? printable(error.message)
          : 'unknown error'
      shown.end(`was not imported: ${reason}`)
    }
  }
}

/** First signal: in order. Second: at once; the next start ends what is left of the database. */
function onSignals(act: () => void): void {
  let count = 0
  const handler = (): void => {
    count += 1
    if (count === 1) act()
    else process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handler)
}

async function start(config: Config, root: string, lock: Lock, terminal: Terminal): Promise<Running | number> {
  const { err } = terminal
  try {
    const dist = buildConsole(root, (line) => err.write(`${line}\n`))
    const running = await startServer({ config, root, dist })
    await lock.tell(running.url)
    return running
  } catch (error) {
    if (error instanceof PortTaken) err.write(`onus: ${error.message}\n`)
    // Messages of the driver can quote the address with its password.
    else if (config.databaseUrl !== null && !(error instanceof Refused || error instanceof MasterKeyUnusable)) {
      const code = (error as { code?: unknown }).code
      err.write(
        `onus: the database at DATABASE_URL cannot be used (${typeof code === 'string' ? code : 'no answer'})\n`,
      )
    } else err.write(`onus: ${error instanceof Error ? error.message : 'it did not start'}\n`)
    return EXIT.unavailable
  }
}

export async function serve(root: string, paths: readonly string[], terminal: Terminal): Promise<number> {
  const { out, err } = terminal
  const config = await prepare(root, terminal)
  if (!config) return EXIT.config
  const secrets = config.github === null ? null : await readSecrets(config.github)
  if (secrets !== null && !secrets.ok) {
    for (const { variable, reason } of secrets.complaints) terminal.err.write(`onus: ${variable} ${reason}\n`)
    return EXIT.config
  }
  const taken = await takeLock(config.dataDir)
  if ('heldBy' in taken) {
    const { pid, url } = taken.heldBy
    err.write(
      `onus: ${config.dataDir} is in use by the server with process id ${pid}` +
        `${url ? ` at ${url}` : ', which is starting'}\n`,
    )
    return EXIT.held
  }
  const { lock } = taken
  const stopping = new AbortController()
  const asked = new Promise<'asked'>((done) => stopping.signal.addEventListener('abort', () => done('asked')))
  onSignals(() => stopping.abort())
  try {
    const running = await start(config, root, lock, terminal)
    if (typeof running === 'number') return running
    try {
      const token = await createLink(running.ctx.db, running.ctx.clock())
      out.write(`Onus serves ${running.url}\n`)
      out.write(`Sign in (works once, for 15 minutes): ${running.url}/sign-in#token=${token}\n`)
      out.write(
        config.databaseUrl === null
          ? `Data: ${config.dataDir}\n`
          : `Data: your database (DATABASE_URL); log in ${config.dataDir}\n`,
      )
      const importing = importPaths(running, paths, terminal, () => stopping.signal.aborted)
      const end = await Promise.race([asked, running.databaseDied])
      if (end !== 'asked') err.write(`onus: PostgreSQL ended by itself:\n${end}\n`)
      else err.write('Stopping ...\n')
      await running.stop()
      await importing
      return end === 'asked' ? EXIT.ok : EXIT.failed
    } finally {
      await running.stop()
    }
  } finally {
    await lock.release()
  }
}
