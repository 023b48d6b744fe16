import { Button } from '@mantine/core'
import { useId, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { count } from '../../ui/count.ts'
import css from './identity.module.css'

/** A titled part of the page. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }): ReactElement {
  const id = useId()
  return (
    <section aria-labelledby={id} className={css['section']}>
      <div className={css['sectionHead']}>
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <span className="faint small">{aside}</span>}
      </div>
      {children}
    </section>
  )
}

/** Rows drawn before someone asks for all: an account may have thousands of grants. */
const FIRST = 25

/** The first rows, and a button for the rest. */
export function useFirst<T>(all: readonly T[], most = FIRST): { shown: readonly T[]; more: ReactNode } {
  const [isAll, setAll] = useState(false)
  const isCut = !isAll && all.length > most
  const more = isCut ? (
    <div>
      <Button size="compact-sm" variant="default" onClick={() => setAll(true)}>
        Show all {count(all.length)}
      </Button>
    </div>
  ) : null
  return { shown: isCut ? all.slice(0, most) : all, more }
}
