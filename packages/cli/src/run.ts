import { CommanderError } from 'commander'
import { EXIT, Stop, type ExitCode, type Io } from './io.ts'
import { plain } from './output/plain.ts'
import { createProgram } from './program.ts'

/** Runs one command line (without the program's own name) and resolves to its exit code; rejects only on a bug. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok
  try {
    const program = createProgram(io, (exit) => {
      code = exit
    })
    if (args.length === 0) {
      program.outputHelp({ error: true })
      return EXIT.usage
    }
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage // it has printed its message
    if (io.signal.aborted) return EXIT.interrupted
    // The reader of our output has gone (`| head`): it has what it wanted.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return EXIT.ok
    if (!(error instanceof Stop)) throw error
    io.stderr.write(`onus: ${plain(error.message)}\n`)
    return error.exitCode
  }
}
