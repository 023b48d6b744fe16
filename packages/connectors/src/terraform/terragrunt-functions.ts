/**
 * Terragrunt's functions, as far as files tell (docs: "Built-in functions"). Paths are those of the estate with a slash
 * before them, because nobody knows where it will be checked out.
 */
import { directoryOf, joinPath, resolvePath } from '../files/paths.ts'
import { known, textOf, type Origin, type Value } from './value.ts'

/** Where a file is meant: its directory, or that of the unit which includes it. */
export type Home = { directory: string; /** The directory of the included file. */ includedFrom: string | null }

type Call = {
  name: string
  args: readonly Value[]
  at: Origin
  home: Home
  unit: string
  has: (path: string) => boolean
}

/** null: the function is Terraform's, or only a run could tell. */
export function callTerragrunt(call: Call): Value | null {
  const text = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name]?.(call) : undefined
  return text === undefined || text === null ? null : typeof text === 'string' ? known(text, call.at) : text
}

const FUNCTIONS: Readonly<Record<string, (call: Call) => string | Value | null>> = {
  find_in_parent_folders: findInParents,
  get_terragrunt_dir: ({ home }) => pathText(home.directory),
  get_original_terragrunt_dir: ({ unit }) => pathText(unit),
  get_parent_terragrunt_dir: ({ home }) => pathText(home.includedFrom ?? home.directory),
  path_relative_to_include: ({ home }) =>
    home.includedFrom === null ? '.' : relativePath(home.includedFrom, home.directory),
  path_relative_from_include: ({ home }) =>
    home.includedFrom === null ? '.' : relativePath(home.directory, home.includedFrom),
  // The root of the repository may lie above or below the scanned one; whoever follows the path tries both.
  get_repo_root: () => '/',
  get_path_from_repo_root: ({ home }) => home.directory || '.',
  get_path_to_repo_root: ({ home }) => relativePath(home.directory, ''),
  abspath: ({ args: [path], home }) => {
    const text = textOf(path)
    const resolved = text === null ? null : resolvePath(text.startsWith('/') ? '' : home.directory, text)
    return resolved === null ? null : pathText(resolved)
  },
  mark_as_read: ({ args: [path] }) => path ?? null,
}

export function pathText(path: string): string {
  return `/${path}`
}

/** The nearest file of that name above the unit; the second argument when there is none. */
function findInParents({ args: [name, fallback], home, has }: Call): string | Value | null {
  const wanted = name ? textOf(name) : 'terragrunt.hcl'
  if (wanted === null || wanted === '') return null
  for (let directory = home.directory; directory !== '';) {
    directory = directoryOf(directory)
    const path = resolvePath(directory, wanted)
    if (path !== null && has(path)) return pathText(path)
  }
  return fallback ?? null
}

function relativePath(from: string, to: string): string {
  const source = from === '' ? [] : from.split('/')
  const target = to === '' ? [] : to.split('/')
  let shared = 0
  while (shared < source.length && shared < target.length && source[shared] === target[shared]) shared++
  const steps = [...source.slice(shared).map(() => '..'), ...target.slice(shared)]
  return steps.reduce(joinPath, '') || '.'
}
