/** Arbitrary valid records: everything the schemas allow, hostile text and odd combinations included. */
import * as fc from 'fast-check'
import {
  ACCOUNTABILITY_STATES,
  CLAIM_READINGS,
  CREDENTIAL_KINDS,
  DISAGREEMENT_KINDS,
  GRANT_LEVELS,
  IDENTITY_KINDS,
  type Accountability,
  type Claim,
  type Credential,
  type Identity,
  type KnownDate,
} from '../../identity.ts'
import { CLAIM_VIAS } from '../../observation.ts'
import type { OwnedScope } from '../../owned-scope.ts'
import { READER_TAGS } from '../../reader-tags.ts'
import type { Estate } from '../rule.ts'
import { makeEstate, makeTeam } from './make.ts'

const HOSTILE = [
  '',
  '`',
  '__proto__',
  '<script>alert(1)</script>',
  '\u001b[31m',
  '\u202egnp.exe',
  '*',
  'repo:*',
  '${var.x}',
  'default',
  '\ud83d',
]
const text = fc.oneof(fc.string({ maxLength: 120 }), fc.constantFrom(...HOSTILE))
const instant = fc
  .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
  .map((date) => date.toISOString())
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const place = { file: text, line: fc.integer({ min: 1, max: 1e6 }) }
const environment = nullable(fc.constantFrom('production', 'staging', 'development', 'shared', 'moon'))
const team = nullable(fc.constantFrom('tm_payments', 'tm_billing', 'tm_gone'))

const knownDate: fc.Arbitrary<KnownDate> = fc.oneof(
  fc.record({ state: fc.constant('at' as const), at: instant, raw: text }),
  fc.record({ state: fc.constant('never' as const), raw: text }),
  fc.record({ state: fc.constant('unreadable' as const), raw: text, reason: text }),
  fc.constant({ state: 'unknown' as const }),
)

export const claim: fc.Arbitrary<Claim> = fc.record({
  team,
  raw: text,
  reading: fc.constantFrom(...CLAIM_READINGS),
  candidates: fc.array(text, { maxLength: 3 }),
  via: fc.constantFrom(...CLAIM_VIAS),
  key: text,
  isInherited: fc.boolean(),
  ...place,
  confidence: fc.constantFrom('high' as const, 'medium' as const, 'low' as const),
})

const accountability: fc.Arbitrary<Accountability> = fc.record({
  state: fc.constantFrom(...ACCOUNTABILITY_STATES),
  team,
  claims: fc.array(claim, { maxLength: 4 }),
  controllers: fc.array(
    fc.record({
      team,
      raw: text,
      kind: fc.constantFrom('group' as const, 'person' as const, 'identity' as const),
      power: fc.constantFrom('admin' as const, 'write' as const, 'approve' as const),
      via: text,
      ...place,
    }),
    { maxLength: 3 },
  ),
  disagreement: nullable(
    fc.record({
      kinds: fc.array(fc.constantFrom(...DISAGREEMENT_KINDS), { minLength: 1, maxLength: 2 }),
      teams: fc.array(text, { maxLength: 3 }),
      names: fc.array(text, { maxLength: 3 }),
      explanation: text.map((said) => `${said}.`),
    }),
  ),
})

const credential: fc.Arbitrary<Credential> = fc.record({
  id: text,
  kind: fc.constantFrom(...CREDENTIAL_KINDS),
  name: text,
  createdAt: nullable(instant),
  rotatedAt: nullable(instant),
  expiresAt: nullable(instant),
  lastUsedAt: nullable(instant),
  dates: fc.record({ created: knownDate, rotated: knownDate, expires: knownDate, lastUsed: knownDate }),
  neverExpires: nullable(fc.boolean()),
  isActive: nullable(fc.boolean()),
  kept: fc.array(
    fc.record({
      kind: fc.constantFrom('github-secret' as const, 'file' as const, 'gitlab-variable' as const, 'unknown' as const),
      name: text,
    }),
    { maxLength: 2 },
  ),
  revocation: nullable(text),
  ...place,
})

const answer = fc.record({
  answer: nullable(text),
  evidence: fc.array(fc.record(place), { maxLength: 2 }),
  missing: nullable(text),
})
const tags = fc.dictionary(fc.oneof(text, fc.constantFrom(...Object.values(READER_TAGS))), text, { maxKeys: 4 })
const few = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 })

export const identity: fc.Arbitrary<Identity> = fc.record({
  id: text,
  kind: fc.constantFrom(...IDENTITY_KINDS),
  name: text,
  namespace: nullable(text),
  environment,
  isProduction: nullable(fc.boolean()),
  source: fc.record({
    ...place,
    ref: text,
    system: fc.constantFrom('kubernetes', 'aws', 'github', 'kong'),
    uid: nullable(text),
    isDefined: fc.boolean(),
    also: few(fc.record(place)),
  }),
  accountability,
  questions: fc.record({ why: answer, function: answer, approver: answer, revocation: answer }),
  purpose: nullable(text),
  function: nullable(text),
  service: nullable(text),
  createdAt: nullable(instant),
  isThirdParty: fc.boolean(),
  isSuspended: nullable(fc.boolean()),
  reviewAfter: knownDate,
  credentials: few(credential),
  grants: few(
    fc.record({
      permission: text,
      resource: text,
      level: fc.constantFrom(...GRANT_LEVELS),
      isWildcard: fc.boolean(),
      environment,
      condition: nullable(text),
      via: text,
      ...place,
    }),
  ),
  trusts: few(fc.record({ issuer: text, audiences: few(text), subjects: few(text), ...place })),
  uses: few(
    fc.record({
      kind: fc.constantFrom('workload' as const, 'workflow' as const, 'service' as const),
      name: text,
      namespace: nullable(text),
      environment,
      ...place,
    }),
  ),
  access: nullable(
    fc.record({
      admin: fc.constantFrom('yes' as const, 'no' as const, 'conditional' as const, 'unknown' as const),
      escalations: few(fc.record({ path: text, permissions: few(text), condition: nullable(text) })),
      ...place,
    }),
  ),
  tags,
})

export const scope: fc.Arbitrary<OwnedScope> = fc.record({
  id: text,
  kind: fc.constantFrom(
    'kubernetes-namespace' as const,
    'repository' as const,
    'cloud-account' as const,
    'directory' as const,
  ),
  name: text,
  environment,
  isProduction: nullable(fc.boolean()),
  accountability,
  function: nullable(text),
  repositoryUrl: nullable(text),
  reviewAfter: knownDate,
  identityCount: fc.nat(),
  source: fc.record({ ...place, isDefined: fc.boolean() }),
  tags,
})

export const estate: fc.Arbitrary<Estate> = fc
  .record({ asOf: instant, knowsGroups: fc.boolean(), isTeamKnown: fc.boolean() })
  .map((given) =>
    makeEstate({
      asOf: new Date(given.asOf),
      knowsGroups: given.knowsGroups,
      teams: new Map(['tm_payments', 'tm_billing'].map((id) => [id, makeTeam(id, { isKnown: given.isTeamKnown })])),
    }),
  )
