import { Button, Loader } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { ApiError, write } from '../../api.ts'
import { queryClient } from '../../query-client.ts'
import { Mark } from '../../shell/mark.tsx'
import { startOf } from '../../shell/role.ts'
import { ProblemNote } from '../../ui/answer.tsx'
import { CompanySignIn } from './company-sign-in.tsx'
import css from './sign-in-screen.module.css'

/**
 * Takes the one-time token out of the address at once: the fragment never reaches a server, and neither history nor a
 * screenshot keeps it.
 */
function takeToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token')
  if (window.location.hash !== '') window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search)
  return token
}

export function SignInScreen(): ReactElement {
  const [token] = useState(takeToken)
  const { then, failed } = useSearch({ from: '/sign-in' })
  const router = useRouter()
  const signIn = useMutation({
    ...write('signIn'),
    onSuccess: (session) => {
      queryClient.clear()
      // Only a path of this console: `//host` would leave it.
      const isOwnPath = then !== undefined && /^\/(?![/\\])/.test(then)
      router.history.replace(isOwnPath ? then : startOf(session))
    },
  })
  const hasAsked = useRef(false)
  useEffect(() => {
    document.title = 'Sign in · Onus'
    if (token === null || hasAsked.current) return
    hasAsked.current = true
    signIn.mutate({ body: { token } })
  }, [token, signIn])
  return (
    <main className={css['page']}>
      <div className={css['box']}>
        <p className={css['brand']}>
          <Mark /> Onus
        </p>
        <h1>{token === null ? 'Sign in' : 'Signing in'}</h1>
        {token === null && <CompanySignIn then={then} failed={failed} />}
        {signIn.isPending && <Loader size="sm" aria-label="Signing in" />}
        {signIn.error !== null && <Refused error={signIn.error} onRetry={() => token !== null && signIn.mutate({ body: { token } })} />}
        {(token === null || signIn.error !== null) && <HowTo />}
      </div>
    </main>
  )
}

function Refused({ error, onRetry }: { error: Error; onRetry(): void }): ReactElement {
  if (!(error instanceof ApiError) || error.problem.status >= 500) return <ProblemNote error={error} onRetry={onRetry} />
  return (
    <div role="alert" className={css['refused']}>
      <strong>This link does not work any more.</strong> {error.problem.detail}
    </div>
  )
}

function HowTo(): ReactElement {
  return (
    <>
      <h2>With the link from the terminal</h2>
      <ol className={css['steps']}>
        <li>Go to the terminal where Onus runs.</li>
        <li>
          Open the sign-in link it printed. It works once and for 15 minutes; each start with <code>npm start</code> prints a
          new one.
        </li>
      </ol>
      <p className="faint small">The link needs no password. Who can read that terminal is the administrator.</p>
      <Button variant="default" size="xs" component="a" href="/">
        I am signed in already
      </Button>
    </>
  )
}
