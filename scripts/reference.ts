/** The texts of the generated reference pages. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Conventions } from '@onus/core/conventions.ts'
import { openapi } from '@onus/core/contract/openapi.ts'
import { Finding } from '@onus/core/finding.ts'
import {
  Accountability,
  Access,
  Claim,
  Controller,
  Credential,
  Grant,
  Identity,
  KnownDate,
  Trust,
  Use,
} from '@onus/core/identity.ts'
import { OwnedScope } from '@onus/core/owned-scope.ts'
import { Place } from '@onus/core/place.ts'
import { RULES } from '@onus/core/posture/index.ts'
import type { Rule } from '@onus/core/posture/rule.ts'
import { ScanReport, SourceReport, Summary } from '@onus/core/report.ts'
import { Api, BusinessFunction, Service } from '@onus/core/service.ts'
import { Team } from '@onus/core/team.ts'

/** Schemas that get a name of their own in the report's JSON Schema, so that it can be read. */
const NAMED = {
  Access,
  Accountability,
  Api,
  BusinessFunction,
  Claim,
  Controller,
  Credential,
  Finding,
  Grant,
  Identity,
  KnownDate,
  OwnedScope,
  Place,
  Service,
  SourceReport,
  Summary,
  Team,
  Trust,
  Use,
}

/** Path below the repository → text. */
export function referencePages(root: string): [path: string, text: string][] {
  return [
    ['docs/reference/scan-report.schema.json', json(reportSchema())],
    ['docs/reference/conventions.schema.json', json(conventionsSchema())],
    ['docs/reference/rules.md', rulesPage(RULES)],
    ['docs/reference/openapi.json', json(openapi(versionOf(root)))],
  ]
}

/** JSON Schema 2020-12 of what `onus scan --format json` prints. */
function reportSchema(): object {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries({ ...NAMED, ScanReport })) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { target: 'draft-2020-12', uri: (id) => `#/$defs/${id}` })
  const { ScanReport: report, ...parts } = schemas
  const $defs = Object.fromEntries(Object.entries(parts).map(([id, schema]) => [id, withoutMarks(schema)]))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Onus scan report',
    ...withoutMarks(report ?? {}),
    $defs,
  }
}

/** Marks of a stand-alone document; on a part they would change how `$ref` resolves. */
function withoutMarks(schema: object): object {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'))
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
