/**
 * Privilege escalation in an AWS account: how a principal can raise its own rights with those it has. Targets matter: a
 * key for a harmless user, or a role without power for a function, raises nothing.
 */
import { adminOf, type AwsAccount } from './aws-account.ts'
import { ESCALATION_PATHS } from './aws-escalation-paths.ts'
import { NOBODY, escalationBy, type Escalation, type Strong, type View } from './aws-escalation-ways.ts'
import { DENIED, stronger, type Decision } from './aws-policy.ts'

export type Access = { admin: 'yes' | 'no' | 'conditional'; escalations: Escalation[] }

/** Who is worth reaching: administrators, and those who can become one. */
type Strength = ReadonlyMap<string, Decision>

/** Chains longer than this are not followed; each round finds principals one step further from an administrator. */
const MAX_ROUNDS = 10

/**
 * Admin rights and escalation paths of every user and role, by ARN. Administrators have no paths: there is nothing
 * above. Strength spreads backwards (who can become one who can become an administrator is strong too) until nothing
 * changes.
 */
export function accessIn(account: AwsAccount): Map<string, Access> {
  const admins = new Map(account.principals.map((one) => [one.arn, adminOf(one.power, account.id)]))
  const others = account.principals.filter((one) => admins.get(one.arn)?.verdict !== 'allowed')
  let strength: Strength = new Map([...admins].filter(([, decision]) => decision.verdict !== 'denied'))
  let found = new Map<string, Escalation[]>()
  const views = others.map((self): View => ({
    self,
    account,
    strong: NOBODY,
    starts: new Map(),
    taken: new Map(),
    settled: new Map(),
  }))
  for (let round = 0; round < MAX_ROUNDS; round++) {
    found = escalationsWith(strength, views, account)
    const next = strengthened(strength, found)
    const isSettled = [...next].every(([arn, decision]) => strength.get(arn)?.verdict === decision.verdict)
    strength = next
    if (isSettled) break
  }
  const people = account.principals.filter((one) => one.kind !== 'group')
  return new Map(
    people.map(({ arn }) => [arn, { admin: answerOf(admins.get(arn) ?? DENIED), escalations: found.get(arn) ?? [] }]),
  )
}

function answerOf({ verdict }: Decision): Access['admin'] {
  return verdict === 'allowed' ? 'yes' : verdict === 'conditional' ? 'conditional' : 'no'
}

function strengthened(strength: Strength, found: ReadonlyMap<string, Escalation[]>): Strength {
  const next = new Map(strength)
  for (const [arn, escalations] of found) {
    for (const { verdict, condition, isHypothetical } of escalations) {
      if (!isHypothetical) next.set(arn, stronger(next.get(arn) ?? DENIED, { verdict, condition }))
    }
  }
  return next
}

function escalationsWith(strength: Strength, views: readonly View[], account: AwsAccount): Map<string, Escalation[]> {
  const strong: Strong = { user: [], role: [], group: [], byService: new Map() }
  for (const principal of account.principals) {
    const decision = strength.get(principal.arn)
    if (decision === undefined || principal.isServiceLinked) continue
    strong[principal.kind].push({ principal, decision })
    for (const service of new Set(principal.trust.flatMap((statement) => statement.principals?.service ?? []))) {
      const sharing = strong.byService.get(service) ?? []
      sharing.push({ principal, decision })
      strong.byService.set(service, sharing)
    }
  }
  return new Map(
    views.map((view) => {
      view.strong = strong
      return [view.self.arn, ESCALATION_PATHS.flatMap((path) => escalationBy(path, view) ?? [])]
    }),
  )
}
