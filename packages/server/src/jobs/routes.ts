import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { isLoopback } from '../config.ts'
import type { Context } from '../context.ts'
import type { Handlers } from '../http/mount.ts'
import { Refused } from '../http/refused.ts'
import { roleOf } from '../sessions/index.ts'
import type { Actor } from '../sessions/index.ts'
import { fillExample } from '../sessions/personas.ts'

/** Scanning reads files of the server's machine, so only its administrator asks for it, and only on that machine. */
function checkMayScan(ctx: Context, actor: Actor): void {
  if (roleOf(actor) !== 'administrator' || !isLoopback(ctx.config.host)) {
    throw new Refused(
      'forbidden',
      'this server serves other machines and scans none of its own folders; push a report with `onus scan --push`',
    )
  }
}

async function checkPath(path: string): Promise<void> {
  const reason = isAbsolute(path) ? await unreadable(path) : 'must begin at the root, like /srv/estate'
  if (reason) throw new Refused('path-not-readable', `\`${path}\` ${reason}`, [{ field: 'path', reason }])
}

async function unreadable(path: string): Promise<string | null> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown')
  if (typeof found === 'string') return found === 'ENOENT' ? 'is not there' : `cannot be read (${found})`
  return found.isDirectory() || found.isFile() ? null : 'is neither a folder nor a file'
}

export function jobHandlers(ctx: Context): Pick<Handlers, 'startScan' | 'loadExample' | 'job'> {
  return {
    async startScan({ body, actor }) {
      checkMayScan(ctx, actor)
      await checkPath(body.path)
      const now = ctx.clock().toISOString()
      const { job } = await ctx.jobs.start({
        kind: 'scan',
        paths: [body.path],
        asOf: body.asOf ?? now,
        source: null,
        isExample: false,
        at: now,
      })
      return job
    },
    async loadExample({ actor }) {
      if (roleOf(actor) !== 'administrator') throw new Refused('forbidden', 'only an administrator loads the example')
      if (!ctx.exampleDir) throw new Refused('not-found', 'no example company comes with this installation')
      const now = ctx.clock().toISOString()
      const { job, done } = await ctx.jobs.start({
        kind: 'scan',
        paths: [ctx.exampleDir],
        asOf: now,
        source: 'example',
        isExample: true,
        at: now,
      })
      // The job's row tells whether it was loaded; its people are also added when somebody first looks around as one.
      done
        .then(() => ctx.db.tx((tx) => fillExample(tx, ctx.clock())))
        .catch((error: unknown) => ctx.log.warn({ err: error }, 'example'))
      return job
    },
    async job({ params }) {
      const job = await ctx.jobs.find(params.id)
      if (!job) throw new Refused('not-found', 'no job has this id')
      return job
    },
  }
}
