/** A change as it stands in the world of now: what it does, what guardrails say, who must approve and who may. */
import { changeDigest } from '@onus/core/change/digest.ts'
import type { ChangeContent } from '@onus/core/change/content.ts'
import { daysBetween, guardSeat, mergeSeats, refusal } from '@onus/core/change/plan.ts'
import type { Plan, SeatPlan } from '@onus/core/change/plan.ts'
import type { GuardrailVerdict } from '@onus/core/change/shapes.ts'
import type { Read, Tx } from '../db/database.ts'
import type { KeptPlan } from '../db/change-tables.ts'
import { checkGuardrails } from '../guardrails/check.ts'
import { sha256 } from '../ledger/append.ts'
import { verdictOf } from '../powers/index.ts'
import type { Verdict } from '../powers/index.ts'
import type { JsonObject } from '@onus/core/ledger/canonical-json.ts'
import { prepare } from './kinds/index.ts'
import type { Prepared } from './kinds/index.ts'
import { allHumans, humanAmong } from './people.ts'
import type { Author, PersonNow } from './people.ts'
import { sponsorsNamedByAuthors } from './store.ts'

/** A change that breaks the glass gives nothing for longer. */
export const EMERGENCY_HOURS = 24
/** Of what a change is about, the first are shown and kept with it. */
const SHOWN = 100

export type Subject = { content: ChangeContent; isEmergency: boolean; authors: readonly Author[] }
export type Blocked = { code: string; reason: string }
export type Assessed = {
  ok: true
  summary: string
  base: JsonObject
  digest: string
  seats: SeatPlan[]
  verdicts: GuardrailVerdict[]
  /** Enforced guardrails that nothing excepts. */
  blocked: Blocked[]
  /** Whoever wrote it or gains by it, under every name: none of them decides. */
  excluded: ReadonlySet<string>
  /** Sponsors whom an author of the change named less than a day ago. */
  freshSponsors: ReadonlySet<string>
  identities: readonly string[]
  kept: KeptPlan
  apply: Prepared['apply']
}
export type Assessment = Assessed | { ok: false; code: string; reason: string }

export async function assess(read: Read | Tx, subject: Subject, now: Date): Promise<Assessment> {
  const { content, isEmergency, authors } = subject
  const { plan: asked, apply } = await prepare(content, { read, now, authors })
  const plan = isEmergency ? breakGlass(content, asked, now) : asked
  if (!plan.ok) return plan
  const verdicts = await checkGuardrails(read, plan.guarded, now)
  const asksGuard = verdicts.filter(({ outcome }) => outcome === 'needs-guard')
  const seats = mergeSeats([
    ...plan.seats,
    ...asksGuard.map(({ rule }) => guardSeat(`the guardrail \`${rule}\` asks for it`)),
  ])
  const base = isEmergency ? { ...plan.base, emergency: true } : plan.base
  const people = authors.filter(({ kind }) => kind === 'person').map(({ id }) => id)
  return {
    ok: true,
    summary: plan.summary,
    base,
    digest: changeDigest(content, base, sha256),
    seats,
    verdicts,
    blocked: verdicts
      .filter(({ outcome }) => outcome === 'refused')
      .slice(0, SHOWN)
      .map(({ rule, about, found, allowed }) => ({
        code: 'guardrail-exceeded',
        reason: `\`${rule}\`: ${about}: found ${found}, allowed ${allowed}`,
      })),
    excluded: new Set([...(await allHumans(read, [...people, ...plan.gains])), ...authors.map(({ id }) => id)]),
    freshSponsors: await sponsorsNamedByAuthors(
      read,
      plan.identities.map(({ id }) => id),
      people,
      now,
    ),
    identities: plan.identities.map(({ id }) => id),
    kept: {
      diff: plan.diff,
      identities: plan.identities.slice(0, SHOWN),
      identityCount: plan.identities.length,
      verdicts: verdicts.slice(0, SHOWN),
      seats,
    },
    apply,
  }
}

/** Security takes the place of owner and sponsor; limits hold, and nothing is given for longer than a day. */
function breakGlass(content: ChangeContent, plan: Plan, now: Date): Plan {
  if (!plan.ok) return plan
  const ends =
    content.kind === 'scope'
      ? content.add.map(({ until }) => until)
      : content.kind === 'credential'
        ? [content.credential.expiresAt]
        : null
  if (ends === null)
    return refusal('not-for-emergencies', 'breaking the glass is for grants and credentials; rules and approvers stay')
  if (ends.some((end) => end === null || daysBetween(now, end) * 24 > EMERGENCY_HOURS))
    return refusal('not-for-emergencies', `what breaking the glass gives ends within ${EMERGENCY_HOURS} hours`)
  return {
    ...plan,
    summary: `Emergency: ${plan.summary}`,
    seats: [guardSeat('the glass is broken')],
  }
}

/** What is looked at to say who sits where. */
export type Sitting = Pick<Assessed, 'seats' | 'excluded' | 'freshSponsors'>

/**
 * Who may close a change that can be applied no more: whoever sat there when it was written, and security, for what it was
 * about may be gone with its team.
 */
export async function closing(read: Read | Tx, seats: readonly SeatPlan[], authors: readonly Author[]): Promise<Sitting> {
  const people = authors.filter(({ kind }) => kind === 'person').map(({ id }) => id)
  return {
    seats: mergeSeats([...seats, guardSeat('it can be applied no more')]),
    excluded: new Set([...(await allHumans(read, people)), ...authors.map(({ id }) => id)]),
    freshSponsors: new Set(),
  }
}

export type SeatDecision = { seat: string; person: string }

/** May this person fill this seat now, beside those who fill the others? */
export function seatVerdict(
  change: { id: string; kind: ChangeContent['kind'] },
  { excluded, freshSponsors }: Pick<Assessed, 'excluded' | 'freshSponsors'>,
  seat: SeatPlan,
  person: PersonNow,
  others: readonly PersonNow[],
): Verdict {
  const humans = new Set([...excluded, ...others.flatMap((each) => each.humans)])
  const isFreshSponsor = seat.person !== null && freshSponsors.has(seat.person.id)
  return verdictOf(person.actor, humanAmong(person, humans), {
    action: 'approveChange',
    resource: { kind: 'change', id: change.id, change: change.kind, humans: [...humans] },
    seat: {
      capacity: seat.capacity,
      team: seat.team && { id: seat.team.id, kind: seat.team.kind },
      person: seat.person?.id ?? null,
    },
    fresh: [...person.fresh, ...(isFreshSponsor ? ['sponsor'] : [])],
  })
}

/**
 * Of the approvals that were given, those that still count: the seat is asked for, the person is here and may sit on it,
 * and no two are one human. In the order in which they were given.
 */
export function standingApprovals(
  change: { id: string; kind: ChangeContent['kind'] },
  assessed: Sitting,
  given: readonly SeatDecision[],
  people: ReadonlyMap<string, PersonNow>,
): Map<string, PersonNow> {
  const filled = new Map<string, PersonNow>()
  for (const { seat: id, person: personId } of given) {
    const seat = assessed.seats.find((each) => each.id === id)
    const person = people.get(personId)
    if (!seat || !person || filled.has(id)) continue
    if (seatVerdict(change, assessed, seat, person, [...filled.values()]).isAllowed) filled.set(id, person)
  }
  return filled
}
