/** One directory of Terraform: its blocks by what they declare, and the values given to its variables. */
import { addressOf } from './parser.ts'
import type { Attribute, Block, Expr, Syntax } from './ast.ts'

export type Assignment = { value: Expr; file: string }

export type Module = {
  /** '' is the scanned root. */
  directory: string
  /** Resources and data sources by address, without instance keys. */
  blocks: Map<string, Block>
  calls: Block[]
  providers: Block[]
  variables: Map<string, Block>
  outputs: Map<string, Block>
  locals: Map<string, Assignment>
  /** From `terraform.tfvars` and `*.auto.tfvars`, in the order in which Terraform applies them: the last one wins. */
  assignments: Map<string, Assignment>
  /** True: its only call runs in its place, so that what the call makes has the addresses of the called module. */
  isWrapper?: true
}

export type ReadFile = { path: string; syntax: Syntax }

/** A module without anything in it. */
export function emptyModule(directory: string): Module {
  return {
    directory,
    blocks: new Map(),
    calls: [],
    providers: [],
    variables: new Map(),
    outputs: new Map(),
    locals: new Map(),
    assignments: new Map(),
  }
}

export function buildModule(directory: string, files: readonly ReadFile[]): Module {
  const module = emptyModule(directory)
  for (const file of [...files].sort(byPrecedence)) {
    if (isVariablesFile(file.path)) assign(module.assignments, file.syntax.attributes.values(), file.path)
    // An override file replaces arguments of blocks that other files declare.
    else for (const block of file.syntax.blocks) addBlock(module, block, isOverride(file.path))
  }
  return module
}

function addBlock(module: Module, block: Block, overrides: boolean): void {
  const name = block.labels[0]
  const address = addressOf(block)
  switch (block.type) {
    case 'resource':
    case 'data':
      if (address !== null) declare(module.blocks, address, block, overrides)
      break
    case 'module':
      if (name !== undefined) module.calls.push(block)
      break
    case 'provider':
      module.providers.push(block)
      break
    case 'variable':
      if (name !== undefined) declare(module.variables, name, block, overrides)
      break
    case 'output':
      if (name !== undefined) module.outputs.set(name, block)
      break
    case 'locals':
      assign(module.locals, block.attributes.values(), block.file)
  }
}

function declare(blocks: Map<string, Block>, address: string, block: Block, overrides: boolean): void {
  const known = blocks.get(address)
  if (known && overrides) for (const [name, attribute] of block.attributes) known.attributes.set(name, attribute)
  else if (!known) blocks.set(address, block)
}

function assign(into: Map<string, Assignment>, attributes: Iterable<Attribute>, file: string): void {
  for (const { name, value } of attributes) into.set(name, { value, file })
}

export function isVariablesFile(path: string): boolean {
  return path.endsWith('.tfvars') || path.endsWith('.tfvars.json')
}

/** Only these are applied without being named on a command line. */
export function isAutomatic(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return (
    name === 'terraform.tfvars' ||
    name === 'terraform.tfvars.json' ||
    name.endsWith('.auto.tfvars') ||
    name.endsWith('.auto.tfvars.json')
  )
}

function isOverride(path: string): boolean {
  return /(?:^|[/_])override\.(?:tf|tofu)(?:\.json)?$/.test(path)
}

/** terraform.tfvars, then its JSON form, then `*.auto.tfvars` by name; override files after the ones they override. */
function byPrecedence(a: ReadFile, b: ReadFile): number {
  return rank(a.path) - rank(b.path) || (a.path < b.path ? -1 : 1)
}

function rank(path: string): number {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name === 'terraform.tfvars') return 0
  if (name === 'terraform.tfvars.json') return 1
  return isVariablesFile(path) ? 2 : isOverride(path) ? 4 : 3
}
