/** From the parser's concrete tree to plain syntax. Nothing of the tree is kept, so it can be freed at once. */
import type { Tree, TreeCursor } from 'web-tree-sitter'
import { MAX_NESTING, TOO_DEEP, type Attribute, type Block, type Expr, type Problem, type Syntax } from './ast.ts'
import { LineStarts } from '../files/line-starts.ts'

type Node = { type: string; start: number; end: number; kids: Node[] }

/** One bracket costs three levels of the tree (expression, collection, tuple), so this is MAX_NESTING brackets. */
const MAX_TREE_DEPTH = MAX_NESTING * 3

const BINARY = new Set(['*', '/', '%', '+', '-', '>', '>=', '<', '<=', '==', '!=', '&&', '||'])
const IGNORED = new Set(['comment', 'strip_marker', 'template_interpolation_start', 'template_interpolation_end'])

/** Offsets are relative to `text`; `lines` belongs to the whole file, in which `text` begins at `offset`. */
export type Source = { file: string; text: string; offset: number; lines: LineStarts; types: readonly string[] }

export function toSyntax(tree: Tree, source: Source): Syntax {
  const reader = new TreeReader(source)
  const cursor = tree.walk()
  try {
    return reader.read(snapshot(cursor, source.types, reader))
  } finally {
    cursor.delete()
  }
}

/** Copies the named and anonymous nodes out of WebAssembly memory with one call a node and property. */
function snapshot(cursor: TreeCursor, types: readonly string[], reader: TreeReader, depth = 0): Node {
  const node: Node = {
    type: types[cursor.nodeTypeId] ?? 'ERROR',
    start: cursor.startIndex,
    end: cursor.endIndex,
    kids: [],
  }
  if (!cursor.gotoFirstChild()) return node
  if (depth >= MAX_TREE_DEPTH) {
    reader.tooDeep(node)
    node.type = 'opaque'
  } else {
    do {
      const kid = snapshot(cursor, types, reader, depth + 1)
      if (!IGNORED.has(kid.type)) node.kids.push(kid)
    } while (cursor.gotoNextSibling())
  }
  cursor.gotoParent()
  return node
}

class TreeReader {
  readonly #source: Source
  readonly #problems: Problem[] = []

  constructor(source: Source) {
    this.#source = source
  }

  tooDeep(node: Node): void {
    if (this.#problems.length === 0) this.#problems.push({ line: this.#line(node), reason: TOO_DEEP })
  }

  read(root: Node): Syntax {
    const body = root.kids.find((kid) => kid.type === 'body')
    const { attributes, blocks } = this.#body(body)
    return { attributes, blocks, problems: this.#problems }
  }

  #body(body: Node | undefined): { attributes: Map<string, Attribute>; blocks: Block[] } {
    const attributes = new Map<string, Attribute>()
    const blocks: Block[] = []
    for (const kid of body?.kids ?? []) {
      if (kid.type === 'block') blocks.push(this.#block(kid))
      else if (kid.type === 'attribute') {
        const attribute = this.#attribute(kid)
        if (attribute) attributes.set(attribute.name, attribute)
      }
    }
    return { attributes, blocks }
  }

  #block(node: Node): Block {
    const [type, ...rest] = node.kids
    const labels: string[] = []
    let body: Node | undefined
    for (const kid of rest) {
      if (kid.type === 'identifier') labels.push(this.#text(kid))
      else if (kid.type === 'string_lit') labels.push(this.#string(kid))
      else if (kid.type === 'body') body = kid
    }
    return {
      type: type ? this.#text(type) : '',
      labels,
      ...this.#body(body),
      file: this.#source.file,
      line: this.#line(node),
    }
  }

  #attribute(node: Node): Attribute | null {
    const [name, , value] = node.kids
    if (!name || !value) return null
    return { name: this.#text(name), value: this.#expr(value), line: this.#line(node) }
  }

  /** Expressions come flat: `a.b[0] == c` is one list of a term, its steps, an operator, and another term. */
  #expr(node: Node): Expr {
    if (node.type !== 'expression') return this.#term([node], node)
    return this.#term(node.kids, node)
  }

  #term(nodes: readonly Node[], around: Node): Expr {
    const [first, ...steps] = nodes
    if (!first) return { kind: 'opaque', line: this.#line(around) }
    if (first.type === '(') {
      const close = nodes.findIndex((node) => node.type === ')')
      const inner = nodes[1]
      return inner
        ? this.#steps(this.#expr(inner), nodes.slice(close + 1))
        : { kind: 'opaque', line: this.#line(around) }
    }
    return this.#steps(this.#primary(first), steps)
  }

  #steps(start: Expr, steps: readonly Node[]): Expr {
    let of = start
    for (const step of steps) {
      const line = this.#line(step)
      if (step.type === 'get_attr') of = { kind: 'get', of, name: this.#lastText(step), line }
      else if (step.type === 'index') of = { kind: 'index', of, index: this.#index(step), line }
      else if (step.type === 'splat') of = { kind: 'splat', of, each: this.#splat(step), line }
    }
    return of
  }

  #index(node: Node): Expr {
    const inner = node.kids[0]
    const line = this.#line(node)
    if (inner?.type === 'legacy_index') return { kind: 'literal', value: Number(this.#text(inner).slice(1)), line }
    const expr = inner?.kids.find((kid) => kid.type === 'expression')
    return expr ? this.#expr(expr) : { kind: 'opaque', line }
  }

  #splat(node: Node): (string | Expr)[] {
    return (node.kids[0]?.kids ?? []).flatMap((kid): (string | Expr)[] =>
      kid.type === 'get_attr' ? [this.#lastText(kid)] : kid.type === 'index' ? [this.#index(kid)] : [],
    )
  }

  #primary(node: Node): Expr {
    const line = this.#line(node)
    const inner = node.kids[0]
    switch (node.type) {
      case 'expression':
        return this.#expr(node)
      case 'literal_value':
        return inner ? this.#literal(inner) : { kind: 'opaque', line }
      case 'template_expr':
        return inner ? this.#template(inner) : { kind: 'opaque', line }
      case 'variable_expr':
        return { kind: 'name', name: this.#text(node), line }
      case 'collection_value':
        return inner ? this.#collection(inner) : { kind: 'opaque', line }
      case 'function_call':
        return this.#call(node)
      case 'for_expr':
        return inner ? this.#for(inner) : { kind: 'opaque', line }
      case 'operation':
        return inner ? this.#operation(inner) : { kind: 'opaque', line }
      case 'conditional':
        return this.#conditional(node)
      default:
        return { kind: 'opaque', line }
    }
  }

  #literal(node: Node): Expr {
    const line = this.#line(node)
    const text = this.#text(node)
    switch (node.type) {
      case 'string_lit':
        return { kind: 'literal', value: this.#string(node), line }
      case 'numeric_lit':
        return { kind: 'literal', value: Number(text), line }
      case 'bool_lit':
        return { kind: 'literal', value: text === 'true', line }
      case 'null_lit':
        return { kind: 'literal', value: null, line }
      default:
        return { kind: 'opaque', line }
    }
  }

  /** Text is taken from between the interpolations: the tree leaves out white space around them. */
  #template(node: Node): Expr {
    const line = this.#line(node)
    const isHeredoc = node.type === 'heredoc_template'
    const [from, to] = this.#content(node, isHeredoc ? 'heredoc_identifier' : 'quoted_template_start')
    const decode = isHeredoc ? unescapeMarkers : unescape
    const parts: (string | Expr)[] = []
    let at = from
    for (const kid of node.kids) {
      if (kid.type !== 'template_interpolation' && kid.type !== 'template_directive') continue
      if (kid.start > at) parts.push(decode(this.#source.text.slice(at, kid.start)))
      at = kid.end
      const inner = kid.kids.find((one) => one.type === 'expression')
      if (kid.type === 'template_directive') parts.push({ kind: 'opaque', line: this.#line(kid) })
      else if (inner) parts.push(this.#expr(inner))
    }
    if (to > at) parts.push(decode(this.#source.text.slice(at, to)))
    if (!isHeredoc) return { kind: 'template', parts, line }
    return { kind: 'template', parts: this.#text(node).startsWith('<<-') ? dedent(parts) : parts, line }
  }

  /** From after the opening mark to before the closing one; of a heredoc, whole lines. */
  #content(node: Node, opening: string): [number, number] {
    const first = node.kids.find((kid) => kid.type === opening)
    const last = node.kids[node.kids.length - 1]
    const { text } = this.#source
    const from = first?.end ?? node.start
    const to = Math.max(from, last?.start ?? node.end)
    if (opening !== 'heredoc_identifier') return [from, to]
    const firstLine = text.indexOf('\n', from) + 1
    return [firstLine, Math.max(firstLine, text.lastIndexOf('\n', to - 1) + 1)]
  }

  #collection(node: Node): Expr {
    const line = this.#line(node)
    if (node.type === 'tuple') {
      return {
        kind: 'list',
        items: node.kids.filter((kid) => kid.type === 'expression').map((kid) => this.#expr(kid)),
        line,
      }
    }
    if (node.type !== 'object') return { kind: 'opaque', line }
    const entries = node.kids
      .filter((kid) => kid.type === 'object_elem')
      .flatMap((elem) => {
        const [key, value] = elem.kids.filter((kid) => kid.type === 'expression')
        return key && value ? [{ key: this.#key(key), value: this.#expr(value) }] : []
      })
    return { kind: 'object', entries, line }
  }

  /** A bare word as an object key is a string; in parentheses it is a reference. */
  #key(node: Node): Expr {
    const key = this.#expr(node)
    return key.kind === 'name' && node.kids[0]?.type !== '('
      ? { kind: 'literal', value: key.name, line: key.line }
      : key
  }

  #call(node: Node): Expr {
    const name = node.kids.find((kid) => kid.type === 'identifier')
    const args = node.kids.find((kid) => kid.type === 'function_arguments')?.kids ?? []
    return {
      kind: 'call',
      name: name ? this.#text(name) : '',
      line: this.#line(node),
      args: args.filter((kid) => kid.type === 'expression').map((kid) => this.#expr(kid)),
      isSpread: args.some((kid) => kid.type === 'ellipsis'),
    }
  }

  #for(node: Node): Expr {
    const line = this.#line(node)
    const intro = node.kids.find((kid) => kid.type === 'for_intro')
    const names = (intro?.kids ?? []).filter((kid) => kid.type === 'identifier').map((kid) => this.#text(kid))
    const over = intro?.kids.find((kid) => kid.type === 'expression')
    const results = node.kids.filter((kid) => kid.type === 'expression').map((kid) => this.#expr(kid))
    const filter = node.kids.find((kid) => kid.type === 'for_cond')?.kids.find((kid) => kid.type === 'expression')
    const valueName = names[names.length - 1]
    const [first, second] = results
    if (!over || !first || valueName === undefined) return { kind: 'opaque', line }
    return {
      kind: 'for',
      keyName: names.length > 1 ? (names[0] ?? null) : null,
      valueName,
      over: this.#expr(over),
      key: second ? first : null,
      result: second ?? first,
      filter: filter ? this.#expr(filter) : null,
      isGrouped: node.kids.some((kid) => kid.type === 'ellipsis'),
      line,
    }
  }

  #operation(node: Node): Expr {
    const line = this.#line(node)
    const [first, ...rest] = node.kids
    if (node.type === 'unary_operation' && first)
      return { kind: 'unary', operator: this.#text(first), of: this.#term(rest, node), line }
    const at = node.kids.findIndex((kid) => BINARY.has(kid.type))
    const operator = node.kids[at]
    if (!operator) return { kind: 'opaque', line }
    return {
      kind: 'binary',
      operator: operator.type,
      left: this.#term(node.kids.slice(0, at), node),
      right: this.#term(node.kids.slice(at + 1), node),
      line,
    }
  }

  #conditional(node: Node): Expr {
    const [test, yes, no] = node.kids.filter((kid) => kid.type === 'expression').map((kid) => this.#expr(kid))
    const line = this.#line(node)
    return test && yes && no ? { kind: 'conditional', test, yes, no, line } : { kind: 'opaque', line }
  }

  #string(node: Node): string {
    return unescape(this.#source.text.slice(...this.#content(node, 'quoted_template_start')))
  }

  #lastText(node: Node): string {
    const last = node.kids[node.kids.length - 1]
    return last ? this.#text(last) : ''
  }

  #text(node: Node): string {
    return this.#source.text.slice(node.start, node.end)
  }

  #line(node: Node): number {
    return this.#source.lines.lineAt(this.#source.offset + node.start)
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

/** HCL string escapes (HCL native syntax specification, "Template Literals"). */
function unescape(text: string): string {
  if (!text.includes('\\') && !text.includes('$$') && !text.includes('%%')) return text
  return unescapeMarkers(
    text.replace(
      /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g,
      (whole, short?: string, long?: string, one?: string) => {
        if (one !== undefined) return ESCAPES[one] ?? whole
        const code = parseInt(short ?? long ?? '', 16)
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole
      },
    ),
  )
}

function unescapeMarkers(text: string): string {
  return text.replaceAll('$${', '${').replaceAll('%%{', '%{')
}

/**
 * `<<-`: the smallest indentation of any line is taken away from each. Interpolations count as text without a break.
 */
function dedent(parts: readonly (string | Expr)[]): (string | Expr)[] {
  const whole = parts.map((part) => (typeof part === 'string' ? part : '\u0000')).join('')
  const indents = whole
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length)
  const indent = indents.length === 0 ? 0 : Math.min(...indents)
  if (indent === 0) return [...parts]
  const margin = new RegExp(`(^|\\n)[^\\S\\n]{1,${indent}}`, 'g')
  return parts.map((part, i) => {
    if (typeof part !== 'string') return part
    return part.replace(margin, (whole: string, start: string, at: number) =>
      start === '\n' ? '\n' : i === 0 && at === 0 ? '' : whole,
    )
  })
}
