/**
 * Kong: declarative files (decK and DB-less, `_format_version` 1.1 and 3.0; fragments without it) and the Ingress
 * Controller's KongConsumer. One identity a consumer. Keys, secrets and passwords are never taken, only that they exist.
 */
import type { CredentialKind, Kept } from '@onus/core/identity.ts'
import type { IdentityRef, Observation, Tag } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import type { FileReader, ReaderResult } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import type { YamlDocument } from '../files/yaml.ts'
import { isRecord, textOf } from '../ci/scalars.ts'

type CredentialList = {
  kind: CredentialKind
  /** The field that names the credential and is no secret; null where every field is one. */
  nameField: string | null
  /** The field that holds the secret, to see where it is kept. */
  secretField: string | null
}

/** Lists of credentials, both below a consumer and at the top of a file (docs.konghq.com, entities by plugin). */
const CREDENTIALS: ReadonlyMap<string, CredentialList> = new Map([
  ['keyauth_credentials', { kind: 'api-key', nameField: null, secretField: 'key' }],
  ['key_auth_encrypted_credentials', { kind: 'api-key', nameField: null, secretField: 'key' }],
  ['basicauth_credentials', { kind: 'password', nameField: 'username', secretField: 'password' }],
  ['jwt_secrets', { kind: 'jwt-key', nameField: null, secretField: 'secret' }],
  ['hmacauth_credentials', { kind: 'hmac-key', nameField: 'username', secretField: 'secret' }],
  ['oauth2_credentials', { kind: 'client-secret', nameField: 'client_id', secretField: 'client_secret' }],
  ['mtls_auth_credentials', { kind: 'certificate', nameField: 'subject_name', secretField: null }],
])

const MAX_CONSUMERS = 100_000

export const kongReader: FileReader = {
  name: 'kong',
  blind: [
    'consumers, keys and groups made through the Admin API or Kong Manager and not in these files',
    'when a key was made, rotated or last used: declarative files do not say',
  ],
  wantsPath: (path) => path.endsWith('.yaml') || path.endsWith('.yml') || path.endsWith('.json'),
  wants: (file) => /_format_version|^\s*"?consumers"?\s*:|kind:\s*KongConsumer/m.test(file.text) && isKong(file),
  read,
}

function isKong(file: TextFile): boolean {
  return file.yaml().documents.some(({ value }) => isDeclarative(value) || isIngressConsumer(value)) || /^_format_version/m.test(file.text)
}

/** `consumers` alone is a common word; a list of entries that have a username or custom_id is Kong's. */
function isDeclarative(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value) || 'apiVersion' in value) return false
  if ('_format_version' in value) return true
  return Array.isArray(value['consumers']) && value['consumers'].some((one) => isRecord(one) && ('username' in one || 'custom_id' in one))
}

function isIngressConsumer(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && value['kind'] === 'KongConsumer'
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  for (const file of files) {
    const { documents, problems } = file.yaml()
    for (const { line, reason } of problems) result.unread.push({ file: file.path, line, reason })
    for (const document of documents) {
      if (isIngressConsumer(document.value)) readIngressConsumer(document, document.value, file.path, result)
      else if (isDeclarative(document.value)) new DeclarativeFile(document, document.value, file.path, result).read()
    }
  }
  return result
}

class DeclarativeFile {
  readonly #document: YamlDocument
  readonly #config: Record<string, unknown>
  readonly #path: string
  readonly #result: ReaderResult
  readonly #realm: string
  /** Access group → the services and routes whose acl plugin lets it in. */
  readonly #reach: Map<string, string[]>

  constructor(document: YamlDocument, config: Record<string, unknown>, path: string, result: ReaderResult) {
    this.#document = document
    this.#config = config
    this.#path = path
    this.#result = result
    this.#realm = textOf(config['_workspace']) ?? ''
    this.#reach = reachOfGroups(config)
  }

  read(): void {
    const consumers = listOf(this.#config['consumers'])
    if (consumers.length > MAX_CONSUMERS) this.#unread(['consumers'], `more than ${MAX_CONSUMERS} consumers; the rest was left out`)
    consumers.slice(0, MAX_CONSUMERS).forEach((consumer, i) => this.#readConsumer(consumer, i))
    for (const list of CREDENTIALS.keys()) {
      listOf(this.#config[list]).forEach((credential, i) => {
        const consumer = consumerName(credential['consumer'])
        if (consumer !== null) this.#readCredential(this.#ref(consumer), list, credential, [list, i])
      })
    }
    listOf(this.#config['acls']).forEach((acl, i) => {
      const consumer = consumerName(acl['consumer'])
      if (consumer !== null) this.#grantAcl(this.#ref(consumer), acl, ['acls', i])
    })
    listOf(this.#config['consumer_groups']).forEach((group, i) => {
      const name = textOf(group['name'])
      listOf(group['consumers']).forEach((member, j) => {
        const consumer = consumerName(member)
        if (name !== null && consumer !== null) this.#grant(this.#ref(consumer), `consumer group ${name}`, 'gateway', ['consumer_groups', i, 'consumers', j])
      })
    })
  }

  #readConsumer(consumer: Record<string, unknown>, i: number): void {
    const name = consumerName(consumer)
    if (name === null) {
      this.#unread(['consumers', i], 'a consumer without username, custom_id or id')
      return
    }
    const ref = this.#ref(name)
    const kind = listOf(consumer['oauth2_credentials']).length > 0 ? 'oauth-client' : 'api-key'
    this.#result.observations.push({
      type: 'identity', ref, kind, name, place: this.#place(['consumers', i]), nativeRef: `consumer ${name}`, isDefined: true,
      tags: this.#tags(consumer, ['consumers', i]),
      ...(typeof consumer['created_at'] === 'number' ? { createdAt: { raw: String(consumer['created_at']), place: this.#place(['consumers', i, 'created_at']) } } : {}),
    })
    for (const list of CREDENTIALS.keys()) {
      listOf(consumer[list]).forEach((credential, j) => this.#readCredential(ref, list, credential, ['consumers', i, list, j]))
    }
    listOf(consumer['acls']).forEach((acl, j) => this.#grantAcl(ref, acl, ['consumers', i, 'acls', j]))
    listOf(consumer['groups']).forEach((group, j) => {
      const groupName = textOf(group['name'])
      if (groupName !== null) this.#grant(ref, `consumer group ${groupName}`, 'gateway', ['consumers', i, 'groups', j])
    })
  }

  #readCredential(identity: IdentityRef, list: string, credential: Record<string, unknown>, path: (string | number)[]): void {
    const known = CREDENTIALS.get(list)
    if (!known) return
    const shown = known.nameField === null ? null : textOf(credential[known.nameField])
    const name = shown ?? textOf(credential['id']) ?? `${list} ${Number(path.at(-1)) + 1}`
    this.#result.observations.push({
      type: 'credential', identity, kind: known.kind, name, place: this.#place(path),
      kept: keptOf(known.secretField === null ? undefined : credential[known.secretField], this.#path),
      ...(typeof credential['created_at'] === 'number' ? { createdAt: { raw: String(credential['created_at']), place: this.#place([...path, 'created_at']) } } : {}),
      // Kong deletes a key after `ttl` seconds; without one it works until somebody deletes it.
      ...(list === 'keyauth_credentials' && credential['ttl'] === undefined ? { neverExpires: true } : {}),
      revocation: `remove it from the consumer in ${this.#path} and sync the gateway`,
    })
  }

  #grantAcl(identity: IdentityRef, acl: Record<string, unknown>, path: (string | number)[]): void {
    const group = textOf(acl['group'])
    if (group !== null) this.#grant(identity, `acl group ${group}`, this.#reach.get(group)?.join(', ') ?? 'gateway', path)
  }

  #grant(identity: IdentityRef, permission: string, resource: string, path: (string | number)[]): void {
    this.#result.observations.push({ type: 'grant', identity, permission, resource, level: 'unknown', isWildcard: false, via: 'Kong', place: this.#place(path) })
  }

  /** Kong's tags are plain words; `team:payments` and `team=payments` are how people give them a key. */
  #tags(consumer: Record<string, unknown>, path: (string | number)[]): Tag[] {
    const tags: Tag[] = []
    const custom = textOf(consumer['custom_id'])
    if (custom !== null) tags.push({ key: 'custom_id', value: custom, line: this.#document.line([...path, 'custom_id']) })
    const words = Array.isArray(consumer['tags']) ? consumer['tags'] : []
    words.forEach((word: unknown, i) => {
      const text = textOf(word)
      if (text === null) return
      const keyed = /^([\w./-]{1,60})[:=](.+)$/.exec(text)
      tags.push({ key: keyed?.[1] ?? 'tag', value: keyed?.[2] ?? text, line: this.#document.line([...path, 'tags', i]) })
    })
    return tags
  }

  #ref(consumer: string): IdentityRef {
    return { system: 'kong', realm: this.#realm, path: `consumer/${consumer}` }
  }

  #place(path: (string | number)[]): Place {
    return { file: this.#path, line: this.#document.line(path) }
  }

  #unread(path: (string | number)[], reason: string): void {
    this.#result.unread.push({ file: this.#path, line: this.#document.line(path), reason })
  }
}

function readIngressConsumer(document: YamlDocument, value: Record<string, unknown>, path: string, result: ReaderResult): void {
  const name = textOf(value['username']) ?? textOf(value['custom_id'])
  if (name === null) {
    result.unread.push({ file: path, line: document.line(), reason: 'a KongConsumer without username or custom_id' })
    return
  }
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {}
  const namespace = textOf(metadata['namespace'])
  const ref: IdentityRef = { system: 'kong', realm: namespace ?? '', path: `consumer/${name}` }
  const labels = (field: string): Tag[] => Object.entries(isRecord(metadata[field]) ? metadata[field] : {})
    .flatMap(([key, one]) => {
      const text = textOf(one)
      return text === null ? [] : [{ key, value: text, line: document.line(['metadata', field, key]) }]
    })
  const observations: Observation[] = [{
    type: 'identity', ref, kind: 'api-key', name, place: { file: path, line: document.line() }, nativeRef: `KongConsumer ${name}`, isDefined: true,
    tags: [...labels('annotations'), ...labels('labels')],
    ...(namespace === null ? {} : { scope: { kind: 'kubernetes-namespace' as const, realm: '', name: namespace } }),
  }]
  const secrets = Array.isArray(value['credentials']) ? value['credentials'] : []
  secrets.forEach((one: unknown, i) => {
    const secret = textOf(one)
    if (secret === null) return
    observations.push({ type: 'credential', identity: ref, kind: 'api-key', name: secret, kept: [{ kind: 'kubernetes-secret', name: secret }], place: { file: path, line: document.line(['credentials', i]) } })
  })
  result.observations.push(...observations)
}

/** Where the acl plugin of a service or route allows a group, by any of the plugin's places in the file. */
function reachOfGroups(config: Record<string, unknown>): Map<string, string[]> {
  const reach = new Map<string, string[]>()
  const note = (owner: string, plugins: unknown): void => {
    for (const plugin of listOf(plugins)) {
      const settings = isRecord(plugin['config']) ? plugin['config'] : {}
      if (plugin['name'] !== 'acl' || !Array.isArray(settings['allow'])) continue
      for (const group of settings['allow'].flatMap((one: unknown) => textOf(one) ?? [])) reach.set(group, [...(reach.get(group) ?? []), owner])
    }
  }
  for (const service of listOf(config['services'])) {
    note(`service ${textOf(service['name']) ?? '?'}`, service['plugins'])
    for (const route of listOf(service['routes'])) note(`route ${textOf(route['name']) ?? '?'}`, route['plugins'])
  }
  for (const route of listOf(config['routes'])) note(`route ${textOf(route['name']) ?? '?'}`, route['plugins'])
  return reach
}

/** A reference to a consumer: its name, `{ username }`, `{ custom_id }` or `{ id }`. */
function consumerName(value: unknown): string | null {
  if (!isRecord(value)) return textOf(value)
  return textOf(value['username']) ?? textOf(value['custom_id']) ?? textOf(value['id'])
}

/** A literal secret lies in the file; a reference to a vault or to the environment does not. */
function keptOf(secret: unknown, path: string): Kept[] {
  const text = textOf(secret)
  if (text === null) return [{ kind: 'gateway', name: 'Kong' }]
  const reference = /^\{vault:\/\/([^}]{1,200})\}$/.exec(text)
  if (reference) return [{ kind: 'secret-manager', name: reference[1] ?? '' }]
  return /^\$\{\{.*\}\}$/.test(text.trim()) ? [{ kind: 'unknown', name: 'environment of the deployment' }] : [{ kind: 'file', name: path }]
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
