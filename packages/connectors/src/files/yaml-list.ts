/**
 * Large `kind: List` files, as `kubectl get -o yaml` writes them: tens of megabytes in one document. They are read item by
 * item, so that the syntax tree in memory is that of one item.
 *
 * It relies on one rule of YAML: inside a block sequence at indentation n every line of an item is indented by more than
 * n, whatever its style, so a line that begins with n spaces and a dash begins the next item.
 */
import { locateByOffsets, offsetsOf } from './yaml-offsets.ts'
import { readYamlSource, type Locate, type YamlSource } from './yaml-source.ts'

type Item = { value: unknown; start: number; locate: Locate }

/** Of an item this large the syntax tree is kept: looking through its parts for each place would take too long. */
const LARGE_ITEM_CHARS = 64_000

/** A broken export breaks at every item; these are enough to see why. */
const MAX_PROBLEMS = 20

/** null when the text is no mapping with a block sequence under `items`, or when its items need one another (anchors). */
export function readListItems(text: string): YamlSource | null {
  const range = itemsOf(text)
  if (!range) return null
  // Everything around the items, with `items` empty. The two parts keep their distance through `gap`.
  const first = range.starts[0] ?? range.end
  const gap = range.end - first
  const frame = readYamlSource(text.slice(0, first) + text.slice(range.end))
  const document = frame.documents[0]
  if (frame.documents.length !== 1 || !document || !isRecord(document.value) || document.value['items'] !== null)
    return null

  const items: Item[] = []
  const problems: YamlSource['problems'] = []
  let broken = 0
  for (const [index, start] of range.starts.entries()) {
    const end = range.starts[index + 1] ?? range.end
    const read = readYamlSource(text.slice(start, end))
    const found = read.documents[0]
    if (found && Array.isArray(found.value) && found.value.length === 1) {
      items.push({ value: found.value[0], start, locate: locateItem(text.slice(start, end), found) })
    } else if (++broken <= MAX_PROBLEMS) {
      const problem = read.problems[0]
      problems.push({
        offset: start + (problem?.offset ?? 0),
        reason: problem?.reason ?? 'not valid YAML: an item that cannot be read',
      })
    }
  }
  if (broken > MAX_PROBLEMS)
    problems.push({ offset: first, reason: `${broken - MAX_PROBLEMS} more items that cannot be read` })
  document.value['items'] = items.map(({ value }) => value)
  const inFrame: Locate = (path) => {
    const offset = document.locate(path)
    return offset < first ? offset : offset + gap
  }
  return {
    documents: [{ value: document.value, locate: locateItems(items, inFrame), contents: document.contents }],
    problems,
  }
}

/** Places within one item, without holding on to its tree where that is not needed. */
function locateItem(text: string, { value, contents, locate }: YamlSource['documents'][number]): Locate {
  if (text.length > LARGE_ITEM_CHARS) return locate
  const offsets = offsetsOf(contents)
  if (offsets) return (path) => locateByOffsets(value, offsets, path, 0)
  return (path) => readYamlSource(text).documents[0]?.locate(path) ?? 0
}

function locateItems(items: readonly Item[], inFrame: Locate): Locate {
  return (path) => {
    const item = path[0] === 'items' ? items[Number(path[1])] : undefined
    return item ? item.start + item.locate([0, ...path.slice(2)]) : inFrame(path)
  }
}

/** Where the items begin, and where the mapping goes on after them. */
function itemsOf(text: string): { starts: number[]; end: number } | null {
  const header = /(?:^|\n)items:[ \t]*\r?\n(?=( *)- )/.exec(text)
  if (!header) return null
  const prefix = `${header[1] ?? ''}- `
  const starts: number[] = []
  let at = header.index + header[0].length
  while (at < text.length) {
    if (text.startsWith(prefix, at)) starts.push(at)
    else if (isOutside(text, at, prefix.length - 2)) break
    const newline = text.indexOf('\n', at)
    at = newline < 0 ? text.length : newline + 1
  }
  return { starts, end: at }
}

/** Whether a line belongs to the mapping around a sequence of this indentation. Comments and empty lines belong to nobody. */
function isOutside(text: string, lineStart: number, indentation: number): boolean {
  let at = lineStart
  while (text[at] === ' ') at++
  const character = text[at]
  if (character === undefined || character === '\n' || character === '\r' || character === '#') return false
  return at - lineStart <= indentation
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
