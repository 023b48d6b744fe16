/**
 * The Cedar engine (`@cedar-policy/cedar-wasm`) behind a small door. Three of its ways are closed here:
 * a policy that fails to evaluate is skipped by the engine, which for a `forbid` means that it permits, so here an error
 * of any policy denies; a policy set is accepted only when strict validation against the schema finds nothing; and a
 * prepared set is kept by name and replaced, because the engine never forgets one.
 */
import {
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  schemaToJson,
  statefulIsAuthorized,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarValueJson, DetailedError, Entities, EntityUidJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'

export type { CedarValueJson, Entities }
export type Uid = { type: string; id: string }
export type CedarRequest = {
  principal: Uid
  action: Uid
  resource: Uid
  context: Record<string, CedarValueJson>
  entities: Entities
}
export type CedarDecision = {
  isAllowed: boolean
  /** Ids of the policies that decided: the permits of an allow, the forbids of a deny; empty when nothing permits. */
  by: string[]
  /** Policies that could not be evaluated; any of them denies. */
  errored: { id: string; message: string }[]
}
export type CedarPolicy = {
  id: string
  effect: 'permit' | 'forbid'
  annotations: Record<string, string>
  /** Ids of the actions and action groups it speaks of; null: of all. */
  actions: string[] | null
  /** The type of principal it speaks of; null: of all. */
  principal: string | null
  text: string
}
/** What is wrong with a policy text. `line` counts from 1 and is null where the engine does not say. */
export type CedarFault = { message: string; help: string | null; policy: string | null; line: number | null }
export type PolicySet = {
  policies: ReadonlyMap<string, CedarPolicy>
  decide(request: CedarRequest): CedarDecision
}
export type Compiled = { ok: true; set: PolicySet } | { ok: false; faults: CedarFault[] }

/**
 * Prepares a policy set under `name` (which replaces the set of that name). Every policy carries `@id("…")`, unique in
 * the set: the ids are what decisions and denials quote. Faults are data: policies are written by people.
 */
export function compile(name: string, text: string, schema: string): Compiled {
  const read = readPolicies(text)
  if (!read.ok) return read
  const { policies } = read
  const staticPolicies = Object.fromEntries([...policies.values()].map((policy) => [policy.id, policy.text]))
  const validated = validate({
    validationSettings: { mode: 'strict' },
    schema,
    policies: { staticPolicies, templates: {}, templateLinks: [] },
  })
  if (validated.type === 'failure')
    return { ok: false, faults: validated.errors.map((error) => faultOf(error, text, null)) }
  if (validated.validationErrors.length > 0) {
    return {
      ok: false,
      faults: validated.validationErrors.map(({ policyId, error }) => ({
        ...faultOf(error, text, policyId),
        line: lineOf(text, text.indexOf(policies.get(policyId)?.text ?? '\0')),
      })),
    }
  }
  for (const answer of [
    preparseSchema(name, schema),
    preparsePolicySet(name, { staticPolicies, templates: {}, templateLinks: [] }),
  ]) {
    // Both parsed a moment ago.
    if (answer.type === 'failure')
      return { ok: false, faults: answer.errors.map((error) => faultOf(error, text, null)) }
  }
  return { ok: true, set: { policies, decide: (request) => decide(name, request) } }
}

/** The policies of a text with their annotations, without a schema. */
export function readPolicies(
  text: string,
): { ok: true; policies: Map<string, CedarPolicy> } | { ok: false; faults: CedarFault[] } {
  const parts = policySetTextToParts(text)
  if (parts.type === 'failure') return { ok: false, faults: parts.errors.map((error) => faultOf(error, text, null)) }
  const faults: CedarFault[] = []
  const policies = new Map<string, CedarPolicy>()
  const fault = (part: string, message: string, help: string): void => {
    faults.push({ message, help, policy: null, line: lineOf(text, text.indexOf(part)) })
  }
  for (const template of parts.policy_templates)
    fault(template, 'templates are not used here', 'write the policy without `?principal` and `?resource`')
  for (const part of parts.policies) {
    const json = policyToJson(part)
    if (json.type === 'failure') {
      faults.push(...json.errors.map((error) => faultOf(error, part, null)))
      continue
    }
    const annotations = json.json.annotations ?? {}
    const id = annotations['id']
    if (!id) fault(part, 'a policy has no id', 'begin it with @id("words-joined-by-hyphens")')
    else if (policies.has(id)) fault(part, `two policies have the id \`${id}\``, 'give one of them another')
    else policies.set(id, { id, ...scopeOf(json.json), annotations: { ...annotations }, text: part })
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, policies }
}

function scopeOf({ effect, action, principal }: PolicyJson): Pick<CedarPolicy, 'effect' | 'actions' | 'principal'> {
  return {
    effect,
    actions: action.op === 'All' ? null : uidsOf(action).map(idOf),
    principal: principal.op === 'is' ? principal.entity_type : null,
  }
}

function uidsOf(action: Exclude<PolicyJson['action'], { op: 'All' }>): EntityUidJson[] {
  if ('entities' in action) return action.entities
  // A slot would be a template's, and templates were refused.
  return 'entity' in action ? [action.entity] : []
}

const idOf = (uid: EntityUidJson): string => ('__entity' in uid ? uid.__entity.id : uid.id)

/** Each action of a schema with the groups it belongs to, itself among them. */
export function actionGroups(schema: string, namespace: string): ReadonlyMap<string, readonly string[]> {
  const json = schemaToJson(schema)
  if (json.type === 'failure') throw new Error(json.errors.map(({ message }) => message).join('; '))
  const actions = Object.entries(json.json[namespace]?.actions ?? {})
  return new Map(actions.map(([name, { memberOf }]) => [name, [name, ...(memberOf ?? []).map(({ id }) => id)]]))
}

/** Ids of the actions of a schema that apply to a type of resource. */
export function actionsOn(schema: string, namespace: string, resource: string): ReadonlySet<string> {
  const json = schemaToJson(schema)
  if (json.type === 'failure') throw new Error(json.errors.map(({ message }) => message).join('; '))
  const actions = Object.entries(json.json[namespace]?.actions ?? {})
  return new Set(actions.filter(([, { appliesTo }]) => appliesTo?.resourceTypes.includes(resource)).map(([id]) => id))
}

function decide(name: string, { principal, action, resource, context, entities }: CedarRequest): CedarDecision {
  const answer = statefulIsAuthorized({
    principal,
    action,
    resource,
    context,
    entities,
    preparsedPolicySetId: name,
    preparsedSchemaName: name,
    validateRequest: true,
  })
  if (answer.type === 'failure')
    return { isAllowed: false, by: [], errored: answer.errors.map(({ message }) => ({ id: '', message })) }
  const { decision, diagnostics } = answer.response
  const errored = diagnostics.errors.map(({ policyId, error }) => ({ id: policyId, message: error.message }))
  return { isAllowed: decision === 'allow' && errored.length === 0, by: [...diagnostics.reason].sort(), errored }
}

function faultOf(error: DetailedError, text: string, policy: string | null): CedarFault {
  const start = error.sourceLocations?.[0]?.start
  return {
    message: error.message,
    help: error.help ?? null,
    policy,
    line: start === undefined ? null : lineOf(text, byteToIndex(text, start)),
  }
}

function lineOf(text: string, index: number): number | null {
  return index < 0 ? null : text.slice(0, index).split('\n').length
}

/** The engine counts bytes of UTF-8. */
function byteToIndex(text: string, bytes: number): number {
  return Buffer.from(text, 'utf8').subarray(0, bytes).toString('utf8').length
}
