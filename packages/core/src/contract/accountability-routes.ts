/** Routes by which teams say what they answer for. A part of the route table. */
import { z } from 'zod'
import { Acceptance, Answers, Refusal } from '../decision/acceptance.ts'
import { EscalationStep } from '../decision/escalation.ts'
import { ACCEPTANCE_REFUSALS } from '../decision/plan-acceptance.ts'
import { Accountability, AccountabilityState, IdentityKind } from '../identity.ts'
import { id, noBody, none, route } from './route.ts'

const Id = z.string().min(1).max(64)
const Named = z.object({ id: z.string(), name: z.string() })
/** Which identities a decision is about: some by id, or all that are offered to the team in one place. */
const Chosen = z
  .union([
    z.strictObject({ identities: z.array(Id).min(1).max(1_000) }),
    z.strictObject({ source: Id, namespace: z.string().max(400).nullable() }),
  ])
  .describe('identities by id (at most 1,000), or everything that is offered to the team in one namespace of a source')
const IsDryRun = z.boolean().default(false).describe('say what would happen, and do nothing')
const Reason = z.string().trim().min(3).max(2_000)

/** What a decision about many does with each; the numbers cover all, the list the first that were left out. */
const Outcome = z.object({
  batch: z.string().nullable().describe('id of the decision; null for a dry run, or when nothing was decided'),
  decided: z.int().nonnegative(),
  renewed: z.int().nonnegative(),
  refused: z.int().nonnegative(),
  left: z
    .array(
      z.object({
        identity: z.string(),
        name: z.string(),
        code: z.enum([...ACCEPTANCE_REFUSALS, 'not-here', 'not-claimed']),
        reason: z.string(),
      }),
    )
    .describe('those that were left out, with the reason; at most 100'),
})
export type Outcome = z.infer<typeof Outcome>

export const Offer = z.object({
  team: Named,
  source: Named,
  namespace: z.string().nullable(),
  identities: z.int().nonnegative(),
  isProduction: z.boolean().nullable(),
  /** How many lack each of the answers that an acceptance needs. */
  missing: z.object({ why: z.int(), function: z.int(), revocation: z.int() }),
  worst: z.string().nullable().describe('severity of the worst finding among them'),
  suggestedBy: z.array(Named).describe('teams that refused and named this one'),
  sample: z.array(z.object({ id: z.string(), name: z.string(), kind: IdentityKind })).describe('the first few'),
})
export type Offer = z.infer<typeof Offer>

/** What is known to need it, and would break if it were suspended. What no source reads is not in here. */
const Dependents = z.object({
  function: Named.extend({ criticality: z.string().nullable() }).nullable(),
  uses: z
    .array(z.object({ kind: z.enum(['workload', 'workflow', 'service']), name: z.string() }))
    .describe('the first 20'),
  count: z.int().describe('of uses'),
})
export type Dependents = z.infer<typeof Dependents>

/** From a lapse until somebody takes over. */
const Escalation = z.object({
  since: z.iso.datetime(),
  dueAt: z.iso.datetime(),
  step: EscalationStep.nullable(),
  stepAt: z.iso.datetime().nullable(),
  nextAt: z.iso.datetime().nullable().describe('when somebody else is asked; null: the end was reached'),
  isSuspendDue: z.boolean(),
  asked: z.array(Named),
  dependents: Dependents,
})
export type Escalation = z.infer<typeof Escalation>

const QueueItem = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('offer'), at: z.iso.datetime().nullable(), offer: Offer }),
  z.object({
    kind: z.literal('renewal'),
    at: z.iso.datetime().describe('when the first of them runs out'),
    team: Named,
    identities: z.array(z.object({ id: z.string(), name: z.string() })).describe('the first 100'),
    count: z.int(),
  }),
  z.object({
    kind: z.literal('orphan'),
    at: z.iso.datetime().describe('by then somebody has taken over, or it is to be suspended'),
    identity: z.object({ id: z.string(), name: z.string() }),
    was: Named,
    why: z.string(),
    step: EscalationStep.nullable().describe('who was asked last; null: it has just lapsed'),
    isSuspendDue: z.boolean().describe('nobody took over in time: security suspends it, or finds a team'),
    dependents: Dependents,
  }),
])
export type QueueItem = z.infer<typeof QueueItem>

export const Queue = z.object({
  items: z.array(QueueItem).describe('soonest harm first'),
  /** What the person answers for. */
  accountable: z.int(),
  functions: z.int(),
  next: z.iso.datetime().nullable().describe('when something will need a decision, if nothing does now'),
})
export type Queue = z.infer<typeof Queue>

export const AccountabilityAt = z.object({
  asOf: z.iso.datetime(),
  state: AccountabilityState,
  team: Named.nullable(),
  disagreement: Accountability.shape.disagreement,
  acceptance: Acceptance.nullable().describe('the acceptance that stood then'),
  refusals: z.array(Refusal),
  escalation: Escalation.nullable().describe('of now, not of the day: it lapsed and nobody took over yet'),
  history: z.array(Acceptance).describe('every acceptance until then, newest first'),
  people: z.record(z.string(), z.string()).describe('names of the people above, by id'),
  ledger: z.array(z.string()).describe('ids of the entries of the ledger that say so, newest first'),
})
export type AccountabilityAt = z.infer<typeof AccountabilityAt>

export const ACCOUNTABILITY_ROUTES = {
  queue: route({
    method: 'GET',
    path: '/v1/queue',
    summary: 'What needs a decision of mine',
    tag: 'accountability',
    params: none,
    query: none,
    body: noBody,
    reply: Queue,
  }),
  listOffers: route({
    method: 'GET',
    path: '/v1/offers',
    summary: 'What sources and other teams offer to a team, by namespace',
    tag: 'accountability',
    params: none,
    query: z.strictObject({ team: Id }),
    body: noBody,
    reply: z.object({ items: z.array(Offer) }),
  }),
  acceptIdentities: route({
    method: 'POST',
    path: '/v1/acceptances',
    summary: 'Accept accountability for a team',
    tag: 'accountability',
    params: none,
    query: none,
    body: z.strictObject({
      team: Id,
      chosen: Chosen,
      answers: Answers,
      until: z.iso.datetime().optional().describe('at most 400 days from now (default: 365)'),
      isDryRun: IsDryRun,
    }),
    reply: Outcome,
  }),
  refuseIdentities: route({
    method: 'POST',
    path: '/v1/refusals',
    summary: 'Say that a team does not answer for what a source says it does',
    tag: 'accountability',
    params: none,
    query: none,
    body: z.strictObject({
      team: Id,
      chosen: Chosen,
      reason: Reason,
      suggested: Id.nullable().default(null).describe('the team that answers instead, as far as one knows'),
      isDryRun: IsDryRun,
    }),
    reply: Outcome,
  }),
  accountability: route({
    method: 'GET',
    path: '/v1/identities/{id}/accountability',
    summary: 'Who answered for an identity, now or on a day, and what proves it',
    tag: 'accountability',
    params: id,
    query: z.strictObject({ asOf: z.iso.datetime().optional() }),
    body: noBody,
    reply: AccountabilityAt,
  }),
} as const
