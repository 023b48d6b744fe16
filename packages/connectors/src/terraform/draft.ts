/** Gathers what one applied directory says, so that resources can refer to each other whatever their order. */
import type { IdentityKind, Kept } from '@onus/core/identity.ts'
import type {
  CredentialObserved,
  IdentityObserved,
  IdentityRef,
  Observation,
  ScopeRef,
  System,
  Tag,
} from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { kubernetesRealm } from '@onus/core/realm.ts'
import type { AwsPower } from './aws-access.ts'
import { fieldText, type Fields } from './fields.ts'
import type { Frame, Instance } from './frame.ts'
import { shownText, textOf, type Reference, type Value } from './value.ts'

/** A resource or module call that a provider's handler is about to read. */
export type Resource = {
  instance: Instance
  fields: Fields
  address: string
  label: string
  place: Place
  frame: Frame
  draft: Draft
}

/**
 * Handlers by resource type, in three rounds: identities, then their credentials (a key may be written before its
 * user), then what refers to either.
 */
export type Provider = { defines: Handlers; proves: Handlers; links: Handlers }
export type Handlers = Readonly<Record<string, Handler>>
export type Handler = (resource: Resource) => void

type Definition = {
  kind: IdentityKind
  name: string
  tags?: TagAt[]
  creates?: IdentityObserved['creates']
  scope?: ScopeRef
  purpose?: string | null
  isThirdParty?: boolean
  isSuspended?: boolean
  /** Distinguishes several identities of one resource or call. */
  key?: string
}

/** A tag with the file it is written in; the contract places tags in the file of their identity. */
export type TagAt = Tag & { file: string }

type Proof = Omit<CredentialObserved, 'type' | 'identity' | 'kept'> & { kept?: Kept[] }

export class Draft {
  readonly directory: string
  readonly observations: Observation[] = []
  readonly instances = new Map<string, Resource>()
  readonly #identities = new Map<string, IdentityObserved>()
  readonly #credentials = new Map<string, CredentialObserved[]>()
  /** system + name in that system → the identity that creates it */
  readonly #created = new Map<string, IdentityRef>()
  /** What AWS policies were attached to each identity, to be added up at the end. */
  readonly powers = new Map<string, AwsPower>()
  /** Where the directory calls the module that is being read; null in the directory itself. */
  site: Place | null = null

  constructor(directory: string) {
    this.directory = directory
  }

  add(observation: Observation): void {
    this.observations.push(observation)
  }

  refTo(address: string): IdentityRef {
    return { system: 'terraform', realm: this.directory, path: address }
  }

  define(resource: Resource, definition: Definition): IdentityRef {
    const address = definition.key === undefined ? resource.address : `${resource.address}/${definition.key}`
    const place = this.site ?? resource.place
    const { kind, name, creates, scope, purpose, isThirdParty, isSuspended } = definition
    const identity: IdentityObserved = {
      type: 'identity',
      ref: this.refTo(address),
      kind,
      name,
      place,
      nativeRef: address,
      isDefined: true,
      tags: (definition.tags ?? []).map(({ key, value, line, file }) => ({
        key,
        value,
        line: file === place.file ? line : place.line,
      })),
      ...(creates ? { creates } : {}),
      ...(scope ? { scope } : {}),
      ...(purpose ? { purpose } : {}),
      ...(isThirdParty === undefined ? {} : { isThirdParty }),
      ...(isSuspended === undefined ? {} : { isSuspended }),
    }
    this.#identities.set(address, identity)
    if (creates) this.#created.set(`${creates.system}\n${creates.namespace ?? ''}\n${creates.name}`, identity.ref)
    this.add(identity)
    return identity.ref
  }

  /** A credential, registered under its own address so that the places where it is kept can be found. */
  prove(address: string, identity: IdentityRef, proof: Proof): void {
    const credential: CredentialObserved = { type: 'credential', identity, kept: [], ...proof }
    const known = this.#credentials.get(address)
    if (known) known.push(credential)
    else this.#credentials.set(address, [credential])
    this.add(credential)
  }

  /** Says that a secret store receives a value taken from these resources; true when it is a credential known here. */
  keep(refs: readonly Reference[], kept: Kept): boolean {
    let isKnown = false
    for (const credential of this.credentialsOf(refs)) {
      isKnown = true
      if (!credential.kept.some((one) => one.kind === kept.kind && one.name === kept.name)) credential.kept.push(kept)
    }
    return isKnown
  }

  /** Adds a tag to an identity that is defined here. */
  tag(identity: IdentityRef, { key, value, line, file }: TagAt): void {
    const defined = this.#identities.get(identity.path)
    if (defined) defined.tags.push({ key, value, line: file === defined.place.file ? line : defined.place.line })
  }

  credentialsOf(refs: readonly Reference[]): CredentialObserved[] {
    return [...new Set(refs.flatMap(({ address }) => this.#credentials.get(address) ?? []))]
  }

  /** Identities that a module call made, directly or through further calls. */
  identitiesUnder(prefix: string): IdentityObserved[] {
    return [...this.#identities].filter(([address]) => address.startsWith(prefix)).map(([, identity]) => identity)
  }

  /** Where the applied directory itself stands, which is what decides its cluster and namespace. */
  standing(place: Place): Place {
    return this.site ?? place
  }

  identityAt(address: string): IdentityRef | null {
    return this.#identities.get(address)?.ref ?? null
  }

  /**
   * The identity that an argument means: the resource it refers to, the one that creates the name it holds, or else
   * that name in the system itself. null when the argument tells none of it.
   */
  identityOf(
    value: Value | undefined,
    native: { system: System; prefix: string; sources?: Readonly<Record<string, string>> },
  ): IdentityRef | null {
    if (!value) return null
    for (const { address } of value.refs) {
      const direct = this.identityAt(address)
      if (direct) return direct
      const looked = this.#lookedUp(address, native)
      if (looked) return looked
    }
    const name = textOf(value)
    return name === null || name === '' ? null : this.named(native.system, `${native.prefix}${name}`)
  }

  /** The identity of that name in a system: the one defined here, or the bare mention. */
  named(system: System, path: string): IdentityRef {
    return this.#created.get(`${system}\n\n${path}`) ?? { system, realm: '', path }
  }

  createdIn(namespace: string, name: string): IdentityRef | null {
    return this.#created.get(`kubernetes\n${namespace}\n${name}`) ?? null
  }

  /** A data source names an identity that something else defines. */
  #lookedUp(
    address: string,
    native: { system: System; prefix: string; sources?: Readonly<Record<string, string>> },
  ): IdentityRef | null {
    const resource = this.instances.get(address)
    const argument = resource ? native.sources?.[`data.${resource.instance.type}`] : undefined
    const name = resource && argument && address.includes('data.') ? fieldText(resource.fields, argument) : null
    return name === null ? null : this.named(native.system, `${native.prefix}${name}`)
  }
}

/**
 * What people call it: the first of these arguments that says so, at least in part. An address when all of it is only
 * known elsewhere: `each.value.name` is nobody's name.
 */
export function shownName({ fields, label, address }: Resource, ...names: readonly string[]): string {
  let isStated = false
  for (const name of names) {
    const value = fields.value(name)
    const text = value?.data.kind === 'unknown' ? null : shownText(value)
    if (text !== null) return text
    isStated ||= value !== undefined
  }
  return isStated ? address : label
}

/** The namespace that an argument names; nothing when it is not known, so that the enclosing directory can tell. */
export function namespaceScope(place: Place, namespace: string | null): { scope?: ScopeRef } {
  if (namespace === null || namespace === '') return {}
  return { scope: { kind: 'kubernetes-namespace', realm: kubernetesRealm(place.file, namespace), name: namespace } }
}

/** Terraform keeps the secrets it makes in its state, readable by everyone who can read that. */
export function inState(address: string): Kept {
  return { kind: 'terraform-state', name: address }
}
