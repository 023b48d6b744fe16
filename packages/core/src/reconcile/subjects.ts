/** Identities joined across files and sources, with what was observed about each. */
import type { IdentityObserved, IdentityRef } from '../observation.ts'
import type { Place } from '../place.ts'
import { READER_TAGS } from '../reader-tags.ts'
import type { ReconcileOptions } from './index.ts'
import { Pipelines } from './pipelines.ts'
import type { Scope, Scopes } from './scopes.ts'
import type { Sorted } from './sort.ts'

export type Subject = {
  /** The reference its id is made of. */
  ref: IdentityRef
  /** All definitions and mentions; the first is the one that decides name and kind. */
  observed: IdentityObserved[]
  scope: Scope | null
  /** Where it lives in the end: a Terraform definition of an AWS role lives in AWS. */
  nativeSystem: string
  credentials: Sorted['credential']
  grants: Sorted['grant']
  trusts: Sorted['trust']
  uses: Sorted['use']
  access: Sorted['access']
  controls: Sorted['control']
  claims: Sorted['claim']
  /** What service manifests say about it. */
  declared: Sorted['declaration']
}

export class Subjects {
  readonly #byRef = new Map<string, Subject>()
  /** system + realm + path without uid, and system + path without realm: how mentions find the one definition */
  readonly #byName = new Map<string, Set<Subject>>()
  readonly #byPath = new Map<string, { realm: string; subject: Subject }[]>()
  readonly #scopes: Scopes
  readonly #pipelines: Pipelines

  constructor(seen: Sorted, scopes: Scopes, options: ReconcileOptions) {
    this.#scopes = scopes
    this.#pipelines = new Pipelines(seen, options)
    const definitions = seen.identity.filter((identity) => identity.isDefined)
    const native = definitions.filter((identity) => identity.ref.system !== 'terraform')
    // Those with an immutable id first: a manifest of the same name describes the one that runs.
    for (const identity of native) if (identity.ref.uid !== undefined) this.#define(identity)
    for (const identity of native) if (identity.ref.uid === undefined) this.#define(identity)
    for (const identity of definitions) if (identity.ref.system === 'terraform') this.#defineByTool(identity)
    for (const identity of seen.identity) if (!identity.isDefined) this.#mention(identity)
    for (const one of seen.credential) this.#find(one.identity, one.place).credentials.push(one)
    for (const one of seen.grant) this.#find(one.identity, one.place).grants.push(one)
    for (const one of seen.trust) this.#find(one.identity, one.place).trusts.push(one)
    for (const one of seen.use) this.#find(one.identity, one.place).uses.push(one)
    for (const one of seen.access) this.#find(one.identity, one.place).access.push(one)
    for (const one of seen.control)
      if (one.over.kind === 'identity') this.#find(one.over.ref, one.place).controls.push(one)
    for (const one of seen.claim)
      if (one.about.kind === 'identity') this.#find(one.about.ref, one.place).claims.push(one)
    this.#declare(seen.declaration)
    for (const subject of this.#byRef.values())
      if (keepsToken(subject)) subject.uses = subject.uses.filter((one) => !one.unlessAccountKeepsToken)
  }

  get all(): Subject[] {
    return [...new Set(this.#byRef.values())]
  }

  /** A declaration is about every identity that its words fit: that of a service in each of its environments. */
  #declare(declarations: Sorted['declaration']): void {
    if (declarations.length === 0) return
    const named = new Map<string, Set<Subject>>()
    for (const subject of this.all)
      for (const one of subject.observed) for (const name of [one.name, one.nativeRef]) addTo(named, name, subject)
    for (const declaration of declarations) {
      const { name, namespace, kind } = declaration.about
      for (const subject of named.get(name) ?? []) {
        const isThere = namespace === null || subject.scope?.name === namespace
        const isKind = kind === null || subject.observed[0]?.kind === kind
        if (isThere && isKind) declare(subject, declaration)
      }
    }
  }

  #define(identity: IdentityObserved): Subject {
    const sharing = this.#byName.get(nameKey(identity.ref))
    const only = identity.ref.uid === undefined && sharing?.size === 1 ? first(sharing) : undefined
    const known = this.#byRef.get(refKey(identity.ref)) ?? only
    if (known) {
      known.observed.push(identity)
      return known
    }
    return this.#create(identity, identity.ref.system)
  }

  /** A tool's definition joins the identity it creates when another source shows exactly that one. */
  #defineByTool(identity: IdentityObserved): void {
    const workflow = this.#pipelines.workflowOf(identity)
    const pipeline = workflow ? this.#byRef.get(refKey(workflow.ref)) : undefined
    if (pipeline) {
      // Terraform only equips it; it is changed where its workflow stands.
      pipeline.observed.push(identity)
      this.#byRef.set(refKey(identity.ref), pipeline)
      return
    }
    const scope = this.#scopeOf(identity)
    const created = createdRef(identity, scope)
    const native = created === null ? undefined : this.#lookup(created)
    if (native && native.ref.system !== 'terraform') {
      // The definition is where it is changed, so it comes first; the id stays the native one.
      native.observed.unshift(identity)
      native.scope ??= scope
      this.#byRef.set(refKey(identity.ref), native)
      return
    }
    const known = this.#byRef.get(refKey(identity.ref))
    if (known) {
      known.observed.push(identity)
      return
    }
    const subject = this.#create(identity, created?.system ?? identity.ref.system)
    if (created !== null) this.#index(created, subject)
  }

  #mention(identity: IdentityObserved): void {
    const known = this.#lookup(identity.ref)
    if (known) known.observed.push(identity)
    else this.#create(identity, identity.ref.system)
  }

  /** What a fact is about. A fact about something nobody even mentioned makes a subject that is marked as not defined. */
  #find(ref: IdentityRef, place: Place): Subject {
    const known = this.#lookup(ref)
    if (known) return known
    const name = ref.path.slice(ref.path.lastIndexOf('/') + 1)
    const kind = ref.system === 'kubernetes' ? 'service-account' : ref.system === 'kong' ? 'api-key' : 'cloud-principal'
    const namespace =
      ref.system === 'kubernetes' && ref.path.includes('/') ? ref.path.slice(0, ref.path.indexOf('/')) : null
    return this.#create(
      {
        type: 'identity',
        ref,
        kind,
        name,
        place,
        nativeRef: ref.path,
        isDefined: false,
        tags: [],
        ...(namespace === null
          ? {}
          : { scope: { kind: 'kubernetes-namespace' as const, realm: ref.realm, name: namespace } }),
      },
      ref.system,
    )
  }

  #lookup(ref: IdentityRef): Subject | undefined {
    const exact = this.#byRef.get(refKey(ref))
    if (exact || ref.uid !== undefined) return exact
    const named = this.#byName.get(nameKey(ref))
    if (named?.size === 1) return first(named)
    if (named && named.size > 1) return undefined // a name used twice (recycled): no fact may pick one of them
    // Equal names in two known realms are two identities; a mention without a realm may mean the only one there is.
    const possible = new Set(
      (this.#byPath.get(pathKey(ref)) ?? [])
        .filter(({ realm }) => realm === '' || ref.realm === '')
        .map(({ subject }) => subject),
    )
    return possible.size === 1 ? first(possible) : undefined
  }

  #create(identity: IdentityObserved, nativeSystem: string): Subject {
    const subject: Subject = {
      ref: identity.ref,
      observed: [identity],
      scope: this.#scopeOf(identity),
      nativeSystem,
      credentials: [],
      grants: [],
      trusts: [],
      uses: [],
      access: [],
      controls: [],
      claims: [],
      declared: [],
    }
    this.#byRef.set(refKey(identity.ref), subject)
    this.#index(identity.ref, subject)
    return subject
  }

  #index(ref: IdentityRef, subject: Subject): void {
    addTo(this.#byName, nameKey(ref), subject)
    const sharing = this.#byPath.get(pathKey(ref)) ?? []
    sharing.push({ realm: ref.realm, subject })
    this.#byPath.set(pathKey(ref), sharing)
  }

  #scopeOf(identity: IdentityObserved): Scope | null {
    return identity.scope
      ? this.#scopes.resolve(identity.scope, identity.place)
      : this.#scopes.ofFile(identity.place.file)
  }
}

function declare(subject: Subject, declaration: Sorted['declaration'][number]): void {
  subject.declared.push(declaration)
  const { team, place } = declaration
  subject.claims.push({
    type: 'claim',
    about: { kind: 'identity', ref: subject.ref },
    raw: team,
    via: 'manifest',
    place,
  })
  // Of a credential that no source shows nothing is said: nobody knows whether it is there.
  subject.credentials = subject.credentials.map((one) => {
    const said = declaration.credentials.find(
      ({ name, kind }) => one.name === name && (kind === null || one.kind === kind),
    )
    return said ? { ...one, revocation: said.revocation } : one
  })
}

function keepsToken({ observed }: Subject): boolean {
  return observed.some(({ tags }) =>
    tags.some(({ key, value }) => key === READER_TAGS.mountsToken && value === 'false'),
  )
}

/** The native reference of what a tool's definition makes; null while a part of it is unknown. */
function createdRef(identity: IdentityObserved, scope: Scope | null): IdentityRef | null {
  const made = identity.creates
  if (!made) return null
  if (made.system !== 'kubernetes') return { system: made.system, realm: made.realm, path: made.name }
  const namespace = made.namespace ?? (scope?.ref.kind === 'kubernetes-namespace' ? scope.name : null)
  return namespace === null
    ? null
    : { system: 'kubernetes', realm: scope?.ref.realm ?? made.realm, path: `${namespace}/${made.name}` }
}

function refKey(ref: IdentityRef): string {
  return JSON.stringify([ref.system, ref.realm, ref.path, ref.uid ?? ''])
}

function nameKey(ref: IdentityRef): string {
  return JSON.stringify([ref.system, ref.realm, ref.path])
}

function pathKey(ref: IdentityRef): string {
  return JSON.stringify([ref.system, ref.path])
}

function addTo(index: Map<string, Set<Subject>>, key: string, subject: Subject): void {
  const known = index.get(key)
  if (known) known.add(subject)
  else index.set(key, new Set([subject]))
}

function first(subjects: ReadonlySet<Subject>): Subject | undefined {
  for (const subject of subjects) return subject
  return undefined
}
