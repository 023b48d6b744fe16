/**
 * Software catalogs kept as files: Backstage entities, and the service descriptors of Cortex, OpsLevel and Datadog.
 * They name services with their owners, business functions, teams and people.
 */
import type { FileReader, ReaderResult } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import type { YamlDocument } from '../files/yaml.ts'
import { readDescriptor } from './descriptors.ts'
import { isEntity, readEntity } from './entities.ts'

/** What begins an entity or a descriptor; annotations of other files mention backstage.io too. */
const MARK = /^[ \t]*["']?(?:apiVersion["']?\s*:\s*["']?(?:backstage\.io\/|v3\b)|x-cortex-tag|dd-service)/m
const OPSLEVEL = /^opslevel\.ya?ml$/

export const catalogReader: FileReader = {
  name: 'catalog',
  blind: [
    'entities that the catalog takes from elsewhere (organisation sync, processors, its database)',
    'resources such as databases and buckets: they are counted, not read',
    'whether the named owner knows of it',
  ],
  wantsPath: (path) => path.endsWith('.yaml') || path.endsWith('.yml'),
  wants: (file) => OPSLEVEL.test(file.name) || MARK.test(file.text),
  read,
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  for (const file of files) {
    const { documents, problems } = file.yaml()
    for (const { line, reason } of problems) result.unread.push({ file: file.path, line, reason })
    const skipped = new Skipped()
    for (const document of documents) readDocument(document, file.path, result, skipped)
    result.unread.push(...skipped.lines(file.path))
  }
  return result
}

function readDocument(document: YamlDocument, file: string, result: ReaderResult, skipped: Skipped): void {
  const { value } = document
  if (!isEntity(value)) {
    result.observations.push(...(readDescriptor(document, file) ?? []))
    return
  }
  const place = { file, line: document.line(['metadata', 'name']) }
  const entity = readEntity(value, place)
  if (entity.kind === 'read') result.observations.push(entity.observation)
  else if (entity.kind === 'refused') result.unread.push({ ...place, reason: entity.reason })
  else if (entity.kind !== 'ignored') skipped.add(entity.kind, place.line)
}

/** What is left out on purpose takes one line a file, however many there are. */
class Skipped {
  readonly #counts = new Map<'resource' | 'template', { count: number; line: number }>()

  add(kind: 'resource' | 'template', line: number): void {
    const known = this.#counts.get(kind)
    if (known) known.count += 1
    else this.#counts.set(kind, { count: 1, line })
  }

  lines(file: string): ReaderResult['unread'] {
    return [...this.#counts].map(([kind, { count, line }]) => {
      const counted = `${count} catalog ${count === 1 ? 'resource' : 'resources'}, not read`
      return { file, line, reason: kind === 'template' ? 'a template' : counted }
    })
  }
}
