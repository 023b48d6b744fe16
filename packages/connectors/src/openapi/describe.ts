/** An OpenAPI document → the API it describes. References are followed inside the document only. */
import type { ApiObserved } from '@onus/core/observation.ts'
import type { YamlDocument } from '../files/yaml.ts'
import { isRecord, mapAt, textOf } from '../ci/scalars.ts'

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const
/** GitHub's whole API has about 1,100 operations; more than this is generated noise. */
export const MAX_OPERATIONS = 20_000
const MAX_REFERENCE_HOPS = 8

/** In JSON the version may stand behind anything; looking into its beginning is enough for what people and tools write. */
export function isOpenApi3(text: string): boolean {
  return (
    /["']?paths["']?\s*:/.test(text) &&
    (/["']?openapi["']?\s*:\s*["']?3\.\d/.test(text.slice(0, 4_000)) ||
      /^["']?openapi["']?\s*:\s*["']?3\.\d/m.test(text))
  )
}

export type Described = {
  api: ApiObserved
  /** The line of the first operation that was left out. */
  cutAt: number | null
}

/** null for a document that describes no paths: a descriptor of a catalog may borrow OpenAPI's form for its own. */
export function describeApi(document: YamlDocument, file: string): Described | null {
  const { value } = document
  if (!isRecord(value) || !isRecord(value['paths'])) return null
  const info = mapAt(value, 'info')
  const version = textOf(info['version'])
  const owner = ownerOf(value, info)
  const api: ApiObserved = {
    type: 'api',
    name: textOf(info['title']) ?? file.slice(file.lastIndexOf('/') + 1),
    ...(version === null ? {} : { version }),
    ...(owner === null ? {} : { owner }),
    operations: [],
    securitySchemes: Object.entries(mapAt(mapAt(value, 'components'), 'securitySchemes')).map(([name, scheme]) => ({
      name,
      kind: schemeKind(resolve(value, scheme)),
    })),
    place: { file, line: document.line(['info']) },
  }
  const byDefault = requirementsOf(value['security']) ?? []
  for (const [template, raw] of Object.entries(mapAt(value, 'paths'))) {
    const item = resolve(value, raw)
    if (!isRecord(item)) continue
    for (const method of METHODS) {
      const operation = item[method]
      if (!isRecord(operation)) continue
      if (api.operations.length === MAX_OPERATIONS) return { api, cutAt: document.line(['paths', template]) }
      api.operations.push({
        id: textOf(operation['operationId']) ?? `${method.toUpperCase()} ${template}`,
        method: method.toUpperCase(),
        path: template,
        security: requirementsOf(operation['security']) ?? byDefault,
        line: document.line(['paths', template, method]),
      })
    }
  }
  return { api, cutAt: null }
}

/** Extensions that say it, else whom the document names as its contact. */
function ownerOf(api: Record<string, unknown>, info: Record<string, unknown>): string | null {
  for (const key of ['x-owner', 'x-team', 'x-owning-team', 'x-owned-by']) {
    const text = textOf(info[key]) ?? textOf(api[key])
    if (text !== null) return text
  }
  const contact = mapAt(info, 'contact')
  return textOf(contact['name']) ?? textOf(contact['email'])
}

/**
 * The alternatives of a security requirement, each as `scheme` or `scheme+scheme`; `none` where calling without any is
 * allowed (an empty requirement object). null: nothing is said, so the default of the document holds (4.8.30).
 */
function requirementsOf(value: unknown): string[] | null {
  if (!Array.isArray(value)) return null
  return value.filter(isRecord).map((requirement) => Object.keys(requirement).join('+') || 'none')
}

function schemeKind(scheme: unknown): string {
  if (!isRecord(scheme)) return 'unknown'
  const type = textOf(scheme['type']) ?? 'unknown'
  if (type === 'http') return `http ${textOf(scheme['scheme'])?.toLowerCase() ?? ''}`.trim()
  return type === 'apiKey' ? `apiKey in ${textOf(scheme['in']) ?? '?'}` : type
}

/** Follows `$ref: '#/…'` (RFC 6901 pointers) a few hops; a reference elsewhere, or in a circle, is undefined. */
function resolve(root: Record<string, unknown>, value: unknown): unknown {
  let current = value
  for (let hop = 0; hop < MAX_REFERENCE_HOPS; hop++) {
    const reference = isRecord(current) ? textOf(current['$ref']) : null
    if (reference === null) return current
    if (!reference.startsWith('#/')) return undefined
    current = reference
      .slice(2)
      .split('/')
      .reduce<unknown>((node, step) => {
        const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
        return isRecord(node) && Object.hasOwn(node, key) ? node[key] : undefined
      }, root)
  }
  return undefined
}
