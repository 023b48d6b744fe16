/** Tokens of automation: who answers for each, what it may, when it ends. Its secret is shown once. */
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { read, write } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { queryClient } from '../../query-client.ts'
import { Answered, Empty, ProblemNote, SkeletonLines } from '../../ui/answer.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { Day, Moment } from '../../ui/moment.tsx'
import { Screen } from '../../ui/screen.tsx'
import { CreateDialog } from './create-dialog.tsx'
import css from './tokens.module.css'

type Token = Reply<'listTokens'>['items'][number]

export function TokensScreen(): ReactElement {
  const tokens = useQuery(read('listTokens'))
  const session = useQuery(read('session'))
  const [isOpen, setOpen] = useState(false)
  const mayNot = session.data !== undefined && session.data.teams.length === 0 && !session.data.powers.includes('operate')
  return (
    <Screen
      title="Tokens"
      lead="Of automation: pipelines that bring reports, directories that bring people, scripts that read or propose."
      actions={
        <>
          {mayNot && <span className="small faint">Not you; a member of a team, or someone who holds the power to operate, could</span>}
          <Button size="xs" leftSection={<IconPlus size={14} />} disabled={session.data === undefined || mayNot} onClick={() => setOpen(true)}>
            Make a token
          </Button>
        </>
      }
    >
      <Answered question={tokens} waiting={<SkeletonLines lines={6} height={28} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No token of yours is there.">A token is shown once when it is made, and kept as a fingerprint.</Empty>
          ) : (
            <ul className={css['tokens']}>
              {items.map((token) => (
                <OneToken key={token.id} token={token} />
              ))}
            </ul>
          )
        }
      </Answered>
      {isOpen && session.data && <CreateDialog session={session.data} onClose={() => setOpen(false)} />}
    </Screen>
  )
}

function OneToken({ token }: { token: Token }): ReactElement {
  const isOver = token.revokedAt !== null || Date.parse(token.expiresAt) <= Date.now()
  return (
    <li className={css['token']} data-over={isOver}>
      <div className={css['body']}>
        <strong>
          <FoundText>{token.purpose}</FoundText>
        </strong>
        <p className="small soft">
          {token.team === null ? 'the installation itself' : <Link to="/teams/$id" params={{ id: token.team.id }}><FoundText>{token.team.name}</FoundText></Link>} answers for it · may {token.scopes.join(', ')}
        </p>
        <p className="small faint">
          made <Moment at={token.createdAt} />, {token.lastUsedAt === null ? 'never used' : <>last used <Moment at={token.lastUsedAt} /></>}
        </p>
      </div>
      <div className={css['side']}>
        <span className="small">
          {token.revokedAt !== null ? <>revoked <Moment at={token.revokedAt} /></> : isOver ? <>ended <Day at={token.expiresAt} /></> : <>ends <Day at={token.expiresAt} /></>}
        </span>
        {!isOver && <Revoke token={token} />}
      </div>
    </li>
  )
}

/** In two steps: what uses it stops at once, and there is no way back. */
function Revoke({ token }: { token: Token }): ReactElement {
  const [isAsked, setAsked] = useState(false)
  const revoke = useMutation({ ...write('revokeToken'), onSuccess: () => queryClient.invalidateQueries({ queryKey: ['listTokens'] }) })
  if (!isAsked)
    return (
      <Button size="compact-sm" variant="default" onClick={() => setAsked(true)}>
        Revoke …<span className="visually-hidden"> {token.purpose}</span>
      </Button>
    )
  return (
    <>
      <span className="small">What uses it stops at once.</span>
      <div className="row">
        <Button size="compact-sm" color="red" variant="outline" autoFocus loading={revoke.isPending} onClick={() => revoke.mutate({ params: { id: token.id } })}>
          Revoke it
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => setAsked(false)}>
          Keep it
        </Button>
      </div>
      {revoke.error !== null && <ProblemNote error={revoke.error} />}
    </>
  )
}
