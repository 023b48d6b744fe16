/**
 * YAML (and JSON, which it contains) from files nobody vouches for: bounded, positions kept, nothing executed.
 * Anchors and merge keys work as in YAML 1.1/1.2; an alias bomb, a document nested too deeply or a duplicate key is a
 * problem with its line, and the other documents of the file are still read.
 */
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node } from 'yaml'

/** More resolved aliases than this in one document is an attack or a mistake (the yaml library's own default is 100). */
const MAX_ALIASES = 1_000

export type YamlProblem = { line: number; reason: string }
export type YamlFile = { documents: YamlDocument[]; problems: YamlProblem[] }

export class YamlDocument {
  /** Plain data. Keys such as `__proto__` are own properties without effect on prototypes. */
  readonly value: unknown
  readonly #document: Document.Parsed
  readonly #lines: LineCounter

  constructor(document: Document.Parsed, lines: LineCounter, value: unknown) {
    this.#document = document
    this.#lines = lines
    this.value = value
  }

  /** 1-based line of the node at `path`; of its deepest existing ancestor when it does not exist. */
  line(path: readonly (string | number)[] = []): number {
    let node: Node | null = this.#document.contents
    let offset = node?.range?.[0] ?? 0
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(this.#document) ?? null
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
        if (!pair) break
        if (isScalar(pair.key) && pair.key.range) offset = pair.key.range[0]
        node = pair.value as Node | null // the parser only makes nodes
      } else if (isSeq(node)) {
        node = (node.items[Number(step)] as Node | undefined) ?? null
        offset = node?.range?.[0] ?? offset
      } else break
    }
    return Math.max(1, this.#lines.linePos(offset).line)
  }
}

export function readYaml(text: string): YamlFile {
  const lines = new LineCounter()
  const problems: YamlProblem[] = []
  const documents: YamlDocument[] = []
  let parsed: ReturnType<typeof parseAllDocuments>
  try {
    parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, logLevel: 'silent', merge: true, prettyErrors: false })
  } catch (error) {
    return { documents, problems: [{ line: 1, reason: `not readable as YAML: ${message(error)}` }] }
  }
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const first = document.errors[0]
    if (first) {
      problems.push({ line: Math.max(1, lines.linePos(first.pos[0]).line), reason: `not valid YAML: ${first.message}` })
      continue
    }
    try {
      const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
      if (value !== null && value !== undefined) documents.push(new YamlDocument(document as Document.Parsed, lines, value))
    } catch (error) {
      problems.push({ line: Math.max(1, lines.linePos(document.range?.[0] ?? 0).line), reason: `not usable YAML: ${message(error)}` })
    }
  }
  return { documents, problems }
}

function message(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
