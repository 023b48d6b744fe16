import { IconCircleCheck, IconCircleDot, IconCircleMinus, IconCircleX, IconClockX } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import type { ChangeState } from '@onus/core/change/state.ts'
import { CHANGE_STATE_WORDS } from './words.ts'
import css from './changes.module.css'

const MARKS = { open: IconCircleDot, applied: IconCircleCheck, rejected: IconCircleX, withdrawn: IconCircleMinus, expired: IconClockX }

/** Shape and word carry the state; colour only repeats them. */
export function ChangeStateBadge({ state }: { state: ChangeState }): ReactElement {
  const { word, meaning } = CHANGE_STATE_WORDS[state]
  const Mark = MARKS[state]
  return (
    <span className={css['badge']} data-state={state} title={`${word}: ${meaning}`}>
      <Mark size={15} aria-hidden="true" />
      {word}
    </span>
  )
}
