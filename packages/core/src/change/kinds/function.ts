/** A business function: which team owns it, who vouches for it, which data it touches. */
import { stableId } from '../../ids.ts'
import type { ContentOf } from '../content.ts'
import { answerSeat, mergeSeats, refusal, sponsorSeat } from '../plan.ts'
import type { DiffLine, Named, Plan, TeamFacts } from '../plan.ts'

export type DecidedFunction = {
  id: string
  name: string
  team: TeamFacts
  sponsor: Named
  dataClasses: readonly string[]
  criticality: string
}
export type FunctionFacts = {
  /** As it was decided before. */
  current: DecidedFunction | null
  /** A source names a function of this id. */
  isObserved: boolean
  /** The receiving team, when it can answer. */
  team: TeamFacts | null
  /** The sponsor, when they are here. */
  sponsor: Named | null
}

/** A function that is called the same is the same, whoever says it first. */
export function functionId({ id, name }: Pick<ContentOf<'function'>, 'id' | 'name'>): string {
  return id ?? stableId('fn', 'declared', name.toLowerCase())
}

export function planFunction(content: ContentOf<'function'>, facts: FunctionFacts): Plan {
  const { current, team, sponsor } = facts
  if (content.id !== null && !current && !facts.isObserved)
    return refusal('not-found', `no business function has the id \`${content.id}\``)
  if (!team) return refusal('team-cannot-answer', '`team` is no team with a member who is here')
  if (!sponsor) return refusal('not-found', '`sponsor` is nobody who is here')
  const classes = [...new Set(content.dataClasses)].sort()
  const lines: (DiffLine & { isNew: boolean })[] = [
    line('name', current?.name ?? null, content.name),
    line('team', current?.team.name ?? null, team.name, current?.team.id, team.id),
    line('sponsor', current?.sponsor.name ?? null, sponsor.name, current?.sponsor.id, sponsor.id),
    line('data', current ? current.dataClasses.join(', ') : null, classes.join(', ')),
    line('criticality', current?.criticality ?? null, content.criticality),
  ]
  const diff = lines.filter(({ isNew }) => isNew).map(({ isNew: _isNew, ...rest }) => rest)
  if (diff.length === 0) return refusal('nothing-changes', 'the business function is like this already')
  return {
    ok: true,
    summary: `${current ? 'Change' : 'Record'} the business function ${content.name}`,
    base: {
      id: functionId(content),
      current: current && {
        name: current.name,
        team: current.team.id,
        sponsor: current.sponsor.id,
        dataClasses: [...current.dataClasses].sort(),
        criticality: current.criticality,
      },
    },
    diff,
    seats: mergeSeats([
      ...(current && current.team.id !== team.id ? [answerSeat(current.team, 'owns the function until now')] : []),
      answerSeat(team, 'is to own the function'),
      sponsorSeat(sponsor, 'is to vouch for it'),
    ]),
    identities: [],
    guarded: [],
    gains: [],
  }
}

function line(
  field: string,
  before: string | null,
  after: string,
  was: string | null | undefined = before,
  is = after,
): DiffLine & { isNew: boolean } {
  return { field, before, after, isNew: was !== is }
}
