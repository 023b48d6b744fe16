/** Another team is to answer. The giving team stays accountable until the receiving one accepts, which is one decision. */
import { ACCEPTANCE_DAYS } from '../../decision/acceptance.ts'
import type { ContentOf } from '../content.ts'
import { identityAttributes, lifetimeDays } from '../guarded.ts'
import type { IdentityFacts } from '../guarded.ts'
import { answerSeat, daysBetween, mergeSeats, refusal } from '../plan.ts'
import type { Named, Plan, TeamFacts } from '../plan.ts'

export type OwnershipFacts = {
  /** The chosen identities that the registry holds, with the live team whose acceptance runs. */
  subjects: readonly (IdentityFacts & { owner: TeamFacts | null; missing: readonly string[] })[]
  team: TeamFacts | null
  /** The sponsor of the answers, when they are here; null also when none is named. */
  sponsor: Named | null
  now: Date
}

export function planOwnership(content: ContentOf<'ownership'>, { subjects, team, sponsor, now }: OwnershipFacts): Plan {
  if (!team) return refusal('team-cannot-answer', '`team` is no team with a member who is here')
  const wanted = new Set(content.identities)
  if (subjects.length < wanted.size)
    return refusal('not-found', `the registry holds ${subjects.length} of the ${wanted.size} identities`)
  if (content.answers.sponsor !== null && !sponsor) return refusal('not-found', '`sponsor` is nobody who is here')
  const days = daysBetween(now, content.until)
  if (days <= 0 || days > ACCEPTANCE_DAYS.most)
    return refusal('end-out-of-range', `\`until\` lies within ${ACCEPTANCE_DAYS.most} days from now`)
  const own = subjects.find(({ owner }) => owner?.id === team.id)
  if (own) return refusal('nothing-changes', `${team.name} answers for \`${own.name}\` already`)
  const open = subjects.find(({ missing }) => missing.length > 0)
  if (open) return refusal('not-accountable', `nothing says ${open.missing.join(' or ')} of \`${open.name}\`; say it`)
  const givers = new Map(subjects.flatMap(({ owner }) => (owner ? [[owner.id, owner] as const] : [])))
  const [first] = subjects
  return {
    ok: true,
    summary: `${team.name} is to answer for ${first?.name ?? ''}${subjects.length > 1 ? ` and ${subjects.length - 1} more` : ''}`,
    base: { owners: subjects.map(({ id, owner }) => `${id} ${owner?.id ?? ''}`).sort() },
    diff: [...givers.values(), null].flatMap((giver) => {
      const count = subjects.filter(({ owner }) => (owner?.id ?? null) === (giver?.id ?? null)).length
      if (count === 0) return []
      const field = count === 1 ? '1 identity' : `${count} identities`
      return [{ field, before: giver?.name ?? null, after: team.name }]
    }),
    seats: mergeSeats([
      ...[...givers.values()].map((giver) => answerSeat(giver, 'hands over')),
      answerSeat(team, 'takes over'),
    ]),
    identities: subjects.map(({ id, name }) => ({ id, name })),
    guarded: subjects.map((subject) => ({
      action: 'handOver',
      identity: {
        id: subject.id,
        name: subject.name,
        attributes: {
          ...identityAttributes(subject),
          hasTeam: true,
          hasSponsor: sponsor !== null || subject.sponsor !== null,
        },
      },
      label: `to ${team.name}`,
      attributes: { hasEnd: true, lifetimeDays: lifetimeDays(now, content.until) },
    })),
    gains: [],
  }
}
