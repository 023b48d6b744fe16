import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { USAGE, readArguments } from './start/arguments.ts'
import { manage } from './start/manage.ts'
import { moveData } from './start/move-data.ts'
import { EXIT, serve } from './start/serve.ts'

const ROOT = resolve(fileURLToPath(new URL('../../..', import.meta.url)))
const terminal = { out: process.stdout, err: process.stderr }
const command = readArguments(process.argv.slice(2))

function run(known: Exclude<typeof command, { kind: 'help' | 'wrong' }>): Promise<number> {
  if (known.kind === 'serve') return serve(ROOT, known.paths, terminal)
  if (known.kind === 'backup' || known.kind === 'restore') return moveData(ROOT, known, terminal)
  return manage(ROOT, known, terminal)
}

if (command.kind === 'help') process.stdout.write(`${USAGE}\n`)
else if (command.kind === 'wrong') {
  process.stderr.write(`onus: ${command.reason}\n${USAGE}\n`)
  process.exitCode = EXIT.usage
} else {
  const code = await run(command)
  // Signal handlers and idle sockets would keep the process.
  process.exit(code)
}
