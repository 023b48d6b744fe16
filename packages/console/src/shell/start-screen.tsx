import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../api.ts'
import { Answered, SkeletonLines } from '../ui/answer.tsx'
import { Screen } from '../ui/screen.tsx'
import { startOf } from './role.ts'

/** Where one is sent after signing in, as what one is here. */
export function StartScreen(): ReactElement {
  const session = useQuery(read('session'))
  if (session.data) return <Navigate to={startOf(session.data)} replace />
  return (
    <Screen title="Welcome">
      <Answered question={session} waiting={<SkeletonLines lines={6} />}>
        {() => null}
      </Answered>
    </Screen>
  )
}
