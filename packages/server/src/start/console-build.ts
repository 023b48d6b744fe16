/** Builds the console when its sources are newer than what was built. */
import { spawn } from 'node:child_process'
import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What the bundle is made from. */
const SOURCES = [
  'packages/console/src',
  'packages/console/index.html',
  'packages/console/vite.config.ts',
  'packages/console/public',
  'packages/console/package.json',
  'packages/core/src',
]

async function newest(path: string): Promise<number> {
  const found = await stat(path).catch(() => null)
  if (!found) return 0
  if (!found.isDirectory()) return found.mtimeMs
  const entries = await readdir(path, { withFileTypes: true, recursive: true })
  const times = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      ),
  )
  return Math.max(0, ...times)
}

/** The folder with the built console. `say` is told before the ten seconds that a build takes. */
export async function buildConsole(root: string, say: (line: string) => void): Promise<string> {
  const folder = join(root, 'packages', 'console')
  const dist = join(folder, 'dist')
  // Not the time of the page itself: the bundler may keep it. The mark has the time of the sources it was built from.
  const mark = join(dist, '.built')
  const sources = Math.max(...(await Promise.all(SOURCES.map((path) => newest(join(root, path))))))
  const built = await stat(mark).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  // File systems keep coarser times than the clock.
  if (built + 2 >= sources) return dist
  say('Building the console (once for each version) ...')
  const failure = await runVite(folder)
  if (failure) {
    say(`The console could not be built; the API works without it. ${failure}`)
    return dist
  }
  await mkdir(dist, { recursive: true })
  await rm(mark, { force: true })
  await writeFile(mark, '')
  await utimes(mark, new Date(sources), new Date(sources))
  return dist
}

/** Null when it worked, else the last line it said. */
function runVite(folder: string): Promise<string | null> {
  const vite = join(dirname(createRequire(join(folder, 'package.json')).resolve('vite/package.json')), 'bin', 'vite.js')
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'error'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + String(chunk)).slice(-4_000)
    })
    child.on('error', (error) => resolve(error.message))
    child.on('exit', (code) => resolve(code === 0 ? null : (said.trim().split('\n')[0] ?? 'the build failed')))
  })
}
