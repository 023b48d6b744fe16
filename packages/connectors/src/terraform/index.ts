/** Terraform: identities, their proofs and their powers as they are defined in HCL and its JSON form. */
import { environmentWords } from '@onus/core/environment-words.ts'
import type { Unread } from '@onus/core/observation.ts'
import type { TextFile } from '../files/text-file.ts'
import type { FileReader, ReaderResult } from '../reader.ts'
import { applyDirectory } from './apply.ts'
import type { Syntax } from './ast.ts'
import { isTemplate } from './calls.ts'
import { readJsonSyntax } from './json.ts'
import { buildModule, isAutomatic, isVariablesFile, type Module, type ReadFile } from './module.ts'
import { readSource, resolveLocal } from './module-kinds.ts'
import { HclParser } from './parser.ts'

/** Of Terraform and of OpenTofu, which reads the same language. */
const CONFIGURATION = ['.tf', '.tf.json', '.tofu', '.tofu.json']

let parser: Promise<HclParser> | undefined

export const terraformReader: FileReader = {
  name: 'terraform',
  blind: [
    'values given on the command line, in the environment, or in variable files that are named there',
    'what modules from registries and other repositories make, beyond what their source and arguments say',
    'local modules that nothing calls',
    'the inside of local modules that lie neither below the directory nor beside its environments in `modules`',
    'state and plans: what was changed by hand, and ids that only the provider knows',
  ],
  wantsPath: (path) => CONFIGURATION.some((ending) => path.endsWith(ending)) || isAutomatic(path),
  wants: (file) => file.text.length > 0,
  unitOf: neighbourhoodOf,
  // Five seconds of parsing; nobody writes more by hand.
  maxBytes: 8 * 1024 * 1024,
  read,
}

/** Words that hold environments: `environments/prod` is a part of what surrounds it. */
const HOLDERS = new Set(['environments', 'environment', 'envs', 'env', 'stages', 'accounts', 'stacks', 'workspaces'])

/**
 * Directories that are read together, so that calls of local modules can be followed: a directory with the `modules`
 * under it, and the directories of environments (`prod`, `environments/dev`) with the modules beside them.
 */
function neighbourhoodOf(path: string): string {
  const segments = path.split('/').slice(0, -1)
  const modules = segments.findIndex((segment) => segment === 'modules')
  if (modules !== -1) return segments.slice(0, modules).join('/')
  if (environmentWords.has(segments[segments.length - 1]?.toLowerCase() ?? '')) {
    segments.pop()
    if (HOLDERS.has(segments[segments.length - 1]?.toLowerCase() ?? '')) segments.pop()
  }
  return segments.join('/')
}

async function read(files: TextFile[]): Promise<ReaderResult> {
  const hcl = await (parser ??= HclParser.load())
  const unread: Unread[] = []
  const byDirectory = new Map<string, ReadFile[]>()
  for (const file of files) {
    const syntax = parse(file, hcl)
    for (const { line, reason } of syntax.problems) unread.push({ file: file.path, line, reason })
    const directory = file.path.slice(0, Math.max(0, file.path.lastIndexOf('/')))
    const known = byDirectory.get(directory)
    if (known) known.push({ path: file.path, syntax })
    else byDirectory.set(directory, [{ path: file.path, syntax }])
  }
  const modules = new Map([...byDirectory].map(([directory, read]) => [directory, buildModule(directory, read)]))
  const result = applyAll(modules)
  return { observations: result.observations, unread: [...unread, ...result.unread] }
}

/** Directories that others call are seen through their callers; those nobody calls are applied by themselves. */
function applyAll(modules: ReadonlyMap<string, Module>): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  const visited = new Set<string>()
  const apply = (module: Module): void => {
    const { observations, unread } = applyDirectory(module, modules, visited)
    for (const observation of observations) result.observations.push(observation)
    for (const entry of unread) result.unread.push(entry)
  }
  const called = calledDirectories(modules)
  const all = [...modules.values()].sort((a, b) => (a.directory < b.directory ? -1 : 1))
  for (const module of all) if (!called.has(module.directory) && !isTemplate(module.directory)) apply(module)
  // Only called in a circle, or by nothing that is applied.
  for (const module of all) {
    if (!called.has(module.directory) || visited.has(module.directory) || isTemplate(module.directory)) continue
    visited.add(module.directory)
    apply(module)
  }
  return result
}

/** Directories that a call of the same neighbourhood names. */
function calledDirectories(modules: ReadonlyMap<string, Module>): Set<string> {
  const called = new Set<string>()
  for (const module of modules.values()) {
    for (const call of module.calls) {
      const source = call.attributes.get('source')?.value
      const read = source?.kind === 'literal' && typeof source.value === 'string' ? readSource(source.value) : null
      const target = read?.kind === 'local' ? resolveLocal(module.directory, read.path) : null
      if (target !== null && modules.has(target)) called.add(target)
    }
  }
  return called
}

function parse(file: TextFile, hcl: HclParser): Syntax {
  if (file.path.endsWith('.json')) return readJsonSyntax(file.path, file.text, hcl, isVariablesFile(file.path))
  return hcl.parse(file.path, file.text)
}
