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

function components(): { schemas: Json; registry: ReturnType<typeof z.registry<{ id: string }>> } {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id })
  const made = z.toJSONSchema(registry, {
    target: 'draft-2020-12',
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
  })
  const schemas = Object.fromEntries(
    Object.entries(made.schemas).map(([id, schema]) => [id, withoutMarks(schema as Json)]),
  )
  return { schemas, registry }
}

/** `$schema` and `$id` belong to stand-alone documents; inside OpenAPI they would change how `$ref` resolves. */
function withoutMarks(schema: Json): Json {
  const { $schema: _schema, $id: _id, ...rest } = schema
  return rest
}

function schemaOf(
  schema: z.ZodType,
  registry: ReturnType<typeof components>['registry'],
  io: 'input' | 'output',
): Json {
  const named = registry.get(schema)
  if (named) return { $ref: `#/components/schemas/${named.id}` }
  const holder = z.registry<{ id: string }>()
  for (const [id, known] of Object.entries(NAMED)) holder.add(known, { id })
  holder.add(schema, { id: 'it' })
  const made = z.toJSONSchema(holder, { target: 'draft-2020-12', io, uri: (id) => `#/components/schemas/${id}` })
  return withoutMarks(made.schemas['it'] as Json)
}

function parametersOf(name: RouteName, registry: ReturnType<typeof components>['registry']): Json[] {
  const route = ROUTES[name]
  const list = (schema: z.ZodType, place: 'path' | 'query'): Json[] => {
    const object = schemaOf(schema, registry, 'input') as { properties?: Record<string, Json>; required?: string[] }
    return Object.entries(object.properties ?? {}).map(([key, value]) => {
      const { description, ...rest } = value
      const isRequired = place === 'path' || (object.required ?? []).includes(key)
      return { name: key, in: place, required: isRequired, schema: rest, ...(description ? { description } : {}) }
    })
  }
  return [...list(route.params, 'path'), ...list(route.query, 'query')]
}

function operationOf(name: RouteName, registry: ReturnType<typeof components>['registry']): Json {
  const route = ROUTES[name]
  const status = String('status' in route ? route.status : 200)
  const contentType = 'contentType' in route ? route.contentType : 'application/json'
  const hasReply = !(route.reply instanceof z.ZodUndefined)
  const hasBody = !(route.body instanceof z.ZodUndefined)
  const problem = {
    description: 'Refused; `code` says why',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.tag],
    ...('isPublic' in route && route.isPublic ? { security: [] } : {}),
    ...(name === 'importReport' ? { security: [{ session: [] }, { token: [] }] } : {}),
    parameters: parametersOf(name, registry),
    ...(hasBody
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(route.body, registry, 'input') } },
          },
        }
      : {}),
    responses: {
      [status]: {
        description: 'Done',
        ...(hasReply ? { content: { [contentType]: { schema: schemaOf(route.reply, registry, 'output') } } } : {}),
      },
      default: problem,
    },
  }
}

/** The whole API as an OpenAPI 3.1 document. */
export function openapi(version: string): Json {
  const { schemas, registry } = components()
  const paths: Record<string, Json> = {}
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route = ROUTES[name]
    const path = route.path.replace('*}', '}')
    ;(paths[path] ??= {})[route.method.toLowerCase()] = operationOf(name, registry)
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
      schemas,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'onus_session', description: 'set by POST /v1/session' },
        token: { type: 'http', scheme: 'bearer', description: 'an import token: `onus_…`' },
      },
    },
  }
}
