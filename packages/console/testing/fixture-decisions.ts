/** What the made-up company has decided, and what it is asked. */
import type { AccountabilityAt, Offer, Outcome, Queue } from '@onus/core/contract/accountability-routes.ts'
import { FixtureProblem } from './fixture-problem.ts'
import type { Company } from './fixture-data.ts'

const ADA = { id: 'per_ada', name: 'Ada Quill' }

/** The team of whoever is signed in: the first of the company. */
export function ownTeam(company: Company): { id: string; name: string } {
  const [team] = company.teams
  return { id: team?.id ?? 'tm_none', name: team?.name ?? 'none' }
}

export function offersOf(company: Company): Offer[] {
  const own = company.rows.filter((row) => row.vanishedAt === null && row.team?.id === ownTeam(company).id)
  const namespaces = [...new Set(own.map((row) => row.namespace))].slice(0, 12)
  return namespaces.map((namespace, index) => {
    const rows = own.filter((row) => row.namespace === namespace)
    return {
      team: ownTeam(company),
      source: { id: 'src_1', name: 'infrastructure' },
      namespace,
      identities: rows.length,
      isProduction: index % 2 === 0,
      missing: { why: rows.length, function: index % 3 === 0 ? 0 : rows.length, revocation: index % 2 },
      worst: rows.find((row) => row.worst !== null)?.worst ?? null,
      suggestedBy: index === 1 ? [{ id: 'tm_other', name: company.isHostile ? '<img src=x onerror=alert(1)>' : 'Parcel Search' }] : [],
      sample: rows.slice(0, 5).map(({ id, name, kind }) => ({ id, name, kind })),
    }
  })
}

export function queueOf(company: Company, decided: ReadonlySet<string>): Queue {
  const offers = offersOf(company).filter(({ namespace }) => !decided.has(namespace ?? ''))
  const [first, second] = company.rows
  const at = '2026-12-08T00:00:00.000Z'
  const renewal = first ? [{ kind: 'renewal' as const, at, team: ownTeam(company), identities: [{ id: first.id, name: first.name }], count: 1 }] : []
  const orphan = second ? [{ kind: 'orphan' as const, at, identity: { id: second.id, name: second.name }, was: { id: 'tm_gone', name: 'Returns' }, why: 'the team was dissolved', step: 'sponsor' as const, isSuspendDue: false, dependents: { function: null, uses: [], count: 0 } }] : []
  return {
    items: [...renewal, ...orphan, ...offers.map((offer) => ({ kind: 'offer' as const, at: null, offer }))],
    accountable: decided.size * 10,
    functions: decided.size,
    next: null,
  }
}

type Ask = { chosen: { identities: string[] } | { source: string; namespace: string | null }; isDryRun?: boolean }

export function decide(ask: Ask, company: Company, decided: Set<string>): Outcome {
  const rows = 'identities' in ask.chosen ? ask.chosen.identities.length : (offersOf(company).find(({ namespace }) => 'namespace' in ask.chosen && namespace === ask.chosen.namespace)?.identities ?? 0)
  if (!ask.isDryRun && 'namespace' in ask.chosen) decided.add(ask.chosen.namespace ?? '')
  if ('namespace' in ask.chosen && ask.chosen.namespace === 'refused')
    throw new FixtureProblem({ status: 403, code: 'forbidden', title: 'Not allowed', detail: 'the rule `answer-for-ones-team` asks for a member of the team' })
  const left = rows > 3 ? [{ identity: 'idn_x', name: 'old-reader', code: 'held-by-another' as const, reason: 'Fleet answers for it until it hands it over; propose a change of ownership' }] : []
  return { batch: ask.isDryRun ? null : 'bat_1', decided: rows - left.length, renewed: 0, refused: left.length, left }
}

export function accountabilityOf(company: Company): AccountabilityAt {
  return { asOf: company.now, state: 'claimed', team: ownTeam(company), disagreement: null, acceptance: null, refusals: [], escalation: null, history: [], people: { [ADA.id]: ADA.name }, ledger: [] }
}

export const PEOPLE = [{ id: ADA.id, userName: 'ada', displayName: ADA.name, email: null, origin: 'scim' as const, isActive: true, leftAt: null }]
