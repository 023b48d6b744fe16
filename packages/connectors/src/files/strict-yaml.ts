/** Files that people write for Onus: strict, because a misspelt key would do nothing. */
import { z } from 'zod'
import { isRecord } from '../ci/scalars.ts'
import { nearest } from './nearest.ts'
import { readYaml } from './yaml.ts'

export type Step = string | number
export type FieldProblem = { file: string; line: number; field: string; reason: string }
export type StrictRead<T> =
  | { value: T; line(path: readonly Step[]): number }
  | { problems: FieldProblem[]; line?: (path: readonly Step[]) => number }

type Issue = z.core.$ZodIssue

/** Reads one document; all problems at once, each with the field and, for unknown names, the nearest known one. */
export function readStrict<T extends z.ZodObject>(schema: T, text: string, file: string): StrictRead<z.infer<T>> {
  const { documents, problems } = readYaml(text)
  if (problems.length > 0) return { problems: problems.map(({ line, reason }) => ({ file, line, field: '', reason })) }
  const [document, second] = documents
  if (!document) return { problems: [{ file, line: 1, field: '', reason: 'is empty: write at least `version: 1`' }] }
  if (second) return { problems: [{ file, line: second.line(), field: '', reason: 'holds more than one document' }] }
  const line = (path: readonly Step[]): number => document.line(path)
  const given = withoutEmptySections(document.value)
  const parsed = schema.safeParse(given)
  if (parsed.success) return { value: parsed.data, line }
  const found = parsed.error.issues.flatMap((issue) => explain(issue, schema, given))
  return { problems: located(found, file, line), line }
}

/** Problems by path, as problems by line. */
export function located(
  found: readonly { path: Step[]; reason: string }[],
  file: string,
  line: (path: readonly Step[]) => number,
): FieldProblem[] {
  return found
    .map(({ path, reason }) => ({ file, line: line(path), field: fieldOf(path), reason }))
    .sort((a, b) => a.line - b.line)
}

/** A section of comments only is null in YAML, and as good as absent. */
function withoutEmptySections(value: unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null))
}

function explain(issue: Issue, schema: z.ZodType, given: unknown): { path: Step[]; reason: string }[] {
  const path = issue.path.filter((step): step is Step => typeof step !== 'symbol')
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], reason: unknownName(key, namesAt(schema, path)) }))
    case 'invalid_type':
      if (valueAt(given, path) === undefined) return [{ path, reason: 'is missing' }]
      return [{ path, reason: `must be ${EXPECTED.get(issue.expected) ?? `a ${issue.expected}`}` }]
    case 'invalid_value':
      return [{ path, reason: `must be ${issue.values.map((value) => `\`${String(value)}\``).join(' or ')}` }]
    case 'too_small':
      return [{ path, reason: tooSmall(issue) }]
    case 'too_big':
      return [{ path, reason: `must be at most ${String(issue.maximum)}${UNITS[issue.origin] ?? ''}` }]
    case 'invalid_format':
      return [
        { path, reason: issue.format === 'url' ? 'must be an address such as https://example.com' : 'is not valid' },
      ]
    default:
      return [{ path, reason: 'is not valid' }]
  }
}

function valueAt(value: unknown, path: readonly Step[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (isRecord(at) || Array.isArray(at) ? (at as Record<Step, unknown>)[step] : undefined),
    value,
  )
}

const UNITS: Record<string, string> = { string: ' characters long', array: ' entries' }
const EXPECTED = new Map([
  ['array', 'a list'],
  ['string', 'a text (put it in quotes)'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['object', 'a mapping'],
  ['record', 'a mapping'],
])

function tooSmall(issue: Extract<Issue, { code: 'too_small' }>): string {
  const least = Number(issue.minimum)
  if (issue.origin === 'string') return least === 1 ? 'must not be empty' : `must be at least ${least} characters long`
  return `must be more than ${issue.inclusive ? least - 1 : least}`
}

/** The names that a mapping at `path` may have. */
function namesAt(schema: z.ZodType, path: readonly Step[]): readonly string[] {
  const here = inner(schema)
  const [step, ...rest] = path
  if (step === undefined) {
    if (here instanceof z.ZodObject) return Object.keys(here.shape)
    const key = here instanceof z.ZodRecord ? here.keyType : null
    return key instanceof z.ZodEnum ? key.options.map(String) : []
  }
  if (here instanceof z.ZodArray) return namesAt(here.element as z.ZodType, rest)
  const next = here instanceof z.ZodObject ? (here.shape as Record<string, z.ZodType>)[step] : undefined
  return next === undefined ? [] : namesAt(next, rest)
}

/** Without default, optional and the like around it. */
function inner(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return inner(schema.unwrap() as z.ZodType)
  return schema
}

export function unknownName(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return near === null ? `is unknown; known are ${known.join(', ')}` : `is unknown; did you mean \`${near}\`?`
}

/** `keys.team[0]`; names from the file are cut and without control characters. */
function fieldOf(path: readonly Step[]): string {
  return path.reduce<string>((field, step) => {
    if (typeof step === 'number') return `${field}[${step}]`
    const name = step.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 80)
    return field === '' ? name : `${field}.${name}`
  }, '')
}
