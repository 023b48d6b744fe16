/** Backstage entities (backstage.io/docs/features/software-catalog/descriptor-format) as observations. */
import type {
  ApiObserved,
  FunctionObserved,
  Observation,
  PersonObserved,
  ServiceObserved,
  TeamObserved,
} from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { isRecord, mapAt } from '../ci/scalars.ts'
import { directoryOf, resolvePath } from '../files/paths.ts'
import { readYaml } from '../files/yaml.ts'
import { describeApi, isOpenApi3 } from '../openapi/describe.ts'
import { factOf, factsOf, isTemplate, known, repositoryOn, repositoryUrl } from './facts.ts'

export type EntityRead =
  | { kind: 'read'; observation: Observation }
  /** It says nothing about owners or people. */
  | { kind: 'ignored' }
  | { kind: 'resource' }
  | { kind: 'template' }
  | { kind: 'refused'; reason: string }

type Fields = Record<string, unknown>
type Entity = { name: string; namespace: string; metadata: Fields; spec: Fields; place: Place }

export function isEntity(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && typeof value['apiVersion'] === 'string' && value['apiVersion'].startsWith('backstage.io/')
}

export function readEntity(value: Record<string, unknown>, place: Place): EntityRead {
  const metadata = mapAt(value, 'metadata')
  const spec = mapAt(value, 'spec')
  const telling = [metadata['name'], metadata['namespace'], spec['owner'], value['kind']]
  if (telling.some(isTemplate)) return { kind: 'template' }
  const name = factOf(metadata['name'])
  if (name === undefined) return { kind: 'refused', reason: 'a catalog entity without a name' }
  const entity: Entity = { name, namespace: factOf(metadata['namespace']) ?? 'default', metadata, spec, place }
  switch (factOf(value['kind'])?.toLowerCase()) {
    case 'component':
      return { kind: 'read', observation: serviceOf(entity) }
    case 'system':
    case 'domain':
      return { kind: 'read', observation: functionOf(entity) }
    case 'api':
      return { kind: 'read', observation: apiOf(entity) }
    case 'group':
      return { kind: 'read', observation: teamOf(entity) }
    case 'user':
      return { kind: 'read', observation: personOf(entity) }
    case 'resource':
      return { kind: 'resource' }
    case 'location':
    case 'template':
      return { kind: 'ignored' }
    default:
      return { kind: 'refused', reason: 'a catalog entity of a kind that is not known' }
  }
}

function serviceOf(entity: Entity): ServiceObserved {
  const { spec, metadata, place } = entity
  const annotations = mapAt(metadata, 'annotations')
  const kubernetes = known({
    id: factOf(annotations['backstage.io/kubernetes-id']),
    namespace: factOf(annotations['backstage.io/kubernetes-namespace']),
  })
  return {
    type: 'service',
    name: entity.name,
    place,
    ...known({
      owner: ownerOf(entity),
      function: nameOf(spec['system'], entity) ?? nameOf(spec['domain'], entity),
      repository: repositoryOf(annotations),
      lifecycle: factOf(spec['lifecycle']),
      kubernetes: Object.keys(kubernetes).length > 0 ? kubernetes : undefined,
    }),
  }
}

function functionOf(entity: Entity): FunctionObserved {
  return {
    type: 'function',
    name: qualified(entity.name, entity.namespace),
    place: entity.place,
    ...known({
      owner: ownerOf(entity),
      description: factOf(entity.metadata['description']) ?? factOf(entity.metadata['title']),
    }),
  }
}

/** Operations come from the OpenAPI document itself, which another reader takes when it is a file of its own. */
function apiOf(entity: Entity): ApiObserved {
  const { definition } = entity.spec
  return {
    type: 'api',
    name: entity.name,
    ...(typeof definition === 'string'
      ? readDefinition(definition, entity.place)
      : { operations: [], securitySchemes: [] }),
    isEntry: true,
    place: entity.place,
    ...known({ owner: ownerOf(entity), definedIn: definedIn(definition, entity.place.file) }),
  }
}

/** `$text`, `$openapi`, `$json`, `$yaml` with a path beside the entity (Backstage: "Substitutions"); no addresses. */
function definedIn(definition: unknown, file: string): string | undefined {
  const path = isRecord(definition) ? Object.entries(definition).find(([key]) => key.startsWith('$'))?.[1] : undefined
  const text = factOf(path)
  if (text === undefined || /^[a-z][a-z0-9+.-]*:/i.test(text) || text.startsWith('/')) return undefined
  return resolvePath(directoryOf(file), text) ?? undefined
}

/** A document that stands in the entity itself; everything in it is told at the line of the entity. */
function readDefinition(text: string, place: Place): Pick<ApiObserved, 'operations' | 'securitySchemes' | 'version'> {
  const read = isOpenApi3(text) ? readYaml(text).documents[0] : undefined
  const api = read ? describeApi(read, place.file)?.api : undefined
  if (!api) return { operations: [], securitySchemes: [] }
  return {
    ...known({ version: api.version }),
    operations: api.operations.map((operation) => ({ ...operation, line: place.line })),
    securitySchemes: api.securitySchemes,
  }
}

function teamOf(entity: Entity): TeamObserved {
  const { spec, metadata, place } = entity
  const profile = mapAt(spec, 'profile')
  return {
    type: 'team',
    name: qualified(entity.name, entity.namespace),
    via: 'backstage',
    place,
    contacts: factsOf(profile['email']),
    members: factsOf(spec['members']).map((member) => stripReference(member)),
    ...known({
      displayName: factOf(profile['displayName']) ?? factOf(metadata['title']),
      kind: teamKindOf(factOf(spec['type']) ?? ''),
    }),
  }
}

/** Group types are free text; these two words are worth knowing. */
function teamKindOf(type: string): 'platform' | 'security' | undefined {
  if (/\b(?:platform|infrastructure)\b/i.test(type)) return 'platform'
  return /\bsecurity\b/i.test(type) ? 'security' : undefined
}

function personOf(entity: Entity): PersonObserved {
  return {
    type: 'person',
    name: entity.name,
    place: entity.place,
    teams: factsOf(entity.spec['memberOf']).flatMap((team) => nameOf(team, entity) ?? []),
    ...known({ email: factOf(mapAt(entity.spec, 'profile')['email']) }),
  }
}

/** The owner as written; a short name means a group of the entity's own namespace, and then says so. */
function ownerOf(entity: Entity): string | undefined {
  const owner = factOf(entity.spec['owner'])
  const isShort = owner !== undefined && !/[:/]/.test(owner)
  return isShort && entity.namespace !== 'default' ? `group:${entity.namespace}/${owner}` : owner
}

/** `system:default/payments` → payments; a namespace other than the default one stays part of the name. */
function nameOf(reference: unknown, entity: Entity): string | undefined {
  const text = factOf(reference)
  if (text === undefined) return undefined
  const bare = text.replace(/^[A-Za-z]+:/, '')
  const slash = bare.indexOf('/')
  return slash < 0 ? qualified(bare, entity.namespace) : qualified(bare.slice(slash + 1), bare.slice(0, slash))
}

function qualified(name: string, namespace: string): string {
  return namespace.toLowerCase() === 'default' ? name : `${namespace}/${name}`
}

function stripReference(reference: string): string {
  return reference.replace(/^[A-Za-z]+:/, '').replace(/^default\//, '')
}

function repositoryOf(annotations: Record<string, unknown>): string | undefined {
  return (
    repositoryOn('github.com', annotations['github.com/project-slug']) ??
    repositoryOn('gitlab.com', annotations['gitlab.com/project-slug']) ??
    repositoryUrl(annotations['backstage.io/source-location']) ??
    repositoryUrl(annotations['backstage.io/view-url'])
  )
}
