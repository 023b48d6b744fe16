/** What a service manifest says, held against what a scan of the same files shows. Pure. */
import { isStatic, type Credential, type Identity } from '../identity.ts'
import type { Place } from '../place.ts'
import type { ScanReport } from '../report.ts'
import { functionOf, type DeclaredCredential, type DeclaredIdentity, type Manifest } from './manifest.ts'

export const COMPLAINTS = {
  'not-valid': 'The manifest is not as its schema says',
  'identity-not-found': 'No identity of this name was found',
  'identity-declared-twice': 'Two manifests of different teams declare the same identity',
  'credential-not-found': 'The identity has no credential of this name',
  'credential-not-declared': 'A credential has no revocation path and no end',
  'credential-too-old': 'A credential is older than the manifest allows',
  'function-not-declared': 'A business function is named that nobody declares',
  'service-not-declared': 'A service is named that nobody declares',
  'no-function': 'No business function is named',
  'team-not-known': 'No group of this name is known',
  'api-not-found': 'There is no OpenAPI document at this path',
} as const
export type ComplaintCode = keyof typeof COMPLAINTS

export type Complaint = Place & { code: ComplaintCode; field: string; message: string }
export type Step = string | number
export type Declared = {
  manifest: Manifest
  placeOf(path: readonly Step[]): Place
  /** A path of the estate, from one relative to the manifest; null when it leads out. */
  resolve(relative: string): string | null
}

const DAY_MS = 86_400_000

type Nearest = (word: string, among: readonly string[]) => string | null

/** Every complaint about every manifest, in the order of files and lines. `nearest` finds what a misspelt name meant. */
export function checkManifests(declared: readonly Declared[], report: ScanReport, nearest: Nearest): Complaint[] {
  const world = worldOf(declared, report, nearest)
  const complaints = declared.flatMap((one) => [
    ...checkTeam(one, world),
    ...checkServices(one, world),
    ...checkApis(one, world),
    ...one.manifest.identities.flatMap((_, index) => checkIdentity(one, index, world)),
  ])
  return complaints.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
}

type World = {
  report: ScanReport
  identities: Map<string, Identity[]>
  functions: string[]
  services: string[]
  /** identity → the teams whose manifests declare it */
  teamsOf: Map<string, Set<string>>
  /** `; did you mean …?`, or nothing. */
  hint(word: string, among: Iterable<string>): string
}

function worldOf(declared: readonly Declared[], report: ScanReport, nearest: Nearest): World {
  const identities = new Map<string, Identity[]>()
  for (const identity of report.identities)
    for (const name of new Set([identity.name, identity.source.ref]))
      identities.set(name, [...(identities.get(name) ?? []), identity])
  const teamsOf = new Map<string, Set<string>>()
  for (const { manifest } of declared)
    for (const identity of manifest.identities)
      for (const { id } of meantBy(identity, identities))
        teamsOf.set(id, (teamsOf.get(id) ?? new Set()).add(manifest.team))
  return {
    report,
    identities,
    teamsOf,
    functions: report.functions.filter(({ team }) => team !== null).map(({ name }) => name),
    // A name that is only used is no declaration.
    services: report.services.filter(({ team }) => team !== null).map(({ name }) => name),
    hint(word, among) {
      const near = nearest(word, [...new Set(among)])
      return near === null || near === word ? '' : `; did you mean \`${near}\`?`
    },
  }
}

function meantBy({ name, namespace, kind }: DeclaredIdentity, identities: World['identities']): Identity[] {
  return (identities.get(name) ?? []).filter(
    (one) => (namespace === undefined || one.namespace === namespace) && (kind === undefined || one.kind === kind),
  )
}

function complaint({ placeOf }: Declared, code: ComplaintCode, path: readonly Step[], message: string): Complaint {
  const field = path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  )
  return { code, field, message, ...placeOf(path) }
}

function checkTeam(one: Declared, { report, hint }: World): Complaint[] {
  const { team } = one.manifest
  const groups = report.teams.filter(({ isKnown }) => isKnown)
  if (groups.length === 0 || groups.some(({ spellings, name }) => name === team || spellings.includes(team))) return []
  const names = groups.map(({ name }) => name)
  return [complaint(one, 'team-not-known', ['team'], `no group \`${team}\` is known${hint(team, names)}`)]
}

function checkServices(one: Declared, { functions, hint }: World): Complaint[] {
  return one.manifest.services.flatMap(({ name, function: fn }, index) => {
    if (fn === undefined || functions.includes(fn)) return []
    const message = `\`${name}\` serves \`${fn}\`, which no manifest and no catalog declares${hint(fn, functions)}`
    return [complaint(one, 'function-not-declared', ['services', index, 'function'], message)]
  })
}

function checkApis(one: Declared, { report }: World): Complaint[] {
  return one.manifest.apis.flatMap(({ name, document }, index) => {
    const file = one.resolve(document)
    if (report.apis.some((api) => api.operations.length > 0 && api.evidence[0]?.file === file)) return []
    const message = `\`${name}\` points at \`${document}\`, where no OpenAPI 3 document with operations was read`
    return [complaint(one, 'api-not-found', ['apis', index, 'document'], message)]
  })
}

function checkIdentity(one: Declared, index: number, world: World): Complaint[] {
  const identity = one.manifest.identities[index]
  if (!identity) return []
  const path = ['identities', index] as const
  const { name, namespace } = identity
  const found = meantBy(identity, world.identities)
  if (found.length === 0) {
    const where = namespace === undefined ? '' : ` in \`${namespace}\``
    const message = `no identity \`${name}\`${where} in what was scanned${world.hint(name, world.identities.keys())}`
    return [complaint(one, 'identity-not-found', [...path, 'name'], message)]
  }
  const others = new Set(found.flatMap(({ id }) => [...(world.teamsOf.get(id) ?? [])]))
  others.delete(one.manifest.team)
  const alsoBy = [...others].map((team) => `\`${team}\``).join(', ')
  return [
    ...(others.size === 0
      ? []
      : [complaint(one, 'identity-declared-twice', [...path, 'name'], `\`${name}\` is also declared by ${alsoBy}`)]),
    ...checkPurpose(one, index, identity, world),
    ...checkCredentials(one, index, identity, found, world),
  ]
}

function checkPurpose(one: Declared, index: number, identity: DeclaredIdentity, world: World): Complaint[] {
  const { service, name } = identity
  const { services, functions, hint } = world
  const complaints: Complaint[] = []
  if (service !== undefined && !services.includes(service)) {
    const message = `no service \`${service}\` is declared${hint(service, services)}`
    complaints.push(complaint(one, 'service-not-declared', ['identities', index, 'service'], message))
  }
  const fn = functionOf(one.manifest, identity)
  if (fn === null) {
    const message = `which business function does \`${name}\` serve? Name it, or the service that uses it`
    complaints.push(complaint(one, 'no-function', ['identities', index], message))
  } else if (identity.function !== undefined && !functions.includes(fn)) {
    const message = `no manifest and no catalog declares \`${fn}\`${hint(fn, functions)}`
    complaints.push(complaint(one, 'function-not-declared', ['identities', index, 'function'], message))
  }
  return complaints
}

function checkCredentials(
  one: Declared,
  index: number,
  identity: DeclaredIdentity,
  found: readonly Identity[],
  { report, hint }: World,
): Complaint[] {
  const path = ['identities', index, 'credentials'] as const
  const known = found.flatMap(({ credentials }) => credentials)
  const complaints = identity.credentials.flatMap((declared, at) => {
    const meant = known.filter((each) => isMeant(declared, each))
    if (meant.length === 0) {
      const near = hint(
        declared.name,
        known.map(({ name }) => name),
      )
      const message = `\`${identity.name}\` has no credential \`${declared.name}\`${near}`
      return [complaint(one, 'credential-not-found', [...path, at, 'name'], message)]
    }
    return meant.flatMap((each) => {
      const days = ageOf(each, report.asOf)
      if (days <= declared.expiresAfterDays) return []
      const message = `\`${each.name}\` is ${days} days old and ends after ${declared.expiresAfterDays}: rotate it`
      return [complaint(one, 'credential-too-old', [...path, at, 'expiresAfterDays'], message)]
    })
  })
  // Federated ones are made anew for each use: there is nothing to end or to revoke.
  const left = known.filter(
    (each) => isStatic(each.kind) && !identity.credentials.some((declared) => isMeant(declared, each)),
  )
  for (const name of new Set(left.map((each) => each.name))) {
    const message = `\`${identity.name}\` has the credential \`${name}\`: say when it ends and how it is revoked`
    complaints.push(complaint(one, 'credential-not-declared', path, message))
  }
  return complaints
}

function isMeant({ name, kind }: DeclaredCredential, one: Credential): boolean {
  return one.name === name && (kind === undefined || one.kind === kind)
}

/** In days, of what ages and has a known date; else 0. */
function ageOf({ kind, rotatedAt, createdAt }: Credential, asOf: string): number {
  const since = rotatedAt ?? createdAt
  return since === null || !isStatic(kind) ? 0 : Math.floor((Date.parse(asOf) - Date.parse(since)) / DAY_MS)
}
