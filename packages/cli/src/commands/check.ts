import { findManifests } from '@onus/connectors/manifest/find.ts'
import { nearest } from '@onus/connectors/files/nearest.ts'
import { scan, VERSION } from '@onus/connectors/scan.ts'
import { checkManifests, COMPLAINTS, type Complaint } from '@onus/core/manifest/check.ts'
import { MANIFEST_NAMES } from '@onus/core/manifest/manifest.ts'
import { chooseConventions } from '../conventions-choice.ts'
import { EXIT, Stop, writeAll, type ExitCode, type Io } from '../io.ts'
import { checkPaths } from '../paths.ts'
import { plain } from '../output/plain.ts'
import { jsonOf } from '../output/json.ts'
import { SARIF_SCHEMA, locationOf } from '../output/sarif.ts'
import { count } from '../output/words.ts'
import { ProgressLine } from '../progress.ts'

export const CHECK_FORMATS = ['table', 'json', 'sarif'] as const
export type CheckCommand = {
  asOf?: Date
  format: (typeof CHECK_FORMATS)[number]
  conventions?: string
  quiet?: boolean
}

/** `onus check`: holds the service manifests below the paths against what a scan of the same paths shows. */
export async function checkCommand(paths: readonly string[], options: CheckCommand, io: Io): Promise<ExitCode> {
  await checkPaths(paths)
  const say = (text: string): void => {
    if (!options.quiet) io.stderr.write(`${plain(text)}\n`)
  }
  const manifests = await findManifests(paths, io.signal)
  if (manifests.length === 0)
    throw new Stop(
      EXIT.usage,
      `no ${MANIFEST_NAMES.join(' or ')} in ${paths.join(', ')}: \`onus check --help\` shows one`,
    )
  const conventions = await chooseConventions(options.conventions, paths, say)
  const progress = new ProgressLine(io.stderr, options.quiet === true)
  const report = await scan({
    paths,
    asOf: options.asOf ?? io.now(),
    conventions,
    onProgress: (one) => progress.show(one),
    signal: io.signal,
  }).finally(() => progress.clear())
  const invalid = manifests.flatMap(({ read }) => ('problems' in read ? read.problems : []))
  const complaints: Complaint[] = [
    ...invalid.map(({ file, line, field, reason }) => ({
      code: 'not-valid' as const,
      file,
      line,
      field,
      message: field === '' ? reason : `${field} ${reason}`,
    })),
    ...checkManifests(
      manifests.flatMap(({ read }) => ('manifest' in read ? [read] : [])),
      report,
      nearest,
    ),
  ]
  await writeAll(io.stdout, OUTPUTS[options.format](complaints))
  const where = count(manifests.length, 'manifest')
  say(complaints.length === 0 ? `${where}: nothing to mend.` : `${where}: ${count(complaints.length, 'complaint')}.`)
  return complaints.length === 0 ? EXIT.ok : EXIT.findings
}

const OUTPUTS: Record<CheckCommand['format'], (complaints: readonly Complaint[]) => Iterable<string>> = {
  // As compilers write it, so that editors and CI find the line.
  table: (complaints) =>
    complaints.map(({ file, line, code, message }) => `${plain(file)}:${line}: ${plain(message)} [${code}]\n`),
  json: (complaints) => [`${JSON.stringify({ onus: { check: 1, version: VERSION }, complaints }, null, 2)}\n`],
  sarif: function* (complaints) {
    const codes = Object.keys(COMPLAINTS)
    const rules = Object.entries(COMPLAINTS).map(([id, text]) => ({ id: `manifest/${id}`, shortDescription: { text } }))
    const results = complaints.map((one) => ({
      ruleId: `manifest/${one.code}`,
      ruleIndex: codes.indexOf(one.code),
      level: 'error',
      message: { text: one.message },
      locations: [locationOf(one)],
    }))
    const tool = { driver: { name: 'Onus', version: VERSION, rules } }
    yield `${jsonOf({ $schema: SARIF_SCHEMA, version: '2.1.0', runs: [{ tool, columnKind: 'utf16CodeUnits', results }] })}\n`
  },
}
