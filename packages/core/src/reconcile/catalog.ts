/** Services and business functions: from catalogs, and from tags where no catalog speaks. */
import { interpret } from '../conventions.ts'
import { stableId } from '../ids.ts'
import type { Place } from '../place.ts'
import type { BusinessFunction, Service } from '../service.ts'
import { parseGroupName, type TeamDirectory } from '../team-names.ts'
import type { ReconcileOptions } from './index.ts'
import { meantOf, parentOf, type MeantAt, type Scope, type Scopes } from './scopes.ts'
import type { Sorted } from './sort.ts'
import type { Subject, Subjects } from './subjects.ts'

type Known = { observed: Sorted['service'][number]; id: string }

export class Catalog {
  readonly #directory: TeamDirectory
  readonly #options: ReconcileOptions
  readonly #functions = new Map<string, BusinessFunction>()
  readonly #services = new Map<string, Service>()
  readonly #byName = new Map<string, Known>()
  readonly #byNamespace = new Map<string, Known | null>()
  /** directory of a catalog file → its one service; null where it describes several */
  readonly #byDirectory = new Map<string, Known | null>()

  constructor(seen: Sorted, subjects: Subjects, scopes: Scopes, directory: TeamDirectory, options: ReconcileOptions) {
    this.#directory = directory
    this.#options = options
    for (const one of seen.function) this.#functionNamed(one.name, one.place, one.owner, one.description)
    for (const one of seen.service) this.#addService(one)
    for (const scope of scopes.all) this.#learn(scope.meant)
    for (const subject of subjects.all) this.#learn(meantBySubject(subject, options))
  }

  get functions(): BusinessFunction[] {
    return [...this.#functions.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  get services(): Service[] {
    return [...this.#services.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  teamOf(owner: string, place: Place): string | null {
    const reading = this.#directory.readTeam(owner, 'catalog', place)
    return reading.reading === 'team' ? reading.team : null
  }

  /** The catalog's service of a scope, and whether the link is stated (not just that both live in one directory). */
  serviceOfScope(scope: Scope): { service: Service; observed: Sorted['service'][number]; isStated: boolean } | null {
    const named = meantOf(scope.meant, 'service')
    const stated = (named && this.#byName.get(slug(named.value))) ?? this.#byNamespace.get(scope.name) ?? null
    return this.#found(stated, this.#ofFile(scope.home))
  }

  serviceOfSubject(
    subject: Subject,
  ): { service: Service; observed: Sorted['service'][number]; isStated: boolean } | null {
    const named = meantOf(meantBySubject(subject, this.#options), 'service')
    const stated = named ? (this.#byName.get(slug(named.value)) ?? null) : null
    const ofScope = subject.scope ? this.serviceOfScope(subject.scope) : null
    if (stated === null && ofScope?.isStated) return { ...ofScope, isStated: false }
    return this.#found(stated, this.#ofFile(subject.observed[0]?.place.file ?? ''))
  }

  /** The id of the service, from the catalog or from a tag. */
  serviceIdOf(meant: readonly MeantAt[], found: { service: Service } | null): string | null {
    const named = meantOf(meant, 'service')
    return found?.service.id ?? (named ? serviceId(named.value) : null)
  }

  /** The business function stated for the subject, with its evidence. */
  functionOf(
    meant: readonly MeantAt[],
    service: string | null,
  ): { id: string; name: string; evidence: Place[] } | null {
    const stated = meant.filter((one) => one.meaning === 'function')
    // The label of charts says which application a part belongs to: a function only where nobody says one.
    const named = stated.find((one) => one.key !== 'app.kubernetes.io/part-of') ?? stated[0]
    if (named)
      return { id: functionId(named.value), name: named.value, evidence: [{ file: named.file, line: named.line }] }
    const known = service === null ? undefined : this.#services.get(service)
    const ofService = known?.function == null ? undefined : this.#functions.get(known.function)
    return ofService ? { id: ofService.id, name: ofService.name, evidence: known?.evidence ?? [] } : null
  }

  #found(stated: Known | null, nearby: Known | null) {
    const known = stated ?? nearby
    const service = known ? this.#services.get(known.id) : undefined
    return known && service ? { service, observed: known.observed, isStated: stated !== null } : null
  }

  #ofFile(file: string): Known | null {
    for (let directory = parentOf(file); ; directory = parentOf(directory)) {
      const known = this.#byDirectory.get(directory)
      if (known !== undefined) return known
      if (directory === '') return null
    }
  }

  #addService(observed: Sorted['service'][number]): void {
    const id = serviceId(observed.name)
    const known: Known = { observed, id }
    const fn = observed.function === undefined ? null : this.#functionNamed(observed.function, observed.place)
    const before = this.#services.get(id)
    this.#services.set(id, {
      id,
      name: observed.name,
      team: before?.team ?? (observed.owner === undefined ? null : this.teamOf(observed.owner, observed.place)),
      function: before?.function ?? fn,
      repository: before?.repository ?? observed.repository ?? null,
      lifecycle: before?.lifecycle ?? observed.lifecycle ?? null,
      evidence: [...(before?.evidence ?? []), observed.place],
    })
    this.#byName.set(slug(observed.name), known)
    if (observed.kubernetes?.id) this.#byName.set(slug(observed.kubernetes.id), known)
    const namespace = observed.kubernetes?.namespace
    if (namespace) this.#byNamespace.set(namespace, this.#byNamespace.has(namespace) ? null : known)
    const directory = parentOf(observed.place.file)
    this.#byDirectory.set(directory, this.#byDirectory.has(directory) ? null : known)
  }

  #learn(meant: readonly MeantAt[]): void {
    for (const one of meant) {
      const place = { file: one.file, line: one.line }
      if (one.meaning === 'function') this.#functionNamed(one.value, place)
      if (one.meaning !== 'service') continue
      const id = this.#byName.get(slug(one.value))?.id ?? serviceId(one.value)
      if (!this.#services.has(id))
        this.#services.set(id, {
          id,
          name: one.value,
          team: null,
          function: null,
          repository: null,
          lifecycle: null,
          evidence: [place],
        })
    }
  }

  #functionNamed(name: string, place: Place, owner?: string, description?: string): string {
    const id = functionId(name)
    const before = this.#functions.get(id)
    this.#functions.set(id, {
      id,
      name: before?.name ?? name,
      description: before?.description ?? description ?? null,
      team: before?.team ?? (owner === undefined ? null : this.teamOf(owner, place)),
      evidence: before ? before.evidence.slice(0, 5) : [place],
    })
    return id
  }
}

/** What manifests declare about the subject, and what its own tags mean, with the file each stands in. */
export function meantBySubject(subject: Subject, options: ReconcileOptions): MeantAt[] {
  const tagged = subject.observed.flatMap((one) =>
    interpret(one.tags, options.conventions).map((meant) => ({ ...meant, file: one.place.file })),
  )
  return [...subject.declared.flatMap(meantByDeclaration), ...tagged]
}

function meantByDeclaration({ place, ...declared }: Subject['declared'][number]): MeantAt[] {
  return (['purpose', 'function', 'service', 'revocation'] as const).flatMap((meaning) => {
    const value = declared[meaning]
    return value === null ? [] : [{ meaning, key: `manifest ${meaning}`, value, ...place }]
  })
}

function slug(name: string): string {
  return parseGroupName(name).slug
}

function serviceId(name: string): string {
  return stableId('svc', slug(name) || name)
}

function functionId(name: string): string {
  return stableId('fn', slug(name) || name)
}
