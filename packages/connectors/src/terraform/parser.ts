/**
 * Reads HCL with tree-sitter: every error is kept to the block it stands in, and the rest of the file is still read.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Language, Parser, type Tree } from 'web-tree-sitter'
import type { Block, Problem, Syntax } from './ast.ts'
import { topLevelChunks, type Chunk } from './chunks.ts'
import { LineStarts } from '../files/line-starts.ts'
import { toSyntax, type Source } from './tree.ts'

/**
 * Above this a file is parsed block by block: a tree takes some 80 bytes of WebAssembly memory, which never shrinks,
 * for each byte.
 */
const MAX_WHOLE_LENGTH = 512 * 1024
const PIECE_LENGTH = 64 * 1024
/** A single block larger than this is generated data, not a definition that people answer for. */
const MAX_BLOCK_LENGTH = 2 * 1024 * 1024
/**
 * The parser reports progress about every 45 characters of sound text (measured). Error recovery that needs a hundred
 * times as much is going nowhere; counting steps instead of time keeps the answer the same on every machine.
 */
const MAX_STEPS_PER_CHARACTER = 2
const MIN_STEPS = 100_000
const MAX_PROBLEMS = 100

export class HclParser {
  readonly #parser: Parser
  readonly #types: readonly string[]

  private constructor(parser: Parser, language: Language) {
    this.#parser = parser
    this.#types = language.types
  }

  static async load(): Promise<HclParser> {
    await Parser.init()
    const grammar = fileURLToPath(
      import.meta.resolve('@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm'),
    )
    const language = await Language.load(await readFile(grammar))
    const parser = new Parser()
    parser.setLanguage(language)
    return new HclParser(parser, language)
  }

  parse(file: string, text: string): Syntax {
    const source: Source = { file, text, offset: 0, lines: new LineStarts(text), types: this.#types }
    if (text.length <= MAX_WHOLE_LENGTH) {
      const whole = this.#parseSound(source)
      if (whole) return whole
    }
    return this.#parseByChunk(source)
  }

  /** An expression that stands alone, such as a string of a JSON configuration with its quotes. */
  parseExpression(file: string, text: string): Syntax['attributes'] {
    const source = `value = ${text}\n`
    const read = this.#parseSound({ file, text: source, offset: 0, lines: new LineStarts(source), types: this.#types })
    return read?.attributes ?? new Map()
  }

  /** Sound blocks are read many at a time, because starting the parser costs more than reading a small block. */
  #parseByChunk(source: Source): Syntax {
    const syntax: Syntax = { blocks: [], attributes: new Map(), problems: [] }
    const chunks = topLevelChunks(source.text)
    for (let first = 0, next = 0; first < chunks.length; first = next) {
      const start = chunks[first]?.start ?? 0
      do next++
      while (next < chunks.length && (chunks[next]?.end ?? 0) - start <= PIECE_LENGTH)
      const end = chunks[next - 1]?.end ?? start
      const piece =
        next - first > 1 ? this.#parseSound({ ...source, text: source.text.slice(start, end), offset: start }) : null
      if (piece) addSyntax(syntax, piece)
      else for (const chunk of chunks.slice(first, next)) this.#parseChunk(source, chunk, syntax)
    }
    return syntax
  }

  #parseChunk(source: Source, { start, end }: Chunk, into: Syntax): void {
    if (end - start > MAX_BLOCK_LENGTH) {
      addProblem(into.problems, {
        line: source.lines.lineAt(start),
        reason: `a block of more than ${MAX_BLOCK_LENGTH / 1024 / 1024} MB is not read`,
      })
      return
    }
    const piece = { ...source, text: source.text.slice(start, end), offset: start }
    const whole = this.#parseSound(piece)
    const read = whole ?? this.#parseFirstBlock(piece)
    if (read) addSyntax(into, read)
    if (!whole) addProblem(into.problems, this.#explain(piece, read !== null))
  }

  /** The error may stand after the block: a stray line, a conflict marker. */
  #parseFirstBlock(piece: Source): Syntax | null {
    const close = piece.text.indexOf('\n}')
    return close === -1 ? null : this.#parseSound({ ...piece, text: piece.text.slice(0, close + 2) })
  }

  /** null when the text has any error. */
  #parseSound(source: Source): Syntax | null {
    const tree = this.#tree(source.text)
    if (!tree) return null
    try {
      return tree.rootNode.hasError ? null : toSyntax(tree, source)
    } finally {
      tree.delete()
    }
  }

  /** Says where the first error is. It never quotes the text, which may hold a secret. */
  #explain(source: Source, isAfterBlock: boolean): Problem {
    const header = isAfterBlock
      ? null
      : /^(\w+)(?:[^\S\n]+"([\w.-]{1,100})")?(?:[^\S\n]+"([\w.-]{1,100})")?/.exec(source.text)
    const what =
      header?.[1] && header[2]
        ? `block ${[header[1], header[2], header[3]].filter((one) => one !== undefined).join(' ')}`
        : 'a part of the file'
    const tree = this.#tree(source.text)
    const found = tree ? firstError(tree) : 0
    tree?.delete()
    // What is missing at the end (a brace, a quote) is missed by the block as a whole.
    const offset = found >= source.text.trimEnd().length ? 0 : found
    return { line: source.lines.lineAt(source.offset + offset), reason: `not valid HCL: ${what} is not read` }
  }

  #tree(text: string): Tree | null {
    let steps = 0
    const limit = Math.max(MIN_STEPS, text.length * MAX_STEPS_PER_CHARACTER)
    const tree = this.#parser.parse(text, null, { progressCallback: () => ++steps > limit })
    if (!tree) this.#parser.reset()
    return tree
  }
}

function addSyntax(into: Syntax, read: Syntax): void {
  for (const block of read.blocks) into.blocks.push(block)
  for (const [name, attribute] of read.attributes) into.attributes.set(name, attribute)
  for (const problem of read.problems) addProblem(into.problems, problem)
}

function addProblem(problems: Problem[], problem: Problem): void {
  if (problems.length < MAX_PROBLEMS) problems.push(problem)
  else if (problems.length === MAX_PROBLEMS)
    problems.push({ line: problem.line, reason: 'further errors of this file are not listed' })
}

/** Offset of the first error: the deepest error node that is reached by always entering the first faulty child. */
function firstError(tree: Tree): number {
  let node = tree.rootNode
  for (let depth = 0; depth < 1_000; depth++) {
    if (node.isError || node.isMissing) return node.startIndex
    const faulty = node.children.find((child) => child !== null && (child.hasError || child.isMissing))
    if (!faulty) return node.startIndex
    node = faulty
  }
  return node.startIndex
}

/** The address of a top-level block as Terraform writes it; null for blocks that have none. */
export function addressOf(block: Block): string | null {
  const [first, second] = block.labels
  if (block.type === 'resource' && first && second) return `${first}.${second}`
  if (block.type === 'data' && first && second) return `data.${first}.${second}`
  return block.type === 'module' && first ? `module.${first}` : null
}
