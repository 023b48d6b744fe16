/** Limits that no owner exceeds: what stands, what it does now, and texts to begin with. */
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { CodeText } from '../../changes/diff.tsx'
import { Answered, Empty, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { Day } from '../../ui/moment.tsx'
import { Screen } from '../../ui/screen.tsx'
import { StageBadge } from './stage-badge.tsx'
import css from './guardrails.module.css'

type Row = Reply<'listGuardrails'>['items'][number]

export function GuardrailsScreen(): ReactElement {
  const guardrails = useQuery(read('listGuardrails'))
  return (
    <Screen
      title="Guardrails"
      lead="Limits set by security. Owners decide within them; beyond them only an exception leads."
      actions={
        <Button size="xs" leftSection={<IconPlus size={14} />} renderRoot={(props) => <Link to="/changes/new" search={{ kind: 'guardrail' }} {...props} />}>
          Write a guardrail
        </Button>
      }
    >
      <Answered question={guardrails} waiting={<SkeletonLines lines={8} height={28} />}>
        {({ items, schema }) => (
          <>
            {items.length === 0 ? <Empty title="No guardrail stands.">Owners decide without limits. Begin with one of the texts below.</Empty> : <Standing items={items} />}
            <Starters taken={new Set(items.map(({ id }) => id))} />
            <details className={css['schema']}>
              <summary>The facts that a guardrail may look at</summary>
              <CodeText text={schema} label="Cedar schema, scrolls sideways" />
            </details>
          </>
        )}
      </Answered>
    </Screen>
  )
}

function Standing({ items }: { items: Row[] }): ReactElement {
  return (
    <ul className={css['rows']}>
      {items.map((row) => (
        <li key={`${row.id} ${row.version}`} className={css['row']}>
          <StageBadge stage={row.standing} />
          <div className={css['body']}>
            <Link to="/guardrails/$id" params={{ id: row.id }} className={css['title']}>
              <FoundText>{row.title}</FoundText>
            </Link>
            <p className="small soft">
              Allowed: <Sentence>{row.allowed}</Sentence>
              {row.needs === 'guard' && '; beyond it security must approve'}
            </p>
            <p className="small faint">
              <code>{row.id}</code>, version {row.version}, since <Day at={row.since} />
              <Until row={row} />
            </p>
          </div>
          {row.exceptions > 0 && (
            <Link to="/exceptions" search={{ rule: row.id }} className={css['exceptions']}>
              {count(row.exceptions)} {row.exceptions === 1 ? 'exception' : 'exceptions'}
            </Link>
          )}
        </li>
      ))}
    </ul>
  )
}

/** What is about to change by itself. */
export function Until({ row }: { row: Pick<Row, 'stage' | 'standing' | 'graceUntil' | 'endsAt'> }): ReactElement | null {
  if (row.endsAt !== null)
    return (
      <>
        ; was loosened, and holds until <Day at={row.endsAt} />
      </>
    )
  if (row.stage === 'enforce' && row.standing === 'warn' && row.graceUntil !== null)
    return (
      <>
        ; enforced from <Day at={row.graceUntil} /> on
      </>
    )
  return null
}

function Starters({ taken }: { taken: ReadonlySet<string> }): ReactElement | null {
  const starters = useQuery(read('listStarterGuardrails'))
  return (
    <section className={css['starters']} aria-labelledby="starters">
      <h2 id="starters">To begin with</h2>
      <Answered question={starters} waiting={<SkeletonLines lines={4} />}>
        {({ items }) => {
          const free = items.filter(({ id }) => !taken.has(id))
          if (free.length === 0) return <p className="soft">Every text that comes with Onus is in use.</p>
          return (
            <ul className={css['rows']}>
              {free.map((starter) => (
                <li key={starter.id} className={css['row']}>
                  <div className={css['body']}>
                    <strong>
                      <FoundText>{starter.title}</FoundText>
                    </strong>
                    <details>
                      <summary className="small">Its text</summary>
                      <CodeText text={starter.text} label={`Text of ${starter.id}, scrolls sideways`} />
                    </details>
                  </div>
                  <Button size="compact-sm" variant="default" renderRoot={(props) => <Link to="/changes/new" search={{ kind: 'guardrail', starter: starter.id }} {...props} />}>
                    Simulate and propose<span className="visually-hidden"> {starter.title}</span>
                  </Button>
                </li>
              ))}
            </ul>
          )
        }}
      </Answered>
    </section>
  )
}
