import assert from 'node:assert/strict'
import test from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { RULES } from '@onus/core/posture/index.ts'
import type { ScanReport } from '@onus/core/report.ts'
import { onus } from '../testing/capture.ts'
import { SMALL_ESTATE, withEstate } from '../testing/estate-folder.ts'
import { sarifReport, uriOf } from './sarif.ts'

/** The parts of the OASIS schema (2.1.0) that apply here, closed, so that a property SARIF does not have is found. */
const closed = (properties: object, required: string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})
const text = { type: 'string', minLength: 1 }
const message = closed({ text, markdown: text }, ['text'])
const bag = { type: 'object', properties: { tags: { type: 'array', items: text, uniqueItems: true } } }
const location = closed({
  id: { type: 'integer', minimum: -1 },
  physicalLocation: closed({
    artifactLocation: closed({ uri: { type: 'string', format: 'uri-reference' }, uriBaseId: text }, ['uri']),
    region: closed({ startLine: { type: 'integer', minimum: 1 } }, ['startLine']),
  }),
})
const level = { enum: ['none', 'note', 'warning', 'error'] }
const rule = closed(
  {
    id: text,
    name: text,
    shortDescription: message,
    fullDescription: message,
    help: message,
    defaultConfiguration: closed({ level }),
    properties: bag,
  },
  ['id'],
)
const result = closed(
  {
    ruleId: text,
    ruleIndex: { type: 'integer', minimum: 0 },
    kind: { enum: ['fail', 'pass', 'open', 'review', 'informational', 'notApplicable'] },
    level,
    message,
    locations: { type: 'array', items: location },
    relatedLocations: { type: 'array', items: location, uniqueItems: true },
    partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
    properties: bag,
  },
  ['message'],
)
const notification = closed(
  { level, message, descriptor: closed({ id: text }), locations: { type: 'array', items: location } },
  ['message'],
)
const SCHEMA = closed(
  {
    $schema: { type: 'string', format: 'uri' },
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      items: closed(
        {
          tool: closed(
            {
              driver: closed(
                {
                  name: text,
                  version: text,
                  semanticVersion: text,
                  rules: { type: 'array', items: rule, uniqueItems: true },
                },
                ['name'],
              ),
            },
            ['driver'],
          ),
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          originalUriBaseIds: { type: 'object', additionalProperties: closed({ uri: text, description: message }) },
          invocations: {
            type: 'array',
            items: closed(
              {
                executionSuccessful: { type: 'boolean' },
                toolExecutionNotifications: { type: 'array', items: notification },
                properties: bag,
              },
              ['executionSuccessful'],
            ),
          },
          results: { type: 'array', items: result },
        },
        ['tool'],
      ),
    },
  },
  ['version', 'runs'],
)

const validate = new Ajv2020({
  strict: false,
  formats: { uri: /^https:\/\//, 'uri-reference': /^[A-Za-z0-9._~!$&'()*+,;=@%/-]*$/ },
}).compile(SCHEMA)

type Sarif = {
  runs: [
    {
      tool: { driver: { rules: { id: string }[] } }
      results: { ruleId: string; ruleIndex: number; level: string; locations: unknown[] }[]
      invocations: [{ toolExecutionNotifications: unknown[] }]
    },
  ]
}

test('sarif: valid, every rule is described, every failing finding is a result of its rule', () =>
  withEstate(
    {
      ...SMALL_ESTATE,
      'ünï code #1/a b.yaml': SMALL_ESTATE['ledger/namespace.yaml'],
      'broken.tf': 'resource "aws_iam_user" "x" {\n  name = \n',
    },
    async (root) => {
      const sarif: unknown = JSON.parse((await onus(['scan', root, '--format', 'sarif'])).stdout)
      assert.ok(validate(sarif), JSON.stringify(validate.errors?.slice(0, 3)))
      const report = JSON.parse((await onus(['scan', root, '--format', 'json'])).stdout) as ScanReport
      const [run] = (sarif as Sarif).runs // validated above
      assert.deepEqual(
        run.tool.driver.rules.map((one) => one.id),
        RULES.map((one) => one.id),
      )
      assert.equal(run.results.length, report.findings.filter((finding) => finding.verdict === 'fail').length)
      assert.ok(run.results.every((one) => RULES[one.ruleIndex]?.id === one.ruleId && one.locations.length === 1))
      assert.ok(run.invocations[0].toolExecutionNotifications.length > 0, 'what was not read is told')
    },
  ))

test('sarif: a finding that could not be judged is no result', () => {
  const finding = {
    id: 'fnd_1',
    rule: 'dormant',
    severity: 'low',
    verdict: 'unknown',
    subject: { kind: 'identity', id: 'i' },
    identity: 'i',
    credential: null,
    team: null,
    title: 't',
    detail: 'd',
    evidence: [],
    maps: { owaspNhi: [], csf: [] },
    fix: 'f',
  } as const
  const report = {
    onus: { report: 1, version: '1.0.0' },
    asOf: '2026-08-21T00:00:00.000Z',
    sources: [],
    findings: [finding],
  } as unknown as ScanReport // only what sarifReport reads
  const sarif = JSON.parse([...sarifReport(report)].join('')) as Sarif
  assert.deepEqual(sarif.runs[0].results, [])
})

const URIS: [name: string, path: string, want: string][] = [
  ['spaces and other letters', 'ünï/a b.yaml', '%C3%BCn%C3%AF/a%20b.yaml'],
  ['what would start a query or a fragment', 'a?b#c/100%.tf', 'a%3Fb%23c/100%25.tf'],
  ['what would be a scheme', 'javascript:alert(1)', 'javascript%3Aalert(1)'],
  ['markup', '<b>"x"', '%3Cb%3E%22x%22'],
]
for (const [name, path, want] of URIS) test(`T47 sarif path: ${name}`, () => assert.equal(uriOf(path), want))
