/**
 * A guardrail as security writes it: one Cedar `forbid` with annotations. Everything that is wrong with a text is found
 * here, before anybody decides on it; what passed cannot fail to be evaluated, and if it did, it would deny.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { Guarded } from '@onus/core/change/guarded.ts'
import { compile, readPolicies } from '../cedar/engine.ts'
import type { CedarFault, CedarValueJson, PolicySet } from '../cedar/engine.ts'

/** The facts a guardrail may look at, with their meanings. */
export const GUARDRAIL_SCHEMA = readFileSync(new URL('./guardrails.cedarschema', import.meta.url), 'utf8')

export type Guardrail = {
  id: string
  title: string
  /** `principal.…` or `resource.…`: the fact whose value a verdict tells. */
  found: string
  allowed: string
  /** `guard`: what it forbids is not refused; security must approve it besides. */
  needs: 'guard' | null
  text: string
}
export type GuardrailReading = { ok: true; guardrail: Guardrail } | { ok: false; faults: CedarFault[] }

/** Forbids decide only against a permit. */
const PERMIT = '\n@id("onus-permits-otherwise") permit (principal, action, resource);'
/** Sets are kept by name for ever, so there are few names; whoever evaluates makes sure that it holds its own text. */
const prepared = new Map<string, Prepared>()
type Prepared = { text: string; set: PolicySet; said: Map<string, Hit | null> }
/** Estates have few kinds of cases; each is asked about once. */
const MOST_REMEMBERED = 20_000

function prepare(slot: string, text: string): ({ ok: true } & Prepared) | { ok: false; faults: CedarFault[] } {
  const known = prepared.get(slot)
  if (known?.text === text) return { ok: true, ...known }
  prepared.delete(slot)
  const compiled = compile(`guardrail:${slot}`, text + PERMIT, GUARDRAIL_SCHEMA)
  if (!compiled.ok) return compiled
  const ready = { text, set: compiled.set, said: new Map<string, Hit | null>() }
  prepared.set(slot, ready)
  return { ok: true, ...ready }
}

/** A fact, or a few of them. */
const FACTS = /^(?:principal|resource)\.\w+(?:, (?:principal|resource)\.\w+){0,3}$/
const factsOf = (found: string): string[] => found.split(', ')

const fault = (message: string, help: string): CedarFault => ({ message, help, policy: null, line: 1 })

/** `id`: what it must be called; null: whatever it calls itself. */
export function readGuardrail(text: string, id: string | null): GuardrailReading {
  const read = readPolicies(text)
  if (!read.ok) return read
  const [policy, ...more] = [...read.policies.values()]
  if (!policy || more.length > 0)
    return { ok: false, faults: [fault('a guardrail is one policy', 'make a guardrail of each')] }
  const { title = '', found = '', allowed = '', needs } = policy.annotations
  const faults: CedarFault[] = []
  if (policy.effect !== 'forbid') faults.push(fault('a guardrail forbids', 'owners permit, security only forbids'))
  if (id !== null && policy.id !== id)
    faults.push(fault(`the policy is called \`${policy.id}\`, not \`${id}\``, `begin it with @id("${id}")`))
  if (title.trim() === '') faults.push(fault('it has no title', 'say in @title("…") what it asks for'))
  if (allowed.trim() === '')
    faults.push(fault('it does not say what is allowed', 'say in @allowed("…") what would pass'))
  if (!FACTS.test(found))
    faults.push(fault('it does not say which fact it looks at', 'say it in @found("resource.lifetimeDays")'))
  if (needs !== undefined && needs !== 'guard')
    faults.push(fault(`@needs("${needs}") means nothing`, 'leave it out, or say @needs("guard")'))
  if (faults.length > 0) return { ok: false, faults }
  // The fact is checked by the schema as well: in a policy of its own, for the same actions.
  const probe = probeOf(text, found)
  const compiled = prepare('reading', text)
  if (!compiled.ok) return compiled
  const known = compile('guardrail:probe', probe + PERMIT, GUARDRAIL_SCHEMA)
  if (!known.ok)
    return {
      ok: false,
      faults: [fault(`no action that it speaks of has the fact \`${found}\``, 'name a fact of the schema')],
    }
  return {
    ok: true,
    guardrail: { id: policy.id, title, found, allowed, needs: needs === 'guard' ? 'guard' : null, text },
  }
}

/** The same scope, with a condition that does nothing but read the facts. */
function probeOf(text: string, found: string): string {
  const head = /forbid\s*\([^)]*(?:\[[^\]]*\][^)]*)?\)/.exec(text)?.[0] ?? 'forbid (principal, action, resource)'
  const condition = factsOf(found).map((fact) => `${fact} == ${fact}`)
  return `@id("probe") ${head} when { ${condition.join(' && ')} };`
}

export type Hit = { found: string; isErrored: boolean }

/** What the guardrail says about one proposal: null when nothing. `slot` names a place for its prepared text. */
export function hitOf(guardrail: Guardrail, slot: string, asked: Guarded): Hit | null {
  const ready = prepare(slot, guardrail.text)
  // Whatever was accepted once and is not any more, denies: a limit that is not understood is not lifted.
  if (!ready.ok) return { found: 'not evaluated', isErrored: true }
  const about = JSON.stringify([asked.action, asked.identity.attributes, asked.attributes])
  const said = ready.said.get(about)
  if (said !== undefined) return said
  const hit = decide(ready.set, guardrail, asked)
  if (ready.said.size >= MOST_REMEMBERED) ready.said.clear()
  ready.said.set(about, hit)
  return hit
}

function decide(set: PolicySet, guardrail: Guardrail, asked: Guarded): Hit | null {
  const principal = { type: 'Onus::Identity', id: 'it' }
  const resource = { type: `Onus::${RESOURCES[asked.action]}`, id: 'it' }
  const decision = set.decide({
    principal,
    action: { type: 'Onus::Action', id: asked.action },
    resource,
    context: {},
    entities: [
      { uid: principal, attrs: attrsOf(asked.identity.attributes), parents: [] },
      { uid: resource, attrs: attrsOf(asked.attributes), parents: [] },
    ],
  })
  if (decision.isAllowed) return null
  const found = factsOf(guardrail.found).map((fact) => foundIn(fact, asked))
  return { found: found.join(', '), isErrored: decision.errored.length > 0 }
}

const RESOURCES: Record<Guarded['action'], string> = { grant: 'Grant', issue: 'Credential', handOver: 'Handover' }

/** Text that the engine cannot take is no reason to let something pass. */
function attrsOf(attributes: object): Record<string, CedarValueJson> {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]: [string, unknown]) => [
      key,
      (typeof value === 'string' ? value.toWellFormed() : value) as CedarValueJson,
    ]),
  )
}

function foundIn(fact: string, asked: Guarded): string {
  const [side, name = ''] = fact.split('.')
  const attributes = new Map(Object.entries(side === 'principal' ? asked.identity.attributes : asked.attributes))
  const value: unknown = attributes.get(name)
  if (Array.isArray(value)) return value.join(', ') || 'none'
  if (name === 'lifetimeDays') return value === 1_000_000 ? 'no end' : `${String(value)} days`
  return value === undefined ? 'not said' : String(value)
}

export type Starter = { id: string; title: string; text: string }

/** Those that come with the program. */
export const STARTERS: readonly Starter[] = readStarters()

function readStarters(): Starter[] {
  const folder = new URL('./starters/', import.meta.url)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cedar'))
    .sort()
    .map((name) => {
      const text = readFileSync(new URL(name, folder), 'utf8')
      const reading = readGuardrail(text, name.replace(/\.cedar$/, ''))
      // They are part of the program, and a test loads them.
      if (!reading.ok) throw new Error(`${name}: ${reading.faults.map(({ message }) => message).join('; ')}`)
      return { id: reading.guardrail.id, title: reading.guardrail.title, text }
    })
}
