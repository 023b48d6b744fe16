/** The commands, their options and their help; what they do is in commands/. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { VERSION } from '@onus/connectors/scan.ts'
import { SEVERITIES } from '@onus/core/finding.ts'
import { CHECK_FORMATS, checkCommand, type CheckCommand } from './commands/check.ts'
import { conventionsCommand } from './commands/conventions.ts'
import { exportCommand, verifyCommand, type ExportCommand, type VerifyCommand } from './commands/ledger.ts'
import { applyCommand, planCommand, type ApplyCommand, type PlanCommand } from './commands/plan.ts'
import { readersCommand } from './commands/readers.ts'
import { rulesCommand } from './commands/rules.ts'
import { scanCommand, type ScanCommand } from './commands/scan.ts'
import { schemaCommand } from './commands/schema.ts'
import type { ExitCode, Io } from './io.ts'
import { EXIT } from './io.ts'
import { FORMATS } from './output/index.ts'

/** `onExit` is told the exit code of the command that ran. */
export function createProgram(io: Io, onExit: (code: ExitCode) => void): Command {
  const program = new Command('onus')
    .description(
      'Every machine identity answers to someone. Onus reads what a company already has and says who answers for what.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('(onus --help tells more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 80,
      getErrHelpWidth: () => io.stderr.columns ?? 80,
    })
    .addHelpText(
      'after',
      `
Examples:
  onus scan .                                   see who answers for what, in this directory
  onus scan infra/ gitops/ --out report.html    several places, as a page to hand on
  onus scan . --format sarif --out onus.sarif   for code scanning
  onus scan . --fail-on high                    exit 1 on high or critical findings
  onus check                                    hold onus.yaml against what is there
  onus conventions suggest . > onus.conventions.yaml

Exit codes:
  0    done
  1    findings at or above --fail-on; a manifest that is wrong; a ledger that was altered
  2    bad usage, or nothing that was named could be read
  3    scanned, but the report could not be written or sent
  130  interrupted`,
    )
  program
    .command('scan')
    .description('find the machine identities in files and say who answers for each')
    .argument('<path...>', 'files and directories')
    .option('--as-of <date>', 'judge as of this day (2026-08-21) or instant; default: now', instantOf)
    .addOption(
      new Option('--format <format>', 'how to print the report; default: by the name of --out, else table').choices(
        FORMATS,
      ),
    )
    .option('--out <file>', 'write the report to a file, whole or not at all')
    .addOption(new Option('--fail-on <severity>', 'exit 1 when a finding is at least this severe').choices(SEVERITIES))
    .option(
      '--conventions <file>',
      'what your tags and annotations mean; default: onus.conventions.yaml in the scanned directory',
    )
    .option('--push <url>', 'send the report to an Onus server')
    .option('--source <name>', 'with --push: a stable name for what was scanned; default: its path')
    .option('--token-env <name>', 'with --push: the environment variable that holds the token', 'ONUS_TOKEN')
    .option('-q, --quiet', 'print nothing but the report and errors')
    .option('--no-color', 'no colours (also by NO_COLOR)')
    .addHelpText('after', '\nSecrets are never printed: readers keep names and dates, no values.')
    .action(async (paths: string[], options: ScanCommand) => onExit(await scanCommand(paths, options, io)))
  program
    .command('check')
    .description('hold service manifests (onus.yaml) against what is there; exit 1 when they do not agree')
    .argument('[path...]', 'files and directories; default: here')
    .option('--as-of <date>', 'judge as of this day (2026-08-21) or instant; default: now', instantOf)
    .addOption(new Option('--format <format>', 'how to print complaints').choices(CHECK_FORMATS).default('table'))
    .option(
      '--conventions <file>',
      'what your tags and annotations mean; default: onus.conventions.yaml in the directory',
    )
    .option('-q, --quiet', 'print nothing but complaints and errors')
    .addHelpText(
      'after',
      `
A manifest lies beside the service and says which team answers for what:

  version: 1
  team: billing
  functions:
    - name: monthly-invoicing
  identities:
    - name: invoice-run
      namespace: billing
      purpose: Prints and posts the invoices of the month
      revocation: Delete the service account; invoices wait
      credentials:
        - name: invoice-run-token
          expiresAfterDays: 90
          revocation: kubectl -n billing delete secret invoice-run-token

Examples:
  onus check                                    every manifest below this directory
  onus check services/billing --format json
  onus check . --format sarif > onus.sarif      for code scanning`,
    )
    .action(async (paths: string[], options: CheckCommand) =>
      onExit(await checkCommand(paths.length > 0 ? paths : ['.'], options, io)),
    )
  program
    .command('conventions')
    .description('your tag and annotation keys')
    .command('suggest')
    .description('print a conventions file for the keys found in files')
    .argument('<path...>', 'files and directories')
    .option('-q, --quiet', 'print nothing but the file and errors')
    .action(async (paths: string[], options: { quiet?: boolean }) =>
      onExit(await conventionsCommand(paths, options, io)),
    )
  program
    .command('rules')
    .description('what is judged, by which facts, and what to do about it')
    .option('--json', 'as JSON')
    .option('--no-color', 'no colours (also by NO_COLOR)')
    .action(async (options: { json?: boolean; color: boolean }) => {
      await rulesCommand(options, io)
      onExit(EXIT.ok)
    })
  program
    .command('readers')
    .description('which systems are read, and what cannot be seen there')
    .action(async () => {
      await readersCommand(io)
      onExit(EXIT.ok)
    })
  program
    .command('schema')
    .description('print the JSON Schema of the report')
    .action(async () => {
      await schemaCommand(io)
      onExit(EXIT.ok)
    })
  addPlan(program, io, onExit)
  addLedger(program, io, onExit)
  return program
}

function addPlan(program: Command, io: Io, onExit: (code: ExitCode) => void): void {
  const shared = (command: Command): Command =>
    command
      .argument('[path...]', 'files and directories with onus.yaml; default: here')
      .requiredOption('--server <url>', 'the Onus server')
      .option(
        '--token-env <name>',
        'the environment variable that holds a token with the scopes read and propose',
        'ONUS_TOKEN',
      )
      .addOption(new Option('--format <format>', 'how to print it').choices(['table', 'json']).default('table'))
  shared(program.command('plan'))
    .description('what would change for the registry to say what manifests say, and who would have to approve')
    .option('--fail-on-changes', 'exit 1 when there is something to propose')
    .addHelpText('after', '\nNothing is changed or proposed. `onus apply` proposes what this shows.')
    .action(async (paths: string[], options: PlanCommand) =>
      onExit(await planCommand(paths.length > 0 ? paths : ['.'], options, io)),
    )
  shared(program.command('apply'))
    .description('propose what `onus plan` shows; nothing changes until those who are asked approve')
    .option('--reason <text>', 'why; kept in the ledger', 'The service manifest says so.')
    .addHelpText('after', '\nRun it again as often as you like: what is open is not proposed a second time.')
    .action(async (paths: string[], options: ApplyCommand) =>
      onExit(await applyCommand(paths.length > 0 ? paths : ['.'], options, io)),
    )
}

function addLedger(program: Command, io: Io, onExit: (code: ExitCode) => void): void {
  const ledger = program.command('ledger').description('what was decided, provably')
  ledger
    .command('verify')
    .description('verify an export without any server, and name the first altered entry')
    .argument('<export>', 'a file of `onus ledger export`')
    .option(
      '--key <key>',
      'whom to trust: a verifier key, or a file of them; may be repeated; default: those that the export names',
      (key: string, before: string[] | undefined) => [...(before ?? []), key],
    )
    .option('--since <file>', 'an earlier export, or its checkpoint, that must be continued')
    .addOption(
      new Option('--format <format>', 'how to print what was found').choices(['table', 'json']).default('table'),
    )
    .option('--no-color', 'no colours (also by NO_COLOR)')
    .addHelpText('after', '\nExit codes: 0 verified, 1 altered, 2 unreadable.')
    .action(async (path: string, options: VerifyCommand) => onExit(await verifyCommand(path, options, io)))
  ledger
    .command('export')
    .description('fetch the ledger of a server into a file')
    .argument('<url>', 'the address of the server')
    .requiredOption('--out <file>', 'where to, whole or not at all')
    .option('--token-env <name>', 'the environment variable that holds a token with the scope audit', 'ONUS_TOKEN')
    .action(async (url: string, options: ExportCommand) => onExit(await exportCommand(url, options, io)))
}

/** ISO 8601 only: a date that could be read in two ways must not decide what is overdue. */
function instantOf(text: string): Date {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(text)
  const instant = new Date(text)
  const isDay =
    match !== null &&
    new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])))
      .toISOString()
      .startsWith(text.slice(0, 10))
  if (!isDay || Number.isNaN(instant.getTime()))
    throw new InvalidArgumentError('It takes a date such as 2026-08-21 or 2026-08-21T12:00:00Z.')
  return instant
}
