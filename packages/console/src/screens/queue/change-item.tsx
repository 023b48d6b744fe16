import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { RowOf } from '../../api.ts'
import { CAPACITY_WORDS, CHANGE_KIND_WORDS } from '../../changes/words.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { Day } from '../../ui/moment.tsx'
import css from './queue.module.css'

/** A change with an empty seat that one may take. */
export function ChangeItem({ change }: { change: RowOf<'listChanges'> }): ReactElement {
  const missing = change.seats.filter(({ isFilled }) => !isFilled).map(({ capacity }) => CAPACITY_WORDS[capacity].toLowerCase())
  return (
    <>
      <div className={css['body']}>
        <h2>
          <Link to="/changes/$id" params={{ id: change.id }}>
            <FoundText>{change.summary}</FoundText>
          </Link>
        </h2>
        <p className="soft">
          <FoundText>{change.author.name}</FoundText> proposes it ({CHANGE_KIND_WORDS[change.kind]}). Missing: {[...new Set(missing)].join(', ')}. Undecided, it ends <Day at={change.expiresAt} />.
        </p>
      </div>
      <div className={css['side']}>
        <Button size="compact-sm" renderRoot={(props) => <Link to="/changes/$id" params={{ id: change.id }} {...props} />}>
          Review<span className="visually-hidden"> {change.summary}</span>
        </Button>
      </div>
    </>
  )
}
