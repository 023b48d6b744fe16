/** Namespaces, repositories and accounts: what identities live in, and what the directories of the estate belong to. */
import { interpret, type Meaning, type Meant } from '../conventions.ts'
import { stableId } from '../ids.ts'
import type { ScopeRef } from '../observation.ts'
import type { Place } from '../place.ts'
import type { ReconcileOptions } from './index.ts'
import type { Sorted } from './sort.ts'

export type MeantAt = Meant & { file: string }

export type Scope = {
  key: string
  id: string
  ref: ScopeRef
  name: string
  place: Place
  /**
   * The path that speaks for it: the file that defines it; of one that is only mentioned, a path in the directory that
   * all mentions share, so that one of many who use a namespace does not answer for it.
   */
  home: string
  isDefined: boolean
  meant: MeantAt[]
  tags: Record<string, string>
}

export class Scopes {
  readonly #byKey = new Map<string, Scope>()
  /** kind + name → keys of defined scopes, to join a mention with the one definition of another realm */
  readonly #byName = new Map<string, string[]>()
  /** directory → the one namespace defined in it; null where several are */
  readonly #byDirectory = new Map<string, Scope | null>()
  readonly #repositories: { root: string; scope: Scope }[] = []

  constructor(seen: Sorted, options: ReconcileOptions) {
    for (const scope of seen.scope) this.#add(scope, options)
    for (const file of seen.codeowners) this.#addRepository(file.root, file.file, options)
    this.#repositories.sort((a, b) => b.root.length - a.root.length)
  }

  get all(): Scope[] {
    return [...this.#byKey.values()]
  }

  /** Exactly that scope, where it was seen. */
  find(ref: ScopeRef): Scope | undefined {
    return this.#byKey.get(keyOf(ref))
  }

  /**
   * The scope a reference means: itself, else the only defined one of that name. A scope nobody defines is made, so that
   * bindings and identities in it have a home.
   */
  resolve(ref: ScopeRef, place: Place): Scope {
    const exact = this.#byKey.get(keyOf(ref))
    if (exact) return mentioned(exact, place)
    // Equal names in two known realms are two scopes; a mention without a realm may mean the only one there is.
    const possible = (this.#byName.get(nameKey(ref)) ?? [])
      .flatMap((key) => this.#byKey.get(key) ?? [])
      .filter((scope) => ref.realm === '' || scope.ref.realm === '')
    const [only] = possible
    return only && possible.length === 1 ? mentioned(only, place) : this.#create(ref, place, false)
  }

  /** The scope a file belongs to: the namespace its nearest directory defines (exactly one), else its repository. */
  ofFile(file: string): Scope | null {
    return this.namespaceOfFile(file) ?? this.#repositories.find(({ root }) => isInside(file, root))?.scope ?? null
  }

  namespaceOfFile(file: string): Scope | null {
    for (let directory = parentOf(file); ; directory = parentOf(directory)) {
      const namespace = this.#byDirectory.get(directory)
      if (namespace !== undefined) return namespace
      if (directory === '') return null
    }
  }

  /** Every namespace of a realm; '' means the realm is unknown, and only namespaces of unknown realm match. */
  inRealm(realm: string): Scope[] {
    return this.all.filter((scope) => scope.ref.kind === 'kubernetes-namespace' && scope.ref.realm === realm)
  }

  #add(observed: Sorted['scope'][number], options: ReconcileOptions): void {
    const scope = this.#byKey.get(keyOf(observed.ref)) ?? this.#create(observed.ref, observed.place, observed.isDefined)
    if (observed.isDefined && !scope.isDefined)
      Object.assign(scope, { isDefined: true, place: observed.place, home: observed.place.file })
    for (const meant of interpret(observed.tags, options.conventions))
      scope.meant.push({ ...meant, file: observed.place.file })
    for (const tag of observed.tags) scope.tags[tag.key] ??= tag.value
    if (!observed.isDefined) return
    const names = this.#byName.get(nameKey(observed.ref)) ?? []
    if (!names.includes(scope.key)) this.#byName.set(nameKey(observed.ref), [...names, scope.key])
    if (observed.ref.kind !== 'kubernetes-namespace') return
    const directory = parentOf(observed.place.file)
    const known = this.#byDirectory.get(directory)
    this.#byDirectory.set(directory, known === undefined || known === scope ? scope : null)
  }

  #addRepository(root: string, file: string, options: ReconcileOptions): void {
    const name = options.nameOfRoot?.(root) ?? (root || '.')
    const scope = this.#create({ kind: 'repository', realm: root, name }, { file, line: 1 }, true)
    this.#repositories.push({ root, scope })
  }

  #create(ref: ScopeRef, place: Place, isDefined: boolean): Scope {
    const key = keyOf(ref)
    const known = this.#byKey.get(key)
    if (known) return known
    const scope: Scope = {
      key,
      id: stableId('own', ref.kind, ref.realm, ref.name),
      ref,
      name: ref.name,
      place,
      home: place.file,
      isDefined,
      meant: [],
      tags: {},
    }
    this.#byKey.set(key, scope)
    return scope
  }
}

function mentioned(scope: Scope, { file }: Place): Scope {
  if (scope.isDefined || file === scope.home) return scope
  let directory = parentOf(scope.home)
  while (!isInside(file, directory)) directory = parentOf(directory)
  scope.home = directory === '' ? NO_FILE : `${directory}/${NO_FILE}`
  return scope
}

/** The first value a subject states for a meaning. */
export function meantOf(meant: readonly MeantAt[], meaning: Meaning): MeantAt | undefined {
  return meant.find((one) => one.meaning === meaning)
}

/** A name that no file has, for what holds in a directory as a whole. */
export const NO_FILE = '\0'

/** The directory of a path; '' for the root. */
export function parentOf(path: string): string {
  const at = path.lastIndexOf('/')
  return at < 0 ? '' : path.slice(0, at)
}

export function isInside(file: string, root: string): boolean {
  return root === '' || file.startsWith(`${root}/`)
}

function keyOf(ref: ScopeRef): string {
  return JSON.stringify([ref.kind, ref.realm, ref.name])
}

function nameKey(ref: ScopeRef): string {
  return JSON.stringify([ref.kind, ref.name])
}
