/** `npm run check`: types, lint, unused code, generated files. Exits 1 when any of them complains. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name)

const CHECKS: [title: string, command: string, args: string[]][] = [
  ['types', bin('tsc'), ['-p', '.']],
  ['types of the console', bin('tsc'), ['-p', 'packages/console']],
  // Tests are tables, one case a line; the formatter would break them up.
  [
    'format',
    process.execPath,
    [bin('oxfmt'), '--check', ...['core', 'connectors', 'cli'].map((name) => `packages/${name}/src`), 'scripts'],
  ],
  ['lint', process.execPath, [bin('oxlint'), '--quiet']],
  ['unused code and dependencies', process.execPath, [bin('knip'), '--no-progress']],
  ['generated files', process.execPath, ['scripts/generate.ts', '--check']],
]

let failed = 0
for (const [title, command, args] of CHECKS) {
  if (command !== process.execPath && !existsSync(command)) throw new Error(`${command} is missing: run npm ci`)
  const done = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' })
  const ok = done.status === 0
  if (!ok) failed += 1
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${title}\n${ok ? '' : `${done.stdout}${done.stderr}\n`}`)
}
process.exit(failed > 0 ? 1 : 0)
