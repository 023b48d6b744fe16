/**
 * GitHub's own OpenAPI description of the operations that are used, with its examples: an excerpt of
 * `@octokit/openapi` 23.0.2 (MIT, Copyright (c) 2020 Octokit contributors), whose whole is 400 MB.
 */
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'

type Schema = Record<string, unknown>
type Parameter = { name: string; in: 'path' | 'query' | 'header'; required: boolean; schema: Schema }
type Described = { parameters: Parameter[]; body?: Schema; isBodyRequired?: boolean; replies: Record<string, Schema>; example: unknown }
const API = JSON.parse(readFileSync(new URL('github-api.json', import.meta.url), 'utf8')) as {
  operations: Record<string, Described>
  components: Schema
}

/** OpenAPI 3.0 says `nullable` where JSON Schema has a type; `isClosed`: what is not described is not sent. */
function jsonSchema(value: unknown, isClosed: boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => jsonSchema(each, isClosed))
  if (typeof value !== 'object' || value === null) return value
  const { nullable, ...rest } = value as Schema
  const made = Object.fromEntries(
    Object.entries(rest).map(([key, each]) => [key, key === '$ref' ? String(each).replace('#/', `${isClosed ? 'closed' : 'open'}#/`) : jsonSchema(each, isClosed)]),
  )
  if (isClosed && typeof made['properties'] === 'object' && !('type' in (made['properties'] as Schema) && 'properties' in made && !('type' in made)) && made['additionalProperties'] === undefined)
    made['additionalProperties'] = false
  return nullable === true ? { anyOf: [made, { type: 'null' }] } : made
}

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
ajv.addSchema({ $id: 'open', components: jsonSchema(API.components, false) })
ajv.addSchema({ $id: 'closed', components: jsonSchema(API.components, true) })
const faults = (validate: ValidateFunction, value: unknown): string[] =>
  validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)

export type Operation = {
  name: string
  params: Record<string, string>
  example: unknown
  status: number
  /** What is wrong with a request, by the description; unknown parameters and fields too. */
  faultsOfRequest(query: URLSearchParams, body: unknown): string[]
  faultsOfReply(body: unknown): string[]
}

const OPERATIONS = Object.entries(API.operations).map(([name, described]) => {
  const [method = '', path = ''] = name.split(' ')
  const [status = '200', reply = {}] = Object.entries(described.replies)[0] ?? []
  return {
    name,
    method,
    pattern: new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
    described,
    status: Number(status),
    body: described.body && ajv.compile(jsonSchema(described.body, true) as Schema),
    reply: ajv.compile(jsonSchema(reply, false) as Schema),
  }
})
export const OPERATION_NAMES = OPERATIONS.map(({ name }) => name)

/** null: GitHub documents no such operation among those that are used. */
export function operationOf(method: string, path: string): Operation | null {
  for (const { name, method: wanted, pattern, described, status, body: validate, reply } of OPERATIONS) {
    const found = method === wanted ? pattern.exec(path) : null
    if (!found) continue
    return {
      name,
      params: Object.fromEntries(Object.entries(found.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)])),
      example: structuredClone(described.example),
      status,
      faultsOfRequest(query, body) {
        const known = new Set(described.parameters.filter((each) => each.in === 'query').map((each) => each.name))
        const unknown = [...query.keys()].filter((key) => !known.has(key)).map((key) => `query ${key} is not described`)
        if (validate && (body !== undefined || described.isBodyRequired)) return [...unknown, ...faults(validate, body)]
        return body === undefined ? unknown : [...unknown, 'takes no body']
      },
      faultsOfReply: (answer) => faults(reply, answer),
    }
  }
  return null
}
