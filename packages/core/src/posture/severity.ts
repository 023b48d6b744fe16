import { SEVERITIES, type Severity } from '../finding.ts'

/** One step less bad; `low` stays. */
export function lowered(severity: Severity): Severity {
  return SEVERITIES[Math.max(0, SEVERITIES.indexOf(severity) - 1)] ?? 'low'
}

/** One step worse; `critical` stays. */
export function raised(severity: Severity): Severity {
  return SEVERITIES[Math.min(SEVERITIES.length - 1, SEVERITIES.indexOf(severity) + 1)] ?? 'critical'
}

/**
 * The severity where the subject lives: as given in production, one step lower where production is ruled out. An
 * unknown environment counts as production: what nobody classified may well be the real thing.
 */
export function inPlace(severity: Severity, subject: { isProduction: boolean | null }): Severity {
  return subject.isProduction === false ? lowered(severity) : severity
}
