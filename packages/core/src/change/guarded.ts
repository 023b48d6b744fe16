/** The facts that guardrails look at, of one grant, credential or handover. Every one has a value, so no rule lacks one. */
import type { CredentialKind, GrantLevel } from '../identity.ts'
import { isStatic } from '../identity.ts'
import { REGULATED } from './content.ts'

/** Days of something that never ends: longer than any limit. */
export const NEVER_DAYS = 1_000_000
/** A word for what no source says. */
export const UNKNOWN = 'unknown'

export type IdentityFacts = {
  id: string
  name: string
  kind: string
  environment: string | null
  isProduction: boolean | null
  isThirdParty: boolean
  team: string | null
  sponsor: string | null
  /** Of the business function, where somebody has said them. */
  dataClasses: readonly string[]
  /** A way to prove itself without a stored key is known for where it runs. */
  isFederationAvailable: boolean
}

export type IdentityAttributes = {
  kind: string
  environment: string
  isProduction: boolean
  isThirdParty: boolean
  hasTeam: boolean
  hasSponsor: boolean
  dataClasses: string[]
  isRegulated: boolean
  isFederationAvailable: boolean
}
export type GrantAttributes = {
  permission: string
  on: string
  level: GrantLevel
  isWildcard: boolean
  environment: string
  isProduction: boolean
  crossesEnvironment: boolean
  hasEnd: boolean
  lifetimeDays: number
}
export type CredentialAttributes = {
  kind: CredentialKind
  isStatic: boolean
  hasEnd: boolean
  lifetimeDays: number
}
export type HandoverAttributes = { hasEnd: boolean; lifetimeDays: number }

/** One question to the guardrails. `label` says in words what is asked about. */
export type Guarded = { identity: { id: string; name: string; attributes: IdentityAttributes }; label: string } & (
  | { action: 'grant'; attributes: GrantAttributes }
  | { action: 'issue'; attributes: CredentialAttributes }
  | { action: 'handOver'; attributes: HandoverAttributes }
)

/**
 * What cannot be told apart from production is judged as production: a limit that holds only where the facts are known
 * holds nowhere.
 */
export function identityAttributes(facts: IdentityFacts): IdentityAttributes {
  return {
    kind: facts.kind,
    environment: facts.environment ?? UNKNOWN,
    isProduction: facts.isProduction !== false,
    isThirdParty: facts.isThirdParty,
    hasTeam: facts.team !== null,
    hasSponsor: facts.sponsor !== null,
    dataClasses: [...facts.dataClasses].sort(),
    isRegulated: facts.dataClasses.some((each) => REGULATED.has(each)),
    isFederationAvailable: facts.isFederationAvailable,
  }
}

/** Whole days, rounded up: one second more than ninety days is more than ninety days. */
export function lifetimeDays(from: Date, until: string | null): number {
  if (until === null) return NEVER_DAYS
  return Math.min(NEVER_DAYS, Math.max(0, Math.ceil((Date.parse(until) - from.getTime()) / 86_400_000)))
}

export function grantAttributes(
  identity: IdentityFacts,
  grant: { permission: string; resource: string; environment: string | null; level: GrantLevel; until: string | null },
  now: Date,
): GrantAttributes {
  const environment = grant.environment ?? identity.environment
  return {
    permission: grant.permission,
    on: grant.resource,
    level: grant.level,
    isWildcard: grant.permission.includes('*') || grant.resource.includes('*'),
    environment: environment ?? UNKNOWN,
    isProduction: isProductionOf(grant.environment, identity),
    crossesEnvironment:
      grant.environment !== null && identity.environment !== null && grant.environment !== identity.environment,
    hasEnd: grant.until !== null,
    lifetimeDays: lifetimeDays(now, grant.until),
  }
}

const NOT_PRODUCTION = new Set(['staging', 'preproduction', 'test', 'development', 'sandbox'])
function isProductionOf(environment: string | null, identity: IdentityFacts): boolean {
  if (environment === null || environment === identity.environment) return identity.isProduction !== false
  return !NOT_PRODUCTION.has(environment)
}

export function credentialAttributes(
  credential: { kind: CredentialKind; expiresAt: string | null },
  now: Date,
): CredentialAttributes {
  return {
    kind: credential.kind,
    isStatic: isStatic(credential.kind),
    hasEnd: credential.expiresAt !== null,
    // A federated credential is made anew for each use: it has no life to be limited.
    lifetimeDays: isStatic(credential.kind) ? lifetimeDays(now, credential.expiresAt) : 0,
  }
}
