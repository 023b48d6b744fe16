import type { ReactElement } from 'react'
import { CAPACITY_WORDS } from '../../changes/words.ts'
import type { Change } from '../../changes/words.ts'
import { FoundProse, FoundText } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import css from './changes.module.css'

type Said = Change['discussion'][number]
type Decided = Change['decisions'][number]
type Entry = { at: string; key: string } & ({ said: Said } | { decided: Decided })

/** What was said and decided, the oldest first. A decision that an edit voided stays, struck through. */
export function Discussion({ change }: { change: Change }): ReactElement {
  const entries: Entry[] = [
    ...change.decisions.map((decided, index) => ({ at: decided.at, key: `decision ${index}`, decided })),
    ...change.discussion.map((said) => ({ at: said.at, key: said.id, said })),
  ].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  if (entries.length === 0) return <p className="soft">Nobody has said anything yet.</p>
  return (
    <ol className={css['talk']}>
      {entries.map((entry) => (
        <li key={entry.key}>{'said' in entry ? <Words said={entry.said} /> : <Decision decided={entry.decided} seats={change.seats} />}</li>
      ))}
    </ol>
  )
}

function Words({ said }: { said: Said }): ReactElement {
  return (
    <div className={css['said']}>
      <p className={css['saidHead']}>
        <strong>
          <FoundText>{said.by.name}</FoundText>
        </strong>
        {said.by.kind === 'token' && ' (a token)'} · <Moment at={said.at} />
      </p>
      <p className={css['saidText']}>{said.text === null ? <span className="faint">This was erased.</span> : <FoundProse>{said.text}</FoundProse>}</p>
    </div>
  )
}

function Decision({ decided, seats }: { decided: Decided; seats: Change['seats'] }): ReactElement {
  const seat = seats.find(({ id }) => id === decided.seat)
  return (
    <p className={css['event']} data-void={decided.voidedAt !== null}>
      <span>
        <strong>
          <FoundText>{decided.by.name}</FoundText>
        </strong>{' '}
        {decided.verdict === 'approve' ? 'approved' : 'rejected'}
        {seat && ` (${CAPACITY_WORDS[seat.capacity].toLowerCase()})`}
      </span>
      <Moment at={decided.at} />
      {decided.voidedAt !== null && <span className="faint">void: it was edited</span>}
    </p>
  )
}
