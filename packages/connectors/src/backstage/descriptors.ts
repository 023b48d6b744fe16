/** Service descriptors of other catalogs: Cortex, OpsLevel and Datadog. They say the same in three forms. */
import type { Observation, ServiceObserved, TeamObserved } from '@onus/core/observation.ts'
import { isRecord, mapAt } from '../ci/scalars.ts'
import type { YamlDocument } from '../files/yaml.ts'
import { factOf, factsOf, known, mapsOf, repositoryOn, repositoryUrl } from './facts.ts'

/** The observations of a descriptor; null when the document is none. */
export function readDescriptor(document: YamlDocument, file: string): Observation[] | null {
  const { value } = document
  if (!isRecord(value)) return null
  if (mapAt(value, 'info')['x-cortex-tag'] !== undefined) return readCortex(document, mapAt(value, 'info'), file)
  if (isDatadog(value)) return readDatadog(document, value, file)
  return isOpsLevel(value, file) ? readOpsLevel(document, value, file) : null
}

/** docs.cortex.io: an OpenAPI document whose `info` holds `x-cortex-*`. */
function readCortex(document: YamlDocument, info: Record<string, unknown>, file: string): Observation[] {
  const name = factOf(info['x-cortex-tag'])
  if (name === undefined) return []
  const place = { file, line: document.line(['info', 'x-cortex-tag']) }
  const owners = mapsOf(info['x-cortex-owners']).flatMap((one) => factOf(one['name']) ?? factOf(one['email']) ?? [])
  const owner = owners.length > 0 ? owners.join(', ') : undefined
  const description = factOf(info['description']) ?? factOf(info['title'])
  const type = factOf(info['x-cortex-type'])?.toLowerCase()
  if (type === 'team') return [cortexTeam(name, info, place)]
  if (type === 'domain') return [{ type: 'function', name, place, ...known({ owner, description }) }]
  const parents = [...mapsOf(info['x-cortex-domain-parents']), ...mapsOf(info['x-cortex-parents'])]
  const git = mapAt(info, 'x-cortex-git')
  return [
    {
      type: 'service',
      name,
      place,
      ...known({
        owner,
        function: parents.flatMap((parent) => factOf(parent['tag']) ?? [])[0],
        repository:
          repositoryOn('github.com', mapAt(git, 'github')['repository']) ??
          repositoryOn('gitlab.com', mapAt(git, 'gitlab')['repository']) ??
          repositoryOn('bitbucket.org', mapAt(git, 'bitbucket')['repository']),
        lifecycle: factOf(mapAt(info, 'x-cortex-lifecycle')['stage'] ?? info['x-cortex-lifecycle']),
      }),
    },
  ]
}

function cortexTeam(name: string, info: Record<string, unknown>, place: TeamObserved['place']): TeamObserved {
  const members = mapsOf(mapAt(info, 'x-cortex-team')['members'])
  const channels = mapsOf(mapAt(info, 'x-cortex-slack')['channels'])
  return {
    type: 'team',
    name,
    via: 'backstage',
    place,
    contacts: channels.flatMap((channel) => factOf(channel['name']) ?? []),
    members: members.flatMap((member) => factOf(member['email']) ?? factOf(member['name']) ?? []),
    ...known({ displayName: factOf(info['title']) }),
  }
}

/** Schema versions 2 (`dd-service`) and 3 (`apiVersion: v3`, `kind: service`). */
function isDatadog(value: Record<string, unknown>): boolean {
  if (typeof value['dd-service'] === 'string') return true
  return value['apiVersion'] === 'v3' && ['service', 'system'].includes(factOf(value['kind']) ?? '')
}

function readDatadog(document: YamlDocument, value: Record<string, unknown>, file: string): Observation[] {
  const metadata = mapAt(value, 'metadata')
  const name = factOf(value['dd-service']) ?? factOf(metadata['name'])
  if (name === undefined) return []
  const place = { file, line: document.line(value['dd-service'] === undefined ? ['metadata', 'name'] : ['dd-service']) }
  const owner = factOf(value['team']) ?? factOf(metadata['owner'])
  const description = factOf(value['description']) ?? factOf(metadata['description'])
  if (factOf(value['kind']) === 'system') {
    return [{ type: 'function', name, place, ...known({ owner, description }) }]
  }
  const spec = mapAt(value, 'spec')
  const links = [...mapsOf(value['links']), ...mapsOf(metadata['links'])].filter((link) => link['type'] === 'repo')
  const systems = factsOf(spec['componentOf']).filter((parent) => parent.startsWith('system:'))
  return [
    {
      type: 'service',
      name,
      place,
      ...known({
        owner,
        function: factOf(value['application']) ?? systems[0]?.slice('system:'.length),
        repository: [...mapsOf(value['repos']), ...links].flatMap((link) => repositoryUrl(link['url']) ?? [])[0],
        lifecycle: factOf(value['lifecycle']) ?? factOf(spec['lifecycle']),
      }),
    },
  ]
}

/** docs.opslevel.com: `opslevel.yml` with one service, or a list of them. */
function isOpsLevel(value: Record<string, unknown>, file: string): boolean {
  return /(?:^|\/)opslevel\.ya?ml$/i.test(file) && value['version'] === 1
}

function readOpsLevel(document: YamlDocument, value: Record<string, unknown>, file: string): Observation[] {
  const listed: unknown[] = Array.isArray(value['services']) ? value['services'] : []
  const found: { service: unknown; path: (string | number)[] }[] = [
    { service: value['service'], path: ['service'] },
    ...listed.map((service, i) => ({ service, path: ['services', i] })),
  ]
  return found.flatMap(({ service, path }): ServiceObserved[] => {
    const name = isRecord(service) ? factOf(service['name']) : undefined
    if (!isRecord(service) || name === undefined) return []
    const [repository] = mapsOf(service['repositories'])
    return [
      {
        type: 'service',
        name,
        place: { file, line: document.line([...path, 'name']) },
        ...known({
          owner: factOf(service['owner']),
          function: factOf(service['system']) ?? factOf(service['product']),
          repository: repositoryOn(`${factOf(repository?.['provider']) ?? 'github'}.com`, repository?.['name']),
          lifecycle: factOf(service['lifecycle']),
        }),
      },
    ]
  })
}
