/** More or fewer permissions of one identity. */
import type { ContentOf } from '../content.ts'
import { grantAttributes, identityAttributes } from '../guarded.ts'
import { daysBetween, refusal } from '../plan.ts'
import type { DiffLine, Plan } from '../plan.ts'
import { notAccountable, subjectBase, subjectSeats } from './subject.ts'
import type { SubjectFacts } from './subject.ts'

type Key = { permission: string; resource: string; environment: string | null }
export type HeldGrant = Key & { until: string | null; from: 'decided' | 'observed' }
export type ScopeFacts = { subject: SubjectFacts | null; held: readonly HeldGrant[]; now: Date }

const keyOf = ({ permission, resource, environment }: Key): string =>
  JSON.stringify([permission, resource, environment ?? ''])
const told = ({ permission, resource, environment }: Key): string =>
  `${permission} on ${resource}${environment ? ` (${environment})` : ''}`
const untilText = (until: string | null): string => (until === null ? 'without end' : `until ${until.slice(0, 10)}`)

export function planScope({ identity, add, remove }: ContentOf<'scope'>, { subject, held, now }: ScopeFacts): Plan {
  if (!subject) return refusal('not-found', `no identity has the id \`${identity}\``)
  const { owner } = subject
  if (!owner) return notAccountable(subject)
  const before = new Map<string, HeldGrant>()
  for (const grant of held) if (grant.from === 'decided' || !before.has(keyOf(grant))) before.set(keyOf(grant), grant)
  const missing = remove.find((each) => !before.has(keyOf(each)))
  if (missing) return refusal('not-found', `\`${subject.name}\` has no grant ${told(missing)}`)
  const wrongEnd = add.find(({ until }) => until !== null && daysBetween(now, until) <= 0)
  if (wrongEnd) return refusal('end-out-of-range', `${told(wrongEnd)} would have ended already`)
  const news = add.filter((wish) => {
    const now = before.get(keyOf(wish))
    return !now || now.until !== wish.until
  })
  if (news.length < add.length || add.length + remove.length === 0 || new Set(add.map(keyOf)).size < add.length)
    return refusal('nothing-changes', 'each grant is asked for once, and none that is there already')
  const guarded = add.map((wish) => ({
    action: 'grant' as const,
    identity: { id: subject.id, name: subject.name, attributes: identityAttributes(subject) },
    label: told(wish),
    attributes: grantAttributes(subject, wish, now),
  }))
  const { isProduction, isRegulated } = identityAttributes(subject)
  const touchesProduction = isProduction || guarded.some(({ attributes }) => attributes.isProduction)
  const seats = subjectSeats({ ...subject, owner }, touchesProduction, isRegulated)
  if (!seats.ok) return seats.refusal
  const diff: DiffLine[] = [
    ...add.map((wish) => ({
      field: told(wish),
      before: before.has(keyOf(wish)) ? untilText(before.get(keyOf(wish))?.until ?? null) : null,
      after: `${wish.level}, ${untilText(wish.until)}`,
    })),
    ...remove.map((each) => ({
      field: told(each),
      before: untilText(before.get(keyOf(each))?.until ?? null),
      after: null,
    })),
  ]
  const touched = new Set([...add, ...remove].map(keyOf))
  return {
    ok: true,
    summary: summaryOf(subject.name, add, remove),
    base: {
      ...subjectBase(subject),
      grants: held
        .filter((grant) => grant.from === 'decided' || touched.has(keyOf(grant)))
        .map((grant) => `${grant.from} ${keyOf(grant)} ${grant.until ?? ''}`)
        .sort(),
    },
    diff,
    seats: seats.seats,
    identities: [{ id: subject.id, name: subject.name }],
    guarded,
    gains: [],
  }
}

function summaryOf(name: string, add: readonly Key[], remove: readonly Key[]): string {
  const more = (list: readonly Key[]): string =>
    `${list[0] ? told(list[0]) : ''}${list.length > 1 ? ` and ${list.length - 1} more` : ''}`
  if (remove.length === 0) return `Grant ${name} ${more(add)}`
  if (add.length === 0) return `Take from ${name} ${more(remove)}`
  return `Grant ${name} ${more(add)}; take away ${more(remove)}`
}
