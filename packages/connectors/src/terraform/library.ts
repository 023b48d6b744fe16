/** The modules of an estate, by directory: those of the unit at hand and, when they are called, those elsewhere. */
import type { Unread } from '@onus/core/observation.ts'
import { directoryOf, joinPath } from '../files/paths.ts'
import type { TextFile } from '../files/text-file.ts'
import type { Surroundings } from '../reader.ts'
import type { Expr, Syntax } from './ast.ts'
import { readJsonSyntax } from './json.ts'
import { buildModule, isAutomatic, isVariablesFile, type Module } from './module.ts'
import type { HclParser } from './parser.ts'

/** Of Terraform and of OpenTofu, which reads the same language. */
const CONFIGURATION = ['.tf', '.tf.json', '.tofu', '.tofu.json']

export function isConfiguration(path: string): boolean {
  return CONFIGURATION.some((ending) => path.endsWith(ending))
}

/** A file is parsed once, as long as somebody holds on to its text. */
const parsed = new WeakMap<TextFile, Syntax>()

/** What functions that read files are given: of the estate only, and never what is no text of people's. */
const DATA = ['.json', '.yaml', '.yml', '.tftpl', '.json.tpl', '.yaml.tpl']
const TEMPLATES = ['.tftpl', '.json.tpl', '.yaml.tpl']

export function isData(path: string): boolean {
  return DATA.some((ending) => path.endsWith(ending))
}

export function isTemplateFile(path: string): boolean {
  return TEMPLATES.some((ending) => path.endsWith(ending))
}

export class ModuleLibrary {
  readonly #hcl: HclParser
  readonly #surroundings: Surroundings
  readonly #modules = new Map<string, Module | null>()
  readonly #templates = new Map<string, Expr | null>()

  constructor(hcl: HclParser, surroundings: Surroundings) {
    this.#hcl = hcl
    this.#surroundings = surroundings
  }

  /** Takes the files of a unit as its modules, and says what of them cannot be read. */
  add(files: readonly TextFile[], unread: Unread[]): Module[] {
    const own: Module[] = []
    for (const [directory, members] of Map.groupBy(files, (file) => directoryOf(file.path))) {
      for (const file of members)
        for (const { line, reason } of this.syntaxOf(file).problems) unread.push({ file: file.path, line, reason })
      const module = this.#build(directory, members)
      this.#modules.set(directory, module)
      own.push(module)
    }
    return own.sort((a, b) => (a.directory < b.directory ? -1 : 1))
  }

  /** null when no file of the estate is in that directory. */
  get(directory: string): Module | null {
    const known = this.#modules.get(directory)
    if (known !== undefined) return known
    const files = this.#surroundings
      .namesIn(directory)
      .map((name) => joinPath(directory, name))
      .filter((path) => isConfiguration(path) || isAutomatic(path))
      .flatMap((path) => this.#surroundings.open(path) ?? [])
    const module = files.length === 0 ? null : this.#build(directory, files)
    this.#modules.set(directory, module)
    return module
  }

  /** The text of a data file or template; null when the estate has none there. */
  text(path: string): string | null {
    return isData(path) ? (this.#surroundings.open(path)?.text ?? null) : null
  }

  /** Names of the files in a directory that may be looked up. */
  namesIn(directory: string): readonly string[] {
    return this.#surroundings.namesIn(directory)
  }

  /** A template as an expression, to be worked out with its variables; null when it is none. */
  template(path: string, text: string): Expr | null {
    const known = this.#templates.get(path)
    if (known !== undefined) return known
    const end = 'END_OF_TEMPLATE'
    const parsed = text.includes(end) ? null : this.#hcl.parseExpression(path, `<<${end}\n${text}\n${end}`).get('value')
    const template = parsed?.value ?? null
    this.#templates.set(path, template)
    return template
  }

  /** The parsed text of a file elsewhere. */
  open(path: string): Syntax | null {
    const file = this.#surroundings.open(path)
    return file ? this.syntaxOf(file) : null
  }

  syntaxOf(file: TextFile): Syntax {
    const known = parsed.get(file)
    if (known) return known
    const syntax = file.path.endsWith('.json')
      ? readJsonSyntax(file.path, file.text, this.#hcl, isVariablesFile(file.path))
      : this.#hcl.parse(file.path, file.text)
    parsed.set(file, syntax)
    return syntax
  }

  /** A text that a file holds, such as one that a tool writes out; everything in it stands at the given line. */
  parse(file: string, text: string): Syntax {
    return this.#hcl.parse(file, text)
  }

  #build(directory: string, files: readonly TextFile[]): Module {
    return buildModule(
      directory,
      files
        .filter((file) => isConfiguration(file.path) || isAutomatic(file.path))
        .map((file) => ({ path: file.path, syntax: this.syntaxOf(file) })),
    )
  }
}
