/** OpenAPI 3.1 from the route table. Pure; answered at /openapi.json and written to docs by `npm run gen`. */
import { z } from 'zod'
import { Finding } from '../finding.ts'
import { Identity } from '../identity.ts'
import { OwnedScope } from '../owned-scope.ts'
import { ScanReport } from '../report.ts'
import { Api, BusinessFunction, Service } from '../service.ts'
import { Team } from '../team.ts'
import {
  FindingRow,
  IdentityDetail,
  IdentityRow,
  ImportResult,
  Job,
  Overview,
  Problem,
  ROUTES,
  RuleRow,
  SavedView,
  SourceRow,
  TeamRow,
  TimelineEntry,
} from './routes.ts'
import type { RouteName } from './routes.ts'
import { DirectoryHold, DirectoryTeam, Person, Session, Token } from './session-routes.ts'

type Json = Record<string, unknown>

/** Schemas worth a name of their own; everything else is written where it is used. */
const NAMED = {
  Problem,
  Identity,
  Finding,
  Team,
  OwnedScope,
  Api,
  BusinessFunction,
  Service,
  ScanReport,
  IdentityRow,
  IdentityDetail,
  TimelineEntry,
  TeamRow,
  RuleRow,
  FindingRow,
  SourceRow,
  ImportResult,
  Job,
  Overview,
  SavedView,
  Session,
  Token,
  Person,
  DirectoryTeam,
  DirectoryHold,
}

type Io = 'input' | 'output'
/** JSON Schema of each schema that routes use, with references to the named ones. */
type Written = Record<Io, Map<z.ZodType, Json>>

const uri = (id: string): string => `#/components/schemas/${id}`

/** `$schema` and `$id` belong to stand-alone documents; inside OpenAPI they would change how `$ref` resolves. */
function withoutMarks(schema: Json): Json {
  const { $schema: _schema, $id: _id, ...rest } = schema
  return rest
}

function components(): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id })
  const made = z.toJSONSchema(registry, { target: 'draft-2020-12', io: 'input', uri })
  return Object.fromEntries(Object.entries(made.schemas).map(([id, schema]) => [id, withoutMarks(schema as Json)]))
}

/** All in one go, as members of one object: each call works through the named schemas again. */
function write(schemas: Set<z.ZodType>, io: Io): Map<z.ZodType, Json> {
  const registry = z.registry<{ id: string }>()
  for (const [id, known] of Object.entries(NAMED)) registry.add(known, { id })
  const list = [...schemas]
  const holder = z.object(Object.fromEntries(list.map((schema, index) => [index, schema])))
  registry.add(holder, { id: 'holder' })
  const made = z.toJSONSchema(registry, { target: 'draft-2020-12', io, uri })
  const { properties = {} } = made.schemas['holder'] as { properties?: Record<string, Json> }
  return new Map(list.map((schema, index) => [schema, properties[index] ?? {}]))
}

function writeAll(): Written {
  const used: Record<Io, Set<z.ZodType>> = { input: new Set(), output: new Set() }
  for (const { params, query, body, reply } of Object.values(ROUTES)) {
    for (const schema of [params, query, body]) if (!isNothing(schema)) used.input.add(schema)
    if (!isNothing(reply)) used.output.add(reply)
  }
  return { input: write(used.input, 'input'), output: write(used.output, 'output') }
}

const isNothing = (schema: z.ZodType): boolean => schema instanceof z.ZodUndefined

function parametersOf(name: RouteName, written: Written): Json[] {
  const route = ROUTES[name]
  const list = (schema: z.ZodType, place: 'path' | 'query'): Json[] => {
    const object = (written.input.get(schema) ?? {}) as { properties?: Record<string, Json>; required?: string[] }
    return Object.entries(object.properties ?? {}).map(([key, value]) => {
      const { description, ...rest } = value
      const isRequired = place === 'path' || (object.required ?? []).includes(key)
      return { name: key, in: place, required: isRequired, schema: rest, ...(description ? { description } : {}) }
    })
  }
  return [...list(route.params, 'path'), ...list(route.query, 'query')]
}

function operationOf(name: RouteName, written: Written): Json {
  const route = ROUTES[name]
  const status = String('status' in route ? route.status : 200)
  const contentType = 'contentType' in route ? route.contentType : 'application/json'
  const body = written.input.get(route.body)
  const reply = written.output.get(route.reply)
  const problem = {
    description: 'Refused; `code` says why',
    content: { 'application/problem+json': { schema: { $ref: uri('Problem') } } },
  }
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.tag],
    ...('isPublic' in route && route.isPublic ? { security: [] } : {}),
    ...(name === 'importReport' ? { security: [{ session: [] }, { token: [] }] } : {}),
    parameters: parametersOf(name, written),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: {
      [status]: {
        description: 'Done',
        ...(reply ? { content: { [contentType]: { schema: reply } } } : {}),
      },
      default: problem,
    },
  }
}

/** The whole API as an OpenAPI 3.1 document. */
export function openapi(version: string): Json {
  const written = writeAll()
  const paths: Record<string, Json> = {}
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route = ROUTES[name]
    const path = route.path.replace('*}', '}')
    ;(paths[path] ??= {})[route.method.toLowerCase()] = operationOf(name, written)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Onus',
      version,
      description: 'Every machine identity answers to someone.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ session: [] }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'onus_session', description: 'set by POST /v1/session' },
        token: { type: 'http', scheme: 'bearer', description: 'an import token: `onus_…`' },
      },
    },
  }
}
