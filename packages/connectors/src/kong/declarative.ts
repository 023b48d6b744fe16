/** decK and DB-less files (`_format_version` 1.1 and 3.0), and fragments that list consumers without saying so. */
import type { IdentityRef, Observation, RawDate, Tag } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { kubernetesRealm } from '@onus/core/realm.ts'
import { isRecord, mapAt, textOf } from '../ci/scalars.ts'
import type { TextFile } from '../files/text-file.ts'
import type { YamlDocument } from '../files/yaml.ts'
import type { ReaderResult } from '../reader.ts'
import { CREDENTIALS, credentialName, keptOf } from './credentials.ts'
import { Reach } from './reach.ts'
import { entriesAt, recordsAt } from './records.ts'

type Path = (string | number)[]
export type Source = { file: string; document: YamlDocument; config: Record<string, unknown> }

/** `consumers` is a common word; a list of entries that are named as Kong names them is Kong's. */
export function isDeclarative(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value) || 'apiVersion' in value) return false
  if ('_format_version' in value) return true
  return (
    isConsumerList(value, 'consumers') ||
    recordsAt(value, 'consumer_groups').some((group) => isConsumerList(group, 'consumers'))
  )
}

function isConsumerList(owner: Record<string, unknown>, key: string): boolean {
  return recordsAt(owner, key).some((one) => 'username' in one || 'custom_id' in one)
}

export function sourcesOf(file: TextFile): Source[] {
  return file
    .yaml()
    .documents.flatMap((document) =>
      isDeclarative(document.value) ? [{ file: file.path, document, config: document.value }] : [],
    )
}

/** What the files of one directory say together: decK merges them into one gateway. */
export function observeSources(sources: readonly Source[], result: ReaderResult): void {
  const gateways = new Map<string, Gateway>()
  for (const source of sources) {
    const realm = realmOf(source)
    const gateway = gateways.get(realm) ?? new Gateway(realm)
    gateways.set(realm, gateway)
    gateway.learn(source.config)
  }
  for (const source of sources) gateways.get(realmOf(source))?.observe(source, result)
}

/** Equal names in two workspaces, control planes or environments are two consumers. */
function realmOf({ file, config }: Source): string {
  const plane = textOf(config['_workspace']) ?? textOf(mapAt(config, '_konnect')['control_plane_name'])
  return [kubernetesRealm(file), plane === 'default' ? null : plane]
    .filter((part) => part !== null && part !== '')
    .join(' ')
}

class Gateway {
  readonly #realm: string
  readonly #reach = new Reach()
  /** username, custom_id or id → the name the consumer goes by */
  readonly #consumers = new Map<string, string>()
  readonly #withOauth = new Set<string>()
  readonly #mentioned = new Set<string>()
  /** Credentials without a name are numbered for each consumer, wherever they stand. */
  readonly #numbered = new Map<string, number>()

  constructor(realm: string) {
    this.#realm = realm
  }

  learn(config: Record<string, unknown>): void {
    this.#reach.learn(config)
    for (const consumer of recordsAt(config, 'consumers')) {
      const name = ownName(consumer)
      if (name === null) continue
      for (const key of ['id', 'custom_id', 'username']) this.#consumers.set(textOf(consumer[key]) ?? name, name)
      if (recordsAt(consumer, 'oauth2_credentials').length > 0) this.#withOauth.add(name)
    }
    for (const credential of recordsAt(config, 'oauth2_credentials')) {
      const name = this.#consumerOf(credential['consumer'])
      if (name !== null) this.#withOauth.add(name)
    }
  }

  observe(source: Source, result: ReaderResult): void {
    const { config } = source
    for (const { index, entity } of entriesAt(config, 'consumers'))
      this.#consumer(source, entity, ['consumers', index], result)
    for (const list of CREDENTIALS.keys()) {
      for (const { index, entity } of entriesAt(config, list)) {
        const identity = this.#mention(source, entity['consumer'], [list, index], result)
        if (identity) result.observations.push(this.#credential(source, identity, list, entity, [list, index]))
      }
    }
    for (const { index, entity } of entriesAt(config, 'acls')) {
      const identity = this.#mention(source, entity['consumer'], ['acls', index], result)
      if (identity) this.#grantAcl(source, identity, entity, ['acls', index], result)
    }
    for (const { index, entity: group } of entriesAt(config, 'consumer_groups')) {
      const name = textOf(group['name'])
      const members = Array.isArray(group['consumers']) ? (group['consumers'] as unknown[]) : []
      for (const [at, member] of members.entries()) {
        const path = ['consumer_groups', index, 'consumers', at]
        const identity = name === null ? null : this.#mention(source, member, path, result)
        if (identity && name !== null) this.#grantGroup(source, identity, name, path, result)
      }
    }
  }

  #consumer(source: Source, consumer: Record<string, unknown>, path: Path, result: ReaderResult): void {
    const name = ownName(consumer)
    const place = placeIn(source, path)
    if (name === null) {
      result.unread.push({ ...place, reason: 'a consumer without username, custom_id or id' })
      return
    }
    const identity = this.#ref(name)
    result.observations.push({
      type: 'identity',
      ref: identity,
      kind: this.#kindOf(name),
      name,
      place,
      nativeRef: `consumer ${name}`,
      isDefined: true,
      tags: tagsOf(source, consumer, path),
      ...createdAt(source, consumer, path),
    })
    for (const list of CREDENTIALS.keys()) {
      for (const { index, entity } of entriesAt(consumer, list))
        result.observations.push(this.#credential(source, identity, list, entity, [...path, list, index]))
    }
    for (const { index, entity } of entriesAt(consumer, 'acls'))
      this.#grantAcl(source, identity, entity, [...path, 'acls', index], result)
    for (const { index, entity } of entriesAt(consumer, 'groups')) {
      const group = textOf(entity['name'])
      if (group !== null) this.#grantGroup(source, identity, group, [...path, 'groups', index], result)
    }
  }

  #credential(
    source: Source,
    identity: IdentityRef,
    list: string,
    credential: Record<string, unknown>,
    path: Path,
  ): Observation {
    const counter = JSON.stringify([identity.path, list])
    const number = (this.#numbered.get(counter) ?? 0) + 1
    this.#numbered.set(counter, number)
    const ttl = list === 'keyauth_credentials' ? Number(credential['ttl'] ?? 0) : null
    const created = createdAt(source, credential, path)
    return {
      type: 'credential',
      identity,
      kind: CREDENTIALS.get(list)?.kind ?? 'token',
      name: credentialName(list, credential, number),
      place: placeIn(source, path),
      kept: keptOf(list, credential, source.file),
      ...created,
      // Kong deletes a key `ttl` seconds after it was made; without one it works until somebody deletes it.
      ...(ttl === 0 ? { neverExpires: true } : {}),
      ...(ttl ? expiresAt(created.createdAt, ttl) : {}),
      revocation: `remove it from the consumer in ${source.file} and sync the gateway`,
    }
  }

  #grantAcl(
    source: Source,
    identity: IdentityRef,
    acl: Record<string, unknown>,
    path: Path,
    result: ReaderResult,
  ): void {
    const group = textOf(acl['group'])
    if (group !== null)
      result.observations.push(
        grant(identity, `acl group ${group}`, this.#reach.ofAclGroup(group), placeIn(source, path)),
      )
  }

  #grantGroup(source: Source, identity: IdentityRef, group: string, path: Path, result: ReaderResult): void {
    result.observations.push(
      grant(identity, `consumer group ${group}`, this.#reach.ofConsumerGroup(group), placeIn(source, path)),
    )
  }

  /** The consumer that an entity belongs to; observed once when no file of the directory defines it. */
  #mention(source: Source, reference: unknown, path: Path, result: ReaderResult): IdentityRef | null {
    const name = this.#consumerOf(reference)
    if (name === null) return null
    const ref = this.#ref(name)
    const key = JSON.stringify([source.file, name])
    if (!this.#consumers.has(name) && !this.#mentioned.has(key)) {
      this.#mentioned.add(key)
      result.observations.push({
        type: 'identity',
        ref,
        kind: this.#kindOf(name),
        name,
        place: placeIn(source, path),
        nativeRef: `consumer ${name}`,
        isDefined: false,
        tags: [],
      })
    }
    return ref
  }

  /** A reference is a name or id, or an object with one. */
  #consumerOf(reference: unknown): string | null {
    const written = isRecord(reference) ? ownName(reference) : textOf(reference)
    return written === null ? null : (this.#consumers.get(written) ?? written)
  }

  #kindOf(name: string): 'oauth-client' | 'api-key' {
    return this.#withOauth.has(name) ? 'oauth-client' : 'api-key'
  }

  #ref(consumer: string): IdentityRef {
    return { system: 'kong', realm: this.#realm, path: `consumer/${consumer}` }
  }
}

function ownName(consumer: Record<string, unknown>): string | null {
  return textOf(consumer['username']) || textOf(consumer['custom_id']) || textOf(consumer['id']) || null
}

export function grant(identity: IdentityRef, permission: string, resource: string, place: Place): Observation {
  return { type: 'grant', identity, permission, resource, level: 'unknown', isWildcard: false, via: 'Kong', place }
}

function placeIn({ file, document }: Source, path: Path): Place {
  return { file, line: document.line(path) }
}

/** Seconds since 1970 in what decK dumps. */
function createdAt(source: Source, entity: Record<string, unknown>, path: Path): { createdAt?: RawDate } {
  const raw = textOf(entity['created_at'])
  return raw === null ? {} : { createdAt: { raw, place: placeIn(source, [...path, 'created_at']) } }
}

function expiresAt(created: RawDate | undefined, ttlSeconds: number): { expiresAt?: RawDate } {
  const seconds = Number(created?.raw) + ttlSeconds
  const isInstant = created && Number.isFinite(seconds) && Math.abs(seconds) < 8.64e12 // what a Date can hold
  return isInstant ? { expiresAt: { raw: new Date(seconds * 1000).toISOString(), place: created.place } } : {}
}

/** Kong's tags are words. `team:payments`, `team=payments` and `owner-payments` are how people give them a key. */
const KEYED_TAG = /^(?:([\w./-]{1,60})[:=](.+)|((?:owner|owned-by|team|squad|env|environment|contact))[-_](.+))$/

function tagsOf(source: Source, consumer: Record<string, unknown>, path: Path): Tag[] {
  const tags: Tag[] = []
  const words: { word: string; line: number }[] = []
  const custom = textOf(consumer['custom_id'])
  if (custom !== null)
    tags.push({ key: 'custom_id', value: custom, line: placeIn(source, [...path, 'custom_id']).line })
  const selecting = mapAt(source.config, '_info')['select_tags'] // decK gives them to everything in the file
  for (const [list, at] of [
    [consumer['tags'], [...path, 'tags']],
    [selecting, ['_info', 'select_tags']],
  ] as const) {
    for (const [index, one] of (Array.isArray(list) ? (list as unknown[]) : []).entries()) {
      const word = textOf(one)
      if (word === null) continue
      const { line } = placeIn(source, [...at, index])
      const keyed = KEYED_TAG.exec(word)
      if (keyed) tags.push({ key: keyed[1] ?? keyed[3] ?? '', value: keyed[2] ?? keyed[4] ?? '', line })
      else words.push({ word, line })
    }
  }
  const first = words[0]
  return first ? [...tags, { key: 'tag', value: words.map(({ word }) => word).join(', '), line: first.line }] : tags
}
