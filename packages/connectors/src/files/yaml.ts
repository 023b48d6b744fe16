/**
 * YAML and JSON from files nobody vouches for: bounded, positions kept, nothing executed, and no message that quotes the
 * source, because the line may hold a secret. A document that cannot be used is a problem with its line; the other
 * documents of the file are still read.
 */
import { readJson } from './json-source.ts'
import { LineStarts } from './line-starts.ts'
import { readListItems } from './yaml-list.ts'
import { readYamlSource, type Locate, type YamlProblem } from './yaml-source.ts'

export type { YamlProblem } from './yaml-source.ts'

export type YamlFile = { documents: YamlDocument[]; problems: YamlProblem[] }

/** Above this a file is read in pieces: the syntax tree of YAML needs six to ten times the memory of its text. */
const LARGE_CHARS = 1_000_000
/** One document that cannot be divided; its tree takes about 100 MB and two seconds. */
const MAX_DOCUMENT_CHARS = 8_000_000

export const TEMPLATE_REASON = 'a template (Helm, Jinja or the like); render it first'
/** Not preceded by `$`: `${{ … }}` belongs to CI files and is ordinary text in YAML. */
const TEMPLATE = /(?:^|[^$])\{\{|\{%/

export class YamlDocument {
  /** Plain data without cycles. Keys such as `__proto__` are own properties without effect on prototypes. */
  readonly value: unknown
  readonly #lines: LineStarts
  readonly #locate: Locate

  constructor(value: unknown, lines: LineStarts, locate: Locate) {
    this.value = value
    this.#lines = lines
    this.#locate = locate
  }

  /** 1-based line of the key or item at `path`; of its deepest existing ancestor when it does not exist. */
  line(path: readonly (string | number)[] = []): number {
    return this.#lines.lineAt(this.#locate(path))
  }
}

/**
 * Reads every document of a file. JSON is tried first where the text looks like it (an order of magnitude faster; of
 * equal keys the last counts, as everywhere in JSON). In YAML, anchors and merge keys work; local tags such as `!Ref`
 * are read as if they were absent. Problems, one for each document: broken syntax, equal keys, keys that are no plain
 * values, aliases that multiply, nesting deeper than 100 levels, tags that ask for objects of a language. A file with
 * template expressions is one problem.
 */
export function readYaml(source: string): YamlFile {
  const text = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source
  const lines = new LineStarts(text)
  const json = readJson(text)
  if (json?.problem)
    return { documents: [], problems: [{ line: lines.lineAt(json.problem.offset), reason: json.problem.reason }] }
  if (json) return { documents: [new YamlDocument(json.value, lines, json.locate)], problems: [] }

  let file = text.length > LARGE_CHARS ? readParts(partsOf(text), lines) : readParts([{ text, start: 0 }], lines)
  // What breaks one document, such as an open quote, may swallow those behind it.
  if (file.problems.length > 0 && text.length <= LARGE_CHARS) file = readParts(partsOf(text), lines)
  return TEMPLATE.test(text) ? asTemplate(file) : file
}

type Part = { text: string; start: number }

function readParts(parts: readonly Part[], lines: LineStarts): YamlFile {
  const file: YamlFile = { documents: [], problems: [] }
  for (const { text, start } of parts) {
    const read = readPart(text)
    for (const { value, locate } of read.documents) {
      file.documents.push(new YamlDocument(value, lines, (path) => start + locate(path)))
    }
    for (const { offset, reason } of read.problems) file.problems.push({ line: lines.lineAt(start + offset), reason })
  }
  return file
}

function readPart(text: string): ReturnType<typeof readYamlSource> {
  if (text.length > LARGE_CHARS) {
    const list = readListItems(text)
    if (list) return list
  }
  if (text.length > MAX_DOCUMENT_CHARS) {
    return {
      documents: [],
      problems: [
        { offset: 0, reason: 'a document of more than 8 MB that is no list of items: divide it, or export it as JSON' },
      ],
    }
  }
  return readYamlSource(text)
}

/** The text between document markers. Three dashes at the start of a line are one wherever they stand (YAML 1.2, 9.1.2). */
function partsOf(text: string): Part[] {
  // Directives stand before the marker and would be cut off from their document.
  if (text.startsWith('%') || text.includes('\n%')) return [{ text, start: 0 }]
  const parts: Part[] = []
  let start = 0
  for (let at = text.indexOf('\n---'); at >= 0; at = text.indexOf('\n---', at + 1)) {
    if (!/^(?:\s|$)/.test(text.slice(at + 4, at + 5))) continue
    parts.push({ text: text.slice(start, at + 1), start })
    start = at + 1
  }
  parts.push({ text: text.slice(start), start })
  return parts
}

function asTemplate(file: YamlFile): YamlFile {
  const first = file.problems[0]
  if (!first) return file
  return { ...file, problems: [{ line: first.line, reason: TEMPLATE_REASON }] }
}
