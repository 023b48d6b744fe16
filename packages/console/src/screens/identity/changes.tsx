import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId } from 'react'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import { ChangeStateBadge } from '../../changes/change-state.tsx'
import { Answered, SkeletonLines } from '../../ui/answer.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { Day, Moment } from '../../ui/moment.tsx'
import type { Detail } from './identity-screen.tsx'
import { Section } from './section.tsx'
import css from './identity.module.css'

const NEWEST = 8
const OFFERED = [
  ['scope', 'Change what it may do'],
  ['credential', 'Give it a credential'],
  ['ownership', 'Hand it over'],
  ['exception', 'Ask for an exception'],
] as const

/** What was and is proposed about it, the exceptions that run, and the way to propose something. */
export function ChangesSection({ detail }: { detail: Detail }): ReactElement {
  const { id } = detail.identity
  const changes = useQuery(read('listChanges', { query: { identity: id, limit: NEWEST } }))
  const exceptions = useQuery(read('listExceptions', { query: { identity: id } }))
  return (
    <Section title="Changes">
      {detail.vanishedAt === null && <Offered id={id} />}
      {exceptions.data && exceptions.data.items.length > 0 && (
        <ul className={css['changeRows']} aria-label="Exceptions that run">
          {exceptions.data.items.map((exception) => (
            <li key={exception.id}>
              Excused from <code>{exception.rule}</code> until <Day at={exception.until} />{' '}
              <Link to="/changes/$id" params={{ id: exception.change }}>
                the decision
              </Link>
            </li>
          ))}
        </ul>
      )}
      <Answered question={changes} waiting={<SkeletonLines lines={2} />}>
        {({ items, total }) =>
          items.length === 0 ? (
            <p className="soft">Nothing has been proposed about it.</p>
          ) : (
            <>
              <ul className={css['changeRows']} aria-label="Changes">
                {items.map((change) => (
                  <li key={change.id}>
                    <ChangeStateBadge state={change.state} />
                    <Link to="/changes/$id" params={{ id: change.id }}>
                      <FoundText>{change.summary}</FoundText>
                    </Link>
                    <span className="faint small">
                      <Moment at={change.changedAt} />
                    </span>
                  </li>
                ))}
              </ul>
              {total > items.length && (
                <p className="small">
                  <Link to="/changes" search={{ identity: id, state: 'any' }}>
                    All {total} changes
                  </Link>
                </p>
              )}
            </>
          )
        }
      </Answered>
    </Section>
  )
}

function Offered({ id }: { id: string }): ReactElement {
  const session = useQuery(read('session'))
  const whyId = useId()
  const mayNot = session.data?.powers.includes('audit') ?? false
  return (
    <div className="row">
      {OFFERED.map(([kind, words]) =>
        mayNot ? (
          <Button key={kind} size="compact-sm" variant="default" disabled aria-describedby={whyId}>
            {words} …
          </Button>
        ) : (
          <Button key={kind} size="compact-sm" variant="default" renderRoot={(props) => <Link to="/changes/new" search={{ kind, identity: id }} {...props} />}>
            {words} …
          </Button>
        ),
      )}
      {mayNot && (
        <span id={whyId} className="small faint">
          Not you; someone who does not hold the power to audit could <code>auditors-only-read</code>
        </span>
      )}
    </div>
  )
}
