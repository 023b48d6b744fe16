import type { ReactElement } from 'react'

/** Something held within a ring: an identity and who answers for it. */
export function Mark(): ReactElement {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" style={{ color: 'var(--onus-accent)' }}>
      <circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" strokeWidth="2.4" />
      <circle cx="10" cy="10" r="2.8" fill="currentColor" />
    </svg>
  )
}
