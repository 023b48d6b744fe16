/** An AWS account as far as access goes: who is in it, what each may do, whom roles trust. */
import { ABSENT, type Context } from './aws-condition.ts'
import {
  DENIED,
  decide,
  decideBy,
  isForbidden,
  mayAllow,
  stronger,
  weaker,
  type Decision,
  type Power,
  type Statement,
} from './aws-policy.ts'

export type AwsPrincipal = {
  /** Groups are principals here, because joining one is a way to its power; nobody signs in as one. */
  kind: 'user' | 'role' | 'group'
  arn: string
  name: string
  power: Power
  /** ARNs of the groups of a user. */
  groups: string[]
  /** ARNs of the managed policies that count for it, also through groups. */
  policies: string[]
  /** Who may assume a role; [] for users and groups. */
  trust: readonly Statement[]
  /** Roles that AWS makes for its own services can neither be passed nor changed. */
  isServiceLinked: boolean
}

export type AwsAccount = {
  id: string
  principals: readonly AwsPrincipal[]
  /** Versions of a managed policy besides its default one: what could be brought back by choosing another. */
  otherVersions: ReadonlyMap<string, readonly (readonly Statement[])[]>
}

/** ARNs for "any other one": only patterns that restrict nothing reach them. */
export const ANY_NAME = 'onus-any-other-name'

export function anyArn(accountId: string, kind: 'user' | 'role' | 'group' | 'policy'): string {
  return `arn:aws:iam::${accountId}:${kind}/${ANY_NAME}`
}

/** Facts that every request of a principal carries; unknown ones stay out, so that conditions on them stay open. */
export function contextOf(
  principal: { kind: AwsPrincipal['kind']; arn: string; name: string },
  accountId: string,
  tags: Iterable<[string, string]>,
): Context {
  const context = new Map([
    ['aws:principalaccount', accountId],
    ['aws:resourceaccount', accountId],
    ['aws:sourceaccount', accountId],
    ['aws:principalarn', principal.arn],
    // Clients use TLS unless made not to.
    ['aws:securetransport', 'true'],
    ['aws:principaltype', principal.kind === 'user' ? 'User' : 'AssumedRole'],
  ])
  // Nobody knows which user a group is judged for, so its variable stays open.
  if (principal.kind !== 'group') context.set('aws:username', principal.kind === 'user' ? principal.name : ABSENT)
  for (const [key, value] of tags) context.set(`aws:principaltag/${key.toLowerCase()}`, value)
  return context
}

/** An action of a service that does not exist: only "everything" allows it. */
const EVERYTHING = {
  action: 'onus-any-service:AnyAction',
  resource: 'arn:aws:onus-any-service:any-region:any-account:anything',
}

/**
 * Whether the power is an administrator's: everything on everything, and, after boundary and denies, still the right to
 * write some policy. An administrator kept from IAM is none; one kept from a few actions still is.
 */
export function adminOf(power: Power, accountId: string): Decision {
  const everything = decide(power, EVERYTHING.action, EVERYTHING.resource)
  if (everything.verdict === 'denied') return DENIED
  let writing = DENIED
  for (const kind of ['user', 'role', 'group'] as const) {
    const name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`
    for (const verb of ['Attach', 'Put'])
      writing = stronger(writing, decide(power, `iam:${verb}${name}Policy`, anyArn(accountId, kind)))
  }
  writing = stronger(writing, decide(power, 'iam:CreatePolicyVersion', anyArn(accountId, 'policy')))
  return weaker(everything, writing)
}

/** Whether a role's trust lets a service run as it. */
export function trustsService(role: AwsPrincipal, service: string): Decision {
  if (!role.trust.some(({ principals }) => principals?.service.includes(service))) return DENIED
  return trustBy(role, (statement) => statement.principals?.service.includes(service) ?? false, role.power.context)
}

/**
 * Whether `self` may become `role`. A trust that names it is enough within one account; one that names the account
 * leaves it to the policies of `self`.
 */
export function mayAssume(self: AwsPrincipal, role: AwsPrincipal, accountId: string): Decision {
  const isNamed = role.trust.some(({ principals }) => principals?.aws.includes(self.arn))
  if (role.isServiceLinked || (!isNamed && !mayAllow(self.power, 'sts:AssumeRole'))) return DENIED
  if (isForbidden(self.power, 'sts:AssumeRole', role.arn)) return DENIED
  const named = isNamed
    ? trustBy(role, ({ principals }) => principals?.aws.includes(self.arn) ?? false, self.power.context)
    : DENIED
  if (named.verdict === 'allowed') return named
  const own = decide(self.power, 'sts:AssumeRole', role.arn)
  if (own.verdict === 'denied') return named
  const account = trustBy(
    role,
    ({ principals }) => principals?.aws.some((one) => meansAccount(one, accountId)) ?? false,
    self.power.context,
  )
  return stronger(named, weaker(account, own))
}

function meansAccount(principal: string, accountId: string): boolean {
  return (
    principal === '*' ||
    principal === accountId ||
    (principal.startsWith('arn:') && principal.endsWith(`::${accountId}:root`))
  )
}

/**
 * The verdict of the trust statements that name a principal; a Deny that names it, or everyone else, wins as always.
 */
function trustBy(role: AwsPrincipal, names: (statement: Statement) => boolean, context: Context): Decision {
  const about = role.trust.filter((statement) => {
    const isNegated = statement.principals?.isNegated ?? true
    return statement.effect === 'Allow' ? !isNegated && names(statement) : names(statement) !== isNegated
  })
  return decideBy(about, 'sts:AssumeRole', role.arn, context)
}
