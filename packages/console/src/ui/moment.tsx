import type { ReactElement } from 'react'
import { ago, exactly } from './time-words.ts'

/** An instant: relative to read, exact on hover and for machines. */
export function Moment({ at }: { at: string }): ReactElement {
  return (
    <time dateTime={at} title={exactly(at)} className="nowrap">
      {ago(at, Date.now())}
    </time>
  )
}

/** A date where the date itself matters: `2024-03-01 (2 years ago)`. */
export function Day({ at }: { at: string }): ReactElement {
  return (
    <time dateTime={at} title={exactly(at)} className="nowrap">
      {at.slice(0, 10)} <span className="faint">{ago(at, Date.now())}</span>
    </time>
  )
}
