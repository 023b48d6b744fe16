/** Change requests, guardrails and exceptions as the API tells them. */
import { z } from 'zod'
import { ChangeContent, CHANGE_KINDS, STAGES } from './content.ts'
import { CHANGE_STATES } from './state.ts'

const Named = z.object({ id: z.string(), name: z.string() })
const Author = z.object({ kind: z.enum(['person', 'token']), id: z.string(), name: z.string() })
const Capacity = z.enum(['answer', 'sponsor', 'guard', 'operate'])
const DiffLine = z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() })

export const GuardrailVerdict = z.object({
  rule: z.string(),
  version: z.int(),
  title: z.string(),
  outcome: z
    .enum(['refused', 'excepted', 'needs-guard', 'warned'])
    .describe('`warned`: not enforced yet; `excepted`: an exception runs; `needs-guard`: security must approve'),
  identity: Named,
  about: z.string().describe('the grant, credential or handover'),
  found: z.string(),
  allowed: z.string(),
  enforcedFrom: z.iso.datetime().nullable().describe('of a warning: when it will refuse'),
})
export type GuardrailVerdict = z.infer<typeof GuardrailVerdict>

export const ChangeSeat = z.object({
  id: z.string(),
  capacity: Capacity,
  team: Named.nullable(),
  person: Named.nullable(),
  why: z.string(),
  filledBy: z.object({ id: z.string(), name: z.string(), at: z.iso.datetime() }).nullable(),
})
const Verdict = z.object({
  isAllowed: z.boolean(),
  rule: z.string().describe('the rule that says so'),
  who: z.string().nullable().describe('of a denial: who could'),
})
export const ChangeDecision = z.object({
  seat: z.string(),
  verdict: z.enum(['approve', 'reject']),
  by: Named,
  at: z.iso.datetime(),
  digest: z.string(),
  voidedAt: z.iso.datetime().nullable().describe('an edit voids what was decided before it'),
})
export const ChangeRow = z.object({
  id: z.string(),
  kind: z.enum(CHANGE_KINDS),
  state: z.enum(CHANGE_STATES),
  summary: z.string(),
  author: Author,
  revision: z.int(),
  digest: z.string(),
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  seats: z.array(z.object({ id: z.string(), capacity: Capacity, isFilled: z.boolean() })),
})
export type ChangeRow = z.infer<typeof ChangeRow>

export const ChangeDetail = ChangeRow.omit({ seats: true }).extend({
  content: ChangeContent,
  isEmergency: z.boolean(),
  reason: z.string().nullable().describe('null: erased'),
  closedBy: Author.nullable(),
  diff: z.array(DiffLine),
  identities: z.array(Named).describe('the first 100'),
  identityCount: z.int(),
  verdicts: z.array(GuardrailVerdict).describe('the first 100'),
  seats: z.array(ChangeSeat),
  decisions: z.array(ChangeDecision).describe('voided ones too, oldest first'),
  authors: z.array(Author).describe('who wrote or edited it; none of them decides'),
  blocked: z
    .array(z.object({ code: z.string(), reason: z.string() }))
    .describe('why no approval would apply it as it is; empty: nothing stands against it'),
  discussion: z
    .array(z.object({ id: z.string(), at: z.iso.datetime(), by: Author, text: z.string().nullable() }))
    .describe('the newest 200, oldest first; a text that was erased is null'),
  may: z.object({
    approve: z.array(Verdict.extend({ seat: z.string() })),
    edit: Verdict,
    withdraw: Verdict,
  }),
})
export type ChangeDetail = z.infer<typeof ChangeDetail>

/** What proposing would answer, without proposing. */
export const ChangePreview = ChangeDetail.pick({
  diff: true,
  identities: true,
  identityCount: true,
  verdicts: true,
  blocked: true,
}).extend({ summary: z.string(), digest: z.string(), seats: z.array(ChangeSeat.omit({ filledBy: true })) })
export type ChangePreview = z.infer<typeof ChangePreview>

const Stage = z.enum(STAGES)
export const GuardrailRow = z.object({
  id: z.string(),
  version: z.int(),
  title: z.string(),
  found: z.string().describe('the fact that it looks at'),
  allowed: z.string(),
  needs: z.string().nullable().describe('`guard`: it does not refuse, it asks security to approve'),
  text: z.string(),
  stage: Stage,
  standing: Stage.describe('what it does now: a guardrail in its grace period only warns'),
  graceUntil: z.iso.datetime().nullable(),
  since: z.iso.datetime(),
  endsAt: z.iso.datetime().nullable().describe('a version that was loosened goes on holding until then'),
  change: z.string().nullable(),
  exceptions: z.int().describe('that run now'),
})
export type GuardrailRow = z.infer<typeof GuardrailRow>
export const GuardrailDetail = z.object({
  current: GuardrailRow.nullable(),
  versions: z
    .array(GuardrailRow.omit({ exceptions: true, standing: true, text: true }).extend({ text: z.string().nullable() }))
    .describe('newest first'),
})

export const CedarFault = z.object({
  message: z.string(),
  help: z.string().nullable(),
  line: z.int().nullable().describe('from 1'),
})
export const Simulation = z.object({
  faults: z.array(CedarFault).describe('what is wrong with the text; nothing was simulated then'),
  looked: z.int().describe('identities looked at'),
  hit: z.int().describe('identities that it would hit'),
  teams: z.array(z.object({ id: z.string().nullable(), name: z.string(), hit: z.int() })).describe('the 100 hit most'),
  teamCount: z.int(),
  first: z.array(
    z.object({
      identity: Named,
      team: Named.nullable(),
      about: z.string(),
      found: z.string(),
      isExcepted: z.boolean(),
    }),
  ),
  exceptionsNeeded: z.int().describe('identities that would need an exception and have none'),
  excepted: z.int(),
  unknown: z
    .object({ environment: z.int(), dataClasses: z.int() })
    .describe('identities judged without knowing these: an unknown environment counts as production'),
})
export type Simulation = z.infer<typeof Simulation>

export const ExceptionRow = z.object({
  id: z.string(),
  rule: z.string(),
  ruleKind: z.enum(['rule', 'guardrail']),
  identity: Named,
  team: Named.nullable(),
  control: z.string(),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  state: z.enum(['running', 'lapsed', 'replaced']),
  change: z.string(),
})
export type ExceptionRow = z.infer<typeof ExceptionRow>

export const PowerHolder = z.object({
  id: z.string(),
  power: z.enum(['operate', 'guard', 'audit']),
  holder: z.object({ kind: z.enum(['person', 'team']), id: z.string(), name: z.string() }),
  since: z.iso.datetime(),
  change: z.string().nullable().describe('the decision that it follows from'),
  decidesFrom: z.iso.datetime().describe('a power that a change gave counts for deciding a day later'),
})
export type PowerHolder = z.infer<typeof PowerHolder>
