/** The `Condition` block of a policy statement, judged as far as the facts go. */
import { compilePattern, matchPattern, type Known, type Match } from './aws-pattern.ts'

export type Condition = { operator: string; key: string; values: string[] }

/**
 * Known condition keys by lower-case name. A key that is missing here is not known, which is not the same as absent.
 */
export type Context = Known

/** The value of a key that certainly is not there, such as the user name of a role. No real text equals it. */
export const ABSENT = '\u0000'

/** The longest explanation of a condition, in characters; the policy itself has the rest. */
const MAX_TEXT = 160

/**
 * Every entry of a `Condition` block. Anything that is no operator → key → value is left out.
 */
export function readConditions(block: unknown): Condition[] {
  if (!isRecord(block)) return []
  return Object.entries(block).flatMap(([operator, keys]) =>
    isRecord(keys)
      ? Object.entries(keys).map(([key, values]) => ({
          operator,
          key,
          values: (Array.isArray(values) ? (values as unknown[]) : [values]).map(String),
        }))
      : [],
  )
}

/** All conditions must hold. `no` wins over `maybe`, because one that fails decides. */
export function judgeConditions(conditions: readonly Condition[], context: Context): Match {
  let answer: Match = 'yes'
  for (const condition of conditions) {
    const one = judge(condition, context)
    if (one === 'no') return 'no'
    if (one === 'maybe') answer = 'maybe'
  }
  return answer
}

/** The conditions that are not known to hold, in the policy's own words. */
export function describeConditions(conditions: readonly Condition[], context: Context): string {
  const open = conditions.filter((condition) => judge(condition, context) !== 'yes')
  const text = open.map(({ operator, key, values }) => `${operator} ${key} ${values.join(' or ')}`).join(' and ')
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text
}

function judge({ operator, key, values }: Condition, context: Context): Match {
  const value = context.get(key.toLowerCase())
  if (value === undefined) return 'maybe'
  const given = operator.toLowerCase()
  // A single known value answers for "any" and for "all" alike.
  const name = given.replace(/^forallvalues:|^foranyvalue:/, '').replace(/ifexists$/, '')
  const isNegated = name.includes('not')
  if (value === ABSENT && name !== 'null') {
    return isNegated || given.endsWith('ifexists') || given.startsWith('forallvalues:') ? 'yes' : 'no'
  }
  const holds = holdsFor(name.replace('not', ''), value, values, context)
  if (holds === 'maybe') return 'maybe'
  return (holds === 'yes') !== isNegated ? 'yes' : 'no'
}

/** Whether the positive form of an operator holds for one of the values; unknown operators answer `maybe`. */
function holdsFor(operator: string, value: string, wanted: readonly string[], context: Context): Match {
  switch (operator) {
    case 'null':
      return wanted.some((one) => one.toLowerCase() === String(value === ABSENT)) ? 'yes' : 'no'
    case 'bool':
    case 'stringequalsignorecase':
      return wanted.some((one) => one.toLowerCase() === value.toLowerCase()) ? 'yes' : 'no'
    case 'stringequals':
    case 'stringlike':
    case 'arnequals':
    case 'arnlike': {
      const isExact = operator === 'stringequals'
      const answers = wanted.map((one) =>
        isExact && !one.includes('${')
          ? one === value
            ? 'yes'
            : 'no'
          : matchPattern(compilePattern(one), value, context),
      )
      return answers.includes('yes') ? 'yes' : answers.includes('maybe') ? 'maybe' : 'no'
    }
    default:
      return 'maybe'
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
