/** One change request, as people review: what changes, what guardrails say, who must approve, what was said. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { read } from '../../api.ts'
import { ChangeStateBadge } from '../../changes/change-state.tsx'
import { Diff } from '../../changes/diff.tsx'
import { Seats } from '../../changes/seats.tsx'
import { Verdicts } from '../../changes/verdicts.tsx'
import { CHANGE_KIND_WORDS } from '../../changes/words.ts'
import type { Change } from '../../changes/words.ts'
import { Answered, Note, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { FoundProse, FoundText, Sentence } from '../../ui/found-text.tsx'
import { legible } from '../../ui/legible.ts'
import { Day, Moment } from '../../ui/moment.tsx'
import { Screen } from '../../ui/screen.tsx'
import { GUARDED } from './change-editor.tsx'
import { Discussion } from './discussion.tsx'
import { ReviewBox } from './review-box.tsx'
import { useSeen } from './seen.ts'
import css from './changes.module.css'

export function ChangeScreen(): ReactElement {
  const { id } = useParams({ from: '/shell/changes/$id' })
  const change = useQuery(read('change', { params: { id } }))
  const summary = change.data?.summary
  return (
    <Screen
      key={id}
      title={summary === undefined ? 'Change' : legible(summary)}
      heading={summary === undefined ? 'Change' : <FoundText>{summary}</FoundText>}
      lead={change.data && <Head change={change.data} />}
    >
      <Answered question={change} waiting={<SkeletonLines lines={12} height={22} />}>
        {(data) => <Review change={data} />}
      </Answered>
    </Screen>
  )
}

function Head({ change }: { change: Change }): ReactElement {
  const { state, kind, author, createdAt, expiresAt, closedAt, closedBy, revision } = change
  return (
    <div className={css['head']}>
      <ChangeStateBadge state={state} />
      <span>{CHANGE_KIND_WORDS[kind]}</span>
      <span>
        proposed by <FoundText>{author.name}</FoundText>
        {author.kind === 'token' && ' (a token)'}, <Moment at={createdAt} />
      </span>
      {revision > 1 && <span>edited, revision {revision}</span>}
      {closedAt === null ? (
        <span>
          ends undecided <Day at={expiresAt} />
        </span>
      ) : (
        <span>
          closed <Day at={closedAt} />
          {closedBy !== null && (
            <>
              {' '}
              by <FoundText>{closedBy.name}</FoundText>
            </>
          )}
        </span>
      )}
      <Link to="/ledger" search={{ change: change.id }}>
        in the ledger
      </Link>
    </div>
  )
}

/**
 * What is decided on is what was read: when the change is edited under the reader's eyes, it stays as read until the
 * reader has looked at the difference.
 */
function Review({ change }: { change: Change }): ReactElement {
  const { seen, isEdited, look } = useSeen(change)
  return (
    <>
      {change.isEmergency && (
        <Note tone="warn">
          <strong>The glass is broken:</strong> security approves in place of owner and sponsor, and what is given ends within a day.
        </Note>
      )}
      {isEdited && <Edited seen={seen} now={change} onLook={look} />}
      <div className={css['columns']}>
        <div className={css['main']}>
          <Part title="Why">
            <p className={css['reason']}>{seen.reason === null ? <span className="faint">The reason was erased.</span> : <FoundProse>{seen.reason}</FoundProse>}</p>
          </Part>
          <Part title="What changes">
            <Diff lines={seen.diff} />
            <About change={seen} />
          </Part>
          {(GUARDED.has(change.kind) || change.verdicts.length > 0) && (
            <Part title="Guardrails">
              <Verdicts verdicts={change.verdicts} offersException={change.state === 'open'} />
            </Part>
          )}
        </div>
        <aside className={css['side']} aria-label="Approvals">
          <Part title="Who must approve">
            <Seats seats={change.seats} may={change.may.approve} isOpen={change.state === 'open'} />
          </Part>
          {change.state === 'open' && <Standing change={change} />}
        </aside>
        <div className={css['main']}>
          <Part title="Discussion">
            <Discussion change={change} />
            <ReviewBox change={change} seen={seen} isEdited={isEdited} />
          </Part>
        </div>
      </div>
    </>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <section className={css['part']} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

function Edited({ seen, now, onLook }: { seen: Change; now: Change; onLook(): void }): ReactElement {
  return (
    <div role="alert" className={css['edited']}>
      <h2>It was edited while you read it.</h2>
      <p>What was approved before is void. You still see what you opened; this is what it says now:</p>
      {now.reason !== null && now.reason !== seen.reason && (
        <p className={css['reason']}>
          <FoundProse>{now.reason}</FoundProse>
        </p>
      )}
      <Diff lines={differences(seen, now)} label="What the edit changed" />
      <Button size="compact-sm" onClick={onLook}>
        I have read it; show it as it is now
      </Button>
    </div>
  )
}

/** Each line of either diff that is not in both, told as what it was and what it is. */
function differences(seen: Change, now: Change): Change['diff'] {
  const told = (line: Change['diff'][number]): string => [line.before ?? 'nothing', line.after ?? 'nothing'].join(' → ')
  const find = (change: Change, field: string): string | null => {
    const line = change.diff.find((each) => each.field === field)
    return line ? told(line) : null
  }
  const fields = [...new Set([...seen.diff, ...now.diff].map(({ field }) => field))]
  const lines = fields.map((field) => ({ field, before: find(seen, field), after: find(now, field) })).filter(({ before, after }) => before !== after)
  // Something that the lines do not show was edited: the digest says so.
  return lines.length > 0 ? lines : [{ field: 'content', before: `revision ${seen.revision}`, after: `revision ${now.revision}` }]
}

const FIRST = 10

function About({ change }: { change: Change }): ReactElement | null {
  const [isAll, setAll] = useState(false)
  const { identities, identityCount } = change
  if (identities.length === 0) return null
  const shown = isAll ? identities : identities.slice(0, FIRST)
  return (
    <p className="small soft">
      About{' '}
      {shown.map(({ id, name }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Link to="/identities/$id" params={{ id }}>
            <FoundText>{name}</FoundText>
          </Link>
        </span>
      ))}
      {identityCount > shown.length && ` and ${count(identityCount - shown.length)} more `}
      {!isAll && identities.length > FIRST && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          Show {count(identities.length)}
        </Button>
      )}
    </p>
  )
}

/** Whether approvals would apply it, as it is. */
function Standing({ change }: { change: Change }): ReactElement {
  const missing = change.seats.filter(({ filledBy }) => filledBy === null).length
  if (change.blocked.length > 0)
    return (
      <Note tone="bad">
        <div className="stack">
          <strong>As it is, no approval applies it.</strong>
          {change.blocked.map(({ code, reason }, index) => (
            <p key={index} className="small">
              <Sentence>{reason}</Sentence> <code>{code}</code>
            </p>
          ))}
        </div>
      </Note>
    )
  return <p className="small soft">Nothing stands against it. {missing === 1 ? 'The missing approval applies it at once.' : `${missing} approvals are missing; the last one applies it at once.`}</p>
}
