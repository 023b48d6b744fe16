/** What a change changes, line by line: what is there before, and what after. */
import type { ReactElement } from 'react'
import { FoundText } from '../ui/found-text.tsx'
import { legible } from '../ui/legible.ts'
import { lineDiff } from './line-diff.ts'
import type { Change } from './words.ts'
import css from './changes.module.css'

type DiffLine = Change['diff'][number]

export function Diff({ lines, label = 'What changes' }: { lines: readonly DiffLine[]; label?: string }): ReactElement {
  return (
    <dl className={css['diff']} aria-label={label}>
      {lines.map((line, index) => (
        <div key={index} className={css['diffLine']} data-text={isText(line)}>
          <dt>
            <FoundText>{line.field}</FoundText>
          </dt>
          <dd>{isText(line) ? <TextDiff before={line.before ?? ''} after={line.after ?? ''} /> : <Values line={line} />}</dd>
        </div>
      ))}
    </dl>
  )
}

const isText = ({ before, after }: DiffLine): boolean => Boolean(before?.includes('\n') || after?.includes('\n'))

function Values({ line: { before, after } }: { line: DiffLine }): ReactElement {
  return (
    <>
      {before !== null && (
        <del>
          <span className="visually-hidden">before: </span>
          <FoundText>{before}</FoundText>
        </del>
      )}
      {after !== null && (
        <ins>
          <span className="visually-hidden">after: </span>
          <FoundText>{after}</FoundText>
        </ins>
      )}
      {after === null && <span className="faint small">taken away</span>}
      {before === null && <span className="faint small">new</span>}
    </>
  )
}

const MARKS = { same: ' ', gone: '−', new: '+' } as const
const SPOKEN = { same: '', gone: 'removed: ', new: 'added: ' } as const

/** Two texts as programmers read them. Scrolls sideways, since wrapped code misleads. */
export function TextDiff(props: { before: string; after: string }): ReactElement {
  // A last line that ends is no further line.
  const [before, after] = [props.before.replace(/\n$/, ''), props.after.replace(/\n$/, '')]
  const lines = before === '' ? after.split('\n').map((text) => ({ kind: 'new' as const, text })) : after === '' ? before.split('\n').map((text) => ({ kind: 'gone' as const, text })) : lineDiff(before, after)
  return (
    <div className={css['text']} tabIndex={0} role="region" aria-label="Text, scrolls sideways">
      {lines.map(({ kind, text }, index) => (
        <div key={index} data-kind={kind}>
          <span aria-hidden="true" className={css['mark']}>
            {MARKS[kind]}
          </span>
          <span className="visually-hidden">{SPOKEN[kind]}</span>
          {legible(text)}
        </div>
      ))}
    </div>
  )
}

/** A text as it is. */
export function CodeText({ text, label }: { text: string; label: string }): ReactElement {
  return (
    <div className={css['text']} tabIndex={0} role="region" aria-label={label}>
      {text.replace(/\n$/, '').split('\n').map((line, index) => (
        <div key={index}>{legible(line)}</div>
      ))}
    </div>
  )
}
