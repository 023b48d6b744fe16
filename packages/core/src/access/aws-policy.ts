/**
 * AWS policy documents and what they allow. The question is always one action on one resource; the answer has three
 * values, because a condition that the export cannot decide is neither a yes nor a no.
 */
import { describeConditions, judgeConditions, readConditions, type Condition, type Context } from './aws-condition.ts'
import { compilePattern, exampleOf, matchAction, matchPattern, type Match, type Pattern } from './aws-pattern.ts'

/** Ordered: each later one is more power. */
export const VERDICTS = ['denied', 'conditional', 'allowed'] as const
export type Verdict = (typeof VERDICTS)[number]
/** `condition` says in words what a conditional verdict hangs on; null otherwise. */
export type Decision = { verdict: Verdict; condition: string | null }

export const DENIED: Decision = { verdict: 'denied', condition: null }
export const ALLOWED: Decision = { verdict: 'allowed', condition: null }

/** Who may assume a role, as written in its trust policy. */
export type Principals = { aws: string[]; service: string[]; federated: string[]; isNegated: boolean }

export type Statement = {
  sid: string | null
  effect: 'Allow' | 'Deny'
  /** `Action`, or `NotAction` with `isNegated`. */
  actions: { patterns: string[]; isNegated: boolean }
  resources: { patterns: string[]; compiled: Pattern[]; isNegated: boolean }
  principals: Principals | null
  conditions: Condition[]
  /** Answers about actions, kept because one managed policy is asked for every principal that has it. */
  known: Map<string, boolean>
}

/**
 * All that limits a principal: its statements, its boundary, and what is known about it for variables and conditions.
 */
export type Power = {
  statements: readonly Statement[]
  /** null: none. 'unknown': it has one that the export lacks, so nothing is certainly allowed. */
  boundary: readonly Statement[] | null | 'unknown'
  context: Context
}

/**
 * Reads a document: an object, its JSON, or its URL-encoded JSON (as the API returns it). Statements that cannot be
 * read are left out and told in `problems`; a Deny left out overstates the power, which is the safe side.
 */
export function readPolicy(document: unknown): { statements: Statement[]; problems: string[] } {
  const problems: string[] = []
  const parsed = typeof document === 'string' ? parseText(document) : document
  if (!isRecord(parsed)) return { statements: [], problems: ['the policy document is not a JSON object'] }
  const given = parsed['Statement']
  const list = Array.isArray(given) ? (given as unknown[]) : given === undefined ? [] : [given]
  const statements = list.flatMap((one, index) => {
    const statement = readStatement(one)
    if (statement === null) problems.push(`statement ${index + 1} has no readable effect and action`)
    return statement ? [statement] : []
  })
  return { statements, problems }
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text.trimStart().startsWith('{') ? text : decodeURIComponent(text))
  } catch {
    return null
  }
}

function readStatement(given: unknown): Statement | null {
  if (!isRecord(given)) return null
  const effect = given['Effect']
  const actions = eitherOf(given, 'Action', 'NotAction')
  // Trust policies name no resource: the role itself is meant.
  const resources = eitherOf(given, 'Resource', 'NotResource') ?? { patterns: ['*'], isNegated: false }
  if ((effect !== 'Allow' && effect !== 'Deny') || actions === null) return null
  return {
    sid: typeof given['Sid'] === 'string' ? given['Sid'] : null,
    effect,
    actions,
    resources: { ...resources, compiled: resources.patterns.map(compilePattern) },
    principals: readPrincipals(given),
    conditions: readConditions(given['Condition']),
    known: new Map(),
  }
}

function eitherOf(
  given: Record<string, unknown>,
  plain: string,
  negated: string,
): { patterns: string[]; isNegated: boolean } | null {
  const isNegated = given[plain] === undefined
  const patterns = textsOf(given[isNegated ? negated : plain])
  return patterns.length === 0 ? null : { patterns, isNegated }
}

function readPrincipals(given: Record<string, unknown>): Principals | null {
  const isNegated = given['Principal'] === undefined
  const principal = given[isNegated ? 'NotPrincipal' : 'Principal']
  if (principal === '*') return { aws: ['*'], service: [], federated: [], isNegated }
  if (!isRecord(principal)) return null
  return {
    aws: textsOf(principal['AWS']),
    service: textsOf(principal['Service']),
    federated: textsOf(principal['Federated']),
    isNegated,
  }
}

function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? (value as unknown[]) : [value]).filter((one) => typeof one === 'string')
}

/**
 * What the principal may do. An explicit Deny wins; a Deny under an undecided condition leaves the answer conditional;
 * a boundary allows nothing by itself. `extra` are condition keys that this very request fixes (`iam:PassedToService`).
 */
export function decide(power: Power, action: string, resource: string, extra?: Context): Decision {
  const context = extra ? { get: (name: string) => extra.get(name) ?? power.context.get(name) } : power.context
  const own = decideBy(power.statements, action, resource, context)
  if (own.verdict === 'denied' || power.boundary === null) return own
  const limit =
    power.boundary === 'unknown'
      ? {
          verdict: 'conditional' as const,
          condition: 'its permissions boundary allows it too, which is not in the export',
        }
      : decideBy(power.boundary, action, resource, context)
  return weaker(own, limit)
}

/** The best answer over the resources that the policies speak of: for actions that make something and may name it. */
export function decideSomewhere(power: Power, action: string, extra?: Context): Decision {
  if (!mayAllow(power, action)) return DENIED
  let best = DENIED
  for (const resource of examplesFor(power, action)) {
    best = stronger(best, decide(power, action, resource, extra))
    if (best.verdict === 'allowed') break
  }
  return best
}

/** More patterns than this are not tried one by one; the first ones and the general case are. */
const MAX_EXAMPLES = 60

function examplesFor(power: Power, action: string): Set<string> {
  const statements = [
    ...power.statements,
    ...(Array.isArray(power.boundary) ? (power.boundary as readonly Statement[]) : []),
  ]
  const patterns = statements.filter((one) => matchesAction(one, action)).flatMap((one) => one.resources.patterns)
  return new Set([ANYTHING, ...patterns.slice(0, MAX_EXAMPLES).map(exampleOf)])
}

/** A resource that no policy names: it is within reach only of patterns that restrict nothing. */
const ANYTHING = 'arn:aws:onus:any-region:any-account:anything-at-all'

/** A quick no: false when no Allow statement speaks of the action at all. */
export function mayAllow(power: Power, action: string): boolean {
  return statementsAbout(power.statements, action).some((one) => one.effect === 'Allow')
}

const NONE: readonly Statement[] = []

/** The statements that speak of an action, kept for each list of statements while the list lives. */
const ABOUT = new WeakMap<readonly Statement[], Map<string, readonly Statement[]>>()

function statementsAbout(statements: readonly Statement[], action: string): readonly Statement[] {
  let byAction = ABOUT.get(statements)
  if (byAction === undefined) ABOUT.set(statements, (byAction = new Map()))
  const kept = byAction.get(action)
  if (kept !== undefined) return kept
  const found = statements.filter((one) => matchesAction(one, action))
  byAction.set(action, found.length === 0 ? NONE : found)
  return found
}

/** True when a Deny forbids it for certain, whatever else allows it. */
export function isForbidden(power: Power, action: string, resource: string): boolean {
  const lists = Array.isArray(power.boundary)
    ? [power.statements, power.boundary as readonly Statement[]]
    : [power.statements]
  return lists.some((statements) =>
    statementsAbout(statements, action).some(
      (one) => one.effect === 'Deny' && matchStatement(one, resource, power.context) === 'yes',
    ),
  )
}

/** The verdict of one set of statements for one request. */
export function decideBy(
  statements: readonly Statement[],
  action: string,
  resource: string,
  context: Context,
): Decision {
  let allowed: Decision = DENIED
  let open: string | null = null
  for (const statement of statementsAbout(statements, action)) {
    if (statement.effect === 'Allow' && allowed.verdict === 'allowed') continue
    const match = matchStatement(statement, resource, context)
    if (match === 'no') continue
    if (statement.effect === 'Deny') {
      if (match === 'yes') return DENIED
      open ??= describe(statement, context)
    } else if (match === 'yes') allowed = ALLOWED
    else allowed = stronger(allowed, { verdict: 'conditional', condition: describe(statement, context) })
  }
  if (open === null || allowed.verdict === 'denied') return allowed
  return { verdict: 'conditional', condition: join(allowed.condition, `unless ${open}`) }
}

function matchStatement(statement: Statement, resource: string, context: Context): Match {
  const { compiled, isNegated } = statement.resources
  let match: Match = 'no'
  for (const pattern of compiled) {
    const one = matchPattern(pattern, resource, context)
    if (one !== 'no') match = one
    if (one === 'yes') break
  }
  if (isNegated) match = match === 'yes' ? 'no' : match === 'no' ? 'yes' : 'maybe'
  if (match === 'no') return 'no'
  const conditions = judgeConditions(statement.conditions, context)
  return conditions === 'yes' ? match : conditions
}

function matchesAction(statement: Statement, action: string): boolean {
  const known = statement.known.get(action)
  if (known !== undefined) return known
  const { patterns, isNegated } = statement.actions
  const lower = action.toLowerCase()
  const answer = patterns.some((pattern) => matchAction(pattern, lower)) !== isNegated
  statement.known.set(action, answer)
  return answer
}

function describe(statement: Statement, context: Context): string {
  return describeConditions(statement.conditions, context) || 'a policy variable has a value that is not known'
}

/** The answer that grants more; the first of two equal ones. */
export function stronger(a: Decision, b: Decision): Decision {
  return VERDICTS.indexOf(b.verdict) > VERDICTS.indexOf(a.verdict) ? b : a
}

/** Both must hold: the answer that grants less, with what either hangs on. */
export function weaker(a: Decision, b: Decision): Decision {
  if (a.verdict === 'denied' || b.verdict === 'denied') return DENIED
  if (a.verdict === 'allowed') return b
  return b.verdict === 'allowed' ? a : { verdict: 'conditional', condition: join(a.condition, b.condition) }
}

function join(a: string | null, b: string | null): string | null {
  return a === null || a === b ? b : b === null ? a : `${a} and ${b}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
