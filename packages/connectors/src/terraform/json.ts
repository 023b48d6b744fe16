/** Terraform's JSON syntax (`*.tf.json`, `*.tfvars.json`) as the same plain syntax as HCL, with lines. */
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { MAX_NESTING, TOO_DEEP, type Attribute, type Block, type Expr, type Syntax } from './ast.ts'
import { LineStarts } from '../files/line-starts.ts'
import type { HclParser } from './parser.ts'

/** Top-level block types and how many labels each has (Terraform documentation, "JSON Configuration Syntax"). */
const LABELS: Readonly<Record<string, number>> = {
  resource: 2,
  data: 2,
  module: 1,
  variable: 1,
  output: 1,
  provider: 1,
  locals: 0,
  terraform: 0,
}

export function readJsonSyntax(file: string, text: string, hcl: HclParser, isVariables: boolean): Syntax {
  const errors: ParseError[] = []
  const lines = new LineStarts(text)
  const root = nestedTooDeeply(text)
    ? undefined
    : parseTree(text, errors, { disallowComments: false, allowTrailingComma: false })
  const reader = new JsonReader(file, hcl, lines)
  const syntax: Syntax = { blocks: [], attributes: new Map(), problems: [] }
  const error = errors[0]
  if (error)
    syntax.problems.push({
      line: lines.lineAt(error.offset),
      reason: `not valid JSON: ${printParseErrorCode(error.error)}`,
    })
  if (!root) {
    if (!error) syntax.problems.push({ line: 1, reason: text.trim() === '' ? 'empty file' : TOO_DEEP })
    return syntax
  }
  if (isVariables) syntax.attributes = reader.attributes(root)
  else
    for (const [type, body] of propertiesOf(root))
      if (Object.hasOwn(LABELS, type)) syntax.blocks.push(...reader.blocks(type, body, LABELS[type] ?? 0))
  return syntax
}

class JsonReader {
  readonly #file: string
  readonly #hcl: HclParser
  readonly #lines: LineStarts

  constructor(file: string, hcl: HclParser, lines: LineStarts) {
    this.#file = file
    this.#hcl = hcl
    this.#lines = lines
  }

  /** An array stands for repeated blocks at any level. */
  blocks(type: string, node: Node, labelsLeft: number, labels: string[] = []): Block[] {
    if (node.type === 'array')
      return (node.children ?? []).flatMap((child) => this.blocks(type, child, labelsLeft, labels))
    if (labelsLeft > 0)
      return propertiesOf(node).flatMap(([label, inner]) =>
        this.blocks(type, inner, labelsLeft - 1, [...labels, label]),
      )
    if (node.type !== 'object') return []
    return [
      {
        type,
        labels,
        attributes: this.attributes(node),
        blocks: [],
        file: this.#file,
        line: this.#lines.lineAt(node.offset),
      },
    ]
  }

  attributes(node: Node): Map<string, Attribute> {
    return new Map(
      propertiesOf(node).map(([name, value]) => [
        name,
        { name, value: this.#expr(value), line: this.#lines.lineAt(value.offset) },
      ]),
    )
  }

  #expr(node: Node): Expr {
    const line = this.#lines.lineAt(node.offset)
    if (node.type === 'array')
      return { kind: 'list', items: (node.children ?? []).map((child) => this.#expr(child)), line }
    if (node.type === 'object') {
      const entries = propertiesOf(node).map(([name, value]) => ({
        key: { kind: 'literal' as const, value: name, line: this.#lines.lineAt(value.offset) },
        value: this.#expr(value),
      }))
      return { kind: 'object', entries, line }
    }
    const value: unknown = node.value
    if (typeof value === 'string')
      return value.includes('${') || value.includes('%{')
        ? this.#template(value, line)
        : { kind: 'literal', value, line }
    return typeof value === 'number' || typeof value === 'boolean' || value === null
      ? { kind: 'literal', value, line }
      : { kind: 'opaque', line }
  }

  #template(value: string, line: number): Expr {
    // Outside an interpolation quotes must be escaped for the parser; a string that fails then is not a template to us.
    const parsed = this.#hcl.parseExpression(this.#file, `"${value.replace(/\r?\n/g, '\\n')}"`).get('value')
    return parsed ? atLine(parsed.value, line) : { kind: 'opaque', line }
  }
}

function propertiesOf(node: Node): [string, Node][] {
  return (node.type === 'object' ? (node.children ?? []) : []).flatMap((property): [string, Node][] => {
    const [key, value] = property.children ?? []
    return key && value ? [[String(key.value), value]] : []
  })
}

/**
 * The library recurses; a cheap count of brackets protects its stack. Brackets inside strings only make it stricter.
 */
function nestedTooDeeply(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x5b || code === 0x7b) {
      if (++depth > MAX_NESTING * 3) return true
    } else if (code === 0x5d || code === 0x7d) depth--
  }
  return false
}

/** Everything in a string stands on the line of the string. */
export function atLine<T>(value: T, line: number): T {
  if (Array.isArray(value)) return value.map((item: unknown) => atLine(item, line)) as T // of its own type
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [key, atLine(inner, line)])) as T // likewise
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === 'line' ? line : atLine(inner as unknown, line),
  ])
  return Object.fromEntries(entries) as T // the same keys with values of the same types
}
