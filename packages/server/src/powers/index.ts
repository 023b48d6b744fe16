/**
 * Who may do what: the policies of `powers.cedar`, asked before every write. A denial is data: the rule, and who could.
 * Reading needs a session or a token that reads, and no more; what is read is the same for everyone.
 */
import { readFileSync } from 'node:fs'
import type { RouteName } from '@onus/core/contract/routes.ts'
import { actionGroups, actionsOn, compile } from '../cedar/engine.ts'
import type { CedarPolicy, CedarValueJson, Entities, PolicySet, Uid } from '../cedar/engine.ts'
import { Refused } from '../http/refused.ts'
import type { Actor } from '../sessions/index.ts'

/** The text that decides, shown as it is in the console. */
export const POWERS_TEXT = readFileSync(new URL('./powers.cedar', import.meta.url), 'utf8')
const SCHEMA = readFileSync(new URL('./powers.cedarschema', import.meta.url), 'utf8')

export type Capacity = 'answer' | 'sponsor' | 'guard' | 'operate'
/** A place at the table where a change is decided; `team` answers, or `person` sponsors. */
export type Seat = { capacity: Capacity; team: TeamFacts | null; person: string | null }
export type TeamFacts = { id: string; kind: 'business' | 'platform' | 'security' }
export type Resource =
  | { kind: 'installation' }
  | { kind: 'team'; team: TeamFacts }
  | { kind: 'change'; id: string; change: string; humans: readonly string[] }
export type Ask = { action: RouteName | 'decide' | 'proposeChange' | 'editChange' | 'withdrawChange' | 'commentOnChange'; resource: Resource; seat?: Seat; fresh?: readonly string[] }
export type Verdict = { isAllowed: true; rule: string } | { isAllowed: false; rule: string; who: string }

const uid = (type: string, id: string): Uid => ({ type: `Onus::${type}`, id })
const reference = (type: string, id: string): CedarValueJson => ({ __entity: uid(type, id) })

const POWERS = load()
const GROUPS = actionGroups(SCHEMA, 'Onus')
/** Every action that the policies know. */
export const ACTIONS: ReadonlySet<string> = new Set(GROUPS.keys())
/** What is nobody's in particular: asked before the handler of the route runs. The others ask with what they are about. */
export const INSTALLATION_ACTIONS: ReadonlySet<string> = actionsOn(SCHEMA, 'Onus', 'Installation')

function load(): PolicySet {
  const compiled = compile('powers', POWERS_TEXT, SCHEMA)
  // They are part of the program, and a test loads them.
  if (!compiled.ok) throw new Error(compiled.faults.map(({ line, message }) => `powers.cedar:${line} ${message}`).join())
  return compiled.set
}

/** What the policies say. Pure: everything that they look at is in the arguments. */
export function verdictOf(actor: Actor, human: string, ask: Ask): Verdict {
  const principal = actor.kind === 'person' ? uid('Person', actor.id) : uid('Token', actor.id)
  const resource = resourceUid(ask.resource)
  const decision = POWERS.decide({
    principal,
    action: uid('Action', ask.action),
    resource,
    context: ask.seat ? contextOf(ask.seat) : {},
    entities: entitiesOf(actor, human, ask),
  })
  const [by = ''] = decision.by
  if (decision.isAllowed) return { isAllowed: true, rule: by }
  const forbidding = POWERS.policies.get(by)
  if (forbidding?.effect === 'forbid')
    return { isAllowed: false, rule: by, who: forbidding.annotations['who'] ?? 'nobody' }
  const able = permitsOf(ask, principal.type)
  return {
    isAllowed: false,
    rule: able.map(({ id }) => id).join(' or ') || 'no-rule-permits-it',
    who: able.map(({ annotations }) => annotations['who'] ?? '').join(', or ') || 'nobody',
  }
}

/** The permits that speak of what was asked: whoever meets one of them could. */
function permitsOf({ action, seat }: Ask, principal: string): CedarPolicy[] {
  const groups = GROUPS.get(action) ?? []
  return [...POWERS.policies.values()].filter(
    (policy) =>
      policy.effect === 'permit' &&
      (policy.principal === null || policy.principal === principal) &&
      (policy.actions === null || policy.actions.some((each) => groups.includes(each))) &&
      (policy.annotations['capacity'] === undefined || policy.annotations['capacity'] === seat?.capacity),
  )
}

/** Throws `Refused` (`forbidden`), with the rule and who could, when the policies deny. */
export function authorize(actor: Actor, human: string, ask: Ask): void {
  const verdict = verdictOf(actor, human, ask)
  if (!verdict.isAllowed)
    throw new Refused('forbidden', `the rule \`${verdict.rule}\` asks for ${verdict.who}`, [
      { field: 'rule', reason: verdict.rule },
    ])
}

function resourceUid(resource: Resource): Uid {
  switch (resource.kind) {
    case 'installation':
      return uid('Installation', 'onus')
    case 'team':
      return uid('Team', resource.team.id)
    case 'change':
      return uid('Change', resource.id)
  }
}

function contextOf({ capacity, team, person }: Seat): Record<string, CedarValueJson> {
  return {
    capacity,
    ...(team ? { team: reference('Team', team.id) } : {}),
    ...(person ? { person: reference('Person', person) } : {}),
  }
}

function entitiesOf(actor: Actor, human: string, ask: Ask): Entities {
  const { resource, seat } = ask
  const teams = new Map<string, string>()
  if (resource.kind === 'team') teams.set(resource.team.id, resource.team.kind)
  if (seat?.team) teams.set(seat.team.id, seat.team.kind)
  const entities: Entities = [...teams].map(([id, kind]) => ({ uid: uid('Team', id), attrs: { kind }, parents: [] }))
  if (actor.kind === 'person') {
    // The kind of a team that is not asked about decides nothing.
    const others = actor.teams.filter((id) => !teams.has(id))
    entities.push(...others.map((id) => ({ uid: uid('Team', id), attrs: { kind: 'business' }, parents: [] })))
    const parents = actor.teams.map((id) => uid('Team', id))
    entities.push({ uid: uid('Person', actor.id), attrs: { powers: [...actor.powers], fresh: [...(ask.fresh ?? [])], human }, parents })
  } else entities.push({ uid: uid('Token', actor.id), attrs: { scopes: [...actor.scopes] }, parents: [] })
  if (seat?.person && seat.person !== actor.id)
    entities.push({ uid: uid('Person', seat.person), attrs: { powers: [], fresh: [], human: '' }, parents: [] })
  if (resource.kind === 'change') {
    const attrs = { kind: resource.change, humans: [...resource.humans] }
    entities.push({ uid: uid('Change', resource.id), attrs, parents: [] })
  }
  if (resource.kind === 'installation') entities.push({ uid: uid('Installation', 'onus'), attrs: {}, parents: [] })
  return entities
}
