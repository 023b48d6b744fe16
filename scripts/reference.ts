/** The texts of the generated reference pages. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { conventionsSchema } from '@onus/core/conventions-schema.ts'
import { manifestSchema } from '@onus/core/manifest/manifest.ts'
import { openapi } from '@onus/core/contract/openapi.ts'
import { RULES } from '@onus/core/posture/index.ts'
import type { Rule } from '@onus/core/posture/rule.ts'
import { reportSchema } from '@onus/core/report-schema.ts'
import { createProgram } from '../packages/cli/src/program.ts'

/** Path below the repository → text. */
export function referencePages(root: string): [path: string, text: string][] {
  return [
    ['docs/reference/scan-report.schema.json', json(reportSchema())],
    ['docs/reference/conventions.schema.json', json(conventionsSchema())],
    ['docs/reference/manifest.schema.json', json(manifestSchema())],
    ['docs/reference/rules.md', rulesPage(RULES)],
    ['docs/reference/openapi.json', json(openapi(versionOf(root)))],
    ['docs/reference/cli.md', commandLinePage()],
  ]
}

function rulesPage(rules: readonly Rule[]): string {
  const rows = rules.map(
    (rule) => `| [\`${rule.id}\`](#${rule.id}) | ${rule.title} | ${rule.severity} | ${subjectsOf(rule)} |`,
  )
  return [
    '# Rules',
    '',
    'Generated from `packages/core/src/posture/rules/` by `npm run gen`.',
    '',
    'A rule answers *fine*, *fail*, or *unknown*: it lacks facts, says which, and is counted apart. The severity is that',
    'in production and where the environment is not known; outside production most rules judge one step lower, and each',
    'rule file says why it weighs as it does. A rule about a scope asks the same of namespaces, and where it makes sense of',
    'repositories and accounts, under one id.',
    '',
    '| rule | says | severity | about |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...rules.flatMap(section),
  ].join('\n')
}

function section(rule: Rule): string[] {
  return [
    `## ${rule.id}`,
    '',
    `**${rule.title}.** ${rule.fix}`,
    '',
    `- Needs to know: ${rule.needs.join('; ')}.`,
    `- OWASP Non-Human Identities Top 10: ${rule.maps.owaspNhi.join(', ')}. NIST CSF 2.0: ${rule.maps.csf.join(', ')}.`,
    '',
  ]
}

function subjectsOf(rule: Rule): string {
  if (rule.about === 'credential') return 'credential'
  return rule.judgeScope === undefined ? 'identity' : 'identity, scope'
}

type Command = ReturnType<typeof createProgram>

/** The help of every command, as a terminal of 100 columns shows it. */
function commandLinePage(): string {
  let text = ''
  const output = Object.assign(new Writable(), { columns: 100 })
  output._write = (chunk, _encoding, done) => {
    text += String(chunk)
    done()
  }
  const io = {
    stdout: output,
    stderr: output,
    env: {},
    signal: new AbortController().signal,
    now: () => new Date(0),
  }
  const helpOf = (command: Command): string => {
    text = ''
    command.outputHelp()
    return text.trimEnd()
  }
  const program = createProgram(io, () => {})
  const pages = commandsBelow(program, 'onus').map(
    ([name, one]) => `## ${name}\n\n\`\`\`text\n${helpOf(one)}\n\`\`\`\n`,
  )
  return [
    '# Command line',
    '',
    'Generated from the help of `onus` by `npm run gen`. In a clone the command is `npm run onus --`, followed by what',
    'stands after `onus` here.',
    '',
    ...pages,
  ].join('\n')
}

function commandsBelow(command: Command, name: string): [name: string, command: Command][] {
  return [[name, command], ...command.commands.flatMap((one) => commandsBelow(one, `${name} ${one.name()}`))]
}

function versionOf(root: string): string {
  // The root's manifest is part of the repository; its version is always there.
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
