/** What a change request may ask for: one shape a kind. */
import { z } from 'zod'
import { Answers } from '../decision/acceptance.ts'
import { CredentialKind, GrantLevel } from '../identity.ts'

const Id = z.string().min(1).max(64)
const Name = z.string().trim().min(1).max(300)
const Prose = z.string().trim().min(3).max(1_000)
const Instant = z.iso.datetime()
/** As rules and guardrails are called: kebab-case, and for ever. */
export const RuleId = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, 'is written in small letters, with hyphens between words')

/** A permission on a resource. `environment` is where the resource is; null: not said. */
export const GrantWish = z.strictObject({
  permission: Name.describe('as the system calls it: `s3:GetObject`, `invoices:read`'),
  resource: Name,
  environment: z.string().trim().min(1).max(64).nullable(),
  level: GrantLevel.describe('what it amounts to'),
  until: Instant.nullable().describe('null: no end'),
})
export type GrantWish = z.infer<typeof GrantWish>

export const ScopeChange = z.strictObject({
  kind: z.literal('scope'),
  identity: Id,
  add: z.array(GrantWish).max(50),
  remove: z
    .array(GrantWish.pick({ permission: true, resource: true, environment: true }))
    .max(200)
    .describe('grants that were decided here, or that a source reports'),
})
export const CredentialChange = z.strictObject({
  kind: z.literal('credential'),
  identity: Id,
  credential: z.strictObject({
    kind: CredentialKind,
    name: Name,
    purpose: Prose,
    expiresAt: Instant.nullable().describe('null: never; only for federated credentials'),
    revocation: Prose.describe('how it is revoked'),
  }),
})
export const DATA_CLASSES = ['public', 'internal', 'personal', 'payment', 'health', 'secret'] as const
/** Classes for which laws or contracts ask for somebody who vouches. */
export const REGULATED: ReadonlySet<string> = new Set(['personal', 'payment', 'health'])
export const FunctionChange = z.strictObject({
  kind: z.literal('function'),
  id: Id.nullable().describe('null: a new one'),
  name: z.string().trim().min(3).max(100),
  team: Id.describe('the team that owns it'),
  sponsor: Id.describe('the person who vouches for it'),
  dataClasses: z.array(z.enum(DATA_CLASSES)).max(DATA_CLASSES.length),
  criticality: z.enum(['low', 'medium', 'high', 'critical']),
})
export const STAGES = ['off', 'warn', 'enforce'] as const
export const GuardrailChange = z.strictObject({
  kind: z.literal('guardrail'),
  id: RuleId,
  text: z.string().min(1).max(8_000).nullable().describe('one Cedar `forbid`; null: to retire it'),
  stage: z.enum(STAGES),
  graceUntil: Instant.nullable().describe('until then an enforced guardrail only warns'),
})
/** Longer, and it is no exception any more. */
export const EXCEPTION_DAYS = 180
export const ExceptionChange = z.strictObject({
  kind: z.literal('exception'),
  rule: RuleId.describe('a rule or a guardrail'),
  identity: Id,
  control: Prose.describe('what is done instead, until it ends'),
  until: Instant.describe(`at most ${EXCEPTION_DAYS} days from now`),
})
export const PowerChange = z.strictObject({
  kind: z.literal('power'),
  power: z.enum(['operate', 'guard', 'audit']),
  holder: z.union([z.strictObject({ person: Id }), z.strictObject({ team: Id })]),
  verb: z.enum(['give', 'end']),
})
export const OwnershipChange = z.strictObject({
  kind: z.literal('ownership'),
  identities: z.array(Id).min(1).max(10_000),
  team: Id.describe('the team that is to answer'),
  until: Instant,
  answers: Answers,
})

export const ChangeContent = z.discriminatedUnion('kind', [
  ScopeChange,
  CredentialChange,
  FunctionChange,
  GuardrailChange,
  ExceptionChange,
  PowerChange,
  OwnershipChange,
])
export type ChangeContent = z.infer<typeof ChangeContent>
export type ChangeKind = ChangeContent['kind']
export type ContentOf<K extends ChangeKind> = Extract<ChangeContent, { kind: K }>
export const CHANGE_KINDS = [
  'scope',
  'credential',
  'function',
  'guardrail',
  'exception',
  'power',
  'ownership',
] as const satisfies readonly ChangeKind[]
