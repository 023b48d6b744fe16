import { access } from 'node:fs/promises'
import { constants } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { scan } from '@onus/connectors/scan.ts'
import { SEVERITIES, isAtLeast, type Severity } from '@onus/core/finding.ts'
import type { ScanReport } from '@onus/core/report.ts'
import { chooseConventions } from '../conventions-choice.ts'
import { EXIT, Stop, writeAll, type ExitCode, type Io } from '../io.ts'
import { writeFileWhole } from '../output/file.ts'
import { formatOfFile, render, type Format } from '../output/index.ts'
import { painter } from '../output/paint.ts'
import { plain } from '../output/plain.ts'
import { count } from '../output/words.ts'
import { checkPaths, codeOf } from '../paths.ts'
import { ProgressLine } from '../progress.ts'
import { destinationOf, push, type Destination } from '../push.ts'

export type ScanCommand = {
  asOf?: Date
  format?: Format
  out?: string
  failOn?: Severity
  conventions?: string
  push?: string
  source?: string
  tokenEnv: string
  quiet?: boolean
  color: boolean
}

const FALLBACK_COLUMNS = 80

/** `onus scan`: scans, prints or writes, sends if asked to, and answers with the exit code. */
export async function scanCommand(paths: readonly string[], options: ScanCommand, io: Io): Promise<ExitCode> {
  await checkPaths(paths)
  if (options.out !== undefined) await checkOut(options.out)
  const { push: url, source, tokenEnv: tokenName } = options
  const destination = url === undefined ? null : destinationOf({ url, source, tokenName, token: io.env[tokenName] })
  const say = (text: string): void => {
    if (!options.quiet) io.stderr.write(`${plain(text)}\n`)
  }
  const conventions = await chooseConventions(options.conventions, paths, say)
  const progress = new ProgressLine(io.stderr, options.quiet === true)
  let report: ScanReport
  try {
    report = await scan({
      paths,
      asOf: options.asOf ?? io.now(),
      conventions,
      onProgress: (one) => progress.show(one),
      signal: io.signal,
    })
  } finally {
    progress.clear()
  }
  await deliver({ report, paths, options, destination }, io, say)
  if (nothingRead(report)) {
    explainNothing(report, io)
    return EXIT.usage
  }
  const { failOn } = options
  return failOn !== undefined &&
    SEVERITIES.some((severity) => isAtLeast(severity, failOn) && report.summary.findings[severity] > 0)
    ? EXIT.findings
    : EXIT.ok
}

type Delivery = { report: ScanReport; paths: readonly string[]; options: ScanCommand; destination: Destination | null }

async function deliver(
  { report, paths, options, destination }: Delivery,
  io: Io,
  say: (text: string) => void,
): Promise<void> {
  const format = options.format ?? (options.out === undefined ? null : formatOfFile(options.out)) ?? 'table'
  const isColoured =
    options.color &&
    options.out === undefined &&
    io.stdout.isTTY === true &&
    !io.env['NO_COLOR'] &&
    io.env['TERM'] !== 'dumb'
  const columns = (options.out === undefined ? io.stdout.columns : undefined) ?? FALLBACK_COLUMNS
  // A table that says "nothing found" would hide that nothing was read.
  const pieces =
    format === 'table' && nothingRead(report)
      ? []
      : render(report, format, { columns, paint: painter(isColoured), paths })
  if (options.out === undefined) await writeAll(io.stdout, pieces).catch(unlessGone)
  else {
    await writeFileWhole(options.out, pieces).catch((error: unknown) => {
      throw new Stop(EXIT.notDelivered, `cannot write ${options.out} (${codeOf(error)})`)
    })
    say(
      `Wrote ${options.out} (${format}): ${count(report.summary.identities, 'machine identity')}, ${count(
        Object.values(report.summary.findings).reduce((sum, one) => sum + one, 0),
        'finding',
      )}.`,
    )
  }
  if (destination === null) return
  const result = await push(report, destination, io.signal)
  say(
    `Imported: ${result.appeared} new, ${result.changed} changed, ${result.unchanged} as before, ${result.vanished} vanished.${result.note === null ? '' : ` ${result.note}`}`,
  )
}

/** Before the scan, not after it. */
async function checkOut(out: string): Promise<void> {
  await access(dirname(resolve(out)), constants.W_OK).catch((error: unknown) => {
    throw new Stop(EXIT.usage, `cannot write into ${dirname(out)} (${codeOf(error)}): choose another place for --out`)
  })
}

/** No reader took a file: nothing was judged, which is not the same as nothing was found. */
function nothingRead(report: ScanReport): boolean {
  return report.sources.every((source) => source.reader === 'files' || source.files === 0)
}

function explainNothing(report: ScanReport, io: Io): void {
  const where = report.sources
    .filter((source) => source.reader === 'files')
    .map((source) => source.path)
    .join(', ')
  const lines = [
    `onus: nothing to read in ${where}: of ${count(report.summary.files, 'file')} none is of a kind that Onus reads (onus readers lists them).`,
    ...report.sources.flatMap((source) =>
      source.unread.slice(0, 5).map((entry) => `  ${entry.file}:${entry.line}  ${entry.reason}`),
    ),
  ]
  for (const line of lines) io.stderr.write(`${line.startsWith('  ') ? '  ' : ''}${plain(line.trim())}\n`)
}

/** The reader of our output may have enough (`| head`); what the scan says by its exit code stays true. */
function unlessGone(error: unknown): void {
  if (codeOf(error) !== 'EPIPE') throw error
}
