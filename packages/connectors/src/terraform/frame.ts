/** A module with its arguments: what every name in it means, and the instances of its resources. */
import type { Block, Expr, Scalar } from './ast.ts'
import { evaluate, iterate, type Names, type Step } from './evaluate.ts'
import type { Fields } from './fields.ts'
import type { Module } from './module.ts'
import { callFile, type Files } from './functions-files.ts'
import { isSecretName } from '../secret-names.ts'
import { isNull, known, list, make, map, textOf, unknown, type Budget, type Origin, type Value } from './value.ts'

/** More instances of one block than this are not listed one by one. */
export const MAX_INSTANCES = 1_000

export type Instance = {
  /** `aws_iam_user.ci["build"]`, with the calls it stands in: `module.app.aws_iam_user.ci`. */
  address: string
  /** The label of the block: `ci`. */
  label: string
  /** The resource type; of a module call, `module`. */
  type: string
  fields: Fields
  names: Names
}

/** What all frames of one applied directory share. */
export type World = { budget: Budget; files: Files; root: string }

type Bindings = { each?: { key: Value; value: Value }; count?: Value; self?: string }

export class Frame {
  readonly module: Module
  /** '' for a directory that is applied by itself, else `module.app.`. */
  readonly prefix: string
  /** The arguments of the call; null for a directory that is applied by itself. */
  readonly #inputs: Fields | null
  readonly #budget: Budget
  readonly #files: Files
  /** The directory that is applied, whose own modules may call others. */
  readonly #root: string
  /** Values of variables and locals; null while one is being worked out, so that a cycle ends. */
  readonly #values = new Map<string, Value | null>()
  readonly #instances = new Map<Block, Instance[]>()
  /** Module calls that are followed, by address with instance key. */
  readonly children = new Map<string, Frame>()
  /** Blocks of which not every instance is listed. */
  readonly cuts: Origin[] = []

  constructor(module: Module, world: World, call: { prefix: string; inputs: Fields } | null = null) {
    this.module = module
    this.prefix = call?.prefix ?? ''
    this.#inputs = call?.inputs ?? null
    this.#budget = world.budget
    this.#files = world.files
    this.#root = world.root
  }

  /** The instances of a block: one, or one for each key of `for_each` or number of `count`, or none. */
  instancesOf(block: Block): Instance[] {
    const made = this.#instances.get(block)
    if (made) return made
    this.#instances.set(block, []) // for_each that refers to itself
    const instances = this.#expand(block)
    this.#instances.set(block, instances)
    return instances
  }

  evaluate(expr: Expr, file: string): Value {
    return evaluate(expr, this.#names(file, {}))
  }

  /** The value of one of its outputs, as the caller sees it. */
  output(name: string): Value | null {
    const block = this.module.outputs.get(name)
    const value = block?.attributes.get('value')
    return block && value ? this.#once(`output.${name}`, () => this.evaluate(value.value, block.file)) : null
  }

  #expand(block: Block): Instance[] {
    const forEach = block.attributes.get('for_each')
    const count = block.attributes.get('count')
    if (forEach) {
      const entries = iterate(this.evaluate(forEach.value, block.file))
      if (entries === null) return [this.#instance(block, null, {})]
      if (entries.length > MAX_INSTANCES) this.cuts.push({ file: block.file, line: block.line })
      const isMap = this.evaluate(forEach.value, block.file).data.kind === 'map'
      return entries.slice(0, MAX_INSTANCES).map(({ key, value }) => {
        const each = { key: isMap ? key : value, value }
        const text = textOf(each.key)
        return this.#instance(block, text === null ? null : `[${JSON.stringify(text)}]`, { each })
      })
    }
    if (count) {
      const value = this.evaluate(count.value, block.file)
      const number = Number(textOf(value) ?? NaN)
      if (!Number.isInteger(number) || number < 0) return [this.#instance(block, null, {})]
      if (number > MAX_INSTANCES) this.cuts.push({ file: block.file, line: block.line })
      return Array.from({ length: Math.min(number, MAX_INSTANCES) }, (_, i) =>
        this.#instance(block, `[${i}]`, { count: known(i, value) }),
      )
    }
    return [this.#instance(block, null, {})]
  }

  #instance(block: Block, key: string | null, bindings: Bindings): Instance {
    const isModule = block.type === 'module'
    const label = block.labels[isModule ? 0 : 1] ?? ''
    const type = isModule ? 'module' : (block.labels[0] ?? '')
    const own = `${block.type === 'data' ? 'data.' : ''}${type}.${label}${key ?? ''}`
    const names = this.#names(block.file, bindings)
    return {
      address: `${this.prefix}${own}`,
      label,
      type,
      fields: this.#fields(block, names, `${this.prefix}${own}`),
      names,
    }
  }

  #fields(block: Block, names: Names, address: string): Fields {
    const values = new Map<string, Value | undefined>()
    return {
      place: { file: block.file, line: block.line },
      names: () => [
        ...block.attributes.keys(),
        ...new Set(block.blocks.map((inner) => (inner.type === 'dynamic' ? (inner.labels[0] ?? '') : inner.type))),
      ],
      value: (name) => {
        if (!values.has(name)) {
          values.set(name, undefined) // an argument that refers to itself
          values.set(name, this.#field(block, name, names, address))
        }
        return values.get(name)
      },
    }
  }

  #field(block: Block, name: string, names: Names, address: string): Value | undefined {
    const attribute = block.attributes.get(name)
    if (attribute) {
      const value = evaluate(attribute.value, names)
      return isNull(value) ? undefined : value
    }
    const nested = block.blocks.flatMap((inner) => {
      if (inner.type === name) return [this.#nested(inner, name, names, address)]
      return inner.type === 'dynamic' && inner.labels[0] === name ? this.#dynamic(inner, name, names, address) : []
    })
    const [first] = nested
    return first ? list(nested, first) : undefined
  }

  /** A nested block; it remembers the resource it is part of. */
  #nested(block: Block, name: string, names: Names, address: string): Value {
    return make({ kind: 'fields', fields: this.#fields(block, names, address) }, block, [{ address, attribute: name }])
  }

  /** `dynamic "x" { for_each = … content { … } }`; one block stands for all when they cannot be counted. */
  #dynamic(block: Block, name: string, names: Names, address: string): Value[] {
    const content = block.blocks.find((inner) => inner.type === 'content')
    const over = block.attributes.get('for_each')
    if (!content || !over) return []
    const iterator = block.attributes.get('iterator')?.value
    const word = iterator?.kind === 'name' ? iterator.name : name
    const entries = iterate(evaluate(over.value, names))
    const bound = (entry: { key: Value; value: Value } | null): Names => ({
      ...names,
      lookup: (steps, at) => {
        if (steps[0]?.text !== word) return names.lookup(steps, at)
        const part = steps[1]?.text
        if (entry && (part === 'key' || part === 'value')) return { value: entry[part], used: 2 }
        return { value: unknown(referenceText(steps), at), used: steps.length }
      },
    })
    return (entries ?? [null])
      .slice(0, MAX_INSTANCES)
      .map((entry) => this.#nested(content, name, bound(entry), address))
  }

  #names(file: string, bindings: Bindings): Names {
    const [budget, files, root] = [this.#budget, this.#files, this.#root]
    return {
      file,
      budget,
      lookup: (steps, at) => this.#lookup(steps, at, bindings),
      call: (name, args, at) => callFile({ name, args, at, budget, files, root }),
    }
  }

  #lookup(steps: readonly Step[], at: Origin, bindings: Bindings): { value: Value; used: number } {
    const root = steps[0]?.text ?? ''
    const second = steps[1]?.text ?? ''
    switch (root) {
      case 'var':
        return { value: this.#variable(second, at), used: 2 }
      case 'local':
        return { value: this.#local(second, at), used: 2 }
      case 'each':
        if (bindings.each && (second === 'key' || second === 'value')) return { value: bindings.each[second], used: 2 }
        break
      case 'count':
        if (bindings.count && second === 'index') return { value: bindings.count, used: 2 }
        break
      case 'module':
        return this.#ofModule(steps, at)
      case 'data':
        return this.#ofBlock(`data.${second}.${steps[2]?.text ?? ''}`, steps, 3, at)
      case 'path':
        if (second === 'module') return { value: known(`/${this.module.directory}`, at), used: 2 }
        if (second === 'root' || second === 'cwd') return { value: known(`/${this.#root}`, at), used: 2 }
        break
      case 'terraform':
      case 'self':
        break
      default:
        if (steps.length >= 2) return this.#ofBlock(`${root}.${second}`, steps, 2, at)
    }
    return { value: unknown(referenceText(steps), at), used: steps.length }
  }

  #variable(name: string, at: Origin): Value {
    return (
      this.#once(`var.${name}`, () => {
        const block = this.module.variables.get(name)
        const sensitive = block?.attributes.get('sensitive')?.value
        if (sensitive?.kind === 'literal' && sensitive.value === true) return null
        const value = this.#inputs?.value(name) ?? this.#assigned(name) ?? this.#default(name)
        // A text that its authors call a secret is not read, wherever it is written; a switch of such a name is no
        // secret.
        return value && isSecretName(name) && typeof scalarOf(value) !== 'boolean' ? null : value
      }) ?? unknown(`var.${name}`, at)
    )
  }

  #assigned(name: string): Value | null {
    // Assignment files are for the directory that is applied, not for modules it calls.
    const assigned = this.#inputs === null ? this.module.assignments.get(name) : undefined
    return assigned ? this.evaluate(assigned.value, assigned.file) : null
  }

  #default(name: string): Value | null {
    const block = this.module.variables.get(name)
    const value = block?.attributes.get('default')
    return block && value ? this.evaluate(value.value, block.file) : null
  }

  #local(name: string, at: Origin): Value {
    const local = this.module.locals.get(name)
    return (
      (local && this.#once(`local.${name}`, () => this.evaluate(local.value, local.file))) ??
      unknown(`local.${name}`, at)
    )
  }

  /** Works a value out once; null when it is unknown or refers to itself. */
  #once(key: string, compute: () => Value | null): Value | null {
    const made = this.#values.get(key)
    if (made !== undefined) return made
    this.#values.set(key, null)
    const value = compute()
    this.#values.set(key, value)
    return value
  }

  #ofModule(steps: readonly Step[], at: Origin): { value: Value; used: number } {
    const name = steps[1]?.text ?? ''
    const { key, used } = keyOf(steps, 2)
    const address = `${this.prefix}module.${name}${key}`
    const output = steps[used]?.text ?? ''
    const inner = this.children.get(address)?.output(output)
    if (inner) return { value: inner, used: used + 1 }
    return { value: unknown(referenceText(steps), at, [{ address, attribute: output }]), used: steps.length }
  }

  /** A resource or data source: the instance that is meant, all of them, or what is known when neither can be told. */
  #ofBlock(address: string, steps: readonly Step[], length: number, at: Origin): { value: Value; used: number } {
    const block = this.module.blocks.get(address)
    const { key, used } = keyOf(steps, length)
    const attribute = steps[used]?.text ?? ''
    const fallback = {
      value: unknown(referenceText(steps), at, [{ address: `${this.prefix}${address}${key}`, attribute }]),
      used: steps.length,
    }
    if (!block) return fallback
    const instances = this.instancesOf(block)
    const isRepeated = block.attributes.has('for_each') || block.attributes.has('count')
    // `["0"]` and `[0]` are written alike once they are values.
    const own = [key, key.replace(/^\[(\d+)\]$/, '["$1"]')].map((one) => `${this.prefix}${address}${one}`)
    const wanted =
      instances.find((instance) => own.includes(instance.address)) ??
      (instances.length === 1 && isRepeated && used > length ? instances[0] : undefined)
    if (wanted) return { value: instanceValue(wanted), used }
    if (!isRepeated || used > length) return fallback
    return { value: allInstances(block, instances, at), used: length }
  }
}

function scalarOf(value: Value): Scalar | undefined {
  return value.data.kind === 'scalar' ? value.data.value : undefined
}

function instanceValue(instance: Instance): Value {
  return make({ kind: 'fields', fields: instance.fields }, instance.fields.place, [
    { address: instance.address, attribute: '' },
  ])
}

/** `aws_iam_user.ci` of a repeated block: a list by number, or a map by key. */
function allInstances(block: Block, instances: readonly Instance[], at: Origin): Value {
  if (block.attributes.has('count')) return list(instances.map(instanceValue), at)
  return map(new Map(instances.map((instance) => [keyText(instance.address), instanceValue(instance)])), at)
}

function keyText(address: string): string {
  const quoted = /\["((?:[^"\\]|\\.)*)"\]$/.exec(address)?.[1]
  return quoted === undefined ? '' : String(JSON.parse(`"${quoted}"`))
}

/** The instance key after a reference's name: `["build"]`, `[0]`, or ''. */
function keyOf(steps: readonly Step[], at: number): { key: string; used: number } {
  const step = steps[at]
  if (!step?.isIndex) return { key: '', used: at }
  if (step.text === null) return { key: '', used: at + 1 }
  return { key: /^\d+$/.test(step.text) ? `[${step.text}]` : `[${JSON.stringify(step.text)}]`, used: at + 1 }
}

function referenceText(steps: readonly Step[]): string {
  return steps
    .map(({ text, isIndex }, i) => (text === null ? '[…]' : isIndex ? `[${text}]` : i === 0 ? text : `.${text}`))
    .join('')
}
