/** Departures that are held because so many came at once: what they are, and the decision about them. */
import { Button, Textarea } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { read, write } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { queryClient } from '../../query-client.ts'
import { Answered, ProblemNote } from '../../ui/answer.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Screen } from '../../ui/screen.tsx'
import css from './holds-screen.module.css'

type Hold = Reply<'listDirectoryHolds'>['items'][number]
type Departure = Hold['departures'][number]

const STATE_WORDS: Record<Hold['state'], string> = { open: 'Waits for a decision', released: 'Let go', discarded: 'Kept' }

export function HoldsScreen(): ReactElement {
  const holds = useQuery(read('listDirectoryHolds'))
  const session = useQuery(read('session'))
  return (
    <Screen title="Held departures" lead="When a directory reports many people gone at once, nothing happens until somebody has looked.">
      <Answered question={holds}>
        {({ items }) =>
          items.length === 0 ? (
            <p>Nothing is held, and nothing was.</p>
          ) : (
            items.map((hold) => <OneHold key={hold.id} hold={hold} mayDecide={session.data?.powers.includes('operate') ?? false} />)
          )
        }
      </Answered>
    </Screen>
  )
}

function OneHold({ hold, mayDecide }: { hold: Hold; mayDecide: boolean }): ReactElement {
  const held = hold.departures.filter(({ state }) => state !== 'applied' && state !== 'withdrawn')
  const before = hold.departures.filter(({ state }) => state === 'applied')
  return (
    <section className={css['hold']} aria-labelledby={hold.id}>
      <h2 id={hold.id}>
        {STATE_WORDS[hold.state]}: {hold.reason}
      </h2>
      <p className="faint small">
        noticed <Moment at={hold.openedAt} />
        {hold.decidedAt !== null && (
          <>
            , decided <Moment at={hold.decidedAt} />
          </>
        )}
        {hold.note !== null && (
          <>
            : <FoundText>{hold.note}</FoundText>
          </>
        )}
      </p>
      <Departures title={hold.state === 'open' ? 'Held' : 'Were held'} departures={held} />
      {before.length > 0 && <Departures title="Went in the same ten minutes, before it was noticed" departures={before} />}
      {hold.state === 'open' && <Decision hold={hold} mayDecide={mayDecide} />}
    </section>
  )
}

function Departures({ title, departures }: { title: string; departures: Departure[] }): ReactElement {
  return (
    <details className={css['departures']}>
      <summary>
        {title}: {departures.length}
      </summary>
      <ul>
        {departures.map((each, index) => (
          <li key={index}>
            <FoundText>{wordsOf(each)}</FoundText>
          </li>
        ))}
      </ul>
    </details>
  )
}

function wordsOf({ kind, person, team }: Departure): string {
  switch (kind) {
    case 'person-left': return `${person?.name} leaves`
    case 'person-deleted': return `${person?.name} is removed from the directory`
    case 'member-left': return `${person?.name} leaves ${team?.name}`
    case 'team-dissolved': return `${team?.name} is dissolved`
  }
}

function Decision({ hold, mayDecide }: { hold: Hold; mayDecide: boolean }): ReactElement {
  const [note, setNote] = useState('')
  const onSuccess = (): Promise<void> => queryClient.invalidateQueries()
  const release = useMutation({ ...write('releaseDirectoryHold'), onSuccess })
  const discard = useMutation({ ...write('discardDirectoryHold'), onSuccess })
  if (!mayDecide) return <p>Whoever holds the power to operate decides.</p>
  const error = release.error ?? discard.error
  const isWaiting = release.isPending || discard.isPending
  const ask = { params: { id: hold.id }, body: { note } }
  return (
    <div className={css['decision']}>
      {error !== null && <ProblemNote error={error} />}
      <Textarea label="Why" description="Kept in the ledger" value={note} onChange={({ currentTarget }) => setNote(currentTarget.value)} maxLength={2_000} autosize minRows={2} />
      <div className="row">
        <Button size="xs" disabled={note.trim() === '' || isWaiting} onClick={() => discard.mutate(ask)}>
          The directory was wrong: keep them
        </Button>
        <Button size="xs" variant="default" disabled={note.trim() === '' || isWaiting} onClick={() => release.mutate(ask)}>
          The directory was right: let them go
        </Button>
      </div>
    </div>
  )
}
