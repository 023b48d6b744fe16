/** Terraform's functions that read files: those of the estate, as text; nothing else is opened. */
import { matchesWildcards, ANY, ONE } from '@onus/core/wildcard.ts'
import { baseOf, directoryOf, joinPath, resolvePath } from '../files/paths.ts'
import { readYaml } from '../files/yaml.ts'
import type { Expr } from './ast.ts'
import { evaluate, follow, type Names } from './evaluate.ts'
import { fromPlain } from './functions.ts'
import {
  entriesOf,
  known,
  list,
  MAX_ITEMS,
  MAX_TEXT_LENGTH,
  textOf,
  unknown,
  type Budget,
  type Origin,
  type Value,
} from './value.ts'

export type Files = {
  text(path: string): string | null
  namesIn(directory: string): readonly string[]
  template(path: string, text: string): Expr | null
}

type Call = {
  name: string
  args: readonly Value[]
  at: Origin
  budget: Budget
  files: Files
  /** The directory that is applied: what relative paths mean. */
  root: string
}

/** Reading a text takes as many steps as one in this many characters. */
const CHARACTERS_PER_STEP = 50
/** A syntax tree of YAML takes ten times as long as the text. */
const YAML_CHARACTERS_PER_STEP = 5

/** null: the function is another, or its answer is not known. */
export function callFile(call: Call): Value | null {
  return Object.hasOwn(FUNCTIONS, call.name) ? (FUNCTIONS[call.name]?.(call) ?? null) : null
}

const FUNCTIONS: Readonly<Record<string, (call: Call) => Value | null>> = {
  file: (call) => {
    const found = open(call)
    return found ? known(found.text, { file: found.path, line: 1 }) : null
  },
  fileexists: (call) => (open(call) ? known(true, call.at) : null),
  yamldecode: ({ args: [text], budget }) => {
    const yaml = textOf(text)
    if (!text || yaml === null) return null
    budget.spend(Math.ceil(yaml.length / YAML_CHARACTERS_PER_STEP))
    const [document] = readYaml(yaml).documents
    return document ? fromPlain(document.value, text) : null
  },
  templatefile: (call) => {
    const found = open(call)
    const template = found && call.files.template(found.path, found.text)
    const [, variables] = call.args
    return found && template && variables
      ? evaluate(template, withVariables(variables, { file: found.path, budget: call.budget }))
      : null
  },
  fileset: ({ args: [directory, pattern], at, files, root }) => {
    const within = pathOf(directory, root)
    const glob = textOf(pattern)
    // `**` and braces would need the tree below; most patterns name files of one directory.
    if (within === null || glob === null || /\*\*|[{}[\]]/.test(glob)) return null
    const inner = directoryOf(glob)
    const target = resolvePath(within, inner)
    if (target === null || /[*?]/.test(inner)) return null
    const wanted = baseOf(glob).replaceAll('*', ANY).replaceAll('?', ONE)
    const names = files.namesIn(target).filter((name) => matchesWildcards(wanted, name))
    // Files of other kinds are not seen, so a pattern that could mean some leaves the list open.
    const isWhole = /\.(?:json|ya?ml|tf)$/.test(glob)
    return list(
      names.slice(0, MAX_ITEMS).map((name) => known(joinPath(inner, name), at)),
      at,
      !isWhole,
    )
  },
  abspath: ({ args: [path], at, root }) => {
    const resolved = pathOf(path, root)
    return resolved === null ? null : known(`/${resolved}`, at)
  },
}

function open({ args: [path], files, root, budget }: Call): { path: string; text: string } | null {
  const resolved = pathOf(path, root)
  const text = resolved === null ? null : files.text(resolved)
  if (resolved === null || text === null || text.length > MAX_TEXT_LENGTH) return null
  budget.spend(Math.ceil(text.length / CHARACTERS_PER_STEP))
  return { path: resolved, text }
}

/** `path.module` and the like begin with a slash, which stands for the scanned root. */
function pathOf(value: Value | undefined, root: string): string | null {
  const text = textOf(value)
  return text === null || text === '' ? null : resolvePath(text.startsWith('/') ? '' : root, text)
}

/** In a template the names are its variables. */
function withVariables(variables: Value, { file, budget }: { file: string; budget: Budget }): Names {
  const given = entriesOf(variables)
  return {
    file,
    budget,
    lookup: (steps, at) => {
      const value = given.get(steps[0]?.text ?? '')
      if (!value) return { value: unknown(steps.map((step) => step.text ?? '…').join('.'), at), used: steps.length }
      return { value: follow(value, steps.slice(1), at), used: steps.length }
    },
  }
}
