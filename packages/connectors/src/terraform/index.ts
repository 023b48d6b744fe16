/** Terraform: identities, their proofs and their powers as they are defined in HCL and its JSON form. */
import type { Unread } from '@onus/core/observation.ts'
import { directoryOf, joinPath, resolvePath } from '../files/paths.ts'
import type { TextFile } from '../files/text-file.ts'
import { ALONE, type FileReader, type ReaderResult, type Surroundings } from '../reader.ts'
import { applyDirectory } from './apply.ts'
import { isTemplate } from './calls.ts'
import { isConfiguration, isData, isTemplateFile, ModuleLibrary } from './library.ts'
import { localSources } from './local-sources.ts'
import { isAutomatic, type Module } from './module.ts'
import { HclParser } from './parser.ts'
import { isTerragrunt, isUnitFile, mayBeTerragrunt, readUnit, type Unit } from './terragrunt.ts'
import { Budget, Exhausted } from './value.ts'

/** Reading one unit of Terragrunt takes some hundred. */
const MAX_UNIT_STEPS = 200_000

let parser: Promise<HclParser> | undefined

export const terraformReader: FileReader = {
  name: 'terraform',
  blind: [
    'values given on the command line, in the environment, or in variable files that are named there',
    'what modules from registries and other repositories make, beyond what their source and arguments say',
    'local modules that nothing calls, and those outside the scanned directory',
    'outputs of other units of Terragrunt, its stacks, and files that its functions read or write',
    'state and plans: what was changed by hand, and ids that only the provider knows',
  ],
  // Templates are only looked up, but no other reader brings them.
  wantsPath: (path) => isConfiguration(path) || isAutomatic(path) || mayBeTerragrunt(path) || isTemplateFile(path),
  wants: ({ path, text }) => (path.endsWith('.hcl') ? isTerragrunt(text) : text.length > 0 && !isTemplateFile(path)),
  unitOf: directoryOf,
  includes: { mayName: (path) => isConfiguration(path) || isUnitFile(path), mayOpen: isData, of: includesOf },
  // Five seconds of parsing; nobody writes more by hand.
  maxBytes: 8 * 1024 * 1024,
  read,
}

/** The directories that a directory calls as modules, and the files that its unit of Terragrunt includes. */
async function includesOf(files: readonly TextFile[], surroundings: Surroundings): Promise<string[]> {
  const included = new Set<string>()
  for (const file of files) {
    if (isUnitFile(file.path)) {
      const library = new ModuleLibrary(await (parser ??= HclParser.load()), surroundings)
      const unit = unitOf(file, library, [])
      if (unit?.target) included.add(unit.target)
      for (const path of unit?.parents ?? []) included.add(path)
      continue
    }
    for (const source of localSources(file.path, file.text)) {
      const target = resolvePath(directoryOf(file.path), source)
      const isModule = surroundings.namesIn(target ?? '').some((name) => isConfiguration(joinPath(target ?? '', name)))
      if (target !== null && isModule) included.add(target)
    }
  }
  return [...included]
}

/** A directory that others call is seen through its callers; else it is applied by itself. */
async function read(files: TextFile[], surroundings: Surroundings = ALONE): Promise<ReaderResult> {
  const library = new ModuleLibrary(await (parser ??= HclParser.load()), surroundings)
  const result: ReaderResult = { observations: [], unread: [] }
  const modules = library.add(files, result.unread)
  const units = files
    .filter((file) => isUnitFile(file.path) && !surroundings.isIncluded(file.path))
    .flatMap((file) => unitOf(file, library, result.unread) ?? [])
  const isUnit = (module: Module): boolean => units.some((unit) => unit.target === module.directory)
  const applied = [
    ...modules.filter(({ directory }) => !surroundings.isIncluded(directory) && !isTemplate(directory)),
    ...units.map((unit) => unit.module),
  ].filter((module) => module.isWrapper || !isUnit(module))
  for (const module of applied) {
    const { observations, unread } = applyDirectory(module, library)
    for (const observation of observations) result.observations.push(observation)
    for (const entry of unread) result.unread.push(entry)
  }
  return result
}

function unitOf(file: TextFile, library: ModuleLibrary, unread: Unread[]): Unit | null {
  try {
    return readUnit({ path: file.path, syntax: library.syntaxOf(file) }, library, new Budget(MAX_UNIT_STEPS))
  } catch (error) {
    if (!(error instanceof Exhausted)) throw error
    unread.push({ file: file.path, line: 1, reason: `${error.message}: the unit is not read` })
    return null
  }
}
