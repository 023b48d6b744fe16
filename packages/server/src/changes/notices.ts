/** Who hears of a change, and what. */
import type { Notice } from '../notifications/notices.ts'
import type { Assessed } from './assess.ts'

const pathOf = (change: string): string => `/changes/${change}`

/** Whoever could fill an empty seat; of a broken glass, all of security at once, whatever the hour. */
export function awaiting(change: string, assessed: Assessed, isEmergency: boolean): Notice[] {
  const except = [...assessed.excluded]
  return assessed.seats.flatMap(({ capacity, team, person }): Notice[] => {
    const to = person ? { people: [person.id] } : team ? { team: team.id } : capacity === 'operate' ? capacity : 'guard'
    return [
      {
        to: typeof to === 'string' ? { power: to } : to,
        text: `${isEmergency ? 'The glass is broken: ' : 'A change waits for you: '}${assessed.summary}`,
        path: pathOf(change),
        except,
        isUrgent: isEmergency,
      },
    ]
  })
}

/** People who wrote it, but for whoever has just decided. */
export function decided(
  change: { id: string; summary: string },
  how: 'applied' | 'rejected' | 'expired',
  authors: readonly { kind: 'person' | 'token'; id: string }[],
  by: string,
): Notice[] {
  const people = authors.flatMap(({ kind, id }) => (kind === 'person' && id !== by ? [id] : []))
  return [{ to: { people }, text: `Your change was ${how === 'expired' ? 'not decided in time' : how}: ${change.summary}`, path: pathOf(change.id) }]
}

export type Ending = {
  id: string
  rule: string
  until: Date
  identity_id: string
  name: string | null
  /** Whose acceptance runs. */
  team_id: string | null
}

/** To whoever answers, and to nobody beside; where nobody does, to security, which let it deviate. */
export function exceptionEnds({ rule, until, identity_id: id, name, team_id: team }: Ending, isOver: boolean): Notice {
  const what = `the exception of \`${name ?? id}\` from \`${rule}\``
  const day = until.toISOString().slice(0, 10)
  return {
    to: team === null ? { power: 'guard' } : { team },
    text: isOver
      ? `It is over: ${what} ended on ${day}; the rule holds again`
      : `Ends on ${day}: ${what}; it is not renewed by itself`,
    path: `/identities/${id}`,
  }
}
