/** Who must approve, in which capacity and why; who did; and whether the one who looks may. */
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { FoundText, Sentence } from '../ui/found-text.tsx'
import { Moment } from '../ui/moment.tsx'
import { CAPACITY_WORDS } from './words.ts'
import type { Change, Seat } from './words.ts'
import css from './changes.module.css'

type Planned = Omit<Seat, 'filledBy'> & Partial<Pick<Seat, 'filledBy'>>
type Props = { seats: readonly Planned[]; may?: Change['may']['approve']; isOpen?: boolean }

export function Seats({ seats, may = [], isOpen = false }: Props): ReactElement {
  if (seats.length === 0) return <p className="soft">Nobody has to approve it.</p>
  return (
    <ul className={css['seats']}>
      {seats.map((seat) => (
        <li key={seat.id} className={css['seat']} data-filled={Boolean(seat.filledBy)}>
          {seat.filledBy ? <IconCircleCheckFilled size={17} aria-hidden="true" /> : <IconCircle size={17} aria-hidden="true" />}
          <div>
            <div className={css['sitter']}>
              <Sitter seat={seat} /> {(seat.team ?? seat.person) && <span className="faint small">{CAPACITY_WORDS[seat.capacity].toLowerCase()}</span>}
            </div>
            <p className="small soft">
              <Sentence>{seat.why}</Sentence>
            </p>
            {seat.filledBy ? (
              <p className="small">
                Approved by <FoundText>{seat.filledBy.name}</FoundText>, <Moment at={seat.filledBy.at} />
              </p>
            ) : (
              isOpen && <Mine verdict={may.find((each) => each.seat === seat.id)} />
            )}
          </div>
        </li>
      ))}
    </ul>
  )
}

function Sitter({ seat }: { seat: Planned }): ReactElement {
  if (seat.team)
    return (
      <Link to="/teams/$id" params={{ id: seat.team.id }}>
        <FoundText>{seat.team.name}</FoundText>
      </Link>
    )
  if (seat.person) return <FoundText>{seat.person.name}</FoundText>
  return <>{CAPACITY_WORDS[seat.capacity]}</>
}

function Mine({ verdict }: { verdict: Change['may']['approve'][number] | undefined }): ReactElement | null {
  if (verdict === undefined) return null
  if (verdict.isAllowed) return <p className="small">You may approve here.</p>
  return <Denial verdict={verdict} />
}

/** Why not, and who could: the rule by its name, so that one can look it up. */
export function Denial({ verdict }: { verdict: { rule: string; who: string | null } }): ReactElement {
  return (
    <p className="small faint">
      {verdict.who === null ? 'Not you' : `Not you; ${verdict.who} could`} <code>{verdict.rule}</code>
    </p>
  )
}
