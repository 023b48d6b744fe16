import { SEVERITIES, type Finding, type Severity } from './finding.ts'
import { ACCOUNTABILITY_STATES, type AccountabilityState, type Identity } from './identity.ts'
import type { Summary } from './report.ts'

/** Counts of one scan. Findings count failures only; what could not be judged is counted apart, by rule. */
export function summarise(input: {
  identities: readonly Identity[]
  findings: readonly Finding[]
  unread: number
  files: number
}): Summary {
  const byState = zeroes(ACCOUNTABILITY_STATES)
  const severities = zeroes(SEVERITIES)
  const summary: Summary = {
    identities: input.identities.length,
    credentials: 0,
    byState,
    byKind: {},
    byEnvironment: {},
    findings: severities,
    failures: {},
    unknowns: {},
    unread: input.unread,
    files: input.files,
  }
  for (const identity of input.identities) {
    summary.credentials += identity.credentials.length
    byState[identity.accountability.state] += 1
    count(summary.byKind, identity.kind)
    count(summary.byEnvironment, identity.environment ?? 'unknown')
  }
  for (const finding of input.findings) {
    if (finding.verdict === 'unknown') count(summary.unknowns, finding.rule)
    else {
      severities[finding.severity] += 1
      count(summary.failures, finding.rule)
    }
  }
  return summary
}

function zeroes<K extends AccountabilityState | Severity>(keys: readonly K[]): Record<K, number> {
  // fromEntries forgets the key type; the keys are exactly those given.
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
