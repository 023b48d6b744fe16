// Runs a TypeScript entry of this repository on a suitable Node: `node scripts/launch.mjs ENTRY [ARGS...]`.
// Plain JavaScript without dependencies, because it runs first, on whatever Node ≥ 20 the machine has.
// It installs the locked dependencies when they are missing or the lock changed, then hands over to Node 24
// (the machine's own when new enough, else the one that the npm package node-<platform> brought).
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const NEEDED_MAJOR = 24

/** Installs when `node_modules` does not match the lock; the mark is written last, so a broken install is redone. */
function ensureInstalled() {
  const mark = join(ROOT, 'node_modules', '.onus-lock')
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return
  process.stderr.write('onus: installing dependencies (once) ...\n')
  const npm = process.env.npm_execpath
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []]
  const done = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: '' },
  })
  if (done.status !== 0) {
    process.stderr.write('onus: npm ci failed; see the lines above. Is the npm registry reachable?\n')
    process.exit(69) // EX_UNAVAILABLE
  }
  mkdirSync(dirname(mark), { recursive: true })
  writeFileSync(mark, wanted)
}

function nodeBinary() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath
  const bundled = join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(bundled)) return bundled
  process.stderr.write(
    `onus: Node ${NEEDED_MAJOR} or newer is needed, this is ${process.version}, and no bundled Node exists for ` +
      `${process.platform}-${process.arch}. Install Node ${NEEDED_MAJOR} and run the command again.\n`,
  )
  process.exit(69)
}

const [entry, ...args] = process.argv.slice(2)
if (!entry) {
  process.stderr.write('usage: node scripts/launch.mjs ENTRY [ARGS...]\n')
  process.exit(64) // EX_USAGE
}
ensureInstalled()
const child = spawn(nodeBinary(), ['--disable-warning=ExperimentalWarning', join(ROOT, entry), ...args], {
  stdio: 'inherit',
  // Relative paths on the command line mean the folder the person stands in, also under `npm run`.
  cwd: process.env.INIT_CWD ?? process.cwd(),
  // Compiled modules are kept from one start to the next, for the children as well: a start takes a quarter less of the
  // processor. Where the folder cannot be written, Node goes on without.
  env: { NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'compiled'), ...process.env },
})
// The terminal sends Ctrl-C to the whole group; a kill of the launcher alone must reach the child too.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
process.on('SIGINT', () => {})
child.on('exit', (code, signal) => process.exit(signal ? 128 + (signal === 'SIGINT' ? 2 : 15) : (code ?? 1)))
