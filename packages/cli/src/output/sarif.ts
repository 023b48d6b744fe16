/**
 * SARIF 2.1.0 (OASIS), as code scanning services read it: rules with help, one result a failing finding with its first
 * place. What could not be judged is no result: a service would show it as a fault.
 */
import type { Finding, Severity } from '@onus/core/finding.ts'
import type { Place } from '@onus/core/place.ts'
import { RULES } from '@onus/core/posture/index.ts'
import type { Rule } from '@onus/core/posture/rule.ts'
import type { ScanReport, SourceReport } from '@onus/core/report.ts'
import type { Location, Notification, PhysicalLocation, ReportingDescriptor, Result } from 'sarif'
import { jsonOf } from './json.ts'

export const SARIF_SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

const LEVELS: Record<Severity, 'error' | 'warning' | 'note'> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
}
/** As GitHub reads it: above 9 critical, from 7 high, from 4 medium. */
const SCORES: Record<Severity, string> = { critical: '9.5', high: '8.0', medium: '5.5', low: '3.0' }

export function* sarifReport(report: ScanReport): Generator<string> {
  const { version } = report.onus
  yield `{\n"$schema": ${jsonOf(SARIF_SCHEMA)},\n"version": "2.1.0",\n"runs": [{\n`
  yield `"tool": ${jsonOf({ driver: { name: 'Onus', version, semanticVersion: version, rules: RULES.map(descriptorOf) } })},\n`
  yield `"columnKind": "utf16CodeUnits",\n"originalUriBaseIds": ${jsonOf({ SRCROOT: { description: { text: 'the scanned directory' } } })},\n`
  yield `"invocations": ${jsonOf([{ executionSuccessful: true, properties: { asOf: report.asOf }, toolExecutionNotifications: [...notifications(report.sources)] }])},\n`
  yield '"results": ['
  let separator = '\n'
  for (const finding of report.findings) {
    if (finding.verdict !== 'fail') continue
    yield separator + jsonOf(resultOf(finding))
    separator = ',\n'
  }
  yield '\n]}]\n}\n'
}

function descriptorOf(rule: Rule): ReportingDescriptor {
  const tags = [...rule.maps.owaspNhi.map((id) => `owasp-nhi/${id}`), ...rule.maps.csf.map((id) => `csf/${id}`)]
  const needs = rule.needs.length > 0 ? ` It needs to know: ${rule.needs.join('; ')}.` : ''
  return {
    id: rule.id,
    name: pascalCase(rule.id),
    shortDescription: { text: rule.title },
    fullDescription: { text: `${rule.title}.${needs}` },
    help: { text: rule.fix, markdown: rule.fix },
    defaultConfiguration: { level: LEVELS[rule.severity] },
    properties: {
      tags: ['security', 'identity', ...tags],
      'security-severity': SCORES[rule.severity],
      precision: 'high',
      'problem.severity': LEVELS[rule.severity] === 'note' ? 'recommendation' : LEVELS[rule.severity],
    },
  }
}

function resultOf(finding: Finding): Result {
  const [first, ...others] = finding.evidence
  return {
    ruleId: finding.rule,
    ruleIndex: RULES.findIndex((rule) => rule.id === finding.rule),
    level: LEVELS[finding.severity],
    kind: 'fail',
    message: { text: literal(`${finding.title}. ${finding.detail} ${finding.fix}`) },
    locations: first ? [locationOf(first)] : [],
    ...(others.length > 0
      ? { relatedLocations: others.map((place, index) => ({ id: index + 1, ...locationOf(place) })) }
      : {}),
    partialFingerprints: { 'onusFinding/v1': finding.id },
    properties: {
      'security-severity': SCORES[finding.severity],
      subject: finding.subject,
      ...(finding.team === null ? {} : { team: finding.team }),
    },
  }
}

/** Names that look like a placeholder or a link of SARIF (3.11.5, 3.11.6) stay what they are. */
function literal(text: string): string {
  return text.replace(/\{(\d+)\}/g, '{{$1}}').replace(/\[(?=[^\]]*\]\()/g, '\\[')
}

function* notifications(sources: readonly SourceReport[]): Generator<Notification> {
  for (const source of sources) {
    for (const { file, line, reason } of source.unread) {
      yield {
        level: 'warning',
        descriptor: { id: 'unread' },
        message: { text: `${source.reader}: ${reason}` },
        locations: [locationOf({ file, line })],
      }
    }
    const left = source.unreadCount - source.unread.length
    if (left > 0)
      yield {
        level: 'warning',
        descriptor: { id: 'unread' },
        message: { text: `${source.reader}: ${left} more in ${source.path}` },
      }
  }
}

/** A place of the scanned directory. */
export function locationOf(place: Place): Location {
  const physicalLocation: PhysicalLocation = {
    artifactLocation: { uri: uriOf(place.file), uriBaseId: 'SRCROOT' },
    region: { startLine: place.line },
  }
  return { physicalLocation }
}

/** A relative reference (RFC 3986): segments percent-encoded, and a first one with a colon is no scheme. */
export function uriOf(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/')
}

function pascalCase(id: string): string {
  return id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())
}
