/** Oneself: who one is here, what one may do, and where one is signed in. */
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read, write } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { queryClient } from '../../query-client.ts'
import { Answered, ProblemNote } from '../../ui/answer.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Screen } from '../../ui/screen.tsx'
import css from './account-screen.module.css'

const POWER_WORDS: Record<Reply<'session'>['powers'][number], string> = {
  operate: 'operate: sources, issuers, gateways',
  guard: 'guard: guardrails and exceptions',
  audit: 'audit: read everything',
}

export function AccountScreen(): ReactElement {
  const session = useQuery(read('session'))
  return (
    <Screen title="You">
      <Answered question={session}>{(data) => <About session={data} />}</Answered>
      <p>
        <Link to="/tokens">Tokens of automation</Link> that you or your teams answer for.
      </p>
      <Sessions />
    </Screen>
  )
}

function About({ session }: { session: Reply<'session'> }): ReactElement {
  return (
    <dl className={css['about']}>
      <dt>Name</dt>
      <dd>
        <FoundText>{session.name}</FoundText>
      </dd>
      <dt>Teams</dt>
      <dd>{session.teams.length === 0 ? 'none: you answer for nothing here' : <FoundText>{session.teams.map(({ name }) => name).join(', ')}</FoundText>}</dd>
      <dt>Powers</dt>
      <dd>{session.powers.length === 0 ? 'none beyond those of your teams' : session.powers.map((power) => POWER_WORDS[power]).join('; ')}</dd>
    </dl>
  )
}

function Sessions(): ReactElement {
  const sessions = useQuery(read('listSessions'))
  const navigate = useNavigate()
  const end = useMutation({ ...write('endSession'), onSuccess: () => queryClient.invalidateQueries({ queryKey: ['listSessions'] }) })
  const endAll = useMutation({
    ...write('signOutEverywhere'),
    onSuccess: async () => {
      queryClient.clear()
      await navigate({ to: '/sign-in' })
    },
  })
  const error = end.error ?? endAll.error
  return (
    <section aria-labelledby="signed-in" className={css['sessions']}>
      <h2 id="signed-in">Where you are signed in</h2>
      {error !== null && <ProblemNote error={error} />}
      <Answered question={sessions}>
        {({ items }) => (
          <ul>
            {items.map((each) => (
              <li key={each.id} className={css['session']}>
                <div>
                  <FoundText>{each.userAgent === '' ? 'a browser that does not say which' : each.userAgent}</FoundText>
                  <div className="faint small">
                    since <Moment at={each.createdAt} />, last used <Moment at={each.lastSeenAt} />
                  </div>
                </div>
                {each.isThis ? (
                  <span className="faint small nowrap">this one</span>
                ) : (
                  <Button size="compact-sm" variant="default" onClick={() => end.mutate({ params: { id: each.id } })} disabled={end.isPending}>
                    End
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Answered>
      <Button variant="default" size="xs" onClick={() => endAll.mutate({})} loading={endAll.isPending}>
        Sign out everywhere
      </Button>
    </section>
  )
}
