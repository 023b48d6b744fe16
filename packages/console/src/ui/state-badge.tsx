import type { ReactElement } from 'react'
import type { AccountabilityState } from '@onus/core/identity.ts'
import { STATE_WORDS } from './words.ts'
import css from './state-badge.module.css'

/** Shape and word carry the state; colour only repeats them. */
export function StateBadge({ state }: { state: AccountabilityState }): ReactElement {
  const { word, meaning } = STATE_WORDS[state]
  return (
    <span className={css['badge']} data-state={state} title={`${word}: ${meaning}`}>
      <StateMark state={state} />
      {word}
    </span>
  )
}

/** Full disc, half disc, two halves apart, dashed ring, empty ring. */
export function StateMark({ state }: { state: AccountabilityState }): ReactElement {
  return (
    <svg className={css['mark']} data-state={state} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {MARKS[state]}
    </svg>
  )
}

const ring = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.6 }
const MARKS: Record<AccountabilityState, ReactElement> = {
  accountable: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  claimed: (
    <>
      <circle cx="6" cy="6" r="4.4" {...ring} />
      <path d="M6 1.6a4.4 4.4 0 0 1 0 8.8z" fill="currentColor" />
    </>
  ),
  split: <path d="M5 1.2v9.6a4.9 4.9 0 0 1 0-9.6zM7 1.2v9.6a4.9 4.9 0 0 0 0-9.6z" fill="currentColor" />,
  lapsed: <circle cx="6" cy="6" r="4.4" {...ring} strokeDasharray="2 1.6" />,
  unowned: <circle cx="6" cy="6" r="4.4" {...ring} />,
}
