/** The texts of the generated reference pages. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Conventions } from '@onus/core/conventions.ts'
import { openapi } from '@onus/core/contract/openapi.ts'
import { RULES } from '@onus/core/posture/index.ts'
import type { Rule } from '@onus/core/posture/rule.ts'
import { reportSchema } from '@onus/core/report-schema.ts'

/** Path below the repository → text. */
export function referencePages(root: string): [path: string, text: string][] {
  return [
    ['docs/reference/scan-report.schema.json', json(reportSchema())],
    ['docs/reference/conventions.schema.json', json(conventionsSchema())],
    ['docs/reference/rules.md', rulesPage(RULES)],
    ['docs/reference/openapi.json', json(openapi(versionOf(root)))],
  ]
}

/** JSON Schema 2020-12 of `onus.conventions.yaml`; what has a default may be left out. */
function conventionsSchema(): object {
  return { ...z.toJSONSchema(Conventions, { target: 'draft-2020-12', io: 'input' }), title: 'Onus conventions' }
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
    'A rule answers *fine*, *fail*, or *unknown*: it lacks facts, says which, and is counted apart. The severity is that in',
    'production and where the environment is not known; outside production most rules judge one step lower, and each rule file',
    'says why it weighs as it does. A rule about a scope asks the same of namespaces,',
    'and where it makes sense of repositories and accounts, under one id.',
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

function versionOf(root: string): string {
  // The root's manifest is part of the repository; its version is always there.
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
