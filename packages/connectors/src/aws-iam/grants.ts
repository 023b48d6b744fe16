/** Policies → grants a person can read: one a statement and service, long lists shortened, the number bounded. */
import { actionLevel, highestLevel, isWildcardAction } from '@onus/core/access/aws-actions.ts'
import type { GrantLevel } from '@onus/core/identity.ts'
import type { Statement } from '@onus/core/access/aws-policy.ts'
import type { GrantObserved, IdentityRef } from '@onus/core/observation.ts'
import { describeConditions } from '@onus/core/access/aws-condition.ts'
import type { Attached } from './directory.ts'

/** Actions and resources that are written out; the rest is counted. */
const SHOWN_ACTIONS = 6
const SHOWN_RESOURCES = 3
/** One principal's grants; more are told as one. */
const MAX_GRANTS = 150

const NOTHING_KNOWN = new Map<string, string>()

/** The grants of every Allow statement. Denies are left to the judgement of access, which the grants do not replace. */
export function grantsOf(policies: readonly Attached[], identity: IdentityRef): GrantObserved[] {
  const grants = policies.flatMap((policy) =>
    policy.statements
      .filter((statement) => statement.effect === 'Allow')
      .flatMap((statement) => grantsOfStatement(statement, policy, identity)),
  )
  if (grants.length <= MAX_GRANTS) return grants
  const rest = grants.slice(MAX_GRANTS - 1)
  const [first] = rest
  if (first === undefined) return grants
  const summary: GrantObserved = {
    type: 'grant',
    identity,
    permission: `${rest.length} more grants`,
    resource: 'various',
    level: highestLevel(rest.map((grant) => grant.level)),
    isWildcard: rest.some((grant) => grant.isWildcard),
    via: 'several policies',
    place: first.place,
  }
  return [...grants.slice(0, MAX_GRANTS - 1), summary]
}

function grantsOfStatement(statement: Statement, { via, place }: Attached, identity: IdentityRef): GrantObserved[] {
  const condition = describeConditions(statement.conditions, NOTHING_KNOWN)
  const shared = {
    type: 'grant' as const,
    identity,
    resource: resourceOf(statement),
    via,
    place,
    ...(condition === '' ? {} : { condition }),
  }
  const { patterns, isNegated } = statement.actions
  // Everything but a few actions is everything of all other services, also of those that come later.
  if (isNegated) {
    const level = patterns.some((pattern) => pattern.toLowerCase() === 'iam:*') ? 'write' : 'admin'
    return [{ ...shared, permission: `all but ${shorten(patterns, SHOWN_ACTIONS)}`, level, isWildcard: true }]
  }
  return [...Map.groupBy(patterns, (pattern) => pattern.split(':')[0] ?? '').values()].map((actions) => ({
    ...shared,
    permission: shorten(actions, SHOWN_ACTIONS),
    level: levelOf(actions, statement),
    isWildcard: actions.some(isWildcardAction),
  }))
}

/** Rights over one's own user (a new key, a new password) are no rule over others. */
function levelOf(actions: readonly string[], { resources }: Statement): GrantLevel {
  const level = highestLevel(actions.map(actionLevel))
  const isOwn =
    !resources.isNegated && resources.patterns.every((pattern) => pattern.toLowerCase().endsWith('/${aws:username}'))
  return isOwn && level === 'admin' ? 'write' : level
}

function resourceOf({ resources }: Statement): string {
  const text = shorten(resources.patterns, SHOWN_RESOURCES)
  return resources.isNegated ? `all but ${text}` : text
}

function shorten(items: readonly string[], shown: number): string {
  const rest = items.length - shown
  return rest > 1 ? `${items.slice(0, shown).join(', ')} and ${rest} more` : items.join(', ')
}
