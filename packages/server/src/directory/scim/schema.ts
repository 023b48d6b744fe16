/**
 * The resources of SCIM 2.0 (RFC 7643) as Onus keeps them: little of a person, because little is needed. Parsing, PATCH
 * and filters are scimmy's; its registry of resources is not used, because it answers every bug with 404 and a directory
 * would take that for a person who is gone.
 */
import SCIMMY from 'scimmy'

const { Schemas, Types, Messages } = SCIMMY
export const BASE = '/scim/v2'

const attributesOf = (definition: typeof Schemas.User.definition, names: readonly string[]) =>
  definition.attributes.filter(({ name }) => names.includes(name))

const personDefinition = new Types.SchemaDefinition(
  'User',
  Schemas.User.id,
  'A person. Attributes that are not here are accepted and not kept.',
  attributesOf(Schemas.User.definition, ['userName', 'name', 'displayName', 'active', 'emails']),
)
const groupDefinition = new Types.SchemaDefinition(
  'Group',
  Schemas.Group.id,
  'A team. Members are people; a group in a group is not followed.',
  attributesOf(Schemas.Group.definition, ['displayName', 'members']),
)

type Meta = { created: string; lastModified: string; version: string }
export type PersonData = {
  id?: string
  externalId?: string
  userName: string
  displayName?: string
  name?: { formatted?: string; givenName?: string; familyName?: string }
  active?: boolean
  emails?: { value?: string; type?: string; primary?: boolean }[]
  meta?: Meta
}
export type GroupData = {
  id?: string
  externalId?: string
  displayName: string
  members?: { value?: string; display?: string; type?: string; $ref?: string }[]
  meta?: Meta
}
export type Direction = 'in' | 'out'
type Filter = InstanceType<typeof Types.Filter>

/** A person or team of SCIM, checked; members are read as properties. Throws what `scimError` understands. */
class PersonResource extends Types.Schema {
  static override get id(): string {
    return personDefinition.id
  }
  static override get definition(): typeof personDefinition {
    return personDefinition
  }
  constructor(data: object, direction: Direction, base?: string, shown?: Filter) {
    super(data, direction)
    Object.assign(this, personDefinition.coerce(data, direction, base, shown))
  }
}
class GroupResource extends Types.Schema {
  static override get id(): string {
    return groupDefinition.id
  }
  static override get definition(): typeof groupDefinition {
    return groupDefinition
  }
  constructor(data: object, direction: Direction, base?: string, shown?: Filter) {
    super(data, direction)
    Object.assign(this, groupDefinition.coerce(data, direction, base, shown))
  }
}

/** The two kinds, with what differs between them. */
export const KINDS = {
  Users: { resource: PersonResource, definition: personDefinition, path: `${BASE}/Users` },
  Groups: { resource: GroupResource, definition: groupDefinition, path: `${BASE}/Groups` },
} as const
export type KindName = keyof typeof KINDS
export type DataOf<K extends KindName> = K extends 'Users' ? PersonData : GroupData

/** RFC 7644 §3.12. `scimType` only where that table has one. */
export class ScimError extends Error {
  readonly status: number
  readonly scimType: string | null
  constructor(status: number, scimType: string | null, detail: string) {
    super(detail)
    this.name = 'ScimError'
    this.status = status
    this.scimType = scimType
  }
}

/** Runs a step of scimmy, whose complaints about the request are of several classes. A bug of ours never runs in one. */
function reading<T>(step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw scimErrorOf(error)
  }
}

function scimErrorOf(error: unknown): unknown {
  if (error instanceof Types.Error) {
    const { status, scimType, message } = error as Error & { status: number; scimType?: string }
    return new ScimError(Number(status), scimType ?? null, message)
  }
  return error instanceof TypeError ? new ScimError(400, 'invalidValue', error.message) : error
}

/** The body of a POST or PUT, checked. Extensions are accepted and not kept. */
export function readResource<K extends KindName>(kind: K, body: unknown): DataOf<K> {
  const { resource: Resource, definition } = KINDS[kind]
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ScimError(400, 'invalidSyntax', 'the body is not one object')
  const { schemas } = body as { schemas?: unknown }
  if (!Array.isArray(schemas) || !schemas.includes(definition.id))
    throw new ScimError(400, 'invalidSyntax', `\`schemas\` must have ${definition.id}`)
  // The schema of `kind` is what was just checked.
  return reading(() =>
    plain(new Resource({ ...body, id: undefined, meta: undefined, schemas: [definition.id] }, 'in')),
  ) as DataOf<K>
}

/** The resource after the operations of a PATCH (RFC 7644 §3.5.2), checked. */
export async function patched<K extends KindName>(
  kind: K,
  data: DataOf<K>,
  operations: { op: string; path?: string; value?: unknown }[],
): Promise<DataOf<K>> {
  const { resource: Resource, path } = KINDS[kind]
  const current = new Resource(data, 'out', path)
  try {
    const message = { schemas: [Messages.PatchOp.id] as [typeof Messages.PatchOp.id], Operations: operations as never }
    // Undefined when nothing changes.
    const after = await new Messages.PatchOp(message).apply(current)
    return plain(after ?? current) as DataOf<K>
  } catch (error) {
    throw scimErrorOf(error)
  }
}

const plain = (resource: object): unknown => JSON.parse(JSON.stringify(resource))

/** As it is sent. `shown` is of `attributes` or `excludedAttributes`. */
export function told<K extends KindName>(kind: K, data: DataOf<K>, shown: Filter | undefined): object {
  const { resource: Resource, path } = KINDS[kind]
  return new Resource(data, 'out', path, shown)
}

/** More would multiply: alternatives within alternatives are spelled out one by one. */
const MOST_OPERATORS = 8
const MOST_FILTER_LENGTH = 1_000

/** A filter (RFC 7644 §3.4.2.2). Text is compared without case, as nearly every attribute here is. */
export function readFilter(text: string): Filter {
  const operators = text.match(/\b(?:and|or|not)\b/gi) ?? []
  if (text.length > MOST_FILTER_LENGTH || operators.length > MOST_OPERATORS)
    throw new ScimError(
      400,
      'invalidFilter',
      `a filter has ${MOST_FILTER_LENGTH} characters and ${MOST_OPERATORS} operators at most`,
    )
  // Entra asks whether somebody is a member by the complex attribute itself.
  const spelled = text.replaceAll(/\bmembers\s+eq\b/gi, 'members.value eq')
  return filtering(() => new Types.Filter(/\bmeta\b/i.test(spelled) ? spelled : spelled.toLowerCase()))
}

/** Some filters are only found to make no sense when they meet a resource. */
function filtering<T>(step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof TypeError || error instanceof Types.Error)
      throw new ScimError(400, 'invalidFilter', 'the filter cannot be read')
    throw error
  }
}

/** Does the resource match? The filter must have been read by `readFilter`. */
export function matches(filter: Filter, data: PersonData | GroupData): boolean {
  const lowered = JSON.parse(
    JSON.stringify(data, (key, value: unknown) =>
      typeof value === 'string' && key !== 'created' && key !== 'lastModified' ? value.toLowerCase() : value,
    ),
  )
  return filtering(() => filter.match([lowered]).length > 0)
}

/** The value that this attribute must equal, when the whole filter says so; it narrows what is asked of the database. */
export function equalIn(filter: Filter | undefined, attribute: string): string | undefined {
  if (filter?.length !== 1) return undefined
  const expression = Object.entries(filter[0] as Record<string, unknown>).find(
    ([name]) => name.toLowerCase() === attribute,
  )?.[1]
  if (!Array.isArray(expression) || expression.length !== 2) return undefined
  const [comparator, value] = expression as [unknown, unknown]
  return comparator === 'eq' && typeof value === 'string' ? value : undefined
}

/** Which attributes an answer shows. */
export function readShown(query: {
  attributes?: string | undefined
  excludedAttributes?: string | undefined
}): Filter | undefined {
  const names = (text: string): string[] => text.split(',').map((name) => name.trim())
  const isName = (name: string): boolean => /^[\w.$:-]{1,120}$/.test(name)
  const [list, operator] =
    query.attributes !== undefined ? [names(query.attributes), 'pr'] : [names(query.excludedAttributes ?? ''), 'np']
  if (query.attributes === undefined && query.excludedAttributes === undefined) return undefined
  if (list.length > 50 || !list.every(isName))
    throw new ScimError(400, 'invalidValue', 'the list of attributes cannot be read')
  return reading(() => new Types.Filter(list.map((name) => `${name} ${operator}`).join(' and ')))
}

/** RFC 7644 §3.4.2. */
export function listOf(resources: object[], page: { startIndex: number; count: number; total: number }): object {
  return {
    schemas: [Messages.ListResponse.id],
    totalResults: page.total,
    startIndex: page.startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  }
}

export function errorBody({ status, scimType, message }: ScimError): object {
  return {
    schemas: [Messages.ErrorResponse.id],
    status: String(status),
    ...(scimType === null ? {} : { scimType }),
    detail: message,
  }
}

export const MOST_RESULTS = 200

/** The three addresses by which a client learns what is here (RFC 7644 §4). */
export function discovery(name: 'ServiceProviderConfig' | 'ResourceTypes' | 'Schemas'): object[] {
  const meta = (resourceType: string, location: string) => ({ resourceType, location: `${BASE}${location}` })
  if (name === 'ServiceProviderConfig') {
    return [
      {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
        patch: { supported: true },
        bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
        filter: { supported: true, maxResults: MOST_RESULTS },
        changePassword: { supported: false },
        sort: { supported: false },
        etag: { supported: true },
        authenticationSchemes: [
          {
            type: 'oauthbearertoken',
            name: 'Token of Onus',
            description: 'A token with the scope `scim`, in the header `Authorization: Bearer`.',
            primary: true,
          },
        ],
        meta: meta('ServiceProviderConfig', '/ServiceProviderConfig'),
      },
    ]
  }
  return Object.values(KINDS).map(({ definition, path }) =>
    name === 'Schemas'
      ? definition.describe(`${BASE}/Schemas`)
      : {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
          id: definition.name,
          name: definition.name,
          description: definition.description,
          endpoint: path.slice(BASE.length),
          schema: definition.id,
          meta: meta('ResourceType', `/ResourceTypes/${definition.name}`),
        },
  )
}
