/** `npm test`: type check, lint, generated files, then every test, on two cores. Arguments narrow to matching test files. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTestServer } from '../packages/server/src/testing/server.ts'
import { ensureChromium } from './ensure-chromium.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const wanted = process.argv.slice(2)
const REPORTERS = ['spec', './scripts/slowest-files.ts'].flatMap((name) => [
  `--test-reporter=${name}`,
  '--test-reporter-destination=stdout',
])
let running: ChildProcess | null = null

async function run(title: string, command: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  const startedAt = performance.now()
  process.stdout.write(`\n# ${title}\n`)
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } })
  running = child
  const [code] = (await once(child, 'exit')) as [number | null]
  const status = code ?? 1
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  process.stdout.write(status === 0 ? `# ${title}: ${seconds} s\n` : `\nFailed: ${title} (after ${seconds} s)\n`)
  return status
}

async function runOrExit(title: string, command: string, args: string[]): Promise<void> {
  const status = await run(title, command, args)
  if (status !== 0) process.exit(status)
}

function testFiles(): string[] {
  return readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        entry.name.endsWith('.test.ts') &&
        !/[\\/](?:node_modules|dist|\.onus)(?:[\\/]|$)/.test(`${entry.parentPath}/`),
    )
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .sort()
}

// Ctrl-C and a kill end what runs; then this ends by itself, and with it the database.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => running?.kill(signal))
const files = testFiles()
if (files.length === 0) {
  process.stderr.write(`No test file matches ${wanted.join(', ')}.\n`)
  process.exit(2)
}
if (wanted.length === 0) await runOrExit('check', process.execPath, [join(ROOT, 'scripts/check.ts')])
const needsBrowser = files.some((file) => file.includes('e2e'))
const chromium = needsBrowser ? await ensureChromium() : ''
if (needsBrowser)
  await runOrExit('build the console', process.execPath, [
    join(ROOT, 'node_modules/vite/bin/vite.js'),
    'build',
    'packages/console',
    '--logLevel',
    'warn',
  ])
const needsDatabase = files.filter((file) => file.startsWith('packages/server') || file.includes('e2e')).length > 1
const server = needsDatabase ? await startTestServer() : null
// Two files at a time: each starts its own server or browser, and machines that run this often have two cores.
const status = await run(
  `${files.length} test files`,
  process.execPath,
  ['--import', './scripts/fuzz-seed.ts', '--test', '--test-concurrency=2', ...REPORTERS, ...files],
  { ONUS_CHROMIUM: chromium, ...(server ? { ONUS_TEST_POSTGRES: JSON.stringify(server.connection) } : {}) },
)
await server?.stop()
process.exitCode = status
