import type { ReactElement } from 'react'
import type { AccountabilityState } from '@onus/core/identity.ts'
import { count } from './count.ts'
import { STATE_ORDER, STATE_WORDS } from './words.ts'
import css from './state-bar.module.css'

type Counts = Record<AccountabilityState, number>

export function totalOf(counts: Counts): number {
  return STATE_ORDER.reduce((sum, state) => sum + counts[state], 0)
}

/**
 * A bar whose length is the count and whose parts are the states; `full` is the count that fills the whole width, so
 * bars below each other can be compared. The picture is told in words to those who do not see it.
 */
export function StateBar({ counts, full, tall = false }: { counts: Counts; full: number; tall?: boolean }): ReactElement {
  const present = STATE_ORDER.filter((state) => counts[state] > 0)
  const words = present.map((state) => `${count(counts[state])} ${STATE_WORDS[state].word.toLowerCase()}`).join(', ')
  return (
    <div className={css['track']} data-tall={tall} role="img" aria-label={words === '' ? 'none' : words}>
      {present.map((state) => (
        <span
          key={state}
          className={css['part']}
          data-state={state}
          style={{ width: `${(100 * counts[state]) / Math.max(full, 1)}%` }}
        />
      ))}
    </div>
  )
}
