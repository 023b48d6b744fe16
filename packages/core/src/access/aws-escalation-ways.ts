/** The ways of one principal to more rights, one function a method. */
import { adminOf, anyArn, mayAssume, trustsService, type AwsAccount, type AwsPrincipal } from './aws-account.ts'
import { escalationsOfDocument } from './aws-document-escalation.ts'
import { ESCALATION_PATHS, type EscalationPath } from './aws-escalation-paths.ts'
import {
  DENIED,
  VERDICTS,
  decide,
  decideSomewhere,
  isForbidden,
  mayAllow,
  stronger,
  weaker,
  type Decision,
  type Power,
} from './aws-policy.ts'

export type Escalation = {
  id: string
  /** ARN of whom it leads to; null when it raises the principal itself or leads to someone who is not there yet. */
  target: string | null
  permissions: string[]
  verdict: 'allowed' | 'conditional'
  condition: string | null
  /** It needs something that the account does not have now, such as a powerful role that trusts the service. */
  isHypothetical: boolean
}

export type StrongOne = { principal: AwsPrincipal; decision: Decision }
/** The strong ones by kind, and the roles among them by the services that they trust. */
export type Strong = Record<AwsPrincipal['kind'], StrongOne[]> & { byService: Map<string, StrongOne[]> }

export const NOBODY: Strong = { user: [], role: [], group: [], byService: new Map() }

/** Everything that the ways of one principal are judged by. */
export type View = {
  self: AwsPrincipal
  account: AwsAccount
  strong: Strong
  /** Whether it can start something of a service, by service; asked for every role that could be passed. */
  starts: Map<string, Decision>
  /** Whether it can act as another principal. */
  taken: Map<AwsPrincipal, Decision>
  settled: Map<EscalationPath, Escalation | null>
}

type Reach = { decision: Decision; target: string | null; isHypothetical?: boolean }

const NOWHERE: Reach = { decision: DENIED, target: null }

/** Methods whose answer does not depend on who is strong, so that one round is enough. */
const SETTLED_METHODS: ReadonlySet<EscalationPath['method']> = new Set([
  'raise-user',
  'raise-role',
  'raise-group',
  'raise-policy',
  'drop-boundary',
])

/** The best way of one path, or null. */
export function escalationBy(path: EscalationPath, view: View): Escalation | null {
  const known = view.settled.get(path)
  if (known !== undefined) return known
  const answer = findWay(path, view)
  if (SETTLED_METHODS.has(path.method)) view.settled.set(path, answer)
  return answer
}

function findWay(path: EscalationPath, view: View): Escalation | null {
  const base = path.method === 'pass-role' ? ['iam:PassRole'] : []
  let found: { reach: Reach; permissions: string[] } | null = null
  for (const way of path.ways) {
    const permissions = [...base, ...way]
    // A trust that names the principal needs no policy of its own.
    if (path.method !== 'assume-role' && !permissions.every((action) => mayAllow(view.self.power, action))) continue
    const reach = reachBy(path, way, view)
    if (rank(reach) > rank(found?.reach ?? NOWHERE)) found = { reach, permissions }
  }
  if (found === null || found.reach.decision.verdict === 'denied') return null
  const { decision, target, isHypothetical = false } = found.reach
  const verdict = decision.verdict === 'allowed' ? 'allowed' : 'conditional'
  return { id: path.id, target, permissions: found.permissions, verdict, condition: decision.condition, isHypothetical }
}

const CERTAIN = VERDICTS.indexOf('allowed') * 2

/** Of two conditional ways the one that exists now counts more than the one that needs something new. */
function rank({ decision, isHypothetical }: Reach): number {
  return VERDICTS.indexOf(decision.verdict) * 2 - (isHypothetical === true ? 1 : 0)
}

/** The best of several; those after a certain one are not looked at. */
function best(reaches: Iterable<Reach>): Reach {
  let found = NOWHERE
  for (const reach of reaches) {
    if (rank(reach) > rank(found)) found = reach
    if (rank(found) === CERTAIN) break
  }
  return found
}

function reachBy(path: EscalationPath, way: readonly string[], view: View): Reach {
  const action = way[0] ?? ''
  switch (path.method) {
    case 'take-user':
      return takeStrongUser(action, view)
    case 'raise-user':
      return raise('user', action, view)
    case 'raise-role':
      return raise('role', action, view)
    case 'raise-group':
      return raiseGroup(action, view)
    case 'raise-policy':
      return raisePolicy(action, view)
    case 'join-group':
      return joinGroup(action, view)
    case 'assume-role':
      return best(strongWays('role', view, (role) => mayAssume(view.self, role, view.account.id)))
    case 'retrust-role':
      return retrustStrongRole(action, view)
    case 'drop-boundary':
      return dropBoundary(action, view)
    case 'pass-role':
      return passRole(path.service ?? '', way, view)
    case 'run-as':
      return runAs(path.service ?? '', way, view)
  }
}

/** One reach for each of the strong but oneself: as certain as its strength and the way to it. */
function* waysTo(
  strong: Iterable<StrongOne>,
  view: View,
  way: (principal: AwsPrincipal) => Decision,
): Generator<Reach> {
  for (const { principal, decision } of strong) {
    if (principal !== view.self) yield { decision: weaker(way(principal), decision), target: principal.arn }
  }
}

function* strongWays(
  kind: AwsPrincipal['kind'],
  view: View,
  way: (principal: AwsPrincipal) => Decision,
): Generator<Reach> {
  yield* waysTo(view.strong[kind], view, way)
}

/** A way that restricts nothing leads nowhere now, but will as soon as there is someone to reach. */
function onceThereIs(decision: Decision, what: string): Reach {
  const condition = `${what}; there is none in this export`
  return { decision: weaker(decision, { verdict: 'conditional', condition }), target: null, isHypothetical: true }
}

function takeStrongUser(action: string, view: View): Reach {
  const { power } = view.self
  const reach = best(strongWays('user', view, (user) => decide(power, action, user.arn)))
  return best([
    reach,
    onceThereIs(decide(power, action, anyArn(view.account.id, 'user')), 'a more powerful user exists'),
  ])
}

/** Rights written to oneself, or to another one that can then be taken over. */
function raise(kind: 'user' | 'role', action: string, view: View): Reach {
  const { self, account } = view
  const own =
    self.kind === kind
      ? { decision: upToBoundary(decide(self.power, action, self.arn), self.power), target: null }
      : NOWHERE
  const others = account.principals.filter((one) => one.kind === kind && one !== self && !one.isServiceLinked)
  const reach = best(
    cascade(
      [own],
      takenAfter(others, (one) => decide(self.power, action, one.arn), view),
    ),
  )
  const anyOther = decide(self.power, action, anyArn(account.id, kind))
  return best([reach, onceThereIs(anyOther, `there is a ${kind} that it can take over`)])
}

function* cascade(...parts: Iterable<Reach>[]): Generator<Reach> {
  for (const part of parts) yield* part
}

/** Others who rise first and are taken over then. */
function* takenAfter(
  others: Iterable<AwsPrincipal>,
  rise: (one: AwsPrincipal) => Decision,
  view: View,
): Generator<Reach> {
  for (const other of others) {
    const taken = take(other, view)
    if (taken.verdict === 'denied') continue
    yield { decision: weaker(upToBoundary(rise(other), other.power), taken), target: other.arn }
  }
}

/** A boundary stays in force whatever policy is added, so the rise ends there. */
function upToBoundary(decision: Decision, power: Power): Decision {
  if (power.boundary === null) return decision
  return weaker(decision, { verdict: 'conditional', condition: 'it rises only up to its permissions boundary' })
}

/** Whether `self` can come to act as another principal, however weak that one is now. */
function take(other: AwsPrincipal, view: View): Decision {
  const known = view.taken.get(other)
  if (known !== undefined) return known
  const answer = takeAnew(other, view)
  view.taken.set(other, answer)
  return answer
}

function takeAnew(other: AwsPrincipal, view: View): Decision {
  const { self, account } = view
  if (other.kind === 'user') {
    const ways = ['iam:CreateAccessKey', 'iam:CreateLoginProfile', 'iam:UpdateLoginProfile']
    return ways.map((action) => decide(self.power, action, other.arn)).reduce(stronger)
  }
  const direct = stronger(mayAssume(self, other, account.id), retrust(self, other))
  if (direct.verdict === 'allowed' || !mayAllow(self.power, 'iam:PassRole')) return direct
  const services = new Set(other.trust.flatMap((statement) => statement.principals?.service ?? []))
  return [...services]
    .map((service) => weaker(startOf(service, view), passTo(other, service, self)))
    .reduce(stronger, direct)
}

/** Whether it can start anything of a service with a role of its choice. */
function startOf(service: string, view: View): Decision {
  const known = view.starts.get(service)
  if (known !== undefined) return known
  const ways = ESCALATION_PATHS.filter((path) => path.method === 'pass-role' && path.service === service).flatMap(
    (path) => path.ways,
  )
  const answer = ways.map((way) => allOf(way, view.self.power)).reduce(stronger, DENIED)
  view.starts.set(service, answer)
  return answer
}

function allOf(actions: readonly string[], power: Power): Decision {
  return actions.map((action) => decideSomewhere(power, action)).reduce(weaker)
}

function raiseGroup(action: string, view: View): Reach {
  const { self, account } = view
  const own = self.groups.map((group): Reach => ({
    decision: upToBoundary(decide(self.power, action, group), self.power),
    target: null,
  }))
  const members = account.principals.filter((one) => one.kind === 'user' && one !== self && one.groups.length > 0)
  const byGroup = (user: AwsPrincipal): Decision =>
    user.groups.map((group) => decide(self.power, action, group)).reduce(stronger)
  const anyGroup = decide(self.power, action, anyArn(account.id, 'group'))
  return best([
    best(cascade(own, takenAfter(members, byGroup, view))),
    onceThereIs(anyGroup, 'it controls a member of a group'),
  ])
}

/** New or older versions of a policy that counts for oneself. The policies of AWS cannot be changed. */
function raisePolicy(action: string, view: View): Reach {
  const { self, account } = view
  const isChoice = action === 'iam:SetDefaultPolicyVersion'
  const own = self.policies
    .filter((arn) => !arn.includes('::aws:policy/') && (!isChoice || hasStrongVersion(arn, view)))
    .map((arn): Reach => ({ decision: upToBoundary(decide(self.power, action, arn), self.power), target: null }))
  const what = isChoice
    ? 'a policy that counts for it has a more powerful version'
    : 'a policy that it may change counts for it'
  return best(cascade(own, [onceThereIs(decide(self.power, action, anyArn(account.id, 'policy')), what)]))
}

function hasStrongVersion(arn: string, { account, self }: View): boolean {
  const versions = account.otherVersions.get(arn) ?? []
  return versions.some((statements) =>
    isStrong({ statements, boundary: null, context: self.power.context }, account.id),
  )
}

function isStrong(power: Power, accountId: string): boolean {
  if (adminOf(power, accountId).verdict !== 'denied') return true
  return escalationsOfDocument(power.statements).some(
    ({ id, verdict }) => verdict === 'allowed' && id !== 'DropPermissionsBoundary',
  )
}

function joinGroup(action: string, view: View): Reach {
  const { self, account } = view
  const join = (group: AwsPrincipal): Decision =>
    self.groups.includes(group.arn) ? DENIED : decide(self.power, action, group.arn)
  const anyGroup = decide(self.power, action, anyArn(account.id, 'group'))
  if (self.kind !== 'role') {
    const own = best(strongWays('group', view, (group) => upToBoundary(join(group), self.power)))
    return best([own, onceThereIs(anyGroup, 'a more powerful group exists')])
  }
  // A role is in no group; it has to put in a user whom it can take over.
  let users: Decision | null = null
  const taken = (): Decision =>
    (users ??= account.principals
      .filter((one) => one.kind === 'user')
      .map((one) => take(one, view))
      .reduce(stronger, DENIED))
  const other = best(
    strongWays('group', view, (group) => (join(group).verdict === 'denied' ? DENIED : weaker(join(group), taken()))),
  )
  return best([other, onceThereIs(anyGroup, 'it controls a user to put into a group')])
}

function retrust(self: AwsPrincipal, role: AwsPrincipal): Decision {
  if (role.isServiceLinked || !mayAllow(self.power, 'iam:UpdateAssumeRolePolicy')) return DENIED
  if (isForbidden(self.power, 'sts:AssumeRole', role.arn)) return DENIED
  return decide(self.power, 'iam:UpdateAssumeRolePolicy', role.arn)
}

function retrustStrongRole(action: string, view: View): Reach {
  const { self, account } = view
  const anyRole = decide(self.power, action, anyArn(account.id, 'role'))
  return best([
    best(strongWays('role', view, (role) => retrust(self, role))),
    onceThereIs(anyRole, 'a more powerful role exists'),
  ])
}

/** Only a boundary that holds back real power is worth dropping. */
function dropBoundary(action: string, { self, account }: View): Reach {
  const isOwnKind = action.toLowerCase().includes(`${self.kind}permissionsboundary`)
  if (self.power.boundary === null || !isOwnKind || !isStrong({ ...self.power, boundary: null }, account.id))
    return NOWHERE
  return { decision: decide(self.power, action, self.arn), target: null }
}

function passRole(service: string, way: readonly string[], view: View): Reach {
  const { self, account } = view
  const start = allOf(way, self.power)
  if (start.verdict === 'denied') return NOWHERE
  const known = best(
    waysTo(view.strong.byService.get(service) ?? [], view, (role) => weaker(start, passTo(role, service, self))),
  )
  const anyRole = weaker(start, passDecision(anyArn(account.id, 'role'), service, self.power))
  return best([known, onceThereIs(anyRole, `a more powerful role trusts ${service}`)])
}

function passTo(role: AwsPrincipal, service: string, self: AwsPrincipal): Decision {
  const trusted = role.isServiceLinked ? DENIED : trustsService(role, service)
  return trusted.verdict === 'denied' ? DENIED : weaker(trusted, passDecision(role.arn, service, self.power))
}

function passDecision(roleArn: string, service: string, power: Power): Decision {
  return decide(power, 'iam:PassRole', roleArn, new Map([['iam:passedtoservice', service]]))
}

/** The export does not list functions or instances, so whether one runs with the role is not known. */
function runAs(service: string, way: readonly string[], view: View): Reach {
  const may = allOf(way, view.self.power)
  if (may.verdict === 'denied') return NOWHERE
  return best(
    waysTo(view.strong.byService.get(service) ?? [], view, (role) => {
      const name = role.arn.slice(role.arn.lastIndexOf(':') + 1)
      const runs: Decision = {
        verdict: 'conditional',
        condition: `something of ${service} that it may change runs as ${name}`,
      }
      return weaker(weaker(trustsService(role, service), may), runs)
    }),
  )
}
