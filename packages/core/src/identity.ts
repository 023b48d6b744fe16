/** A machine identity and what belongs to it, as the report, the registry and the rules see it. */
import { z } from 'zod'
import { Place } from './place.ts'

export const IDENTITY_KINDS = [
  'oauth-client',
  'service-account',
  'workload',
  'ci-workload',
  'api-key',
  'cloud-principal',
  'third-party',
  'agent',
] as const
export const IdentityKind = z.enum(IDENTITY_KINDS)
export type IdentityKind = z.infer<typeof IdentityKind>

export const CREDENTIAL_KINDS = [
  'access-key',
  'api-key',
  'client-secret',
  'service-account-token',
  'service-account-key',
  'certificate',
  'ssh-key',
  'password',
  'ci-secret',
  'app-private-key',
  'token',
  'jwt-key',
  'hmac-key',
  'federated',
] as const
export const CredentialKind = z.enum(CREDENTIAL_KINDS)
export type CredentialKind = z.infer<typeof CredentialKind>

/** Federated credentials are proofs of another system, minted per use: nothing is stored, so nothing ages. */
export function isStatic(kind: CredentialKind): boolean {
  return kind !== 'federated'
}

export const Kept = z.object({
  kind: z.enum([
    'kubernetes-secret',
    'github-secret',
    'gitlab-variable',
    'secret-manager',
    'terraform-state',
    'gateway',
    'file',
    'unknown',
  ]),
  name: z.string(),
})
export type Kept = z.infer<typeof Kept>

/** A date that may be missing for a reason worth saying. */
export const KnownDate = z.discriminatedUnion('state', [
  z.object({ state: z.literal('at'), at: z.iso.datetime(), raw: z.string() }),
  z.object({
    state: z.literal('never'),
    raw: z.string().describe('a placeholder such as "01-01-2000": it never happened'),
  }),
  z.object({ state: z.literal('unreadable'), raw: z.string(), reason: z.string() }),
  z.object({ state: z.literal('unknown') }),
])
export type KnownDate = z.infer<typeof KnownDate>

export const Credential = z.object({
  id: z.string(),
  kind: CredentialKind,
  name: z.string(),
  createdAt: z.iso.datetime().nullable(),
  rotatedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  /** How each date was read; a null above is explained here. */
  dates: z.object({ created: KnownDate, rotated: KnownDate, expires: KnownDate, lastUsed: KnownDate }),
  neverExpires: z.boolean().nullable().describe('true: the source says it does not expire; null: unknown'),
  isActive: z.boolean().nullable(),
  kept: z.array(Kept),
  revocation: z.string().nullable(),
  file: z.string(),
  line: z.int().positive(),
})
export type Credential = z.infer<typeof Credential>

export const GRANT_LEVELS = ['admin', 'write', 'read', 'unknown'] as const
export const GrantLevel = z.enum(GRANT_LEVELS)
export type GrantLevel = z.infer<typeof GrantLevel>

export const Grant = z.object({
  permission: z.string(),
  resource: z.string(),
  level: GrantLevel,
  isWildcard: z.boolean(),
  environment: z.string().nullable(),
  condition: z.string().nullable(),
  via: z.string(),
  file: z.string(),
  line: z.int().positive(),
})
export type Grant = z.infer<typeof Grant>

export const Trust = z.object({
  issuer: z.string(),
  audiences: z.array(z.string()),
  subjects: z.array(z.string()),
  file: z.string(),
  line: z.int().positive(),
})
export type Trust = z.infer<typeof Trust>

export const Use = z.object({
  kind: z.enum(['workload', 'workflow', 'service']),
  name: z.string(),
  namespace: z.string().nullable(),
  environment: z.string().nullable(),
  file: z.string(),
  line: z.int().positive(),
})
export type Use = z.infer<typeof Use>

export const Access = z.object({
  admin: z.enum(['yes', 'no', 'conditional', 'unknown']),
  escalations: z.array(
    z.object({ path: z.string(), permissions: z.array(z.string()), condition: z.string().nullable() }),
  ),
  file: z.string(),
  line: z.int().positive(),
})
export type Access = z.infer<typeof Access>

export const Confidence = z.enum(['high', 'medium', 'low'])
export type Confidence = z.infer<typeof Confidence>

export const CLAIM_READINGS = ['team', 'person', 'ambiguous', 'unresolved', 'contact'] as const
/** A statement about who answers, with what it was read as. */
export const Claim = z.object({
  /** The team it means; null when it names a person, could mean several teams, or names none we know of. */
  team: z.string().nullable(),
  raw: z.string(),
  reading: z.enum(CLAIM_READINGS),
  candidates: z.array(z.string()).describe('team ids, when the reading is ambiguous'),
  via: z.enum(['accepted', 'directory', 'manifest', 'catalog', 'tag', 'codeowners', 'history', 'creator']),
  /** The convention key or rule behind it: `cloud-platform.example/team-name`, `CODEOWNERS /payments/`. */
  key: z.string(),
  /** inherited: it was made about the namespace, directory or repository around the identity. */
  isInherited: z.boolean(),
  file: z.string(),
  line: z.int().positive(),
  confidence: Confidence,
})
export type Claim = z.infer<typeof Claim>

export const Controller = z.object({
  team: z.string().nullable(),
  raw: z.string(),
  kind: z.enum(['group', 'person', 'identity']),
  power: z.enum(['admin', 'write', 'approve']),
  via: z.string(),
  file: z.string(),
  line: z.int().positive(),
})
export type Controller = z.infer<typeof Controller>

export const ACCOUNTABILITY_STATES = ['accountable', 'claimed', 'split', 'unowned', 'lapsed'] as const
export const AccountabilityState = z.enum(ACCOUNTABILITY_STATES)
export type AccountabilityState = z.infer<typeof AccountabilityState>

export const DISAGREEMENT_KINDS = [
  'claims-differ',
  'owner-without-power',
  'platform-alone',
  'ambiguous-name',
  'function-elsewhere',
  'claim-refused',
] as const
export const Disagreement = z.object({
  kinds: z.array(z.enum(DISAGREEMENT_KINDS)).min(1),
  teams: z.array(z.string()).describe('team ids on the differing sides'),
  names: z.array(z.string()).describe('the same sides as people wrote them, including names that resolve to no team'),
  explanation: z.string(),
})
export type Disagreement = z.infer<typeof Disagreement>

export const Accountability = z.object({
  state: AccountabilityState,
  team: z.string().nullable().describe('the team that would answer: the strongest claim that resolves to one team'),
  claims: z.array(Claim),
  controllers: z.array(Controller),
  disagreement: Disagreement.nullable(),
})
export type Accountability = z.infer<typeof Accountability>

/** One of the four questions: an answer with its evidence, or what is missing. */
export const Answer = z.object({
  answer: z.string().nullable(),
  evidence: z.array(Place),
  missing: z.string().nullable(),
})
export type Answer = z.infer<typeof Answer>
export const Questions = z.object({
  why: Answer.describe('Why does it exist?'),
  function: Answer.describe('Which business function depends on it?'),
  approver: Answer.describe('Who can approve a change of its scopes?'),
  revocation: Answer.describe('How is it revoked, and when was that last tried?'),
})
export type Questions = z.infer<typeof Questions>

export const Identity = z.object({
  id: z.string(),
  kind: IdentityKind,
  name: z.string(),
  namespace: z.string().nullable(),
  /** Normalised: production, staging, preproduction, test, development, sandbox, shared; else the company's own word. */
  environment: z.string().nullable(),
  isProduction: z.boolean().nullable(),
  source: z.object({
    file: z.string(),
    line: z.int().positive(),
    ref: z.string().describe('how the source names it'),
    system: z.string(),
    uid: z.string().nullable(),
    isDefined: z.boolean().describe('false: only mentioned; no file that was read defines it'),
    also: z.array(Place).describe('further definitions and mentions'),
  }),
  accountability: Accountability,
  questions: Questions,
  purpose: z.string().nullable(),
  function: z.string().nullable().describe('id of the business function'),
  service: z.string().nullable().describe('id of the service'),
  createdAt: z.iso.datetime().nullable(),
  isThirdParty: z.boolean(),
  isSuspended: z.boolean().nullable(),
  reviewAfter: KnownDate,
  credentials: z.array(Credential),
  grants: z.array(Grant),
  trusts: z.array(Trust),
  uses: z.array(Use),
  access: Access.nullable(),
  /** Tags as written, for search and for conventions nobody mapped yet. */
  tags: z.record(z.string(), z.string()),
})
export type Identity = z.infer<typeof Identity>
