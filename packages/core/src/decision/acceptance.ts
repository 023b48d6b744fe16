/** A team's recorded yes: it answers for an identity, with the four answers, until a day. */
import { z } from 'zod'

const Prose = z.string().trim().min(3).max(500)

/** What a team says when it accepts. Null leaves what a source says; where none says anything, acceptance is refused. */
export const Answers = z.strictObject({
  purpose: Prose.nullable().describe('why it exists'),
  function: z
    .union([z.strictObject({ id: z.string().max(64) }), z.strictObject({ name: z.string().trim().min(3).max(100) })])
    .nullable()
    .describe('the business function that depends on it: a known one by id, or a new one by name'),
  sponsor: z.string().max(64).nullable().describe('a person who vouches for it: id of a person'),
  revocation: Prose.nullable().describe('how it is revoked'),
})
export type Answers = z.infer<typeof Answers>

export const ACCEPTANCE_DAYS = { default: 365, most: 400 } as const

/** Why an acceptance no longer stands. */
export const ACCEPTANCE_ENDS = ['renewed', 'handed-over', 'ran-out', 'team-dissolved', 'team-without-member'] as const
export const AcceptanceEnd = z.enum(ACCEPTANCE_ENDS)
export type AcceptanceEnd = z.infer<typeof AcceptanceEnd>

export const Acceptance = z.object({
  id: z.string(),
  identity: z.string(),
  team: z.object({ id: z.string(), name: z.string() }),
  acceptedBy: z.string().describe('id of a person'),
  acceptedAt: z.iso.datetime(),
  until: z.iso.datetime().describe('asked for again before; it lapses then'),
  purpose: z.string().nullable(),
  function: z.object({ id: z.string(), name: z.string() }).nullable(),
  sponsor: z.string().nullable(),
  revocation: z.string().nullable(),
  change: z.string().nullable().describe('the change request it came from'),
  endedAt: z.iso.datetime().nullable(),
  ended: AcceptanceEnd.nullable(),
})
export type Acceptance = z.infer<typeof Acceptance>

/** A team's recorded no to a claim, with the reason or the team it names instead. */
export const Refusal = z.object({
  team: z.object({ id: z.string(), name: z.string() }),
  at: z.iso.datetime(),
  by: z.string(),
  suggested: z.object({ id: z.string(), name: z.string() }).nullable(),
})
export type Refusal = z.infer<typeof Refusal>
