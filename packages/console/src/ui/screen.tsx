import { useEffect, useRef } from 'react'
import type { ReactElement, ReactNode } from 'react'
import css from './screen.module.css'

/** True once a screen has been shown: the first one keeps the browser's own focus, later ones are announced. */
let hasShownScreen = false

type Props = { title: string; heading?: ReactNode; lead?: ReactNode; actions?: ReactNode; children: ReactNode; fills?: boolean }

/**
 * The frame of a screen: document title, one `h1` that takes the focus when the screen is opened from another, and
 * room for its actions. `fills` gives the content the rest of the window's height (for tables that scroll inside).
 */
export function Screen({ title, heading, lead, actions, children, fills = false }: Props): ReactElement {
  const headingRef = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Onus`
  }, [title])
  useEffect(() => {
    if (hasShownScreen) {
      headingRef.current?.focus({ preventScroll: true })
      // The frame stays, and with it how far the screen before was scrolled.
      document.getElementById('main')?.scrollTo(0, 0)
    }
    hasShownScreen = true
  }, [])
  return (
    <div className={css['screen']} data-fills={fills}>
      <header className={css['header']}>
        <div className={css['titles']}>
          <h1 ref={headingRef} tabIndex={-1}>
            {heading ?? title}
          </h1>
          {lead !== undefined && <div className={css['lead']}>{lead}</div>}
        </div>
        {actions !== undefined && <div className={css['actions']}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}
