/** Signing in with the accounts of the company: the way to the issuer, and what went wrong on the way back. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import type { SignInFailure } from '@onus/core/contract/session-routes.ts'
import { read } from '../../api.ts'
import css from './sign-in-screen.module.css'

const FAILURE_WORDS: Record<SignInFailure, { what: string; next: string }> = {
  'no-name': { what: 'Your account has no name that Onus can use.', next: 'Ask who runs the sign-in of your company to send a user name, or an e-mail address that was checked.' },
  left: { what: 'The directory says that you are not here any more.', next: 'If that is wrong, ask who runs the directory of your company; once it is right there, you can sign in.' },
  taken: { what: 'Another account has your user name here.', next: 'Ask the administrator of Onus: the account that had the name before must be removed from the directory first.' },
  unreachable: { what: 'The sign-in of your company does not answer.', next: 'Try again in a minute. If it stays, the log of Onus says why.' },
  refused: { what: 'The sign-in did not succeed.', next: 'Begin again. If it stays, the log of Onus says why.' },
  expired: { what: 'This sign-in was not begun in this browser, or took longer than 15 minutes.', next: 'Begin again.' },
  many: { what: 'Too many sign-ins came from your network within a minute.', next: 'Wait a minute and begin again.' },
}

export function CompanySignIn({ then, failed }: { then: string | undefined; failed: SignInFailure | undefined }): ReactElement | null {
  const options = useQuery(read('signInOptions'))
  const company = options.data?.company
  if (!company) return null
  const address = `${company.startAt}?${new URLSearchParams({ then: then ?? '/start' })}`
  return (
    <>
      {failed !== undefined && (
        <div role="alert" className={css['refused']}>
          <strong>{FAILURE_WORDS[failed].what}</strong> {FAILURE_WORDS[failed].next}
        </div>
      )}
      {/* A whole page of its own, not a screen of the console: the browser goes to the issuer. */}
      <Button component="a" href={address}>
        Sign in with your company account
      </Button>
    </>
  )
}
