import type { ReactElement } from 'react'
import type { Severity } from '@onus/core/finding.ts'
import { count } from './count.ts'
import { SEVERITY_ORDER } from './words.ts'
import css from './severity.module.css'

/** Filled steps and the word; colour only repeats them. */
export function SeverityBadge({ severity }: { severity: Severity }): ReactElement {
  return (
    <span className={css['badge']} data-severity={severity}>
      <SeverityMark severity={severity} />
      {severity}
    </span>
  )
}

/** Four steps, as many filled as it is bad. */
export function SeverityMark({ severity }: { severity: Severity }): ReactElement {
  const filled = 4 - SEVERITY_ORDER.indexOf(severity)
  return (
    <svg className={css['mark']} data-severity={severity} viewBox="0 0 14 12" width="14" height="12" aria-hidden="true">
      {[1, 2, 3, 4].map((step) => (
        <rect
          key={step}
          x={(step - 1) * 3.6}
          y={10 - step * 2.25}
          width="2.4"
          height={1.5 + step * 2.25}
          rx="0.6"
          fill="currentColor"
          opacity={step <= filled ? 1 : 0.22}
        />
      ))}
    </svg>
  )
}

/** Counts by severity, worst first; a plain dash when there is nothing. */
export function SeverityCounts({ counts }: { counts: Record<Severity, number> }): ReactElement {
  const present = SEVERITY_ORDER.filter((severity) => counts[severity] > 0)
  if (present.length === 0) return <span className="faint">none</span>
  return (
    <span className={css['counts']}>
      {present.map((severity) => (
        <span key={severity} className={css['badge']} data-severity={severity} title={`${counts[severity]} ${severity}`}>
          <SeverityMark severity={severity} />
          {count(counts[severity])}
          <span className="visually-hidden"> {severity}</span>
        </span>
      ))}
    </span>
  )
}
