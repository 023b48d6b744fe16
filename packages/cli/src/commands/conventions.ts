import { stat } from 'node:fs/promises'
import { suggestConventionsFor } from '@onus/connectors/scan.ts'
import { EXIT, Stop, writeAll, type ExitCode, type Io } from '../io.ts'
import { count } from '../output/words.ts'
import { ProgressLine } from '../progress.ts'

/** `onus conventions suggest`: prints a file to look through, keep and commit. */
export async function conventionsCommand(
  paths: readonly string[],
  options: { quiet?: boolean },
  io: Io,
): Promise<ExitCode> {
  for (const path of paths) {
    await stat(path).catch(() => {
      throw new Stop(EXIT.usage, `no such file or directory: ${path}`)
    })
  }
  const progress = new ProgressLine(io.stderr, options.quiet === true)
  const { text, files } = await suggestConventionsFor({
    paths,
    onProgress: (one) => progress.show(one),
    signal: io.signal,
  }).finally(() => progress.clear())
  if (files === 0)
    throw new Stop(EXIT.usage, `nothing to read in ${paths.join(', ')} (onus readers lists what is read)`)
  await writeAll(io.stdout, [text])
  if (!options.quiet)
    io.stderr.write(
      `Suggested from ${count(files, 'file')}. Look it through and keep it as onus.conventions.yaml in the scanned directory.\n`,
    )
  return EXIT.ok
}
