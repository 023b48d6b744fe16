/**
 * OpenAPI 3.0 and 3.1 documents (spec.openapis.org): an API with its operations and the security that each one asks for.
 * References are followed inside the document only.
 */
import type { ApiObserved } from '@onus/core/observation.ts'
import type { FileReader, ReaderResult } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import type { YamlDocument } from '../files/yaml.ts'
import { isRecord, mapAt, textOf } from '../ci/scalars.ts'

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const
/** GitHub's whole API has about 1,100 operations; more than this is generated noise. */
const MAX_OPERATIONS = 20_000
const MAX_REFERENCE_HOPS = 8

export const openapiReader: FileReader = {
  name: 'openapi',
  blind: [
    'operations that the code serves and the document does not describe',
    'who may call what: security schemes say how, not who',
  ],
  wantsPath: (path) => path.endsWith('.yaml') || path.endsWith('.yml') || path.endsWith('.json'),
  wants: (file) => /["']?paths["']?\s*:/.test(file.text) && isOpenApi3(file),
  read,
}

/** In JSON the version may stand behind anything; looking into its beginning is enough for what people and tools write. */
function isOpenApi3(file: TextFile): boolean {
  return (
    /["']?openapi["']?\s*:\s*["']?3\.\d/.test(file.text.slice(0, 4_000)) ||
    /^["']?openapi["']?\s*:\s*["']?3\.\d/m.test(file.text)
  )
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  for (const file of files) {
    const { documents, problems } = file.yaml()
    for (const { line, reason } of problems) result.unread.push({ file: file.path, line, reason })
    for (const document of documents) {
      // A descriptor of a catalog may borrow OpenAPI's form without describing an operation.
      if (isRecord(document.value) && isRecord(document.value['paths']))
        readApi(document, document.value, file.path, result)
    }
  }
  return result
}

function readApi(document: YamlDocument, api: Record<string, unknown>, path: string, result: ReaderResult): void {
  const info = mapAt(api, 'info')
  const name = textOf(info['title']) ?? path.slice(path.lastIndexOf('/') + 1)
  const version = textOf(info['version'])
  const owner =
    ['x-owner', 'x-team', 'x-owning-team', 'x-owned-by']
      .map((key) => textOf(info[key]) ?? textOf(api[key]))
      .find((text) => text !== null) ??
    textOf(mapAt(info, 'contact')['name']) ??
    textOf(mapAt(info, 'contact')['email'])
  const observed: ApiObserved = {
    type: 'api',
    name,
    ...(version === null ? {} : { version }),
    ...(owner === null || owner === undefined ? {} : { owner }),
    operations: [],
    securitySchemes: Object.entries(mapAt(mapAt(api, 'components'), 'securitySchemes')).map(([scheme, value]) => ({
      name: scheme,
      kind: schemeKind(resolve(api, value)),
    })),
    place: { file: path, line: document.line(['info']) },
  }
  const byDefault = requirementsOf(api['security']) ?? []
  for (const [template, raw] of Object.entries(mapAt(api, 'paths'))) {
    const item = resolve(api, raw)
    if (!isRecord(item)) continue
    for (const method of METHODS) {
      const operation = item[method]
      if (!isRecord(operation)) continue
      if (observed.operations.length === MAX_OPERATIONS) {
        result.unread.push({
          file: path,
          line: document.line(['paths', template]),
          reason: `more than ${MAX_OPERATIONS} operations; the rest was left out`,
        })
        result.observations.push(observed)
        return
      }
      observed.operations.push({
        id: textOf(operation['operationId']) ?? `${method.toUpperCase()} ${template}`,
        method: method.toUpperCase(),
        path: template,
        security: requirementsOf(operation['security']) ?? byDefault,
        line: document.line(['paths', template, method]),
      })
    }
  }
  result.observations.push(observed)
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
