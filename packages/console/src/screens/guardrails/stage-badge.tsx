import { IconAlertTriangle, IconCircleDashed, IconShieldCheck } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import { STAGE_WORDS } from '../../changes/stage-words.ts'
import css from './guardrails.module.css'

const MARKS = { off: IconCircleDashed, warn: IconAlertTriangle, enforce: IconShieldCheck }

/** Shape and word carry the stage; colour only repeats them. */
export function StageBadge({ stage }: { stage: keyof typeof STAGE_WORDS }): ReactElement {
  const Mark = MARKS[stage]
  return (
    <span className={css['badge']} data-stage={stage} title={STAGE_WORDS[stage].meaning}>
      <Mark size={15} aria-hidden="true" />
      {STAGE_WORDS[stage].word}
    </span>
  )
}
