/** One YAML text: its documents as plain data with positions, or the reason why one cannot be used. */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Alias,
  type Document,
  type ErrorCode,
  type Pair,
  type YAMLMap,
} from 'yaml'

export type YamlProblem = { line: number; reason: string }

/** The offset in the text of the key or item at a path; of its deepest existing ancestor when it does not exist. */
export type Locate = (path: readonly (string | number)[]) => number

/** `contents`: the root of the syntax tree, which `locate` holds on to. */
type Usable = { value: unknown; locate: Locate; contents: unknown }
export type YamlSource = { documents: Usable[]; problems: { offset: number; reason: string }[] }

/** Far beyond what people or machines write, and safe for code that walks the value by recursion. */
export const MAX_DEPTH = 100
export const TOO_DEEP = `nested more than ${MAX_DEPTH} levels deep`
/** More resolved aliases than this in one document is an attack or a mistake (the yaml library's own default is 100). */
const MAX_ALIASES = 1_000

export function readYamlSource(text: string): YamlSource {
  const source: YamlSource = { documents: [], problems: [] }
  for (const document of parse(text)) {
    const read = readDocument(document)
    if ('reason' in read) source.problems.push(read)
    else if (read.value !== null && read.value !== undefined) source.documents.push(read)
  }
  return source
}

function parse(text: string): Document.Parsed[] {
  // Equal keys are found by `flawOf`: the library compares each key with each, which takes minutes for a large mapping.
  const parsed = parseAllDocuments(text, {
    uniqueKeys: false,
    logLevel: 'silent',
    merge: true,
    prettyErrors: false,
    keepSourceTokens: false,
  })
  return Array.isArray(parsed) ? parsed : []
}

type Flaw = { offset: number; reason: string }

function readDocument(document: Document.Parsed): Usable | Flaw {
  const error = document.errors[0]
  if (error)
    return { offset: error.pos[0], reason: `not valid YAML: ${REASONS[error.code] ?? 'its structure cannot be read'}` }
  const flaw = flawOf(document)
  if (flaw) return flaw
  const offset = document.contents?.range[0] ?? document.range[0]
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    if (!isShallow(value, 1, new Map())) return { offset, reason: `aliases that make it ${TOO_DEEP}` }
    const pairs: PairIndex = new Map()
    return { value, locate: (path) => locateIn(document, path, pairs), contents: document.contents }
  } catch (thrown) {
    return { offset, reason: `not usable YAML: ${reasonOf(thrown)}` }
  }
}

/** Never the library's own message: it quotes the source. */
function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : ''
  if (message.startsWith('Excessive alias count')) return 'its aliases multiply beyond what a person writes'
  if (message.startsWith('Merge sources')) return 'a merge key (<<) whose value is no mapping'
  return 'an alias before its anchor or inside it'
}

/** What makes a well-formed document unusable: found without recursion, before any value is made. */
function flawOf(document: Document.Parsed): Flaw | null {
  const anchors = new Set<string>()
  const aliases: Alias[] = []
  const todo: { node: unknown; depth: number }[] = [{ node: document.contents, depth: 1 }]
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { node, depth } = next
    if (isAlias(node)) aliases.push(node)
    if (!isCollection(node) && !isScalar(node)) continue
    if (node.anchor) anchors.add(node.anchor)
    const offset = node.range?.[0] ?? 0
    // `!!js/function`, `!!python/object/apply:…`: this reader would read plain data, another would run something.
    if (node.tag?.startsWith('tag:yaml.org,2002:') && node.tag.includes('/'))
      return { offset, reason: 'a tag asks for an object of a programming language; nothing is run' }
    if (!isCollection(node)) continue
    if (depth > MAX_DEPTH) return { offset, reason: TOO_DEEP }
    if (isMap(node)) {
      const flaw = flawOfKeys(node)
      if (flaw) return flaw
      for (const pair of node.items) todo.push({ node: pair.value, depth: depth + 1 })
    } else if (isSeq(node)) {
      for (const item of node.items) todo.push({ node: item, depth: depth + 1 })
    }
  }
  const lost = aliases.find((alias) => !anchors.has(alias.source))
  return lost ? { offset: lost.range?.[0] ?? 0, reason: 'an alias without an anchor' } : null
}

function flawOfKeys(map: YAMLMap): Flaw | null {
  const seen = new Set<string>()
  for (const { key } of map.items) {
    if (key === null || isAlias(key)) continue
    // Also what an unquoted `{{ … }}` looks like. Turning such keys into text takes time exponential in their depth.
    if (!isScalar(key))
      return {
        offset: (isCollection(key) ? key.range?.[0] : undefined) ?? map.range?.[0] ?? 0,
        reason: 'a key that is no plain value',
      }
    const name = String(key.value)
    if (seen.has(name) && name !== '<<')
      return { offset: key.range?.[0] ?? 0, reason: 'the same key twice in one mapping' }
    seen.add(name)
  }
  return null
}

/**
 * Whether the value stays within the depth once aliases are followed; a cycle never does. A part met again needs another
 * look only when it sits deeper than before, so shared parts do not multiply the work.
 */
function isShallow(value: unknown, depth: number, checkedAt: Map<object, number>): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth > MAX_DEPTH) return false
  if ((checkedAt.get(value) ?? 0) >= depth) return true
  checkedAt.set(value, depth)
  return Object.values(value).every((part) => isShallow(part, depth + 1, checkedAt))
}

/** By key, for each mapping asked about: with a hundred thousand keys, looking through them for each would take minutes. */
type PairIndex = Map<YAMLMap, Map<string, Pair>>

function locateIn(document: Document.Parsed, path: readonly (string | number)[], pairs: PairIndex): number {
  let node: unknown = document.contents
  let offset = document.contents?.range[0] ?? document.range[0]
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = pairOf(node, String(step), pairs)
      if (!pair) break
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      if (isCollection(node) || isScalar(node) || isAlias(node)) offset = node.range?.[0] ?? offset
    } else break
  }
  return offset
}

function pairOf(map: YAMLMap, key: string, pairs: PairIndex): Pair | undefined {
  let index = pairs.get(map)
  if (!index)
    pairs.set(
      map,
      (index = new Map(
        map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])),
      )),
    )
  return index.get(key)
}

/** In our words: the library's messages quote the source, which may hold a secret. */
const REASONS: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias cannot have an anchor or a tag',
  BAD_ALIAS: 'an alias without an anchor',
  BAD_COLLECTION_TYPE: 'a tag that does not fit its value',
  BAD_DIRECTIVE: 'a directive that cannot be read',
  BAD_DQ_ESCAPE: 'an unknown escape sequence in double quotes',
  BAD_INDENT: 'wrong indentation',
  BAD_PROP_ORDER: 'anchor and tag must come before their value',
  BAD_SCALAR_START: 'a value that begins with a reserved character and is not quoted',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping inside a mapping on one line',
  BLOCK_IN_FLOW: 'a block inside brackets',
  DUPLICATE_KEY: 'the same key twice in one mapping',
  KEY_OVER_1024_CHARS: 'a key of more than 1024 characters',
  MISSING_CHAR: 'a character is missing, such as a closing quote, a bracket, a colon or a comma',
  MULTILINE_IMPLICIT_KEY: 'a key that spans lines',
  MULTIPLE_ANCHORS: 'two anchors on one value',
  MULTIPLE_TAGS: 'two tags on one value',
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: 'a tab used as indentation',
  TAG_RESOLVE_FAILED: 'a tag that does not fit its value',
  UNEXPECTED_TOKEN: 'something that does not belong there',
}
