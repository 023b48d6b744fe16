/** The conventions file of a company (`onus.conventions.yaml`): strict, because a misspelt key would do nothing. */
import { Conventions, MEANINGS } from '@onus/core/conventions.ts'
import { environmentWords } from '@onus/core/environment-words.ts'
import { readYaml } from '../files/yaml.ts'
import { isRecord } from '../ci/scalars.ts'
import { nearest } from './nearest.ts'

export type ConventionsProblem = { file: string; line: number; field: string; reason: string }
export type ConventionsRead = { conventions: Conventions } | { problems: ConventionsProblem[] }

/** Reads the file; all problems at once, each with the field and, for unknown names, the nearest known one. */
export function readConventions(text: string, file: string): ConventionsRead {
  const { documents, problems } = readYaml(text)
  if (problems.length > 0) return { problems: problems.map(({ line, reason }) => ({ file, line, field: '', reason })) }
  const [document, second] = documents
  if (!document) return { problems: [{ file, line: 1, field: '', reason: 'is empty: write at least `version: 1`' }] }
  if (second) return { problems: [{ file, line: second.line(), field: '', reason: 'holds more than one document' }] }
  const parsed = Conventions.safeParse(withoutEmptySections(document.value))
  const found = parsed.success ? unlikelyEnvironments(parsed.data) : parsed.error.issues.flatMap(explain)
  if (parsed.success && found.length === 0) return { conventions: parsed.data }
  const located = found.map(({ path, reason }) => ({ file, line: document.line(path), field: fieldOf(path), reason }))
  return { problems: located.sort((a, b) => a.line - b.line) }
}

/** A section of comments only is null in YAML, and as good as absent. */
function withoutEmptySections(value: unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null))
}

type Step = string | number
type Found = { path: Step[]; reason: string }
type Issue = NonNullable<ReturnType<typeof Conventions.safeParse>['error']>['issues'][number]

function explain(issue: Issue): Found[] {
  const path = issue.path.filter((step): step is Step => typeof step !== 'symbol')
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], reason: unknownName(key, knownNames(path)) }))
    case 'invalid_type':
      return [{ path, reason: `must be ${EXPECTED.get(issue.expected) ?? `a ${issue.expected}`}` }]
    case 'invalid_value':
      return [{ path, reason: `must be ${issue.values.map((value) => `\`${String(value)}\``).join(' or ')}` }]
    case 'too_small':
      return [{ path, reason: `must be more than ${issue.inclusive ? Number(issue.minimum) - 1 : issue.minimum}` }]
    default:
      return [{ path, reason: 'is not valid' }]
  }
}

const EXPECTED = new Map([
  ['array', 'a list'],
  ['string', 'a text (put it in quotes)'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['object', 'a mapping'],
  ['record', 'a mapping'],
])

function knownNames(path: readonly Step[]): readonly string[] {
  if (path.length === 0) return Object.keys(Conventions.shape)
  return path[0] === 'keys' ? MEANINGS : Object.keys(Conventions.shape.limits.unwrap().shape)
}

function unknownName(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return near === null ? `is unknown; known are ${known.join(', ')}` : `is unknown; did you mean \`${near}\`?`
}

/** Any word may stand for an environment of the company's own, but `prodction` is a slip. */
function unlikelyEnvironments({ environments }: Conventions): Found[] {
  const normalised = [...new Set(environmentWords.values())]
  return Object.entries(environments).flatMap(([word, meaning]) => {
    const clean = meaning.trim().toLowerCase()
    const near = environmentWords.has(clean) ? null : nearest(clean, normalised)
    return near === null ? [] : [{ path: ['environments', word], reason: `did you mean \`${near}\`?` }]
  })
}

/** `keys.team[0]`; names from the file are cut and without control characters. */
function fieldOf(path: readonly Step[]): string {
  return path.reduce<string>((field, step) => {
    if (typeof step === 'number') return `${field}[${step}]`
    const name = step.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 80)
    return field === '' ? name : `${field}.${name}`
  }, '')
}
