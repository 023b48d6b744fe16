/** The conventions file of a company (`onus.conventions.yaml`). */
import { Conventions } from '@onus/core/conventions.ts'
import { environmentWords } from '@onus/core/environment-words.ts'
import { nearest } from '../files/nearest.ts'
import { located, readStrict, type FieldProblem, type Step } from '../files/strict-yaml.ts'

export type ConventionsProblem = FieldProblem
export type ConventionsRead = { conventions: Conventions } | { problems: ConventionsProblem[] }

/** Reads the file; all problems at once, each with the field and, for unknown names, the nearest known one. */
export function readConventions(text: string, file: string): ConventionsRead {
  const read = readStrict(Conventions, text, file)
  if ('problems' in read) return { problems: read.problems }
  const found = unlikelyEnvironments(read.value)
  return found.length === 0 ? { conventions: read.value } : { problems: located(found, file, read.line) }
}

/** Any word may stand for an environment of the company's own, but `prodction` is a slip. */
function unlikelyEnvironments({ environments }: Conventions): { path: Step[]; reason: string }[] {
  const normalised = [...new Set(environmentWords.values())]
  return Object.entries(environments).flatMap(([word, meaning]) => {
    const clean = meaning.trim().toLowerCase()
    const near = environmentWords.has(clean) ? null : nearest(clean, normalised)
    return near === null ? [] : [{ path: ['environments', word], reason: `did you mean \`${near}\`?` }]
  })
}
