import { Link } from '@tanstack/react-router'
import type { ErrorComponentProps } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { ProblemNote, SkeletonLines } from '../ui/answer.tsx'
import { Screen } from '../ui/screen.tsx'

export function NotFound(): ReactElement {
  return (
    <Screen title="No such page">
      <p className="prose">
        This address leads nowhere in the console. Go to the <Link to="/">overview</Link> or the{' '}
        <Link to="/identities">identities</Link>.
      </p>
    </Screen>
  )
}

/** A screen that broke takes only itself down; the frame around it stays. */
export function ScreenFailed({ error, reset }: ErrorComponentProps): ReactElement {
  return (
    <Screen title="This screen failed">
      <ProblemNote error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />
    </Screen>
  )
}

export function ScreenWaiting(): ReactElement {
  return (
    <div style={{ padding: '1.25rem var(--onus-gutter)' }} aria-busy="true">
      <SkeletonLines lines={8} />
    </div>
  )
}
