/** A role's trust policy → who outside may become it, and which services run as it. */
import type { Condition } from '@onus/core/access/aws-condition.ts'
import type { Statement } from '@onus/core/access/aws-policy.ts'
import type { IdentityRef, Observation, TrustObserved } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { accountIdOf } from './directory.ts'

export type Trusted = {
  observations: Observation[]
  /** Issuers of tokens with which the role is assumed. */
  issuers: string[]
  /** People come in through SAML: the role is one that they hold, not a machine's own. */
  isForPeople: boolean
}

/** Reads the statements of one role; `accountId` is the role's own. */
export function readTrust(
  statements: readonly Statement[],
  identity: IdentityRef,
  accountId: string,
  place: Place,
): Trusted {
  const trusted: Trusted = { observations: [], issuers: [], isForPeople: false }
  const services = new Set<string>()
  for (const statement of statements) {
    const { principals, conditions } = statement
    if (statement.effect !== 'Allow' || principals === null) continue
    for (const service of principals.service) services.add(service)
    for (const provider of principals.federated) {
      if (provider.includes(':saml-provider/')) trusted.isForPeople = true
      else
        addProvider(
          provider,
          conditions,
          { type: 'trust', identity, issuer: '', audiences: [], subjects: [], place },
          trusted,
        )
    }
    // "Everyone but": nobody can say who that is, so it is everyone.
    const others = principals.isNegated ? ['*'] : principals.aws.filter((one) => !isOwn(one, accountId))
    for (const other of others) trusted.observations.push(crossAccount(other, conditions, identity, place))
  }
  for (const name of services)
    trusted.observations.push({ type: 'use', identity, by: { kind: 'service', name, namespace: null }, place })
  return trusted
}

function isOwn(principal: string, accountId: string): boolean {
  return principal === accountId || accountIdOf(principal) === accountId
}

/** An OIDC provider's conditions are keyed by its address: `token.actions.githubusercontent.com:sub`. */
function addProvider(provider: string, conditions: readonly Condition[], empty: TrustObserved, trusted: Trusted): void {
  const address = provider.includes(':oidc-provider/')
    ? provider.slice(provider.indexOf(':oidc-provider/') + ':oidc-provider/'.length)
    : provider
  const issuer = address.includes('://') ? address : `https://${address}`
  const valuesOf = (claim: string): string[] =>
    conditions
      .filter((one) => isPositive(one.operator) && one.key.toLowerCase() === `${address}:${claim}`.toLowerCase())
      .flatMap((one) => one.values)
  trusted.observations.push({ ...empty, issuer, audiences: valuesOf('aud'), subjects: valuesOf('sub') })
  if (!trusted.issuers.includes(issuer)) trusted.issuers.push(issuer)
}

/** Only these narrow what is accepted; a negated one leaves all the rest. */
function isPositive(operator: string): boolean {
  return /equals|like/i.test(operator) && !/not/i.test(operator)
}

/**
 * Another account, or everyone. A named user or role there is a subject; `root` means whoever that account lets, so
 * subjects stay open unless a condition names the organisation or the principals. External ids are the audience: the
 * secret word agreed with a vendor for this customer.
 */
function crossAccount(
  principal: string,
  conditions: readonly Condition[],
  identity: IdentityRef,
  place: Place,
): TrustObserved {
  const account = accountIdOf(principal) || (/^\d{12}$/.test(principal) ? principal : '')
  const isWhole = principal === '*' || principal === account || principal.endsWith(':root')
  const narrowing = conditions.filter(
    (one) => isPositive(one.operator) && /^aws:Principal(OrgID|OrgPaths|Arn|Account)$/i.test(one.key),
  )
  const audiences = conditions
    .filter((one) => isPositive(one.operator) && one.key.toLowerCase() === 'sts:externalid')
    .flatMap((one) => one.values)
  const subjects = isWhole ? narrowing.flatMap((one) => one.values.map((value) => `${one.key}=${value}`)) : [principal]
  return {
    type: 'trust',
    identity,
    issuer: account === '' ? principal : `arn:aws:iam::${account}:root`,
    audiences,
    subjects,
    place,
  }
}
