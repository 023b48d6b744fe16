import type { ReactElement } from 'react'
import { legible } from './legible.ts'

/** A sentence made by a rule or a reader: names in backticks stand out, and whatever is in them stays text. */
export function Sentence({ children }: { children: string }): ReactElement {
  return (
    <bdi>
      {legible(children)
        .split(/`([^`]*)`/)
        .map((part, index) => (index % 2 === 1 ? <q key={index}>{part}</q> : part))}
    </bdi>
  )
}

/** What a person wrote, in as many lines as they wrote it. */
export function FoundProse({ children }: { children: string }): ReactElement {
  return (
    <>
      {children.split(/\r?\n/).map((line, index) => (
        <span key={index}>
          {index > 0 && <br />}
          <FoundText>{line}</FoundText>
        </span>
      ))}
    </>
  )
}

/** Text that a source wrote. It is hostile until shown otherwise: isolated in direction, and legible throughout. */
export function FoundText({ children, mono = false }: { children: string; mono?: boolean }): ReactElement {
  return <bdi className={mono ? 'mono' : undefined}>{legible(children)}</bdi>
}
