/** `npm test`: type check, lint, generated files, then every test, on two cores. Arguments narrow to matching test files. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureChromium } from './ensure-chromium.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const wanted = process.argv.slice(2)

function run(title: string, command: string, args: string[], env: Record<string, string> = {}): void {
  const startedAt = performance.now()
  process.stdout.write(`\n# ${title}\n`)
  const done = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  if (done.status !== 0) {
    process.stdout.write(`\nFailed: ${title} (after ${seconds} s)\n`)
    process.exit(done.status ?? 1)
  }
  process.stdout.write(`# ${title}: ${seconds} s\n`)
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

const files = testFiles()
if (files.length === 0) {
  process.stderr.write(`No test file matches ${wanted.join(', ')}.\n`)
  process.exit(2)
}
if (wanted.length === 0) run('check', process.execPath, [join(ROOT, 'scripts/check.ts')])
const needsBrowser = files.some((file) => file.includes('e2e'))
const chromium = needsBrowser ? await ensureChromium() : ''
if (needsBrowser)
  run('build the console', process.execPath, [
    join(ROOT, 'node_modules/vite/bin/vite.js'),
    'build',
    'packages/console',
    '--logLevel',
    'warn',
  ])
// Two files at a time: each starts its own server or browser, and machines that run this often have two cores.
run(
  `${files.length} test files`,
  process.execPath,
  ['--import', './scripts/fuzz-seed.ts', '--test', '--test-concurrency=2', '--test-reporter=spec', ...files],
  { ONUS_CHROMIUM: chromium },
)
