/** One workflow file as facts: what it can reach and how it signs in. No observation is made here. */
import type { YamlDocument } from '../files/yaml.ts'
import { cloudKeyOf, literalCloudKeyOf, type Cloud, type CloudKey } from '../ci/cloud-keys.ts'
import { isRecord, lineHolding, mapAt, scalarsOf, textOf, textsOf } from '../ci/scalars.ts'
import { cloudLoginOf } from './cloud-logins.ts'
import { secretsIn } from './expressions.ts'

export type SecretUsed = {
  /** The secret's name; for a key written into the file the name of the variable or input that holds it. */
  name: string
  isLiteral: boolean
  line: number
  cloudKey: CloudKey | null
  /** The map that holds it: an id and a key side by side belong together. */
  beside: string
}
export type Permission = { scope: string; access: 'read' | 'write'; via: string; line: number }
export type Federation = { action: string; becomes: string; line: number }
export type ActionUsed = { uses: string; line: number; isJob: boolean }

export type Workflow = {
  name: string | null
  line: number
  secrets: SecretUsed[]
  /** The first line that reaches for every secret at once; null when none does. */
  allSecretsLine: number | null
  jobTokenLine: number | null
  permissions: Permission[]
  /** Null: the file says nothing, so the repository's default applies. */
  arePermissionsStated: boolean
  oidcLine: number | null
  federations: Federation[]
  actions: ActionUsed[]
  triggers: string[]
  environments: { name: string; line: number }[]
  /** The walk stopped at its limit; what was found until then stands. */
  isWhole: boolean
}

/** Reads one parsed workflow; null when the document is no workflow (no `jobs:`). `lines` are those of the file. */
export function readWorkflow(document: YamlDocument, lines: readonly string[]): Workflow | null {
  const root = document.value
  if (!isRecord(root) || !isRecord(root['jobs'])) return null
  const workflow: Workflow = {
    name: textOf(root['name']),
    line: document.line(root['name'] === undefined ? ['jobs'] : ['name']),
    secrets: [],
    allSecretsLine: null,
    jobTokenLine: null,
    permissions: [],
    arePermissionsStated: false,
    oidcLine: null,
    // YAML 1.1 reads the key `on` as true.
    federations: [],
    actions: [],
    triggers: triggersOf(root['on'] ?? root['true']),
    environments: [],
    isWhole: true,
  }
  const at = (path: (string | number)[]): number => document.line(path)
  readPermissions(root['permissions'], { path: ['permissions'], via: 'permissions of the workflow', at }, workflow)
  for (const [id, job] of Object.entries(root['jobs'])) {
    if (!isRecord(job)) continue
    readPermissions(
      job['permissions'],
      { path: ['jobs', id, 'permissions'], via: `permissions of job ${id}`, at },
      workflow,
    )
    readJob(id, job, at, workflow)
  }
  readSecrets(document, lines, workflow)
  return workflow
}

function triggersOf(on: unknown): string[] {
  return isRecord(on) ? Object.keys(on) : textsOf(on)
}

type Where = { path: (string | number)[]; via: string; at: (path: (string | number)[]) => number }

function readPermissions(value: unknown, { path, via, at }: Where, workflow: Workflow): void {
  if (value === undefined) return
  workflow.arePermissionsStated = true
  const all = textOf(value)
  if (all === 'write-all' || all === 'read-all') {
    const access = all === 'write-all' ? 'write' : 'read'
    workflow.permissions.push({ scope: '*', access, via, line: at(path) })
    if (access === 'write') workflow.oidcLine ??= at(path)
  }
  if (!isRecord(value)) return
  for (const [scope, access] of Object.entries(value)) {
    const line = at([...path, scope])
    if (scope === 'id-token') {
      if (access === 'write') workflow.oidcLine ??= line
    } else if (access === 'read' || access === 'write') workflow.permissions.push({ scope, access, via, line })
  }
}

function readJob(id: string, job: Record<string, unknown>, at: Where['at'], workflow: Workflow): void {
  const environment = textOf(job['environment']) ?? textOf(mapAt(job, 'environment')['name'])
  if (environment !== null) workflow.environments.push({ name: environment, line: at(['jobs', id, 'environment']) })
  const called = textOf(job['uses'])
  if (called !== null) workflow.actions.push({ uses: called, line: at(['jobs', id, 'uses']), isJob: true })
  if (job['secrets'] === 'inherit') workflow.allSecretsLine ??= at(['jobs', id, 'secrets'])
  const steps = Array.isArray(job['steps']) ? (job['steps'] as unknown[]) : []
  for (const [index, step] of steps.entries()) {
    if (!isRecord(step)) continue
    const uses = textOf(step['uses'])
    if (uses === null) continue
    const line = at(['jobs', id, 'steps', index, 'uses'])
    workflow.actions.push({ uses, line, isJob: false })
    const federation = federationOf(uses, mapAt(step, 'with'))
    if (federation !== null) workflow.federations.push({ ...federation, line })
  }
}

function federationOf(uses: string, given: Record<string, unknown>): Omit<Federation, 'line'> | null {
  const known = cloudLoginOf(uses)
  if (known === null) return null
  const { action, login } = known
  const inputs = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), textOf(value)]))
  const input = (name: string): string | null => inputs.get(name.toLowerCase()) || null
  if (login.when !== undefined && input(login.when.input) !== login.when.value) return null
  if (login.stored.some((name) => input(name) !== null) || !login.federated.some((name) => input(name) !== null))
    return null
  return {
    action,
    becomes: login.becomes.map(input).find((value) => value !== null) ?? 'an identity that its inputs do not name',
  }
}

function readSecrets(document: YamlDocument, lines: readonly string[], workflow: Workflow): void {
  const { scalars, isWhole } = scalarsOf(document.value)
  workflow.isWhole = isWhole
  for (const { path, value } of scalars) {
    const key = String(path.at(-1))
    const beside = path.slice(0, -1).join('\u0000')
    const literal = value.includes('${{') ? null : literalCloudKeyOf(key, value)
    if (literal !== null)
      workflow.secrets.push({ name: key, isLiteral: true, line: document.line(path), cloudKey: literal, beside })
    if (!/secrets|github/i.test(value)) continue
    const use = secretsIn(value, key === 'if')
    if (use.isAll) workflow.allSecretsLine ??= document.line(path)
    if (use.isJobToken) workflow.jobTokenLine ??= document.line(path)
    for (const name of use.secrets) {
      const cloudKey = storedInputOf(document.value, path) ?? cloudKeyOf(key) ?? cloudKeyOf(name)
      workflow.secrets.push({
        name,
        isLiteral: false,
        line: lineHolding(lines, document.line(path), name),
        beside,
        cloudKey,
      })
    }
  }
}

/**
 * The cloud key that an input of a known login action stands for (`creds` of `azure/login`), whatever its secret's
 * name.
 */
function storedInputOf(root: unknown, path: readonly (string | number)[]): CloudKey | null {
  const input = path.at(-1)
  if (path.at(-2) !== 'with' || typeof input !== 'string') return null
  let step: unknown = root
  // The path was walked in this very value, so every step of it is a map or a list.
  for (const key of path.slice(0, -2)) step = (step as Record<string | number, unknown>)[key]
  const known = isRecord(step) ? cloudLoginOf(textOf(step['uses']) ?? '') : null
  const cloud: Cloud | null = known?.login.cloud ?? null
  if (known === null || cloud === null || !known.login.stored.includes(input.toLowerCase())) return null
  return { cloud, part: input.toLowerCase().endsWith('-id') ? 'id' : 'secret' }
}
