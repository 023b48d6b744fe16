/**
 * Terragrunt (docs: "Configuration Blocks and Attributes"): a unit is one call of a module, put together from its own
 * file and those it includes. It is read as that call; nothing is run, and what only a run would tell stays unknown.
 */
import { baseOf, directoryOf, resolvePath } from '../files/paths.ts'
import type { Attribute, Block, Syntax } from './ast.ts'
import { evaluate, type Names, type Step } from './evaluate.ts'
import { callFile } from './functions-files.ts'
import { atLine } from './json.ts'
import type { ModuleLibrary } from './library.ts'
import { emptyModule, type Module } from './module.ts'
import { callTerragrunt, type Home } from './terragrunt-functions.ts'
import { entriesOf, map, MAX_ITEMS, shownText, textOf, unknown, type Budget, type Origin, type Value } from './value.ts'

const UNIT_FILE = 'terragrunt.hcl'
/** Of other tools, which use the language too. */
const FOREIGN = /(?:^|\/)\.|\.(?:pkr|nomad|pkrvars|tftest|tofutest|tfquery|policy)\.hcl$|(?:^|\/)docker-bake\.hcl$/
const OWN_WORDS = /^(?:locals|inputs|include|terraform|remote_state|generate|dependency|dependencies)\b/m
const ABOUT_INCLUDES = new Set(['path_relative_to_include', 'path_relative_from_include', 'get_parent_terragrunt_dir'])
/** Files that read each other. */
const MAX_DEPTH = 8

export function isUnitFile(path: string): boolean {
  return baseOf(path) === UNIT_FILE
}

/** A unit or what units may include or read. */
export function mayBeTerragrunt(path: string): boolean {
  return path.endsWith('.hcl') && !FOREIGN.test(path)
}

export function isTerragrunt(text: string): boolean {
  return OWN_WORDS.test(text)
}

export type Unit = {
  /** The directory of the module when it is one of the estate. */
  target: string | null
  /** Paths of the files it includes. */
  parents: string[]
  /** The unit as a module of one call. */
  module: Module
}

/** null for a file that only others include, and for one that names no module. */
export function readUnit(file: { path: string; syntax: Syntax }, library: ModuleLibrary, budget: Budget): Unit | null {
  const directory = directoryOf(file.path)
  const world: World = { library, budget, unit: directory, depth: 0 }
  const own = new Config(file, { directory, includedFrom: null }, world)
  const parents = own.includes()
  const source = own.source() ?? parents.findLast((parent) => parent.source() !== null)?.source() ?? null
  const place = source ?? { file: file.path, line: file.syntax.blocks[0]?.line ?? 1 }
  const stated = source === null ? null : sourceText(source, library, directory)
  // Without a source Terraform runs in the directory of the unit.
  const target = stated === null ? directory : stated.isLocal ? stated.text : null
  if (stated === null && (source !== null || library.get(directory) === null)) return null
  const call: Block = {
    type: 'module',
    labels: [baseOf(directory) || UNIT_FILE],
    attributes: attributesOf(own.inputs(), place),
    blocks: [],
    file: file.path,
    // What a parent states is still this unit's: the line is that of its own file.
    line: place.file === file.path ? place.line : 1,
  }
  const text = stated === null ? '.' : stated.isLocal ? relativeText(directory, stated.text) : stated.text
  call.attributes.set('source', {
    name: 'source',
    value: { kind: 'literal', value: text, line: call.line },
    line: call.line,
  })
  const providers = [own, ...parents].flatMap((config) => config.generatedProviders())
  return {
    target,
    parents: parents.map((parent) => parent.path),
    module: { ...emptyModule(directory), calls: [call], providers, isWrapper: true },
  }
}

function attributesOf(inputs: ReadonlyMap<string, Value>, place: Origin): Map<string, Attribute> {
  return new Map(
    [...inputs].map(([name, value]) => [
      name,
      { name, value: { kind: 'value' as const, value, line: place.line }, line: place.line },
    ]),
  )
}

/** Steps up to the root and down again: what `resolvePath` leads back to the target. */
function relativeText(from: string, to: string): string {
  return `./${from === '' ? '' : '../'.repeat(from.split('/').length)}${to}`
}

/** `source` as a directory of the estate, or as the address of something else; null when it cannot be told. */
function sourceText(
  source: Value,
  library: ModuleLibrary,
  directory: string,
): { isLocal: boolean; text: string } | null {
  const text = textOf(source)
  if (text === null || text === '') return partialSource(source)
  const local = text.split('?', 1)[0]?.replace(/\/\/+/g, '/') ?? ''
  if (!/^(?:\.\.?(?:\/|$)|\/)/.test(local)) return { isLocal: false, text }
  // A relative path is the unit's wherever it is written; some keep it beside the file that says it.
  const bases = local.startsWith('/') ? ancestorsOf(directory) : [directory, directoryOf(source.file)]
  const places = bases.flatMap((base) => resolvePath(base, local) ?? [])
  const found = places.find((place) => library.get(place) !== null) ?? places[0]
  return found === undefined ? null : { isLocal: true, text: found }
}

/** The version is often the only part that is not known; which module it is stands before it. */
function partialSource(source: Value): { isLocal: boolean; text: string } | null {
  const shown = source.data.kind === 'partial' ? (shownText(source)?.split('?', 1)[0] ?? '') : ''
  return shown === '' || shown.includes('${') || shown.startsWith('.') ? null : { isLocal: false, text: shown }
}

/** '' and every directory down to this one: where the root of the repository may be. */
export function ancestorsOf(directory: string): string[] {
  const segments = directory === '' ? [] : directory.split('/')
  return ['', ...segments.map((_, i) => segments.slice(0, i + 1).join('/'))]
}

type World = { library: ModuleLibrary; budget: Budget; /** The directory of the unit. */ unit: string; depth: number }

/** One file, as it is meant for one unit. */
class Config {
  readonly #file: { path: string; syntax: Syntax }
  readonly #home: Home
  readonly #world: World
  readonly #locals = new Map<string, Attribute>()
  /** null while one is being worked out, so that a cycle ends. */
  readonly #values = new Map<string, Value | null>()
  #included: { name: string; config: Config; strategy: string }[] | null = null

  constructor(file: { path: string; syntax: Syntax }, home: Home, world: World) {
    this.#file = file
    this.#home = home
    this.#world = world
    for (const block of this.#blocks('locals'))
      for (const [name, attribute] of block.attributes) this.#locals.set(name, attribute)
  }

  get path(): string {
    return this.#file.path
  }

  /** The files it includes, in order; those it cannot find are left out. */
  includes(): Config[] {
    return this.#includes().map((one) => one.config)
  }

  source(): Value | null {
    for (const block of this.#blocks('terraform')) {
      const source = block.attributes.get('source')
      if (source) return { ...this.#evaluate(source), file: this.#file.path, line: source.line }
    }
    return null
  }

  /** Its own inputs over those of the files it includes. */
  inputs(): ReadonlyMap<string, Value> {
    const merged = new Map<string, Value>()
    for (const { config, strategy } of this.#includes())
      if (strategy !== 'no_merge') mergeInto(merged, config.inputs(), strategy === 'deep')
    const isDeep = this.#includes().some((one) => one.strategy === 'deep')
    const own = this.#file.syntax.attributes.get('inputs')
    if (own) mergeInto(merged, entriesOf(this.#evaluate(own)), isDeep)
    return merged
  }

  /** Providers in files that Terragrunt would write; they hold the tags that everything gets. */
  generatedProviders(): Block[] {
    return this.#blocks('generate').flatMap((block) => {
      const contents = block.attributes.get('contents')
      const text = contents ? shownText(this.#evaluate(contents)) : null
      if (!contents || !text?.includes('provider')) return []
      const whole = text.replace(/\$\{[^{}]*\}/g, '${not.known}')
      return this.#world.library
        .parse(this.#file.path, whole)
        .blocks.filter((one) => one.type === 'provider')
        .map((one) => atLine(one, contents.line))
    })
  }

  /** What `read_terragrunt_config` gives: the parts that others refer to. */
  asValue(at: Origin): Value {
    const parts = new Map([
      ['locals', map(new Map([...this.#locals.keys()].map((name) => [name, this.#local(name, at)])), at)],
      ['inputs', map(this.inputs(), at)],
    ])
    return map(parts, at, true)
  }

  #blocks(type: string): Block[] {
    return this.#file.syntax.blocks.filter((block) => block.type === type)
  }

  #includes(): { name: string; config: Config; strategy: string }[] {
    if (this.#included) return this.#included
    this.#included = [] // a path that depends on what it leads to
    const found: { name: string; config: Config; strategy: string }[] = []
    for (const block of this.#blocks('include')) {
      const path = block.attributes.get('path')
      const value = path ? this.#evaluate(path) : null
      const strategy = block.attributes.get('merge_strategy')
      const included = value ? this.#open(textOf(value), 'included') : null
      if (!included) continue
      found.push({
        name: block.labels[0] ?? '',
        config: included,
        strategy: (strategy && textOf(this.#evaluate(strategy))) ?? 'shallow',
      })
    }
    this.#included = found
    return found
  }

  /** Another file: included it speaks for this unit, read it speaks for itself. */
  #open(path: string | null, how: 'included' | 'read'): Config | null {
    if (path === null || this.#world.depth >= MAX_DEPTH) return null
    const bases = path.startsWith('/') ? ancestorsOf(this.#world.unit) : [this.#home.directory]
    for (const base of bases) {
      const resolved = resolvePath(base, path)
      const syntax = resolved !== null && mayBeTerragrunt(resolved) ? this.#world.library.open(resolved) : null
      if (resolved === null || !syntax) continue
      const home: Home =
        how === 'read'
          ? { directory: directoryOf(resolved), includedFrom: null }
          : { directory: this.#home.directory, includedFrom: directoryOf(resolved) }
      return new Config({ path: resolved, syntax }, home, { ...this.#world, depth: this.#world.depth + 1 })
    }
    return null
  }

  #evaluate(attribute: Attribute): Value {
    return evaluate(attribute.value, this.#names())
  }

  #names(): Names {
    return {
      file: this.#file.path,
      budget: this.#world.budget,
      lookup: (steps, at) => this.#lookup(steps, at),
      call: (name, args, at) => this.#call(name, args, at),
    }
  }

  #call(name: string, args: readonly Value[], at: Origin): Value | null {
    const { budget, library, unit } = this.#world
    if (name === 'read_terragrunt_config') return this.#open(textOf(args[0]), 'read')?.asValue(at) ?? args[1] ?? null
    return (
      callTerragrunt({ name, args, at, home: this.#homeOf(name, args), unit, has: this.#has }) ??
      callFile({ name, args, at, budget, files: library, root: this.#home.directory })
    )
  }

  readonly #has = (path: string): boolean => {
    const { library } = this.#world
    if (mayBeTerragrunt(path)) return library.open(path) !== null
    return library.text(path) !== null || library.get(path) !== null // a module is a directory
  }

  /** The functions about includes speak of the file that is included; in a unit with several, of the one they name. */
  #homeOf(name: string, args: readonly Value[]): Home {
    if (this.#home.includedFrom !== null || !ABOUT_INCLUDES.has(name)) return this.#home
    const wanted = textOf(args[0])
    const chosen = this.#includes().find((one) => wanted === null || one.name === wanted)
    return { ...this.#home, includedFrom: chosen ? directoryOf(chosen.config.path) : null }
  }

  #lookup(steps: readonly Step[], at: Origin): { value: Value; used: number } {
    const [root = '', second = ''] = steps.map((step) => step.text ?? '')
    if (root === 'local') return { value: this.#local(second, at), used: 2 }
    if (root === 'include') {
      const named = this.#includes().find((one) => one.name === second)
      if (named) return { value: named.config.asValue(at), used: 2 }
      const [only] = this.#includes()
      if (only?.name === '') return { value: only.config.asValue(at), used: 1 }
    }
    const text = steps.map(({ text: step }) => step ?? '…').join('.')
    return { value: unknown(text, at), used: steps.length }
  }

  #local(name: string, at: Origin): Value {
    const attribute = this.#locals.get(name)
    const known = this.#values.get(name)
    if (known !== undefined || !attribute) return known ?? unknown(`local.${name}`, at)
    this.#values.set(name, null)
    const value = this.#evaluate(attribute)
    this.#values.set(name, value)
    return value
  }
}

function mergeInto(merged: Map<string, Value>, more: ReadonlyMap<string, Value>, isDeep: boolean): void {
  for (const [key, value] of more) {
    const before = merged.get(key)
    if (isDeep && before?.data.kind === 'map' && value.data.kind === 'map') {
      const inner = new Map(before.data.entries)
      mergeInto(inner, value.data.entries, true)
      merged.set(key, map(inner, value, before.data.isOpen || value.data.isOpen))
    } else if (merged.size < MAX_ITEMS) merged.set(key, value)
  }
}
